"""Loading a model by address: a folder, a version in a store (`inference.addresses`), `runs:/…`, or the default."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotations.errors import nearest
from annotations.installed import lacking
from inference import mlflow_stores as stores
from inference.addresses import MODELS, REGISTERED_NAME, RUNS, asked, has_folder, no_version, number_of
from inference.manifest import ModelError

if TYPE_CHECKING:  # a model brings all that links events: imported when one is loaded
    from inference.model import Model

Threshold = float | Mapping[str, float] | None
MODEL_VARIABLE = "CONFLICT_EVENTS_MODEL"
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
    threads: int | None = None,
    tracking_uri: str | None = None,
) -> Model:
    """Load a model.

    Args:
        model: A version in the store, such as `champion`, `3`, `conflict-events/3` or `conflict-events@champion` (the
            same after `models:/`); `runs:/<run id>/model`; or a model folder. A `Path` is always a folder, and so is a
            word with a slash if there is such a folder. By default the address in `CONFLICT_EVENTS_MODEL`, else the
            champion of the store if there is one, else the model released with the package. If the champion was
            deleted, the version before it is used, with a warning.
        backend: `onnx`; if torch is installed, `torch`, or `cuda`, which is torch on a GPU.
        convention: How vague numbers are read: `range`, `acled`, `isaf`; by default that of the model's config.
        threshold: The least score of a span, for all labels or by label (`{"ATTACK": 0.5}`; 0 for labels not named);
            by default what the model was calibrated to. A higher one gives fewer spans and events, more of them right.
        threads: Batches that the backend `onnx` computes at the same time; by default one a processor. The results
            are the same.
        tracking_uri: The MLflow store; by default `MLFLOW_TRACKING_URI`, or `mlflow.db` in the working folder.

    Returns:
        The model, after its files were checked.

    Raises:
        ModelError: There is no such model, or it is damaged; the message says which there are, or how to get one.
        ImportError: The address needs MLflow or the backend needs torch, and it is not installed.
    """
    if model is not None and not isinstance(model, str | Path):
        raise TypeError(f"load takes a path or an address, got {type(model).__name__}")
    from inference.model import Model

    address = address_now(model, tracking_uri)
    if address.startswith((RUNS, MODELS)) and not isinstance(model, Path):
        folder, name = _fetch(address, tracking_uri)
        return Model(folder, backend=backend, name=name, convention=convention, threshold=threshold, threads=threads)
    path = Path(address).expanduser()
    return Model(path, backend=backend, convention=convention, threshold=threshold, threads=threads)


def address_now(model: str | Path | None = None, tracking_uri: str | None = None) -> str:
    """Return the address that `load` would load now: a folder, `runs:/…`, or the number of a version.

    Raises:
        ModelError: There is no such model, or the store cannot be read.

    Example:
        >>> address_now("runs/1/model")
        'runs/1/model'
    """
    if isinstance(model, Path):
        return str(model)
    named = os.environ.get(MODEL_VARIABLE) if model is None else model
    return _default(tracking_uri) if model is None and not named else _full(str(named), tracking_uri)


def in_store(model: str | Path | None = None, uri: str | None = None) -> bool:
    """Whether `load` looks for a model in a store.

    Example:
        >>> in_store("models:/conflict-events/1"), in_store("@champion"), in_store("runs/1/model")
        (True, True, False)
    """
    if isinstance(model, Path):
        return False
    address = model or os.environ.get(MODEL_VARIABLE)
    if not address:
        return not _released_only(uri)
    if address.startswith((RUNS, MODELS)):
        return True
    return asked(address) is not None and not (has_folder(address) and ("/" in address or stores.chosen(uri) is None))


def _released_only(uri: str | None) -> bool:
    """Whether there is a released model, and no store that could have a champion."""
    return RELEASED.is_dir() and _storeless(uri)


def _full(address: str, uri: str | None) -> str:
    """Return an address that is not short: a folder, `runs:/…`, or `models:/NAME/NUMBER` of a version that exists."""
    found = asked(address)
    folder = found is not None and has_folder(address)
    if found is None or (folder and ("/" in address or _storeless(uri))):
        return address
    none = "" if address.startswith((MODELS, "@")) else ", and there is no such folder"
    if stores.chosen(uri) is None and none:
        raise ModelError(f"there is no local store {stores.STORE} here to find {address} in{none}; {_HOW}")
    numbers, registered = _known(_client(uri), found.name)
    aliases = {alias: int(number) for alias, number in registered.aliases.items()} if registered else {}
    number = number_of(found, numbers, aliases)
    if number is not None:
        return f"{MODELS}{found.name}/{number}"
    if folder:
        return address
    raise ModelError(no_version(found, numbers, aliases) if numbers else _nothing(found.name, uri) + none)


def _storeless(uri: str | None) -> bool:
    """Whether no store can be looked into."""
    return stores.chosen(uri) is None or find_spec("mlflow") is None


def _known(client: Any, name: str) -> tuple[list[int], Any]:
    """Return the numbers of the versions of a registered model, and what MLflow knows of it; None without versions."""
    try:
        numbers = [int(version.version) for version in stores.found_versions(client, name)]
        return numbers, client.get_registered_model(name) if numbers else None
    except Exception as error:  # MLflow and its stores raise many kinds
        raise ModelError(f"the model store cannot be read: {stores.first_line(error)}; {_HOW}") from error


def _nothing(name: str, uri: str | None) -> str:
    """Return a message that a registered model has no version: those there are, or how to get one."""
    try:
        names = [model.name for model in stores.pages(_client(uri).search_registered_models)]
    except Exception:  # noqa: BLE001 - the names only help
        names = []
    return f"the model store has no version of {name}; {nearest(name, names) if names else _HOW}"


def _default(uri: str | None) -> str:
    if _released_only(uri):
        return str(RELEASED)
    if stores.chosen(uri) is None:
        raise ModelError(f"no model is named, and there is no local store {stores.STORE} here; {_HOW}")
    version = _version_in_use(_client(uri))
    if version is not None:
        return f"{MODELS}{REGISTERED_NAME}/{version}"
    if RELEASED.is_dir():
        return str(RELEASED)
    raise ModelError(f"the model store has no version of {REGISTERED_NAME}; {_HOW}")


def _version_in_use(client: Any) -> int | None:
    """The champion; if it was deleted, the version before it; if none was promoted and no model is released, the oldest
    version, so that a new experiment never changes the answers."""
    versions, registered = _known(client, REGISTERED_NAME)
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
    taken = int(aliases.get(PREVIOUS, min(versions)))
    if PREVIOUS in aliases:
        hint = f"'conflict-events rollback --reason …' makes it {CHAMPION} again"
        _warn(f"{REGISTERED_NAME}/{taken}, the one before it; {hint}")
    elif deleted:
        _warn(f"{REGISTERED_NAME}/{taken}, the oldest, which was never promoted; use 'conflict-events promote VERSION'")
    return taken


def _warn(used: str) -> None:
    problem = f"the {CHAMPION} of {REGISTERED_NAME} was deleted"
    warnings.warn(f"{problem}; using {used}", stores.ChampionWarning, stacklevel=2)


def _client(uri: str | None) -> Any:
    """Import MLflow, which only addresses of stores need, and set it to an existing store."""
    try:
        import mlflow
    except ImportError as error:
        raise lacking(error, "a model in a store") from error
    address = stores.chosen(uri)
    if address is None:  # MLflow would create one
        raise ModelError(f"there is no local store {stores.STORE} here; {_HOW}")
    try:
        stores.set_store(stores.usable(address))
        return mlflow.MlflowClient()
    except stores.StoreError as error:
        raise ModelError(str(error)) from error
    except Exception as error:  # an address unknown to MLflow
        raise ModelError(f"the model store {address} cannot be used: {stores.first_line(error)}") from error


def _fetch(address: str, uri: str | None) -> tuple[Path, str]:
    """Download the model folder of an MLflow address; return it with the name for predictions."""
    _client(uri)
    try:
        local = stores.fetch(address)
    except stores.StoreError as error:
        raise ModelError(str(error)) from error
    except Exception as error:  # MLflow and its stores raise many kinds
        problem = f"{address} cannot be loaded from {stores.chosen(uri)}: {stores.first_line(error)}"
        raise ModelError(f"{problem}; {_HOW}") from error
    manifests = sorted(local.rglob("manifest.json"))
    if not manifests:
        raise ModelError(f"{address} is not a model of conflict-events (no manifest.json); {_HOW}")
    return manifests[0].parent, address.removeprefix(MODELS).strip("/")
