"""Registered versions of untrained tiny models: what a run leaves in the store, without the run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow.exceptions import MlflowException

from annotations import Document
from inference.manifest import read_manifest, write_manifest
from tests.tiny import config
from training.library_output import quiet_libraries
from training.release.gate_checks import Outcome
from training.release.promotion import Examined, plan
from training.store.registry import find_version, list_versions, log_model, tag_version

NAME = "conflict-events"
GOOD = Outcome("memory", "at most 10.0 MB", "9.0 MB", True, "1.0 MB to spare")


@cache
def _empty_store() -> bytes:
    """The file of an empty store. MLflow takes a second to make one, step by step of its history."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mlflow.db"
        mlflow.MlflowClient(f"sqlite:///{file}").search_experiments(max_results=1)
        return file.read_bytes()


def empty_store(file: Path) -> str:
    """Write an empty store, as MLflow makes one, and return its address."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_empty_store())
    return f"sqlite:///{file}"


def stored_config(folder: Path, **fit: Any) -> dict[str, Any]:
    """The config of the tiny encoder, with its store made already if the folder has none."""
    if not (folder / "mlflow.db").exists():
        empty_store(folder / "mlflow.db")
    return config(folder, **fit)


def register(
    model: Path, folder: Path, train: Sequence[Document], tags: Mapping[str, Any] | None = None, **training: Any
) -> str:
    """Register a copy of a model folder as if it had been trained on documents; return its number."""
    copy = folder / "model"
    shutil.copytree(model, copy)
    told = {"train_texts": sorted(document.sha256 for document in train), "dev_texts": [], **training}
    write_manifest(copy, replace(read_manifest(copy), training=told))
    mlflow.set_experiment(NAME)
    with quiet_libraries(), mlflow.start_run():
        version = log_model(copy, NAME)
    assert version is not None
    tag_version(NAME, version, tags or {})
    return version


def aliases() -> dict[str, int]:
    return {alias: version.number for version in list_versions(NAME) for alias in version.aliases}


def tags(number: int) -> dict[str, str]:
    return dict(find_version(str(number), NAME).tags)


def examined(number: int, *outcomes: Outcome, alias: str = "champion") -> Examined:
    planned = plan(list_versions(NAME), find_version(str(number), NAME), alias)
    return Examined(planned, outcomes or [GOOD])


def failing(monkeypatch: pytest.MonkeyPatch, method: str, *wanted: str) -> None:
    """Let an MLflow call fail where all that is wanted is among its arguments."""
    real = getattr(mlflow.MlflowClient, method)

    def call(self: mlflow.MlflowClient, *arguments: Any) -> Any:
        if set(wanted) <= set(arguments):
            raise MlflowException("the server is gone")
        return real(self, *arguments)

    monkeypatch.setattr(mlflow.MlflowClient, method, call)
