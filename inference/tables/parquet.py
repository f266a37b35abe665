"""Tables as Parquet files, some rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import IO, Any

from annotations.installed import imported
from inference.tables.columns import Column
from inference.tables.rows import EXTRA, Row

PutRow = Callable[[Row], None]
_HELD_ROWS = 1000  # in a row group


@contextmanager
def parquet_rows(stream: IO[bytes], columns: Sequence[Column]) -> Iterator[PutRow]:
    """Yield a function that writes a row to a Parquet file; the file is whole when the block ends.

    Args:
        stream: Takes the bytes of the file.
        columns: The columns, of which each row has all.

    Raises:
        ImportError: pyarrow is not installed.

    Example:
        >>> with open("made.parquet", "wb") as stream, parquet_rows(stream, columns) as put:  # doctest: +SKIP
        ...     put({"id": "a", "fatalities_low": 12})
    """
    pyarrow, parquet = (imported(name, "a Parquet file", EXTRA) for name in ("pyarrow", "pyarrow.parquet"))
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
    with parquet.ParquetWriter(stream, schema) as writer:

        def write() -> None:
            writer.write_table(pyarrow.Table.from_pylist(held, schema))
            held.clear()

        def put_row(row: Row) -> None:
            held.append(row | {name: date.fromisoformat(str(row[name])) for name in dates if row[name]})
            if len(held) == _HELD_ROWS:
                write()

        yield put_row
        if held:
            write()
