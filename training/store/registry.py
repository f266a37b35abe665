"""The registry: log a model folder as a version, and find versions, their aliases and their files."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from math import isfinite
from pathlib import Path
from typing import Any

import mlflow
from mlflow.models import ModelSignature
from mlflow.types.schema import AnyType, ColSpec, DataType, ParamSchema, ParamSpec, Schema

from annotations.errors import ExplainedError, nearest
from annotations.io.config_files import read_yaml
from annotations.schema import Schema as LabelSet
from annotations.schema import load_schema
from inference.addresses import asked, no_version, number_of
from inference.manifest import FILE as MANIFEST
from inference.manifest import Manifest, parse_manifest
from inference.mlflow_stores import OPTION, STORE, StoreError, chosen, fetch, found_versions, pages, set_store, usable
from training.store.tracking import TrackingError, serving_requirements, store_errors

_EXAMPLE = "Gunmen on motorbikes opened fire at a market on Friday, killing at least 12 traders and wounding dozens."

_NOT_SERVED = ("__pycache__", "corpus", "articles", "news", "released", "*.md")  # files of the packages left out
_SCORES = ("_strict_f1", "_partial_f1", "_partial_core_f1")


class RegistryError(ExplainedError, ValueError):
    """A version, alias or registered model that does not exist, or whose files cannot be read."""


def log_model(
    folder: Path, register_as: str | None, tags: Mapping[str, Any] | None = None, example: str | None = None
) -> str | None:
    """Log a model folder as an MLflow model of the active run, and register it with its tags in one step.

    The serving code is logged with it, so that `mlflow.pyfunc.load_model` works without this project installed.

    Args:
        folder: A model folder.
        register_as: Name of the registered model; None to register nothing.
        tags: Tags of the logged model and of the version.
        example: A text that the model is made for; MLflow keeps it with the model. By default one about an attack.

    Returns:
        The new version, or None.
    """
    answer = ColSpec(AnyType(), "prediction")  # type: ignore[no-untyped-call]
    signature = ModelSignature(
        # One column: a server then takes a bare list of texts, too.
        inputs=Schema([ColSpec(DataType.string, "text")]),
        outputs=Schema([answer]),
        params=ParamSchema([ParamSpec("form", DataType.string, "dict")]),
    )
    import pandas as pd

    with tempfile.TemporaryDirectory() as scratch:
        info = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(Path(__file__).with_name("pyfunc_model.py")),
            artifacts={"model": folder.resolve().as_uri()},  # not a path, which MLflow would unquote
            code_paths=[str(path) for path in _serving_code(Path(scratch))],
            pip_requirements=serving_requirements(),
            signature=signature,
            input_example=pd.DataFrame({"text": [example or _EXAMPLE]}),
            registered_model_name=register_as,
            tags={key: str(value) for key, value in (tags or {}).items()},
        )
    found = info.registered_model_version
    return None if found is None else str(found)


def _serving_code(scratch: Path) -> list[Path]:
    """Copy the two packages needed for serving, without data."""
    copies = []
    for package in ("annotations", "inference"):
        source = Path(str(import_module(package).__file__)).parent
        copies.append(scratch / source.name)
        shutil.copytree(source, copies[-1], ignore=shutil.ignore_patterns(*_NOT_SERVED))
    return copies


def tag_version(name: str, version: str, tags: Mapping[str, Any]) -> None:
    """Set tags of a registered version."""
    client = mlflow.MlflowClient()
    for key, value in tags.items():
        client.set_model_version_tag(name, version, key, str(value))


@dataclass(frozen=True, slots=True)
class Version:
    """A registered model version.

    Example:
        >>> Version(3, "0c1d", (), {}, "conflict-events", datetime(2026, 1, 1, tzinfo=UTC)).address
        'conflict-events/3'
    """

    number: int  # its number
    run_id: str  # id of the run that created it; empty if unknown
    aliases: tuple[str, ...]  # its aliases
    tags: Mapping[str, str]  # its tags
    name: str  # name of the registered model
    created: datetime  # when it was registered, UTC

    @property
    def address(self) -> str:
        """Name and number, as predictions show them."""
        return f"{self.name}/{self.number}"


@contextmanager
def store(uri: str | None) -> Iterator[str]:
    """Use a tracking store, and turn its failures into `TrackingError`.

    Args:
        uri: Its address; by default `MLFLOW_TRACKING_URI`, or `mlflow.db` in the working folder.

    Yields:
        The address.

    Raises:
        TrackingError: The store does not exist or cannot be used.
    """
    named = chosen(uri)
    if named is None:
        raise TrackingError(f"there is no local store {STORE} here; train a model, or name a store with {OPTION}")
    with store_errors(named):
        address = usable(named)
        set_store(address)
        yield address


def score(tag: str | None) -> float | None:
    """Return the score in a tag; None if there is no tag, or if its value is not a finite number.

    Example:
        >>> score("0.81"), score("n/a"), score(None)
        (0.81, None, None)
    """
    try:
        value = float(tag or "")
    except ValueError:
        return None
    return value if isfinite(value) else None


def scores(version: Version) -> tuple[dict[str, float], list[str]]:
    """Return the scores in the tags of a version by name, and a line for each that is not a number."""
    tags = {key: value for key, value in sorted(version.tags.items()) if key.endswith(_SCORES)}
    found = {key: value for key, tag in tags.items() if (value := score(tag)) is not None}
    wrong = [key for key in tags if key not in found]
    return found, [f"the tag {key} of {version.address} is not a number: {tags[key]!r:.80}" for key in wrong]


def list_versions(name: str) -> list[Version]:
    """Return the versions of a registered model, newest first."""
    client = mlflow.MlflowClient()
    found = found_versions(client, name)
    aliases: dict[str, list[str]] = {}
    if found:
        for alias, number in client.get_registered_model(name).aliases.items():
            aliases.setdefault(str(number), []).append(alias)
    rows = [
        Version(
            int(one.version),
            one.run_id or "",
            tuple(aliases.get(str(one.version), ())),
            one.tags,
            name,
            datetime.fromtimestamp(one.creation_timestamp / 1000, UTC),
        )
        for one in found
    ]
    return sorted(rows, key=lambda row: -row.number)


def known_versions(name: str) -> list[Version]:
    """Return the versions of a registered model, newest first.

    Raises:
        RegistryError: There is none; the message names the nearest registered model.
    """
    versions = list_versions(name)
    if not versions:
        names = [model.name for model in pages(mlflow.MlflowClient().search_registered_models)]
        remedy = nearest(name, names) if names else "train one with 'conflict-events train default'"
        raise RegistryError(f"{mlflow.get_tracking_uri()} holds no version of {name}; {remedy}")
    return versions


def find_version(word: str, name: str) -> Version:
    """Return the version that a word names.

    Args:
        word: A number, an alias with or without `@`, or an address such as `conflict-events@champion`, whose name takes
            precedence over `name` (see `inference.addresses`).
        name: Name of the registered model.

    Raises:
        RegistryError: There is no such version or alias.
    """
    found = asked(word, name)
    if found is None:
        examples = f"3, champion, {name}/3 or models:/{name}@champion"
        raise RegistryError(f"{word} names no version; write, for example, {examples}")
    versions = known_versions(found.name)
    aliases = {alias: version.number for version in versions for alias in version.aliases}
    number = number_of(found, [version.number for version in versions], aliases)
    for version in versions:
        if version.number == number:
            return version
    raise RegistryError(no_version(found, [version.number for version in versions], aliases))


def holder(versions: Sequence[Version], alias: str) -> Version | None:
    """Return the version that has an alias, or None."""
    return next((version for version in versions if alias in version.aliases), None)


def alias_hint(versions: Sequence[Version], alias: str) -> str:
    """Return a hint with the alias most similar to `alias`."""
    known = [found for version in versions for found in version.aliases]
    return nearest(alias, known) if known else "it has no alias at all; use 'conflict-events promote' to give one"


def read_model_files(version: Version) -> tuple[Manifest, LabelSet]:
    """Fetch the manifest and the label set of a version, but not the rest of its model folder.

    Raises:
        RegistryError: They are missing or cannot be read.
    """
    with tempfile.TemporaryDirectory() as scratch:
        fetched = partial(fetch, f"models:/{version.address}", folder=scratch)
        try:
            described = read_yaml(fetched("MLmodel"))
            folder = described["flavors"]["python_function"]["artifacts"]["model"]["path"]
            file = f"{folder}/{MANIFEST}"
            manifest = parse_manifest(fetched(file).read_bytes(), f"{version.address}/{file}")
            return manifest, load_schema(fetched(f"{folder}/schema.yaml"))
        except StoreError as error:
            raise RegistryError(str(error)) from error
        except Exception as error:  # MLflow and its stores raise many kinds
            raise RegistryError(f"the model files of {version.address} cannot be read: {error}") from error
