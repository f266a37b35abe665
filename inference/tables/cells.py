"""Cells as text for CSV: safe to open in a spreadsheet, and read back as they were."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import regex

from inference.tables.columns import Cell

MARK = "\ufeff"  # in front of the file, so that Excel reads it as UTF-8
LONGEST = 32_767  # characters of a cell in Excel, which breaks longer ones into two
# What spreadsheets take for a formula at the start of a cell. A list separator may start a cell too, where the
# spreadsheet's language separates cells by semicolons.
_FORMULA = regex.compile(r"(^|;\s*)(?=[=+\-@\t\r\n＝＋－＠])")
_NUMBER = regex.compile(r"[+-]?\d+(?:\.\d+)?", regex.ASCII)


def csv_cell(value: Cell) -> str:
    """Return a value as text for a cell of CSV.

    What a spreadsheet would take for a formula gets a single quote in front, as OWASP recommends ('CSV injection'). A
    text longer than Excel allows is cut, and ends in '…'.

    Example:
        >>> [csv_cell(value) for value in (None, True, -5, "-5", "=1+1", "Gao; @home")]
        ['', 'TRUE', '-5', '-5', "'=1+1", "Gao; '@home"]
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if not isinstance(value, str):
        return str(value)
    safe = value if _NUMBER.fullmatch(value) else _FORMULA.sub(r"\1'", value)
    return safe if len(safe) <= LONGEST else safe[: LONGEST - 1] + "…"


def csv_line(values: Iterable[Cell]) -> str:
    r"""Return one line of CSV (RFC 4180), with its line end.

    Example:
        >>> csv_line(["Gao, Mali", 12, None])
        '"Gao, Mali",12,\r\n'
    """
    stream = io.StringIO()
    csv.writer(stream).writerow([csv_cell(value) for value in values])
    return stream.getvalue()
