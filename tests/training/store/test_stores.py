"""Stores: addresses of folders with any name, what is refused, and stores that are moved, copied or made twice."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import mlflow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from inference import ModelError, load
from inference.mlflow_stores import StoreError, beside, fetch, local_path, sqlite_address, sqlite_file, usable
from tests.registered import NAME, empty_store
from training.cli.app import app
from training.store.opening import check_writable, open_store
from training.store.registry import find_version, known_versions, list_versions, log_model, read_model_files, store
from training.store.tracking import TrackingError, tracked_run

ODD = "100%25 d#o?n é &=+;~%/what?now"
named = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=12)


def count(file: Path, change: str) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute(change)
        database.commit()


def places(file: Path) -> list[str]:
    """Every place that a store records."""
    columns = {"experiments": "artifact_location", "runs": "artifact_uri", "logged_models": "artifact_location"}
    columns |= {"model_versions": "storage_location"}
    with closing(sqlite3.connect(file)) as database:
        rows = [database.execute(f"SELECT {column} FROM {table}").fetchall() for table, column in columns.items()]
    return [str(local_path(place)) for table in rows for (place,) in table]


def registered(model: Path, folder: Path) -> Path:
    """Register a model in a store in a folder, from within, and return the store's file."""
    folder.mkdir(parents=True, exist_ok=True)
    before = Path.cwd()
    if not (folder / "mlflow.db").exists():
        empty_store(folder / "mlflow.db")
    os.chdir(folder)
    try:
        open_store("sqlite:///mlflow.db", NAME, make=True)
        with mlflow.start_run():
            mlflow.log_text("kept", "note.txt")
            assert log_model(model, NAME)
    finally:
        os.chdir(before)
        mlflow.set_tracking_uri(None)  # MLflow sets the variable too, which goes before the folder
    return folder / "mlflow.db"


@pytest.fixture(scope="module")
def made(tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an odd name, in which a model is registered."""
    return registered(tiny_model_folder, tmp_path_factory.mktemp("odd") / ODD).parent


@given(st.lists(named, min_size=1, max_size=3))
def test_an_address_leads_back_to_its_file_whatever_its_folders_are_called(names: list[str]) -> None:
    file = Path("/", *(name for name in names if name not in {".", ".."}), "mlflow.db")
    assert sqlite_file(sqlite_address(file)) == file


@pytest.mark.parametrize(
    "address", ["sqlite://", "sqlite:///:memory:", "sqlite:///", "sqlite://host/x.db", "sqlite:/x"]
)
def test_an_address_of_no_file_is_refused(address: str) -> None:
    with pytest.raises(StoreError, match=address):
        usable(address)


def test_addresses_of_databases_are_left_alone() -> None:
    for address in ("postgresql://u:p@host/db", "databricks", "databricks://me"):
        assert usable(address) == address


@pytest.mark.integration
def test_a_server_that_answers_anything_is_used() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/a%20b"
        answering = threading.Thread(target=_refuse_one, args=(listening,))
        answering.start()
        assert usable(address) == address
        answering.join()


def _refuse_one(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.recv(10_000)
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.integration
def test_a_silent_server_is_refused_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inference.mlflow_stores._ANSWER", (0.2, 0.2))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(StoreError, match=f"{address}.*--tracking-uri"):
            usable(address)
    with pytest.raises(StoreError, match=f"{address}.*--tracking-uri"):  # nobody listens any more
        check_writable(address)


def test_a_project_in_a_folder_of_any_name_has_one_store_with_its_files_beside_it(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made)
    with store(None):
        (version,) = known_versions(NAME)
        assert read_model_files(version)[0].name == "tiny"
    assert load("models:/conflict-events/1").name == "conflict-events/1"
    assert load(f"runs:/{version.run_id}/model").name == f"runs:/{version.run_id}/model"
    assert all(place.startswith(str(made / "mlruns")) for place in places(made / "mlflow.db"))
    assert fetch(f"runs:/{version.run_id}/note.txt").read_text() == "kept"
    assert [path.name for path in made.parent.iterdir()] == [made.name]  # nothing beside it, under a name half unquoted
    assert [path.name for path in made.parent.parent.iterdir()] == [made.parent.name]


@pytest.mark.parametrize("keep", [False, True], ids=["moved", "copied"])
def test_a_project_that_was_moved_or_copied_works_and_writes_nothing_into_its_old_place(
    keep: bool, tiny_model_folder: Path, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = tmp_path / "old", tmp_path / "new home"
    registered(tiny_model_folder, old)
    shutil.copytree(old, new)
    if not keep:
        shutil.rmtree(old)
    before = sorted(old.rglob("*"))
    monkeypatch.chdir(new)
    recorded = places(new / "mlflow.db")
    with store(None):
        version = find_version("1", NAME)
        assert read_model_files(version)[0].name == "tiny"
    for address in (f"models:/{NAME}/1", f"runs:/{version.run_id}/model"):
        assert load(address).folder.is_relative_to(new)
    assert places(new / "mlflow.db") == recorded  # reading changes nothing
    assert registered(tiny_model_folder, new) == new / "mlflow.db"
    assert load(f"models:/{NAME}/2").folder.is_relative_to(new)
    assert all(place.startswith(f"{new}/mlruns") for place in places(new / "mlflow.db"))
    assert sorted(old.rglob("*")) == before


def test_files_that_were_left_behind_are_told_with_their_place(
    tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = registered(tiny_model_folder, tmp_path / "old")
    run_id = _run_id(file)
    shutil.move(file, tmp_path / "mlflow.db")
    assert load(f"models:/{NAME}/1").folder.is_relative_to(tmp_path / "old")  # they may lie elsewhere
    shutil.rmtree(tmp_path / "old")
    for address in (f"models:/{NAME}/1", f"runs:/{run_id}/model"):
        with pytest.raises(ModelError, match=rf"{tmp_path}/old/mlruns/\S+ .*{tmp_path}$"):
            load(address)
    open_store("sqlite:///mlflow.db", NAME, make=True)
    with mlflow.start_run():
        mlflow.log_text("new", "note.txt")
    assert not (tmp_path / "old").exists()


def _run_id(file: Path) -> str:
    with closing(sqlite3.connect(file)) as database:
        return str(database.execute("SELECT run_uuid FROM runs").fetchone()[0])


def test_places_that_somebody_chose_are_left_alone(tmp_path: Path) -> None:
    open_store("sqlite:///mlflow.db", NAME, make=True)
    client = mlflow.MlflowClient()
    chosen = {"bucket": "s3://bucket/mlruns/7", "elsewhere": str(tmp_path / "elsewhere")}
    for name, place in chosen.items():
        client.create_experiment(name, artifact_location=place)
    open_store("sqlite:///mlflow.db", "another", make=True)
    assert {name: client.get_experiment_by_name(name).artifact_location for name in chosen} == chosen


@pytest.mark.integration  # opens a store
def test_a_store_behind_a_link_keeps_its_files_where_it_is(tmp_path: Path) -> None:
    shared, project = tmp_path / "shared", tmp_path / "project"
    for folder in (shared, project):
        folder.mkdir()
    (project / "mlflow.db").symlink_to(shared / "mlflow.db")
    for address in (f"sqlite:///{shared}/mlflow.db", f"sqlite:///{project}/mlflow.db"):
        open_store(address, NAME, make=True)
        assert all(place.startswith(f"{shared}/mlruns") for place in places(shared / "mlflow.db"))
    assert [path.name for path in project.iterdir()] == ["mlflow.db"]


def test_the_innermost_mlruns_is_the_one_that_moved(tmp_path: Path) -> None:
    (tmp_path / "mlruns" / "1").mkdir(parents=True)
    assert beside(Path("/old/mlruns/project/mlruns/1"), tmp_path / "mlflow.db") == tmp_path / "mlruns" / "1"
    assert beside(Path("/old/mlruns/2"), tmp_path / "mlflow.db") is None


def _random(file: Path) -> None:
    file.write_bytes(bytes(range(256)) * 100)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100_000])


def _newer(file: Path) -> None:
    count(file, "UPDATE alembic_version SET version_num = 'ffffffffffff'")


def _older(file: Path) -> None:
    count(file, "UPDATE alembic_version SET version_num = '451aebb31d03'")


def _another(file: Path) -> None:
    file.unlink()
    count(file, "CREATE TABLE recipes (name TEXT)")


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES = {
    "random bytes": (_random, "not a database"),
    "empty": (lambda file: file.write_bytes(b""), "empty"),
    "cut": (_cut, "malformed"),
    "newer": (_newer, "ffffffffffff"),
    "older": (_older, "mlflow db upgrade"),
    "another program's": (_another, "not an MLflow store"),
    "a folder": (_folder, "is a folder"),
    "typing error": (lambda file: file.rename(f"{file}.other"), "there is no store"),
}


@pytest.mark.parametrize(("damage", "word"), DAMAGES.values(), ids=DAMAGES)
def test_what_is_no_store_is_refused_by_every_way_in_and_left_as_it_is(
    damage: Callable[[Path], object],
    word: str,
    made: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    file = Path(shutil.copy(made / "mlflow.db", tmp_path))
    damage(file)
    uri = f"sqlite:///{file}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    before = {path: path.is_file() and path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(TrackingError, match=word) as listed, store(None):
        known_versions(NAME)
    with pytest.raises(ModelError, match=word) as loaded:
        load("models:/conflict-events/1")
    with pytest.raises(ModelError, match=word):
        load()
    with pytest.raises(StoreError, match=word) as kept:
        open_store(uri, "evaluations", make=False)
    assert all(
        str(caught.value).count("\n") == 0 and str(file) in str(caught.value) for caught in (listed, loaded, kept)
    )
    assert {path: path.is_file() and path.read_bytes() for path in tmp_path.iterdir()} == before
    if file.exists():
        with pytest.raises(StoreError, match=word):
            open_store(uri, NAME, make=True)
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("address", ["typo", "file:typo", "sqlite:///typo/mlflow.db"])
def test_reading_makes_no_store_of_any_kind(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    with pytest.raises(TrackingError, match="there is no store"), store(None):
        known_versions(NAME)
    for model in (None, "models:/conflict-events/1", "runs:/0c1d/model"):
        with pytest.raises(ModelError, match="there is no store"):
            load(model)
    assert list(tmp_path.iterdir()) == []


def test_an_address_without_any_store_makes_none(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no local store mlflow\.db"):
        load("models:/conflict-events/1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.integration  # opens a store
def test_a_store_half_made_by_a_killed_process_does_not_hinder(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db.partial").write_bytes(b"half")
    (tmp_path / "mlflow.db.lock").write_bytes(b"")
    open_store("sqlite:///mlflow.db", NAME, make=True)
    assert not (tmp_path / "mlflow.db.partial").exists()
    usable("sqlite:///mlflow.db")


def test_a_making_that_fails_leaves_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(mlflow.MlflowClient, "search_experiments", killed)
    with pytest.raises(KeyboardInterrupt):
        open_store("sqlite:///mlflow.db", NAME, make=True)
    assert not (tmp_path / "mlflow.db").exists()


def test_a_lock_that_is_held_for_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from filelock import FileLock

    monkeypatch.setattr("training.store.opening._WAIT", 0.0)
    with FileLock(tmp_path / "mlflow.db.lock"), pytest.raises(StoreError, match=r"mlflow\.db\.lock"):
        open_store("sqlite:///mlflow.db", NAME, make=True)


@pytest.mark.slow
def test_processes_that_make_a_store_at_once_wait_for_each_other(tmp_path: Path) -> None:
    code = (
        "import mlflow, sys\n"
        "from training.store.opening import open_store\n"
        "open_store('sqlite:///mlflow.db', 'conflict-events', make=True)\n"
        "with mlflow.start_run() as run:\n"
        "    mlflow.log_text('kept', 'note.txt')\n"
    )
    command = [sys.executable, "-c", code]
    running = [subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate(timeout=300)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    assert not any("Traceback" in line for line in said)
    with store(None):
        client = mlflow.MlflowClient()
        experiment = client.get_experiment_by_name("conflict-events")
        assert len(client.search_runs([experiment.experiment_id])) == 3


def test_every_search_reads_all_pages(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = Path(shutil.copy(made / "mlflow.db", tmp_path))
    with closing(sqlite3.connect(file)) as database:
        columns = "name, creation_time, last_updated_time, workspace"
        rows = [(f"model-{number:04}", 1, 1, "default") for number in range(250)]
        database.executemany(f"INSERT INTO registered_models ({columns}) VALUES (?, ?, ?, ?)", rows)
        database.commit()
    with pytest.raises(ValueError, match="did you mean 'model-0249'"), store(None):
        known_versions("model-0249x")
    for method, size in (("search_model_versions", 1), ("search_logged_models", 1)):
        _paged(monkeypatch, method, size)
    shutil.copytree(made / "mlruns", tmp_path / "mlruns")
    with store(None):
        for _ in range(2):
            mlflow.MlflowClient().create_model_version(NAME, str(tmp_path), run_id=None)
        assert [version.number for version in list_versions(NAME)] == [3, 2, 1]


def _paged(monkeypatch: pytest.MonkeyPatch, method: str, size: int) -> None:
    """Let MLflow give pages of a size, as servers with limits do."""
    real = getattr(mlflow.MlflowClient, method)

    def call(self: mlflow.MlflowClient, *arguments: object, **more: object) -> object:
        return real(self, *arguments, **{"max_results": size} | more)

    monkeypatch.setattr(mlflow.MlflowClient, method, call)


@pytest.mark.parametrize("name", ["it's", 'the "best"', "a%b_c"])
def test_a_model_of_any_name_is_found(name: str, made: Path, tmp_path: Path) -> None:
    shutil.copy(made / "mlflow.db", tmp_path)
    with store(None):
        client = mlflow.MlflowClient()
        client.create_registered_model(name)
        client.create_model_version(name, str(tmp_path))
        assert [version.number for version in list_versions(name)] == [1]


def test_runs_are_tracked_where_the_folder_cannot_be_written_or_the_address_is_wrong(tmp_path: Path) -> None:
    from training.config import TrainConfig

    for address in ("sqlite://", "nonsense://x"):
        config = TrainConfig(data={"train": ["none"]}, tracking={"uri": address})
        with pytest.raises(TrackingError, match=address), tracked_run(config, None):
            pass


@pytest.mark.integration  # opens a store
def test_evaluate_refuses_a_store_that_cannot_be_used_before_it_reads_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mlflow.db").write_bytes(b"no database" * 100)
    for command in (["evaluate", "no-model"], ["compare", "no-model", "no-model"]):
        data = ["--data", "no-data.jsonl"] if command[0] == "compare" else ["no-data.jsonl"]
        result = CliRunner().invoke(app, [*command, *data])
        assert isinstance(result.exception, StoreError)
        assert "mlflow.db" in str(result.exception)
    assert "no-data.jsonl" in str(
        CliRunner().invoke(app, ["evaluate", "folder/m", "no-data.jsonl", "--no-track"]).exception
    )
