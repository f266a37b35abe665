"""What inputs hold, before they are predicted: how many texts, and which columns beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from annotations.errors import DataError
from annotations.io.decoding import byte_lines
from inference.inputs.columns import Columns, choose
from inference.inputs.pages import TOLD
from inference.inputs.rows import Rows, read_rows
from inference.inputs.scan import ROWS, Reader, Source, sources

_SCALARS = {bool: "boolean", int: "integer", float: "number"}


def count_inputs(inputs: Sequence[str], reader: Reader) -> int:
    """Return how many texts and faults `scan_inputs` gives for these inputs; close to it if files change meanwhile.

    Args:
        inputs: As for `scan_inputs`.
        reader: As for `scan_inputs`. Standard input is not read, and counts one.
    """
    return sum(_count(source) for source in sources(inputs, reader))


def _count(source: Source) -> int:
    if source.kind not in ROWS or source.path is None:
        return 1
    try:
        if source.kind == "jsonl":
            return sum(bool(line.strip()) for line in byte_lines(source.path)) or 1
        return sum(1 for _ in read_rows(source.path, source.kind).rows)
    except DataError:
        return 1


def other_columns(inputs: Sequence[str], reader: Reader) -> dict[str, str]:
    """Return the columns that inputs have beside text and id, in order, each with its kind.

    Args:
        inputs: As for `scan_inputs`.
        reader: As for `scan_inputs`. Standard input is not read.

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
    if source.kind not in ROWS or source.path is None:
        return
    try:
        yield from _of_rows(read_rows(source.path, source.kind), given)
    except DataError:
        return


def _of_rows(rows: Rows, given: Columns) -> Iterator[tuple[str, str]]:
    if rows.names is not None:
        chosen = choose(rows.names, given, complete=True)
        named = () if chosen.problems else rows.names
        yield from ((name, rows.kinds[name]) for name in named if name and name not in (chosen.text, chosen.id))
        return
    for row in rows.rows:
        values: Mapping[str, object] = row.values or {}
        chosen = choose(tuple(values), given, complete=False)
        for name, value in values.items() if not chosen.problems else ():
            if value is not None and name not in (chosen.text, chosen.id):
                yield name, _SCALARS.get(type(value), "text")
