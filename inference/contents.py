"""What a folder may not hold that a model or an encoder is loaded from: code, pickles, and ways out of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from inference.onnx_file import external_files

WEIGHTS = ".safetensors"
# Files that transformers, tokenizers and onnxruntime read as data, never as code.
KINDS = (".codes", ".data", ".json", ".model", ".onnx", WEIGHTS, ".txt", ".yaml")
PICKLED = (".bin", ".ckpt", ".h5", ".msgpack", ".ot", ".pickle", ".pkl", ".pt", ".pth")
_ADAPTER = "adapter_config.json"


def is_plain(name: object) -> bool:
    """Tell whether a name is that of a file in the same folder, and no path."""
    return isinstance(name, str) and name not in ("", ".", "..") and not set(name) & {"/", "\\", ":", "\0"}


def links_out(folder: Path, root: Path | None = None) -> Iterator[str]:
    """Yield a line for each link that leads out of a folder.

    Args:
        folder: The folder.
        root: The folder that links must stay in; by default the folder itself.
    """
    inside = (root or folder).resolve()
    for path in sorted(folder.iterdir()):
        if path.is_symlink() and not path.resolve().is_relative_to(inside):
            yield f"{path} is a link to {path.resolve()}, out of the folder; put the file itself there"


def foreign_parts(folder: Path) -> Iterator[str]:
    """Yield a line for each setting or list of shards that leads to code, or to files out of the folder.

    Args:
        folder: A folder that transformers could load.
    """
    for path in filter(Path.is_file, sorted(folder.iterdir())):
        if path.name == _ADAPTER:
            yield f"{path} names another model to load; merge the adapter into the model, and save that"
        elif path.name.endswith("config.json"):
            yield from _settings(path)
        elif path.name.endswith(f"{WEIGHTS}.index.json"):
            yield from _shards(path)


def _settings(path: Path) -> Iterator[str]:
    try:
        values = read_json(path)
        own = list(_values(values, "auto_map"))
    except ValueError as error:
        yield f"{path} cannot be read: {error}; copy it again"
        return
    if own:
        yield f"{path} names code of its own (auto_map: {own[0]!r:.80}), which is never run; use a model without it"
    for key in ("attn_implementation", "_attn_implementation"):
        for value in _values(values, key):
            if "/" in json.dumps(value):
                yield f"{path} names code of others ({key}: {value!r:.80}), which is never run; take the key out"
    for name in _values(values, "transformers_weights"):
        if not is_plain(name) or not name.endswith((WEIGHTS, f"{WEIGHTS}.index.json")):
            yield f"{path} names weights {name!r:.80} (transformers_weights) that are no {WEIGHTS} file of the folder"


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        ValueError: It is not JSON, or its values lie too deep in each other.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except RecursionError:
        raise ValueError("its values lie too deep in each other") from None


def _values(content: Any, key: str) -> Iterator[Any]:
    """Yield every value of a key that says something, at any depth."""
    if isinstance(content, Mapping):
        if content.get(key):
            yield content[key]
        for value in content.values():
            yield from _values(value, key)
    elif isinstance(content, Sequence) and not isinstance(content, str):
        for value in content:
            yield from _values(value, key)


def _shards(path: Path) -> Iterator[str]:
    try:
        names = sorted({str(name) for name in read_json(path)["weight_map"].values()})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        yield f"{path} cannot be read as a list of shards: {error!r:.80}; copy it again"
        return
    for name in names:
        if not is_plain(name) or not name.endswith(WEIGHTS):
            yield f"{path} names {name!r:.80}, which is no {WEIGHTS} file of the folder; save the model again"
        elif not (path.parent / name).is_file():
            yield f"{path} names {name}, which is missing; copy the whole folder"


def outer_tensors(path: Path) -> Iterator[str]:
    """Yield a line for each file out of the folder that an ONNX file takes tensors from, or one if it is none.

    Args:
        path: The ONNX file.
    """
    try:
        names = sorted(external_files(path))
    except ValueError as error:
        yield f"{path} is no ONNX file: {error}; copy it again"
        return
    for name in names:
        if not is_plain(name):
            yield f"{path} takes tensors from {name!r:.80}, out of the folder; export it as one file"
        elif not (path.parent / name).is_file():
            yield f"{path} takes tensors from {name}, which is missing; copy the whole folder"
