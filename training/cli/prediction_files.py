"""What `conflict-events predict` writes of each text: lines of text, and rows of tables of events and spans."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotations.io.writing import replacing, replacing_bytes
from annotations.schema import Schema
from inference.dates import Day
from inference.inputs import Input
from inference.prediction import Prediction
from inference.tables import Column, event_columns, span_columns
from inference.tables.cells import LONGEST, MARK, csv_line
from inference.tables.columns import Cell
from inference.tables.other_columns import OtherColumns
from inference.tables.parquet import parquet_rows
from inference.tables.rows import Row
from training.cli.printable import json_text, printable
from training.cli.terminal import put

Put = Callable[[str], Any]
NEEDED = "a workbook needs XlsxWriter: pip install 'conflict-events[tables]'"
_ROWS = 1_048_576  # of a sheet in Excel, its heading included
_FIRST_YEAR = 1900  # Excel has no earlier dates
_WIDTHS = {"text": 22, "integer": 11, "number": 11, "boolean": 11, "date": 12}  # characters
_WIDE = {"notes": 80, "text": 40, "event_id": 20}
Sheets = Sequence[tuple[str, Sequence[Column]]]


@dataclass(frozen=True, slots=True)
class Predicted:
    """A prediction, and the input it was made for."""

    given: Input
    prediction: Prediction

    def record(self) -> dict[str, Any]:
        """Return id and prediction as plain values, the text if it does not stand like this in the input, and what the
        input tells beside it."""
        text = {"text": self.prediction.text} if self.given.made else {}
        source = {"source": dict(self.given.source)} if self.given.source else {}
        return {"id": self.given.name, **text, **self.prediction.to_dict(), **source}


class Tables:
    """The tables of events and spans.

    Args:
        schema: The label set, from which columns follow.
        others: The kinds of the columns that inputs have beside text and id.
        spans: Whether the table of spans is wanted.
    """

    def __init__(self, schema: Schema, others: OtherColumns | None = None, *, spans: bool = False) -> None:
        own = event_columns(schema)
        self._others = others or OtherColumns({}, own)
        self._spans = spans
        self.columns: list[Sequence[Column]] = [[*own, *self._others.columns], *([span_columns()] if spans else [])]

    def rows(self, found: Predicted) -> list[list[Row]]:
        """Return the rows of one text in each table."""
        name, cells = found.given.name, self._others.cells(found.given.source)
        events: list[Row] = [{**row, **cells} for row in found.prediction.to_rows(name)]
        return [events, found.prediction.to_span_rows(name)] if self._spans else [events]


class JsonLines:
    """One line of JSON for each text."""

    def head(self) -> list[str]:
        """Return what stands before the first text in each file."""
        return [""]

    def lines(self, found: Predicted) -> list[str]:
        """Return what is written of one text to each file."""
        return [json_text(found.record()) + "\n"]


class Csv(JsonLines):
    """Tables as CSV."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def head(self) -> list[str]:
        """Return the first line of each table."""
        return [MARK + csv_line([column.name for column in columns]) for columns in self._tables.columns]

    def lines(self, found: Predicted) -> list[str]:
        """Return the rows of one text in each table."""
        return ["".join(printable(csv_line(row.values())) for row in rows) for rows in self._tables.rows(found)]


def write_lines(found: Iterable[Predicted], lines: JsonLines, paths: Sequence[Path | None]) -> None:
    """Write text by text to standard output, for None, and to files that appear at the end."""
    with ExitStack() as stack:
        sinks = [stack.enter_context(text_sink(path)) for path in paths]
        for sink, head in zip(sinks, lines.head(), strict=True):
            sink(head)
        for one in found:
            for sink, content in zip(sinks, lines.lines(one), strict=True):
                sink(content)


@contextmanager
def text_sink(path: Path | None) -> Iterator[Put]:
    """Yield a function that writes text to standard output, or to a file that appears at the end."""
    if path is None:
        yield put
        return
    with replacing(path) as stream:
        yield stream.write


def write_xlsx(found: Iterable[Predicted], tables: Tables, path: Path) -> None:
    """Write a workbook with a sheet of events and a sheet of spans, row by row.

    Raises:
        ImportError: XlsxWriter is not installed.
    """
    with workbook(path, list(zip(("events", "spans"), tables.columns, strict=True))) as sinks:
        for one in found:
            for sink, rows in zip(sinks, tables.rows(one), strict=True):
                for row in rows:
                    sink(row)


def write_parquet(found: Iterable[Predicted], tables: Tables, paths: Sequence[Path]) -> None:
    """Write tables as Parquet files that appear at the end, some rows at a time.

    Raises:
        ImportError: pyarrow is not installed.
    """
    with ExitStack() as stack:
        sinks = []
        for path, columns in zip(paths, tables.columns, strict=True):
            stream = stack.enter_context(replacing_bytes(path))
            sinks.append(stack.enter_context(parquet_rows(stream, columns)))
        for one in found:
            for sink, rows in zip(sinks, tables.rows(one), strict=True):
                for row in rows:
                    sink(row)


@contextmanager
def workbook(path: Path, sheets: Sheets) -> Iterator[list[Callable[[Row], None]]]:
    """Yield a function for each sheet that writes a row to it; the file appears at the end.

    Headings are frozen. Ids and words such as '10-12' stay text, nothing becomes a formula or a link, and dates are
    dates. Sheets are given by name and columns.

    Raises:
        ImportError: XlsxWriter is not installed.
        ValueError: There are more rows than Excel allows in a sheet.
    """
    try:
        import xlsxwriter
    except ImportError as error:
        raise ImportError(NEEDED) from error
    with replacing_bytes(path) as stream, xlsxwriter.Workbook(stream, {"constant_memory": True}) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        yield [_sheet(book.add_worksheet(name), columns, bold, day) for name, columns in sheets]


def _sheet(sheet: Any, columns: Sequence[Column], bold: Any, day: Any) -> Callable[[Row], None]:
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, max(len(column.name) + 2, _WIDE.get(column.name, _WIDTHS[column.kind])))
        sheet.write_string(0, place, column.name, bold)
    written = 1

    def put(row: Row) -> None:
        nonlocal written
        if written == _ROWS:
            raise ValueError(
                f"a sheet of Excel has at most {_ROWS:,} rows; use --format csv or parquet, or fewer texts"
            )
        for place, column in enumerate(columns):
            _write(sheet, (written, place), row[column.name], column.kind, day)
        written += 1

    return put


def _write(sheet: Any, at: tuple[int, int], value: Cell, kind: str, day: Any) -> None:
    if value is None:
        return
    if kind == "boolean":
        sheet.write_boolean(*at, value)
    elif kind in ("integer", "number"):
        sheet.write_number(*at, value)
    elif kind == "date" and Day.fromisoformat(str(value)).year >= _FIRST_YEAR:
        sheet.write_datetime(*at, Day.fromisoformat(str(value)), day)
    else:
        text = printable(str(value))
        sheet.write_string(*at, text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
