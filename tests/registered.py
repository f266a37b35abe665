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

from annotations import Document
from inference.manifest import read_manifest, write_manifest
from training.library_output import quiet_libraries
from training.store.registry import log_model, tag_version

NAME = "conflict-events"


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
