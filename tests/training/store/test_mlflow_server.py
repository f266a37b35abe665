"""A real MLflow server on loopback: a run is tracked, registered, aliased and loaded over HTTP.

The server keeps runs in SQLite or PostgreSQL, and artifacts in a folder or in an S3-like store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import boto3
import mlflow
import pytest
from sqlalchemy import create_engine, text

from inference import load
from tests.servers import mlflow_server, needed, postgresql, s3
from tests.tiny import config as tiny_config
from training.config import TrackingConfig, TrainConfig
from training.run import Result, train
from training.store.registry import list_versions

pytestmark = pytest.mark.slow

BUCKET = "articles"
TEXT = "Gunmen opened fire at a market in Ndoro, killing at least 12 traders."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """An S3-like store, in the environment of this process as well."""
    with s3(tmp_path, BUCKET) as variables, pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        yield variables


def _keys(variables: Mapping[str, str]) -> list[str]:
    client = boto3.client("s3", endpoint_url=variables["MLFLOW_S3_ENDPOINT_URL"])
    return [item["Key"] for item in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def _train(server: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    """Train in a folder of its own, with nothing but the server's address to go by."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    work = folder / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    result = train(TrainConfig(**tiny_config(work) | {"tracking": {"uri": server}}))
    assert not (work / "mlflow.db").exists()
    assert not (work / "mlruns").exists()
    return result


def _check(server: str, result: Result) -> None:
    """The run has ended well, its version is registered, and an alias leads to the model that was trained."""
    client = mlflow.MlflowClient(server)
    assert client.get_run(result.run_id).info.status == "FINISHED"
    client.set_registered_model_alias("conflict-events", "champion", "1")
    (version,) = list_versions("conflict-events")
    assert (version.number, version.run_id, version.aliases) == (1, result.run_id, ("champion",))
    assert version.tags["config_digest"]
    fetched = load("models:/conflict-events@champion")
    assert fetched.name == "conflict-events/1"
    assert fetched.predict(TEXT).to_dict()["spans"] == load(result.folder).predict(TEXT).to_dict()["spans"]
    served = mlflow.pyfunc.load_model("models:/conflict-events@champion").predict({"text": TEXT})
    assert served[0]["spans"] == fetched.predict(TEXT).to_dict()["spans"]


def test_server_with_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = f"sqlite:///{tmp_path / 'server.db'}"
    with mlflow_server(tmp_path, database, str(tmp_path / "server-artifacts")) as server:
        _check(server, _train(server, tmp_path, monkeypatch))


def test_server_with_postgresql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    artifacts = str(tmp_path / "server-artifacts")
    with postgresql() as database, mlflow_server(tmp_path, database, artifacts) as server:
        result = _train(server, tmp_path, monkeypatch)
        _check(server, result)
        with create_engine(database).connect() as connection:
            rows = connection.execute(text("select run_uuid, status from runs")).all()
        assert [tuple(row) for row in rows] == [(result.run_id, "FINISHED")]


def test_server_with_artifacts_on_s3(tmp_path: Path, store: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    database = f"sqlite:///{tmp_path / 'server.db'}"
    with mlflow_server(tmp_path, database, f"s3://{BUCKET}/runs", store) as server:
        for name in store:  # the server has the keys to the store, its clients have none
            monkeypatch.delenv(name)
        _check(server, _train(server, tmp_path, monkeypatch))
    for name, value in store.items():
        monkeypatch.setenv(name, value)
    assert any(key.startswith("runs/") and key.endswith("manifest.json") for key in _keys(store))


def test_experiment_that_clients_write_to_s3_themselves(
    tmp_path: Path, store: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    database = f"sqlite:///{tmp_path / 'server.db'}"
    with mlflow_server(tmp_path, database, str(tmp_path / "server-artifacts")) as server:
        experiment = TrackingConfig().experiment
        mlflow.MlflowClient(server).create_experiment(experiment, artifact_location=f"s3://{BUCKET}/direct")
        _check(server, _train(server, tmp_path, monkeypatch))
    assert any(key.startswith("direct/") and key.endswith("manifest.json") for key in _keys(store))


def test_missing_program_skips_a_test_but_fails_continuous_integration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="'make servers' installs it"):
        needed("no-such-program")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-program is not installed"):
        needed("no-such-program")
