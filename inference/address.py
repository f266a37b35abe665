"""Addresses of models: a folder, `runs:/…`, `models:/…`, or none at all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, overload

from inference.manifest import ModelError
from inference.model import Model
from inference.prediction import Prediction

MODEL_VARIABLE = "CONFLICT_EVENTS_MODEL"
REGISTERED_NAME = "conflict-events"
CHAMPION = "champion"  # the alias of the version in use
STORE = "mlflow.db"
RELEASED = Path(__file__).parent / "released"
_HOW = (
    "train one with 'conflict-events train default' in this folder, name a model (load('path/to/model') or "
    f"load('models:/{REGISTERED_NAME}/1')), or set {MODEL_VARIABLE} to one"
)


def load(model: str | Path | None = None, *, backend: str = "onnx", convention: str | None = None) -> Model:
    """Load a model.

    Args:
        model: A model folder, `runs:/<run id>/model`, `models:/conflict-events/3` or
            `models:/conflict-events@champion`. Without
            one: the address in `CONFLICT_EVENTS_MODEL`, else the model released with the package, else the champion of
            the local store (`MLFLOW_TRACKING_URI`, or `mlflow.db` in the working folder), or its newest version where
            none was promoted.
        backend: `onnx`, or `torch` where it is installed.
        convention: How vague numbers are read: `range`, `acled`, `isaf`; by default as the model's config says.

    Returns:
        The model, its files checked.

    Raises:
        ModelError: There is no such model, or it is damaged; the message tells how to get one.
        ImportError: The address needs MLflow or the backend needs torch, and it is not installed.
    """
    if model is not None and not isinstance(model, str | Path):
        raise TypeError(f"load takes a path or an address, got {type(model).__name__}")
    address = str(model) if model is not None else _default()
    if address.startswith(("runs:/", "models:/")):
        folder, name = _fetch(address)
        return Model(folder, backend=backend, name=name, convention=convention)
    return Model(Path(address).expanduser(), backend=backend, convention=convention)


@overload
def predict(text: str, *, model: str | Path | None = None, convention: str | None = None) -> Prediction: ...  # type: ignore[overload-overlap]
@overload
def predict(
    text: Sequence[str], *, model: str | Path | None = None, convention: str | None = None
) -> list[Prediction]: ...
def predict(
    text: str | Sequence[str], *, model: str | Path | None = None, convention: str | None = None
) -> Prediction | list[Prediction]:
    """Find attacks, perpetrators, victims and tolls in a text.

    Args:
        text: A text, or a sequence of texts.
        convention: As for `load`.
        model: As for `load`. The model is kept in memory between calls; a version registered meanwhile is not noticed.

    Returns:
        A prediction, or a list in the order given.

    Raises:
        TypeError: Something that is not a string.
        ValueError: A string that is not text.
        ModelError: No model can be found or loaded.

    Example:
        >>> print(predict("Gunmen opened fire at a market in Gao, killing 12 traders."))  # doctest: +SKIP
        Prediction by conflict-events/1: 1 events, 5 spans, 1 windows
          E1 armed_assault (0.97) 'opened fire' [7:18]; by Gunmen; on traders; killed: 12; in Gao
    """
    surroundings = (os.environ.get(MODEL_VARIABLE), os.environ.get("MLFLOW_TRACKING_URI"), str(Path.cwd()))
    return _kept(str(model) if model is not None else None, convention, *surroundings).predict(text)


@lru_cache(maxsize=2)
def _kept(address: str | None, convention: str | None, *_surroundings: str | None) -> Model:
    """Load once for an address and the surroundings that decide what it means; a store is not asked for each text."""
    return load(address, convention=convention)


def _default() -> str:
    named = os.environ.get(MODEL_VARIABLE)
    if named:
        return named
    if RELEASED.is_dir():
        return str(RELEASED)
    if not (os.environ.get("MLFLOW_TRACKING_URI") or Path(STORE).is_file()):
        raise ModelError(f"no model is named, and there is no local store {STORE} here; {_HOW}")
    version = _version_in_use()
    if version is None:
        raise ModelError(f"the model store holds no version of {REGISTERED_NAME}; {_HOW}")
    return f"models:/{REGISTERED_NAME}/{version}"


def _version_in_use() -> int | None:
    """The champion, or the newest version where none was promoted."""
    client = _client()
    try:
        versions = [int(version.version) for version in client.search_model_versions(f"name='{REGISTERED_NAME}'")]
        aliases = client.get_registered_model(REGISTERED_NAME).aliases if versions else {}
    except Exception as error:  # MLflow and its stores raise many kinds
        raise ModelError(f"the model store cannot be read: {error}; {_HOW}") from error
    return int(aliases[CHAMPION]) if CHAMPION in aliases else max(versions, default=None)


def _client() -> Any:
    """MLflow is imported only where an address asks for it."""
    try:
        import mlflow
    except ImportError as error:
        raise ImportError("models:/ and runs:/ addresses need MLflow: pip install 'conflict-events[train]'") from error
    unset = not (os.environ.get("MLFLOW_TRACKING_URI") or mlflow.is_tracking_uri_set())  # type: ignore[no-untyped-call]
    if unset and Path(STORE).is_file():
        mlflow.set_tracking_uri(f"sqlite:///{Path(STORE).resolve()}")
    try:
        return mlflow.MlflowClient()
    except Exception as error:  # an address that MLflow does not know
        raise ModelError(f"the model store {mlflow.get_tracking_uri()} cannot be used: {error}") from error


def _fetch(address: str) -> tuple[Path, str]:
    """Bring the model folder behind an MLflow address to this machine; return it with the name to show."""
    client = _client()
    import mlflow

    try:
        local = Path(mlflow.artifacts.download_artifacts(artifact_uri=address))
    except Exception as error:  # MLflow and its stores raise many kinds
        raise ModelError(f"{address} cannot be loaded from {mlflow.get_tracking_uri()}: {error}; {_HOW}") from error
    manifests = sorted(local.rglob("manifest.json"))
    if not manifests:
        raise ModelError(f"{address} holds no model of conflict-events (no manifest.json); {_HOW}")
    return manifests[0].parent, _shown_name(client, address)


def _shown_name(client: Any, address: str) -> str:
    """`models:/conflict-events@champion` is shown as `conflict-events/3`, so that a result tells which version it came
    from."""
    name = address.removeprefix("models:/").strip("/")
    if address.startswith("models:/") and "@" in name:
        registered, alias = name.split("@", 1)
        return f"{registered}/{client.get_model_version_by_alias(registered, alias).version}"
    return name if address.startswith("models:/") else address
