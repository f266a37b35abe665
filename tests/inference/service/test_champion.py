"""A service that follows the champion of a store, as a process."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import mlflow
import pytest

from tests.inference.service.processes import started
from tests.inference.service.services import PLAIN
from tests.registered import empty_store, register

pytestmark = pytest.mark.slow


def until(client: httpx.Client, holds: Callable[[dict[str, object]], bool]) -> None:
    """Wait until `/ready` tells what is wanted; requests are answered all the while."""
    end = time.monotonic() + 60
    while not holds(client.get("/ready").json()):
        assert time.monotonic() < end
        assert client.post("/predict", json={"text": PLAIN}).status_code == 200


def test_the_champion_is_followed(tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = empty_store(tmp_path / "mlflow.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    mlflow.set_tracking_uri(uri)
    for number in (1, 2, 3):
        (tmp_path / str(number)).mkdir()
        register(tiny_model_folder, tmp_path / str(number), [])
    registry = mlflow.MlflowClient(uri)

    def promote(number: str) -> None:
        registry.set_registered_model_alias("conflict-events", "champion", number)

    broken = Path(mlflow.artifacts.download_artifacts("models:/conflict-events/3"))
    (network,) = broken.rglob("model.onnx")
    network.write_bytes(network.read_bytes()[:-100])
    promote("1")
    options = ("--model", "models:/conflict-events@champion", "--tracking-uri", uri, "--refresh", "0.5")
    with started(tmp_path, *options) as (client, _):
        assert client.post("/predict", json={"text": PLAIN}).json()["model"] == "conflict-events/1"
        promote("2")
        until(client, lambda told: told["model"] == "conflict-events/2")
        promote("3")
        until(client, lambda told: told["refresh_problem"] is not None)
        assert client.post("/predict", json={"text": PLAIN}).json()["model"] == "conflict-events/2"
        counts = client.get("/metrics").text
        assert "conflict_events_model_refresh_problem 1.0" in counts
        assert 'conflict_events_model_info{model="conflict-events/2"} 1.0' in counts
        promote("1")
        until(client, lambda told: told["model"] == "conflict-events/1" and told["refresh_problem"] is None)
    mlflow.set_tracking_uri(None)
