"""What the folder of a model or an encoder must not contain: code, pickles, and paths out of it."""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

WEIGHTS = ".safetensors"
# Suffixes of files that transformers, tokenizers and onnxruntime read as data, never as code.
KINDS = (".codes", ".data", ".json", ".model", ".onnx", WEIGHTS, ".txt", ".yaml")
PICKLED = (".bin", ".ckpt", ".h5", ".msgpack", ".ot", ".pickle", ".pkl", ".pt", ".pth")
_ADAPTER = "adapter_config.json"
# For each ONNX message (onnx.proto), the fields that lead to tensors: field number and the type of its message.
_FIELDS: Mapping[str, Mapping[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "entry"},
}
_DEEPEST = 64  # nested messages; no model has graphs nested more deeply
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10


def external_files(path: Path) -> set[str]:
    """Return the names of the files that an ONNX file takes tensors from, as written in it.

    Raises:
        ValueError: It is not an ONNX file.
    """
    if not path.stat().st_size:
        raise ValueError("the file is empty")
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return set(_locations(data, 0, len(data), "model", 0))


def _locations(data: mmap.mmap, start: int, end: int, message: str, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        raise ValueError(f"messages are nested more than {_DEEPEST} deep")
    if message == "entry":
        entry = {number: data[a:b].decode("utf-8", "replace") for number, a, b in _parts(data, start, end)}
        if entry.get(1) == "location":
            yield entry.get(2, "")
        return
    for number, a, b in _parts(data, start, end):
        if number in _FIELDS[message]:
            yield from _locations(data, a, b, _FIELDS[message][number], depth + 1)


def _parts(data: mmap.mmap, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield number, start and end of the length-delimited fields of a message (protobuf wire format)."""
    while at < end:
        key, at = _varint(data, at, end)
        kind = key & 7
        size = 0
        if kind == _VARINT:
            _, at = _varint(data, at, end)
        elif kind == _BYTES:
            size, at = _varint(data, at, end)
        elif kind in {_FIXED64, _FIXED32}:
            size = 8 if kind == _FIXED64 else 4
        else:
            raise ValueError(f"byte {at} is not part of an ONNX file")
        if at + size > end:
            raise ValueError(f"it is cut off at byte {end}")
        if kind == _BYTES:
            yield key >> 3, at, at + size
        at += size


def _varint(data: mmap.mmap, at: int, end: int) -> tuple[int, int]:
    value = 0
    for shift in range(_LONGEST_VARINT):
        if at >= end:
            break
        byte = data[at]
        at += 1
        value |= (byte & 127) << 7 * shift
        if byte < 128:  # noqa: PLR2004  (the high bit says that more bytes follow)
            return value, at
    raise ValueError(f"it is cut off at byte {at}")


def is_plain(name: object) -> bool:
    """Return whether a name is a plain file name, not a path."""
    return isinstance(name, str) and name not in ("", ".", "..") and not set(name) & {"/", "\\", ":", "\0"}


def links_out(folder: Path, root: Path | None = None) -> Iterator[str]:
    """Yield a message for each link that leads out of a folder, or out of the root that it is in."""
    inside = (root or folder).resolve()
    for path in sorted(folder.iterdir()):
        if path.is_symlink() and not path.resolve().is_relative_to(inside):
            yield f"{path} is a link to {path.resolve()}, outside of the folder; put the file itself there"


def foreign_parts(folder: Path) -> Iterator[str]:
    """Yield a message for each setting or shard index in a folder that refers to code or to files outside of it."""
    for path in filter(Path.is_file, sorted(folder.iterdir())):
        if path.name == _ADAPTER:
            yield f"{path} names another model to load; merge the adapter into the model and save it"
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
                yield f"{path} names external code ({key}: {value!r:.80}), which is never run; remove the key"
    for name in _values(values, "transformers_weights"):
        if not is_plain(name) or not name.endswith((WEIGHTS, f"{WEIGHTS}.index.json")):
            yield f"{path} names weights {name!r:.80} (transformers_weights) that are no {WEIGHTS} file in the folder"


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        ValueError: It is not JSON, or nested too deeply.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except RecursionError:
        raise ValueError("its values are nested too deeply") from None


def _values(content: Any, key: str) -> Iterator[Any]:
    """Yield every value of a key that is not empty, at any depth."""
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
        yield f"{path} cannot be read as an index of shards: {error!r:.80}; copy it again"
        return
    for name in names:
        if not is_plain(name) or not name.endswith(WEIGHTS):
            yield f"{path} names {name!r:.80}, which is no {WEIGHTS} file in the folder; save the model again"
        elif not (path.parent / name).is_file():
            yield f"{path} names {name}, which is missing; copy the whole folder"


def outer_tensors(path: Path) -> Iterator[str]:
    """Yield a message for each file with tensors of an ONNX file that is missing or outside of its folder."""
    try:
        names = sorted(external_files(path))
    except ValueError as error:
        yield f"{path} is not an ONNX file: {error}; copy it again"
        return
    for name in names:
        if not is_plain(name):
            yield f"{path} takes tensors from {name!r:.80}, outside of the folder; export it as one file"
        elif not (path.parent / name).is_file():
            yield f"{path} takes tensors from {name}, which is missing; copy the whole folder"
