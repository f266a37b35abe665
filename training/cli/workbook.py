"""Tables as an Excel workbook, written row by row to temporary files, so that any number of rows fits in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from annotations.io.writing import replacing_bytes
from inference.dates import Day
from inference.tables import Column
from inference.tables.cells import LONGEST
from inference.tables.columns import Cell
from inference.tables.rows import Row
from training.cli.printable import printable

NEEDED = "a workbook needs XlsxWriter: pip install 'conflict-events[tables]'"
_ROWS = 1_048_576  # of a sheet in Excel, its heading included
_FIRST_YEAR = 1900  # Excel has no earlier dates
_WIDTHS = {"text": 22, "integer": 11, "number": 11, "boolean": 11, "date": 12}  # characters
_WIDE = {"notes": 80, "text": 40, "event_id": 20}
Sheets = Sequence[tuple[str, Sequence[Column]]]


@contextmanager
def workbook(path: Path, sheets: Sheets) -> Iterator[list[Callable[[Row], None]]]:
    """Yield a function for each sheet that writes a row to it; the file appears at the end.

    Headings are frozen. Ids and words such as '10-12' stay text, nothing becomes a formula or a link, and dates are
    dates.

    Args:
        path: The file.
        sheets: Name and columns of each sheet.

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
