"""What inputs hold, before they are predicted: how many texts, and which columns beside them.

Inputs and reader are those of `scan_inputs`. Standard input is not read, and counts one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from annotations.errors import DataError
from annotations.io.decoding import byte_lines
from inference.inputs.columns import Columns, choose
from inference.inputs.pages import TOLD
from inference.inputs.remote import opened
from inference.inputs.rows import Rows, parquet_shape, read_rows
from inference.inputs.scan import ROWS, Reader, Source, local, sources

_SCALARS = {bool: "boolean", int: "integer", float: "number"}


def count_inputs(inputs: Sequence[str], reader: Reader) -> int:
    """Return how many texts and faults `scan_inputs` gives for these inputs; close to it if files change meanwhile."""
    return sum(_count(source) for source in sources(inputs, reader))


def _count(source: Source) -> int:
    if source.kind not in ROWS or not (source.path or source.address):
        return 1
    try:
        if source.kind == "parquet":
            return _shape(source)[1] or 1
        with local(source) as here:
            return _count_here(here)
    except DataError:
        return 1


def _count_here(source: Source) -> int:
    path = source.path or Path()
    if source.kind == "jsonl":
        return sum(bool(line.strip()) for line in byte_lines(path)) or 1
    return sum(1 for _ in read_rows(path, source.kind).rows)


def _shape(source: Source) -> tuple[dict[str, str], int]:
    """Return columns and number of rows of a Parquet file; on another file system, only its end is read."""
    if not source.address:
        return parquet_shape(source.path, source.name)
    with opened(source.address) as stream:
        return parquet_shape(stream, source.name)


def state_of(inputs: Sequence[str], reader: Reader) -> str:
    """Return a digest of what inputs there are: names, sizes and times of change of their files, and texts."""
    digest = hashlib.sha256()
    for source in sources(inputs, reader):
        told = [source.name, source.kind, source.text, source.state or _file_state(source.path)]
        digest.update(json.dumps(told).encode("utf-8"))
    return digest.hexdigest()


def _file_state(path: Path | None) -> str:
    try:
        found = path.stat() if path else None
    except OSError:  # reading it fails, and says why
        return ""
    return f"{found.st_size} {found.st_mtime_ns}" if found else ""


def other_columns(inputs: Sequence[str], reader: Reader) -> dict[str, str]:
    """Return the columns that inputs have beside text and id, in order, each with its kind.

    Returns:
        By name: `text`, `integer`, `number`, `boolean` or `date`; values of several kinds are written as text.
    """
    found: dict[str, str] = {}
    for source in sources(inputs, reader):
        for name, kind in _columns(source, reader.columns):
            before = found.setdefault(name, kind)
            if before != kind:
                found[name] = "number" if {before, kind} == {"integer", "number"} else "text"
    return found


def _columns(source: Source, given: Columns) -> Iterator[tuple[str, str]]:
    if source.kind == "html" and not source.faults:
        yield from dict.fromkeys(TOLD, "text").items()
    if source.kind not in ROWS or not (source.path or source.address):
        return
    try:
        if source.kind == "parquet":
            kinds, _ = _shape(source)
            yield from _of_rows(Rows(iter(()), tuple(kinds), kinds=kinds), given)
            return
        with local(source) as here:
            yield from _of_rows(read_rows(here.path or Path(), here.kind), given)
    except DataError:
        return


def _of_rows(rows: Rows, given: Columns) -> Iterator[tuple[str, str]]:
    if rows.names is not None:
        chosen = choose(rows.names, given, complete=True)
        named = () if chosen.problems else rows.names
        yield from ((name, rows.kinds[name]) for name in named if name and name not in (chosen.text, chosen.id))
        return
    for row in rows.rows:
        values: Mapping[str, object] = row.record or {}
        chosen = choose(tuple(values), given, complete=False)
        for name, value in values.items() if not chosen.problems else ():
            if value is not None and name not in (chosen.text, chosen.id):
                yield name, _SCALARS.get(type(value), "text")
