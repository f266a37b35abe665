"""New versions of the model: taken without a restart, unless they are broken."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import mlflow
import pytest

from inference import ModelError, load
from inference.loading import address_now
from inference.service.metrics import Metrics
from inference.service.served import Served, Source
from tests.inference.service.services import SECONDS, Patient
from tests.registered import empty_store, register


class Store:
    """Models by address, and the address that serves now; one of a version that is None fails."""

    def __init__(self, **models: Any) -> None:
        self.models = models
        self.now = next(iter(models))
        self.loaded: list[str] = []

    def find(self) -> str:
        if self.now == "gone":
            raise ModelError("the store is gone")
        return self.now

    def load(self, address: str) -> Any:
        self.loaded.append(address)
        if self.models[address] is None:
            raise ModelError(f"/secret/place/{address} is damaged")
        return self.models[address]


@pytest.fixture
def store(tiny_model_folder: Path) -> Store:
    model = load(tiny_model_folder)
    return Store(v1=Patient(model, "one"), v2=Patient(model, "two"), v3=None)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(lambda: 0)


def test_a_new_version_is_taken(store: Store, metrics: Metrics) -> None:
    served = Served(Source(store.find, store.load))
    served.refresh(metrics)
    assert store.loaded == ["v1"]
    store.now = "v2"
    served.refresh(metrics)
    assert (served.to_dict(), store.loaded) == ({"model": "two", "refresh_problem": None}, ["v1", "v2"])
    counts = metrics.page().decode()
    assert 'model_info{model="two"} 1.0' in counts
    assert 'model_info{model="one"}' not in counts
    assert 'model_refreshes_total{outcome="swapped"} 1.0' in counts


@pytest.mark.parametrize(("now", "told"), [("v3", "v3 cannot be used"), ("gone", "the model store cannot be read")])
def test_a_broken_version_leaves_the_old_one(store: Store, metrics: Metrics, now: str, told: str) -> None:
    served = Served(Source(store.find, store.load))
    store.now = now
    served.refresh(metrics)
    assert served.to_dict() == {"model": "one", "refresh_problem": told}  # and no path of this machine
    assert "model_refresh_problem 1.0" in metrics.page().decode()
    store.now = "v2"
    served.refresh(metrics)
    assert served.to_dict() == {"model": "two", "refresh_problem": None}
    assert "model_refresh_problem 0.0" in metrics.page().decode()


def test_a_version_that_cannot_predict_is_not_taken(store: Store, metrics: Metrics) -> None:
    served = Served(Source(store.find, store.load))
    store.models["v3"] = object()
    store.now = "v3"
    served.refresh(metrics)
    assert served.to_dict()["model"] == "one"
    assert served.problem is not None


def test_the_store_is_looked_into_again_and_again(store: Store, metrics: Metrics) -> None:
    served = Served(Source(store.find, store.load))
    served.watch(0.01, metrics)
    store.now = "v2"
    end = time.monotonic() + SECONDS
    while served.model.name != "two":
        assert time.monotonic() < end
        time.sleep(0.01)
    served.stop()


def test_an_alias_stands_for_the_version_that_has_it_now(
    tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = empty_store(tmp_path / "mlflow.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    mlflow.set_tracking_uri(uri)
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        register(tiny_model_folder, tmp_path / str(number), [])
    client = mlflow.MlflowClient(uri)
    for number in ("1", "2"):
        client.set_registered_model_alias("conflict-events", "champion", number)
        for asked in (None, "models:/conflict-events@champion"):
            assert address_now(asked) == f"models:/conflict-events/{number}"
    assert address_now("models:/conflict-events/1") == "models:/conflict-events/1"
    assert address_now(tiny_model_folder) == str(tiny_model_folder)
    with pytest.raises(ModelError, match="nobody"):
        address_now("models:/conflict-events@nobody")
    mlflow.set_tracking_uri(None)
