"""Which other files an ONNX file refers to, read without loading it."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path

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
