"""A store with three registered versions, shared by the tests of promotion."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest

from tests.registered import NAME, empty_store, register
from tests.tiny import documents
from training.store.registry import list_versions


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_model_folder: Path) -> str:
    """The address of a store with three versions; the last was trained on the gold documents of the tests."""
    folder = tmp_path_factory.mktemp("registry")
    uri, before = empty_store(folder / "mlflow.db"), Path.cwd()
    os.chdir(folder)
    try:
        mlflow.set_tracking_uri(uri)
        for number, train in enumerate(([], [], documents(6)), start=1):
            register(tiny_model_folder, folder / str(number), train)
    finally:
        os.chdir(before)
    return uri


@pytest.fixture
def store(made: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[mlflow.MlflowClient]:
    """The store, named by the environment; aliases and records of earlier tests are gone."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", made)
    mlflow.set_tracking_uri(made)
    client = mlflow.MlflowClient()
    for version in list_versions(NAME):
        for alias in version.aliases:
            client.delete_registered_model_alias(NAME, alias)
        for key in version.tags:
            client.delete_model_version_tag(NAME, str(version.number), key)
    return client
