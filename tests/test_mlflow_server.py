"""A real MLflow server on loopback: a run is tracked, registered and loaded over HTTP."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest

from inference import load
from tests.tiny import config as tiny_config
from training.config import TrainConfig
from training.run import train

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{tmp_path / 'server.db'}"]
    command += ["--artifacts-destination", str(tmp_path / "server-artifacts")]
    log = (tmp_path / "server.log").open("w")
    process = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process, tmp_path / "server.log")
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
        log.close()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    raise AssertionError(f"the server did not answer in {seconds} s: {log.read_text()[-2000:]}")


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
