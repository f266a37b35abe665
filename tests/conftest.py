"""What all tests share: no hub, no network, a tiny encoder made once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import tiers
from tests.browsers import chromium

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"

_SETTINGS = ("CONFLICT_EVENTS_MODEL", "CONFLICT_EVENTS_ARTICLES", "MLFLOW_TRACKING_URI")  # of whoever runs the tests
collect_ignore = ["benchmarks"]  # run by hand

settings.register_profile(
    "project",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile("quick", settings.get_profile("project"), max_examples=25)  # make check
settings.load_profile("project")


def pytest_configure() -> None:
    tiers.watch()


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tiers.mark_integration_tests(items)


@pytest.hookimpl(tryfirst=True)  # before fixtures are made
def pytest_runtest_setup() -> None:
    tiers.done_by_test()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Let a unit test fail that does what only an integration test may do; its fixtures count, too."""
    yield
    if (done := tiers.done_by_test()) and not item.get_closest_marker("integration"):
        pytest.fail(f"a unit test that {' and '.join(sorted(done))}: mark it with pytest.mark.integration", False)


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """Model folders with untrained one-layer taggers, by seed; an export takes seconds, so all tests share them."""
    from tests.shared import shared_folder
    from tests.tiny import model_folder

    def tiny_model(seed: int) -> Path:
        return shared_folder(tmp_path_factory, f"tiny{seed}", lambda folder: model_folder(folder, seed=seed)) / "model"

    return tiny_model


@pytest.fixture(scope="session")
def tiny_model_folder(tiny_models: Callable[[int], Path]) -> Path:
    """A model folder with an untrained one-layer tagger."""
    return tiny_models(1)


@pytest.fixture(scope="module", autouse=True)
def _no_settings() -> None:
    """Let the fixtures of a module see no settings: MLflow leaves the store of the last test in the environment."""
    for name in _SETTINGS:
        os.environ.pop(name, None)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test in a folder of its own with no settings of the caller."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("inference.loading.RELEASED", tmp_path / "no-released-model")
    for name in _SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a window; pages are opened by `tests.browsers.open_page`."""
    with chromium() as driver:
        yield driver
