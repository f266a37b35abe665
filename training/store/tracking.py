"""Tracking: the data of a run that MLflow records."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Any

import mlflow
import pandas as pd
from mlflow.data.code_dataset_source import CodeDatasetSource
from mlflow.data.pandas_dataset import PandasDataset, from_pandas
from mlflow.entities import Run, RunStatus
from mlflow.exceptions import MlflowException
from mlflow.utils.validation import MAX_PARAM_VAL_LENGTH
from sqlalchemy.exc import SQLAlchemyError

from annotations.document import Document
from annotations.errors import ExplainedError
from annotations.installed import DISTRIBUTION
from inference.mlflow_stores import StoreError, first_line, pages, set_store, usable
from training.config import TrainConfig
from training.provenance import config_digest, data_digest, git_commit, package_versions
from training.store.opening import open_store

_HOST, _PID = "conflict_events.host", "conflict_events.pid"
_OPEN: set[str] = set()  # ids of the runs of this process

# Exceptions of MLflow if a store cannot be used; some come directly from its database.
FAILURES = (MlflowException, SQLAlchemyError, OSError)


class TrackingError(ExplainedError, RuntimeError):
    """The tracking store cannot be used as asked."""


@contextmanager
def store_errors(address: str, remedy: str = "") -> Iterator[None]:
    """Turn failures of a store into `TrackingError` that names its address, and what else to do.

    Raises:
        TrackingError: The store cannot be used.
    """
    try:
        yield
    except StoreError as error:
        raise TrackingError(f"{error}{remedy}") from error
    except FAILURES as error:
        raise TrackingError(f"MLflow at {address} cannot be used: {first_line(error)}{remedy}") from error


@contextmanager
def tracked_run(config: TrainConfig, run_id: str | None, name: str | None = None) -> Iterator[mlflow.ActiveRun]:
    """Open an MLflow run, and always end it as FINISHED or FAILED.

    Runs of this machine whose process died (SIGKILL, power) are ended first. A run that registered its version is
    FINISHED, even if it was stopped afterwards.

    Args:
        config: The run's config.
        run_id: A run to resume, or None for a new one.
        name: Name of a new run; by default MLflow makes one up.

    Raises:
        TrackingError: The tracking address cannot be reached, or another process is working on the run.
    """
    with store_errors(config.tracking.uri):
        experiment = open_store(config.tracking.uri, config.tracking.experiment, make=True)
        _end_dead_runs(experiment)
        if run_id is not None:
            _check_idle(run_id)
        run = mlflow.start_run(run_id=run_id, run_name=None if run_id else name)
    status = None
    previous: dict[int, Any] = {}
    _OPEN.add(run.info.run_id)
    try:
        _handle_signals(previous)
        mlflow.set_tags({_HOST: socket.gethostname(), _PID: str(os.getpid())})
        yield run
        status = RunStatus.to_string(RunStatus.FINISHED)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        _OPEN.discard(run.info.run_id)
        mlflow.end_run(status or _outcome(run.info.run_id))


def _outcome(run_id: str) -> str:
    """The status of a run that stopped: finished if it has a version, since registering is its last step."""
    try:
        registered = bool(mlflow.MlflowClient().search_model_versions(f"run_id='{run_id}'"))
    except FAILURES:  # the error that stopped the run is the one to report
        registered = False
    return RunStatus.to_string(RunStatus.FINISHED if registered else RunStatus.FAILED)


def has_finished(config: TrainConfig, run_id: str) -> bool:
    """Return whether a run is FINISHED in MLflow.

    Raises:
        TrackingError: The tracking address cannot be reached, or has no such run.
    """
    with store_errors(config.tracking.uri):
        set_store(usable(config.tracking.uri))
        status = mlflow.MlflowClient().get_run(run_id).info.status
    return bool(status == RunStatus.to_string(RunStatus.FINISHED))


def _handle_signals(previous: dict[int, Any]) -> None:
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may set handlers
    for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        number = getattr(signal, name, None)
        # An ignored SIGHUP (nohup) stays ignored; None is a handler that Python could not restore.
        if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
            previous[number] = signal.signal(number, _on_terminate)


def _on_terminate(signum: int, _: Any) -> None:
    raise SystemExit(128 + signum)


def _end_dead_runs(experiment_id: str) -> None:
    client = mlflow.MlflowClient()
    # A list, because ended runs drop out of the search and would shift the next page.
    for run in list(pages(partial(client.search_runs, [experiment_id], "attributes.status = 'RUNNING'"))):
        pid = _local_pid(run)
        if pid and not _at_work(pid, run.info.run_id):
            client.set_terminated(run.info.run_id, _outcome(run.info.run_id))


def _check_idle(run_id: str) -> None:
    run = mlflow.MlflowClient().get_run(run_id)
    pid = _local_pid(run)
    if pid and run.info.status == RunStatus.to_string(RunStatus.RUNNING) and _at_work(pid, run_id):
        raise TrackingError(f"run {run_id} is running in process {pid}; wait for it, or stop it first")


def _local_pid(run: Run) -> int | None:
    """The process of a run on this machine; None if it is on another one or unknown."""
    pid = run.data.tags.get(_PID)
    return int(pid) if pid and run.data.tags.get(_HOST) == socket.gethostname() else None


def _at_work(pid: int, run_id: str) -> bool:
    # In a container, processes can get the same number one after the other.
    return run_id in _OPEN if pid == os.getpid() else _alive(pid)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def log_start(config: TrainConfig, splits: Mapping[str, Sequence[Document]], facts: Mapping[str, Any]) -> None:
    """Record config, datasets, commit and package versions.

    Args:
        config: The resolved config; logged as a file and as flat parameters.
        splits: Documents by use: `train`, `dev`, `test`.
        facts: Other values known before training: lost spans, encoder, precision. Logged as `preparation.json`.
    """
    mlflow.log_text(config.to_yaml(), "config.yaml")
    mlflow.log_params({key: shortened(value) for key, value in config.flat().items()})
    mlflow.log_dict(dict(facts), "preparation.json")
    mlflow.log_dict(package_versions(), "packages.json")
    for name, documents in splits.items():
        if documents:
            data = dataset(documents, _sources(config, name), name)
            mlflow.log_input(data, context=name)
    commit = git_commit()
    mlflow.set_tags({"config_digest": config_digest(config), **({"commit": commit} if commit else {})})


def dataset(documents: Sequence[Document], sources: Sequence[str], name: str) -> PandasDataset:
    """Return documents as an MLflow dataset: counts and hashes, no texts."""
    # Counts only: texts of stand-off documents must stay in their folder.
    rows = [
        {
            "id": document.id,
            "characters": len(document.text),
            "spans": len(document.spans),
            "events": len(document.events),
            "text_sha256": document.sha256,
        }
        for document in documents
    ]
    source = CodeDatasetSource({"files": ", ".join(sources)})
    return from_pandas(pd.DataFrame(rows), source=source, name=name, digest=data_digest(documents)[:36])


def shortened(value: str) -> str:
    """Cut a parameter that is too long for MLflow; `config.yaml` has its full value."""
    note = "… (see config.yaml)"
    return value if len(value) <= MAX_PARAM_VAL_LENGTH else value[: MAX_PARAM_VAL_LENGTH - len(note)] + note


def _sources(config: TrainConfig, name: str) -> Sequence[str]:
    share = config.data.shares.get(name)
    return config.data.files(name) if share is None else [f"{share} of {', '.join(config.data.train)}"]


def serving_requirements() -> list[str]:
    """Pinned requirements of a served model: those of the base install, in the installed versions."""
    try:
        wanted = [line for line in requires(DISTRIBUTION) or [] if "extra ==" not in line]
    except PackageNotFoundError:
        raise TrackingError(f"{DISTRIBUTION} is not installed; run 'pip install -e .' in the checkout") from None
    names = [line.split(">")[0].split("=")[0].split("<")[0].strip() for line in wanted]
    return [f"{name}=={version(name)}" for name in [*names, "mlflow"]]
