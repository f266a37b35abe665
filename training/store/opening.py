"""Opening a store for writing: created completely or not at all, by one process at a time, with its files beside it."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import mlflow
from filelock import FileLock, Timeout

from inference.mlflow_stores import (
    ARTIFACTS,
    StoreError,
    beside,
    check_sqlite,
    hush,
    local_path,
    set_store,
    sqlite_address,
    sqlite_file,
    usable,
)

_WAIT = 300.0  # seconds; creating a store takes about ten
_BUSY = 20.0  # seconds to wait for a locked database, the same as MLflow
# Where MLflow's tables record file locations: table, key and column.
_PLACES = (
    ("runs", "run_uuid", "artifact_uri"),
    ("logged_models", "model_id", "artifact_location"),
    ("model_versions", "rowid", "storage_location"),
    ("model_versions", "rowid", "source"),
)


def open_store(address: str, experiment: str, *, make: bool) -> str:
    """Set MLflow to a store and an experiment, for runs that write there.

    A sqlite store keeps the files of new runs in `mlruns` beside it, also if it was moved. Recorded locations of files
    that were moved or copied with it are corrected.

    Args:
        address: A tracking address.
        experiment: Name of the experiment; created if it does not exist.
        make: Whether to create a missing sqlite store.

    Returns:
        Id of the experiment.

    Raises:
        StoreError: The store cannot be used, or another process locks it for too long.
        MlflowException: MLflow fails.
        SQLAlchemyError: Its database fails.
        OSError: The store's folder cannot be written.
    """
    hush()
    file = sqlite_file(address)
    if file is None:
        made_by_mlflow = make and local_path(address) is not None
        set_store(address if made_by_mlflow else usable(address))
        return str(mlflow.set_experiment(experiment).experiment_id)
    if not make:
        check_sqlite(file)  # before locking, which leaves a lock file
    file.parent.mkdir(parents=True, exist_ok=True)
    with _locked(file):
        if not file.exists():
            _make(file)
        check_sqlite(file)
        set_store(sqlite_address(file))
        found = mlflow.set_experiment(experiment).experiment_id
        try:
            _put_right(file)
        except sqlite3.Error as error:
            raise StoreError(f"the store {file} cannot be written: {error}") from error
    return str(found)


def check_writable(address: str) -> None:
    """Refuse a store that a run could not write to. Nothing is created, and a server only has to answer.

    Raises:
        StoreError: It cannot be used, or its folder is not writable.
    """
    file = sqlite_file(address)
    if file is None:
        if local_path(address) is None:
            usable(address)
        return
    if file.exists():
        check_sqlite(file)
    folder = next(parent for parent in file.parents if parent.exists())  # missing ones will be created
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise StoreError(f"the store {file} cannot be created: {folder} is not a writable folder; name another store")


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Let one process at a time create or open a store; the lock ends with its process."""
    lock = FileLock(f"{file}.lock", timeout=_WAIT)
    try:
        lock.acquire()
    except Timeout:
        raise StoreError(
            f"another process has locked {lock.lock_file} for {_WAIT:.0f} s; wait for it or stop it, and try again"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _make(file: Path) -> None:
    """Create a store elsewhere and move it into place in one step, so that a partial store is never opened or left."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        made = Path(scratch).resolve() / file.name
        mlflow.MlflowClient(sqlite_address(made)).search_experiments(max_results=1)
        partial = file.with_name(f"{file.name}.partial")
        partial.unlink(missing_ok=True)  # left by a killed process
        with closing(sqlite3.connect(made)) as source, closing(sqlite3.connect(partial)) as target:
            source.backup(target)
        partial.replace(file)


def _put_right(file: Path) -> None:
    with closing(sqlite3.connect(file, timeout=_BUSY, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        for number, location in database.execute("SELECT experiment_id, artifact_location FROM experiments").fetchall():
            place = _experiment_place(str(number), location, file)
            if place is not None:
                database.execute(
                    "UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?", (place.as_uri(), number)
                )
        for table, key, column in _PLACES:
            rows = database.execute(f"SELECT {key}, {column} FROM {table}").fetchall()  # noqa: S608
            for number, location in rows:
                found = _moved(location, file)
                if found is not None:
                    change = f"UPDATE {table} SET {column} = ? WHERE {key} = ?"  # noqa: S608
                    database.execute(change, (found.as_uri(), number))
        database.execute("COMMIT")


def _experiment_place(number: str, location: str | None, file: Path) -> Path | None:
    """The folder for new files of an experiment; None if it is correct, or if the user chose another one."""
    path, place = local_path(location or ""), file.parent / ARTIFACTS / number
    by_default = path is not None and path.parts[-2:] == (ARTIFACTS, number)
    return place if by_default and path != place else None


def _moved(location: str | None, file: Path) -> Path | None:
    """The location of files that were moved or copied with the store; None if the recorded one is correct."""
    path = local_path(location or "")
    found = beside(path, file) if path is not None else None
    return found if found != path else None
