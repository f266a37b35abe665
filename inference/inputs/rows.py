"""Rows of tables and records, one after the other: CSV, TSV, Parquet, JSON Lines and JSON."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from annotations.errors import DataError, Fault
from annotations.io.decoding import byte_lines, decoded
from annotations.io.json_text import JsonLine, json_lines, read_json
from inference.inputs.columns import means

_SEPARATORS = ",;\t|"
_LONGEST = 100_000_000  # characters of a cell; a quote that is never closed would take in the whole file
_AT_ONCE = 64  # rows of a Parquet file that are held
_NEEDED = "pip install 'conflict-events[tables]'"


# Its number is the line it starts on, for CSV, TSV and JSON Lines; else its count from 1; 0 for the whole file.
Row = JsonLine


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a file."""

    rows: Iterator[Row]  # the rows, read as they are needed; only once
    names: tuple[str, ...] | None = None  # the columns, where the file states them; None where each record has its own
    lines: bool = True  # whether rows are numbered by line
    # The kinds of the columns, as in `inference.tables.Column`, where the file states them.
    kinds: Mapping[str, str] = field(default_factory=dict)


def read_rows(path: Path, kind: str) -> Rows:
    """Open a file of rows.

    Args:
        path: The file.
        kind: `csv`, `tsv`, `parquet`, `jsonl` or `json`.

    Raises:
        DataError: It cannot be read, or has no rows or no columns; or pyarrow is needed and not installed.
    """
    return _READERS[kind](path)


def _json_lines(path: Path) -> Rows:
    def rows() -> Iterator[Row]:
        empty = True
        for line in json_lines(path):
            empty = False
            yield line
        if empty:
            raise _empty(path)

    return Rows(rows())


def _json(path: Path) -> Rows:
    """Read a list of records, an object that holds one list of them, or one record; the file is read whole."""
    content = read_json(path)
    if isinstance(content, dict):
        lists = [value for value in content.values() if isinstance(value, list)]
        has_text = any(means(name, "text") and isinstance(value, str) for name, value in content.items())
        content = lists[0] if len(lists) == 1 and not has_text else [content]
    if not isinstance(content, list):
        problem = "is neither a list of objects nor an object with one"
        raise DataError.of(problem, "write a list of objects with the texts", file=str(path))
    if not content:
        raise _empty(path)
    return Rows((_record(path, number, item) for number, item in enumerate(content, start=1)), lines=False)


def _record(path: Path, number: int, item: object) -> Row:
    if isinstance(item, dict):
        return Row(number, item)
    problem = f"is {type(item).__name__}, not an object"
    return Row(number, None, (Fault(problem, "write an object with the text", str(path), place=f"row {number}"),))


def _separated(path: Path, separator: str | None = None) -> Rows:
    """Read a table of text; without a separator, the one that the head has most often is taken."""
    lines = _Lines(path)
    head = lines.peek()
    if head is None:
        raise _empty(path)
    outside_quotes = "".join(head.split('"')[::2])
    chosen = separator or max(_SEPARATORS, key=lambda sign: (outside_quotes.count(sign), sign == ","))
    csv.field_size_limit(_LONGEST)  # Python's own limit is shorter than a long article
    reader = csv.reader(lines, delimiter=chosen, strict=True)
    names = _header(path, next(reader, []))

    def rows() -> Iterator[Row]:
        empty = True
        while (row := _next(path, lines, reader, names)) is not None:
            empty = False
            if row.record is None or any(value is not None for value in row.record.values()):
                yield row
        if empty:
            raise _empty(path)

    return Rows(rows(), names, kinds=dict.fromkeys(names, "text"))


def _header(path: Path, cells: Sequence[str]) -> tuple[str, ...]:
    names = tuple(cell.strip() for cell in cells)
    named = [name for name in names if name]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        problem = f"has two columns {twice!r}"
        raise DataError.of(problem, "give each column a name of its own", file=str(path), line=1)
    return names


def _next(path: Path, lines: _Lines, reader: Any, names: Sequence[str]) -> Row | None:
    """Read a row; None at the end. A row may run over several lines, of which the first counts."""
    while True:
        number = lines.number + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            return Row(number, None, (Fault(f"is not a row: {error}", "correct its quotes", str(path), number),))
        except DataError as error:
            return Row(number, None, error.faults)
        if cells is None:
            return None
        if cells:  # blank lines are none
            break
    if len(cells) != len(names):
        problem = f"has {len(cells)} cells, and the first line {len(names)}"
        hint = "write one cell for each column, with quotes around one that holds the separator"
        return Row(number, None, (Fault(problem, hint, str(path), number),))
    return Row(number, {name: cell if cell.strip() else None for name, cell in zip(names, cells, strict=True) if name})


class _Lines(Iterator[str]):
    """The lines of a file with their ends; a line that is not UTF-8 is an error, and the next ones can be read."""

    def __init__(self, path: Path) -> None:
        self._path, self.number = path, 0
        self._bytes = byte_lines(path)
        self._first: str | None = None

    def peek(self) -> str | None:
        """Return the first line that is not blank; None if there is none."""
        while self._first is None or not self._first.strip():
            self._first = self._read()
            if self._first is None:
                return None
        return self._first

    def __next__(self) -> str:
        line, self._first = self._first or self._read(), None
        if line is None:
            raise StopIteration
        return line

    def _read(self) -> str | None:
        line = next(self._bytes, None)
        self.number += 1
        return None if line is None else decoded(line, str(self._path), self.number) + "\n"


def _parquet(path: Path) -> Rows:
    file = _opened(path, str(path))
    names = tuple(file.schema_arrow.names)

    def rows() -> Iterator[Row]:
        from pyarrow import ArrowException

        number = 0
        try:
            for batch in file.iter_batches(_AT_ONCE):
                for values in batch.to_pylist():
                    number += 1
                    yield Row(number, {name: plain(value) for name, value in values.items()})
        except (OSError, ValueError, ArrowException) as error:
            yield Row(0, None, _broken(str(path), error).faults)
        if not number:
            raise _empty(path)

    return Rows(rows(), names, lines=False, kinds=_kinds(file))


def _opened(source: Any, name: str) -> Any:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise DataError.of("is Parquet, and pyarrow is not installed", _NEEDED, file=name) from None
    try:
        return parquet.ParquetFile(source, pre_buffer=False)
    except (OSError, ArrowException) as error:
        raise _broken(name, error) from None


def parquet_shape(opened: Any, name: str) -> tuple[dict[str, str], int]:
    """Return the columns of a Parquet file with their kinds, and the number of its rows, without reading them.

    Args:
        opened: Its path, or a stream.
        name: Its name, for messages.

    Raises:
        DataError: It cannot be read, or pyarrow is not installed.
    """
    file = _opened(opened, name)
    return _kinds(file), file.metadata.num_rows


def _kinds(file: Any) -> dict[str, str]:
    from pyarrow import types

    return {one.name: _arrow_kind(types, one.type) for one in file.schema_arrow}


def _arrow_kind(types: Any, given: Any) -> str:
    """Return the kind of a column of Parquet; what has no own one is written as text."""
    tests = {
        "boolean": types.is_boolean,
        "integer": types.is_integer,
        "number": types.is_floating,
        "date": types.is_date,
    }
    return next((kind for kind, test in tests.items() if test(given)), "text")


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it; None for what is not a number.

    Example:
        >>> plain({"on": date(2021, 3, 4), "share": float("nan"), "ids": [1, b"x"]})
        {'on': '2021-03-04', 'share': None, 'ids': [1, "b'x'"]}
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return str(value)


def _broken(name: str, error: Exception) -> DataError:
    problem = f"cannot be read as Parquet: {str(error).splitlines()[0]:.200}"
    return DataError.of(problem, "write it again", file=name)


def _empty(path: Path) -> DataError:
    return DataError.of("is empty", "leave it out, or write a row for each text", file=str(path))


_READERS: Mapping[str, Callable[[Path], Rows]] = {
    "csv": _separated,
    "tsv": partial(_separated, separator="\t"),
    "parquet": _parquet,
    "jsonl": _json_lines,
    "json": _json,
}
