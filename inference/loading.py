"""Loading a model by address: a folder, `runs:/…`, `models:/…`, or the default."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, overload

from inference.manifest import ModelError
from inference.mlflow_stores import (
    STORE,
    URI_VARIABLE,
    ChampionWarning,
    StoreError,
    chosen,
    fetch,
    first_line,
    pages,
    set_store,
    usable,
)
from inference.model import Model
from inference.prediction import Prediction
from inference.tagger import GivenDate

Threshold = float | Mapping[str, float] | None
MODEL_VARIABLE = "CONFLICT_EVENTS_MODEL"
REGISTERED_NAME = "conflict-events"
CHAMPION, PREVIOUS = "champion", "previous"  # the aliases of the version in use and of the one before it
RELEASED = Path(__file__).parent / "released"
_HOW = (
    "train one with 'conflict-events train default' in this folder, name a model (load('path/to/model') or "
    f"load('models:/{REGISTERED_NAME}/1')), or set {MODEL_VARIABLE} to one"
)


def load(
    model: str | Path | None = None,
    *,
    backend: str = "onnx",
    convention: str | None = None,
    threshold: Threshold = None,
    tracking_uri: str | None = None,
) -> Model:
    """Load a model.

    Args:
        model: A model folder, `runs:/<run id>/model`, `models:/conflict-events/3` or
            `models:/conflict-events@champion`. By default the address in `CONFLICT_EVENTS_MODEL`, else the champion
            of the store if there is one, else the model released with the package. If the champion was deleted, the
            version before it is used, with a warning.
        backend: `onnx`; if torch is installed, `torch`, or `cuda`, which is torch on a GPU.
        convention: How vague numbers are read: `range`, `acled`, `isaf`; by default that of the model's config.
        threshold: The least score of a span, for all labels or by label (`{"ATTACK": 0.5}`; 0 for labels not named);
            by default what the model was calibrated to. A higher one gives fewer spans and events, more of them right.
        tracking_uri: The MLflow store; by default `MLFLOW_TRACKING_URI`, or `mlflow.db` in the working folder.

    Returns:
        The model, after its files were checked.

    Raises:
        ModelError: There is no such model, or it is damaged; the message says how to get one.
        ImportError: The address needs MLflow or the backend needs torch, and it is not installed.
    """
    if model is not None and not isinstance(model, str | Path):
        raise TypeError(f"load takes a path or an address, got {type(model).__name__}")
    address = str(model) if model is not None else _default(tracking_uri)
    if address.startswith(("runs:/", "models:/")):
        folder, name = _fetch(address, tracking_uri)
        return Model(folder, backend=backend, name=name, convention=convention, threshold=threshold)
    return Model(Path(address).expanduser(), backend=backend, convention=convention, threshold=threshold)


@overload
def predict(  # type: ignore[overload-overlap]
    text: str,
    *,
    date: GivenDate = None,
    model: str | Path | None = None,
    convention: str | None = None,
    threshold: Threshold = None,
    min_event_score: float = 0,
    geo: bool = False,
) -> Prediction: ...
@overload
def predict(
    text: Sequence[str],
    *,
    date: GivenDate | Sequence[GivenDate] = None,
    model: str | Path | None = None,
    convention: str | None = None,
    threshold: Threshold = None,
    min_event_score: float = 0,
    geo: bool = False,
) -> list[Prediction]: ...
def predict(
    text: str | Sequence[str],
    *,
    date: GivenDate | Sequence[GivenDate] = None,
    model: str | Path | None = None,
    convention: str | None = None,
    threshold: Threshold = None,
    min_event_score: float = 0,
    geo: bool = False,
) -> Prediction | list[Prediction]:
    """Find attacks, perpetrators, victims and tolls in a text.

    Args:
        text: A text, or a sequence of texts.
        date: The day of the text, such as `2021-03-04`, from which 'Monday' and 'last month' are counted; for a
            sequence one day for all, or one for each. Without it only dates with a year are resolved.
        convention: As for `load`.
        threshold: As for `load`.
        min_event_score: Events with a lower score are left out; their spans stay.
        geo: Whether to look up where events were, in the gazetteer of the extra `geo`.
        model: As for `load`. The model stays in memory between calls; versions registered later are not noticed.

    Returns:
        A prediction, or a list in the order of the texts.

    Raises:
        TypeError: Something that is not a string.
        ValueError: A string that is not text, or a date that is none.
        ModelError: No model can be found or loaded.

    Example:
        >>> print(predict("Gunmen opened fire at a market in Gao, killing 12 traders."))  # doctest: +SKIP
        Prediction by conflict-events/1: 1 events, 5 spans, 1 windows
          E1 armed_assault (0.97) 'opened fire' [7:18]; Perpetrators: Gunmen; Toll: killed: 12
    """
    surroundings = (os.environ.get(MODEL_VARIABLE), os.environ.get(URI_VARIABLE), str(Path.cwd()))
    kept = tuple(sorted(threshold.items())) if isinstance(threshold, Mapping) else threshold
    return _kept(str(model) if model is not None else None, convention, kept, *surroundings).predict(
        text, date, min_event_score=min_event_score, geo=geo
    )


@lru_cache(maxsize=2)
def _kept(
    address: str | None, convention: str | None, threshold: float | tuple[Any, ...] | None, *_surroundings: str | None
) -> Model:
    """Load once per address, environment and working folder, so that the store is not contacted for each text."""
    given = dict(threshold) if isinstance(threshold, tuple) else threshold
    return load(address, convention=convention, threshold=given)


def in_store(model: str | Path | None = None, uri: str | None = None) -> bool:
    """Whether `load` looks for a model in a store.

    Args:
        model: As for `load`.
        uri: The `tracking_uri` of `load`.

    Example:
        >>> in_store("models:/conflict-events/1"), in_store("runs/1/model")
        (True, False)
    """
    address = str(model) if model is not None else os.environ.get(MODEL_VARIABLE)
    return not _released_only(uri) if address is None else address.startswith(("runs:/", "models:/"))


def _released_only(uri: str | None) -> bool:
    """Whether there is a released model, and no store that could have a champion."""
    return RELEASED.is_dir() and (chosen(uri) is None or find_spec("mlflow") is None)


def _default(uri: str | None) -> str:
    named = os.environ.get(MODEL_VARIABLE)
    if named:
        return named
    if _released_only(uri):
        return str(RELEASED)
    if chosen(uri) is None:
        raise ModelError(f"no model is named, and there is no local store {STORE} here; {_HOW}")
    version = _version_in_use(_client(uri))
    if version is not None:
        return f"models:/{REGISTERED_NAME}/{version}"
    if RELEASED.is_dir():
        return str(RELEASED)
    raise ModelError(f"the model store has no version of {REGISTERED_NAME}; {_HOW}")


def _version_in_use(client: Any) -> int | None:
    """The champion; if it was deleted, the version before it; if none was promoted and no model is released, the newest
    version."""
    try:
        found = pages(partial(client.search_model_versions, f"name='{REGISTERED_NAME}'"))
        versions = [int(version.version) for version in found]
        registered = client.get_registered_model(REGISTERED_NAME) if versions else None
    except Exception as error:  # MLflow and its stores raise many kinds
        raise ModelError(f"the model store cannot be read: {first_line(error)}; {_HOW}") from error
    if registered is None:
        return None
    aliases = registered.aliases
    if CHAMPION in aliases:
        return int(aliases[CHAMPION])
    last = registered.tags.get(CHAMPION, "")
    deleted = last.isdecimal() and int(last) not in versions
    if RELEASED.is_dir() and PREVIOUS not in aliases:
        if deleted:
            _warn("the released model; use 'conflict-events promote VERSION'")
        return None
    taken = int(aliases.get(PREVIOUS, max(versions)))
    if PREVIOUS in aliases:
        hint = f"'conflict-events rollback --reason …' makes it {CHAMPION} again"
        _warn(f"{REGISTERED_NAME}/{taken}, the one before it; {hint}")
    elif deleted:
        _warn(f"{REGISTERED_NAME}/{taken}, the newest, which was never promoted; use 'conflict-events promote VERSION'")
    return taken


def _warn(used: str) -> None:
    problem = f"the {CHAMPION} of {REGISTERED_NAME} was deleted"
    warnings.warn(f"{problem}; using {used}", ChampionWarning, stacklevel=2)


def _client(uri: str | None) -> Any:
    """Import MLflow, which only addresses of stores need, and set it to an existing store."""
    try:
        import mlflow
    except ImportError as error:
        raise ImportError("models:/ and runs:/ addresses need MLflow: pip install 'conflict-events[train]'") from error
    address = chosen(uri)
    if address is None:  # MLflow would create one
        raise ModelError(f"there is no local store {STORE} here; {_HOW}")
    try:
        set_store(usable(address))
        return mlflow.MlflowClient()
    except StoreError as error:
        raise ModelError(str(error)) from error
    except Exception as error:  # an address unknown to MLflow
        raise ModelError(f"the model store {address} cannot be used: {first_line(error)}") from error


def _fetch(address: str, uri: str | None) -> tuple[Path, str]:
    """Download the model folder of an MLflow address; return it with the name for predictions."""
    client = _client(uri)
    try:
        local = fetch(address)
        name = _shown_name(client, address)
    except StoreError as error:
        raise ModelError(str(error)) from error
    except Exception as error:  # MLflow and its stores raise many kinds
        problem = f"{address} cannot be loaded from {chosen(uri)}: {first_line(error)}"
        raise ModelError(f"{problem}; {_HOW}") from error
    manifests = sorted(local.rglob("manifest.json"))
    if not manifests:
        raise ModelError(f"{address} is not a model of conflict-events (no manifest.json); {_HOW}")
    return manifests[0].parent, name


def _shown_name(client: Any, address: str) -> str:
    """The name for predictions: `conflict-events/3` for `models:/conflict-events@champion`, to show the version."""
    name = address.removeprefix("models:/").strip("/")
    if address.startswith("models:/") and "@" in name:
        registered, alias = name.split("@", 1)
        return f"{registered}/{client.get_model_version_by_alias(registered, alias).version}"
    return name if address.startswith("models:/") else address
