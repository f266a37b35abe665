"""Registered versions of untrained tiny models: what a run leaves in the store, without the run."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow

from annotations import Document
from inference.manifest import read_manifest, write_manifest
from training.library_output import quiet_libraries
from training.store.registry import log_model, tag_version

NAME = "conflict-events"


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
