"""A real MLflow server on loopback: a run is tracked, registered and loaded over HTTP."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest

from inference import load
from tests.servers import free_port, running
from tests.tiny import config as tiny_config
from training.config import TrainConfig
from training.run import train

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{tmp_path / 'server.db'}"]
    command += ["--artifacts-destination", str(tmp_path / "server-artifacts")]
    with running(command, f"http://127.0.0.1:{port}", tmp_path) as address:
        yield address


def test_run_registry_and_model_over_http(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    result = train(TrainConfig(**tiny_config(work) | {"tracking": {"uri": server}}))
    client = mlflow.MlflowClient(server)
    assert client.get_run(result.run_id).info.status == "FINISHED"
    assert client.get_model_version("conflict-events", "1").run_id == result.run_id
    client.set_registered_model_alias("conflict-events", "champion", "1")
    text = "Gunmen opened fire at a market in Ndoro, killing at least 12 traders."
    fetched = load("models:/conflict-events@champion")
    assert fetched.name == "conflict-events/1"
    assert fetched.predict(text).spans == load(result.folder).predict(text).spans
    assert not (work / "mlflow.db").exists()
