"""Files that `conflict-events predict` writes: text as it comes, and tables of events and spans."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from annotations.io.writing import replacing, replacing_bytes
from annotations.schema import Schema
from inference.dates import Day
from inference.prediction import Prediction
from inference.tables import Column, event_columns, span_columns
from inference.tables.cells import MARK, csv_line
from inference.tables.frames import NEEDED
from inference.tables.rows import Row
from training.cli.printable import printable
from training.cli.terminal import put
from training.cli.workbook import workbook

Named = tuple[str, Prediction]
Put = Callable[[str], Any]
PutRow = Callable[[Row], None]
_HELD_ROWS = 1000  # in a row group of Parquet


@contextmanager
def text_sink(path: Path | None) -> Iterator[Put]:
    """Yield a function that writes text to standard output, or to a file that appears at the end."""
    if path is None:
        yield put
        return
    with replacing(path) as stream:
        yield stream.write


def write_csv(found: Iterable[Named], schema: Schema, output: Path | None, spans: Path | None) -> None:
    """Write a table of events as CSV, and one of spans if a file is named, row by row."""
    _write(found, schema, _csv_rows, output, spans)


def write_parquet(found: Iterable[Named], schema: Schema, output: Path | None, spans: Path | None) -> None:
    """Write a table of events as a Parquet file, and one of spans if a file is named, some rows at a time.

    Raises:
        ImportError: pyarrow is not installed.
    """
    _write(found, schema, _parquet_rows, output, spans)


def write_xlsx(found: Iterable[Named], schema: Schema, output: Path, spans: Path | None) -> None:
    """Write a workbook with a sheet of events and a sheet of spans, row by row; `spans` is not used.

    Raises:
        ImportError: XlsxWriter is not installed.
    """
    with workbook(output, [("events", event_columns(schema)), ("spans", span_columns())]) as (put_event, put_span):
        for name, prediction in found:
            for row in prediction.to_rows(name):
                put_event(row)
            for row in prediction.to_span_rows(name):
                put_span(row)


TABLES: dict[str, Any] = {"csv": write_csv, "parquet": write_parquet, "xlsx": write_xlsx}


def _write(found: Iterable[Named], schema: Schema, rows: Any, output: Path | None, spans: Path | None) -> None:
    with ExitStack() as stack:
        put_event: PutRow = stack.enter_context(rows(output, event_columns(schema)))
        put_span: PutRow | None = stack.enter_context(rows(spans, span_columns())) if spans else None
        for name, prediction in found:
            for row in prediction.to_rows(name):
                put_event(row)
            for row in prediction.to_span_rows(name) if put_span else ():
                put_span(row)  # type: ignore[misc]


@contextmanager
def _csv_rows(path: Path | None, columns: Sequence[Column]) -> Iterator[PutRow]:
    with text_sink(path) as put_text:
        put_text(MARK + csv_line([column.name for column in columns]))
        yield lambda row: put_text(printable(csv_line(row.values())))


@contextmanager
def _parquet_rows(path: Path, columns: Sequence[Column]) -> Iterator[PutRow]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise ImportError(NEEDED) from error
    kinds = {
        "text": pyarrow.string(),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "boolean": pyarrow.bool_(),
        "date": pyarrow.date32(),
    }
    schema = pyarrow.schema([(column.name, kinds[column.kind]) for column in columns])
    dates = [column.name for column in columns if column.kind == "date"]
    held: list[dict[str, Any]] = []
    with replacing_bytes(path) as stream, parquet.ParquetWriter(stream, schema) as writer:

        def write() -> None:
            writer.write_table(pyarrow.Table.from_pylist(held, schema))
            held.clear()

        def put_row(row: Row) -> None:
            held.append(row | {name: Day.fromisoformat(str(row[name])) for name in dates if row[name]})
            if len(held) == _HELD_ROWS:
                write()

        yield put_row
        if held:
            write()
