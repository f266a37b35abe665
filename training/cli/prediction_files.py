"""What `conflict-events predict` writes of each text: lines of text, and rows of tables of events and spans."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotations.io.writing import replacing, replacing_bytes
from annotations.schema import Schema
from inference.inputs import Input
from inference.prediction import Prediction
from inference.tables import Column, event_columns, span_columns
from inference.tables.cells import MARK, csv_line
from inference.tables.other_columns import OtherColumns
from inference.tables.parquet import parquet_rows
from inference.tables.rows import Row
from training.cli.printable import json_text, printable
from training.cli.terminal import put
from training.cli.workbook import workbook

Put = Callable[[str], Any]


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
