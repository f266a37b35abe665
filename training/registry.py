"""The registry: logging a model folder as a version, and listing versions."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import mlflow
from mlflow.models import ModelSignature
from mlflow.types.schema import AnyType, ColSpec, DataType, Schema

from training.tracking import serving_requirements

_EXAMPLE = "Gunmen on motorbikes opened fire at a market on Friday, killing at least 12 traders and wounding dozens."


def log_model(folder: Path, register_as: str | None) -> str | None:
    """Log a model folder as an MLflow model of the active run, and register it.

    The code that serves it is logged with it, so that `mlflow.pyfunc.load_model` works where this project is not
    installed.

    Args:
        folder: A model folder.
        register_as: Name of the registered model; None registers nothing.

    Returns:
        The new version, or None.
    """
    signature = ModelSignature(
        inputs=Schema([ColSpec(DataType.string, "text")]),
        outputs=Schema(
            [
                ColSpec(
                    AnyType(),  # type: ignore[no-untyped-call]
                    "prediction",
                )
            ]
        ),
    )
    import pandas as pd

    with tempfile.TemporaryDirectory() as scratch:
        info = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(Path(__file__).with_name("pyfunc_model.py")),
            artifacts={"model": str(folder)},
            code_paths=[str(path) for path in _serving_code(Path(scratch))],
            pip_requirements=serving_requirements(),
            signature=signature,
            input_example=pd.DataFrame({"text": [_EXAMPLE]}),
            registered_model_name=register_as,
        )
    found = info.registered_model_version
    return None if found is None else str(found)


def _serving_code(scratch: Path) -> list[Path]:
    """Copy the two packages that serving needs, without data."""
    copies = []
    for package in ("annotations", "inference"):
        source = Path(str(import_module(package).__file__)).parent
        copies.append(scratch / source.name)
        shutil.copytree(
            source, copies[-1], ignore=shutil.ignore_patterns("__pycache__", "corpus", "articles", "released", "*.md")
        )
    return copies


def tag_version(name: str, version: str, tags: Mapping[str, Any]) -> None:
    """Set tags of a registered version."""
    client = mlflow.MlflowClient()
    for key, value in tags.items():
        client.set_model_version_tag(name, version, key, str(value))


@dataclass(frozen=True, slots=True)
class Version:
    """A registered model version: number, run, aliases and tags."""

    number: int
    run_id: str
    aliases: tuple[str, ...]
    tags: Mapping[str, str]


def list_versions(name: str) -> list[Version]:
    """Return the versions of a registered model, newest first."""
    client = mlflow.MlflowClient()
    found = client.search_model_versions(f"name='{name}'")
    aliases: dict[str, list[str]] = {}
    if found:
        for alias, number in client.get_registered_model(name).aliases.items():
            aliases.setdefault(str(number), []).append(alias)
    rows = [Version(int(v.version), v.run_id or "", tuple(aliases.get(str(v.version), ())), v.tags) for v in found]
    return sorted(rows, key=lambda row: -row.number)
