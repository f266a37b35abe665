"""Datasets as Parquet: a document a row, for corpora that are larger than memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from annotations.document import DOCUMENT_KEYS, Document
from annotations.errors import DataError, Fault
from annotations.installed import imported
from annotations.io.json_text import JsonLine, parse_json, to_json
from annotations.io.writing import replacing_bytes

SUFFIX = ".parquet"
_TEXTS = ("id", "text", "text_file", "text_sha256")  # columns that hold plain text; the others may hold JSON
_GROUP = 1000  # documents in a row group
_AT_ONCE = 100  # documents read at once


def is_parquet(path: Path) -> bool:
    """Whether a path is a Parquet file, or a folder that has one."""
    return path.suffix == SUFFIX if path.is_file() else bool(parquet_files(path))


def parquet_files(path: Path) -> list[Path]:
    """Return the Parquet files of a path: itself, or those of a folder, by name."""
    return [path] if path.is_file() else sorted(path.glob(f"*{SUFFIX}"))


def parquet_records(path: Path) -> Iterator[JsonLine]:
    """Read stored documents from Parquet, a few at a time.

    Args:
        path: A Parquet file, or a folder of them. Columns are the keys of a stored document; `spans`, `events` and
            `meta` hold JSON, or lists and structs.

    Yields:
        Every row, with its number, which goes on from file to file. Number 0 means that a file cannot be read.
    """
    pyarrow, parquet = imported("pyarrow", "Parquet"), imported("pyarrow.parquet", "Parquet")
    number = 0
    for file in parquet_files(path):
        try:
            with parquet.ParquetFile(file, pre_buffer=False) as opened:
                for batch in opened.iter_batches(_AT_ONCE):
                    for values in batch.to_pylist():
                        number += 1
                        yield _record(values, str(file), number)
        except (OSError, pyarrow.ArrowException) as error:
            problem = f"cannot be read as Parquet: {str(error).splitlines()[0]:.200}"
            yield JsonLine(0, None, (Fault(problem, "write it again", file=str(file)),))


def _record(values: Mapping[str, Any], file: str, number: int) -> JsonLine:
    record: dict[str, Any] = {}
    for name, value in values.items():
        if value is None:  # a row that lacks a key which others have
            continue
        if isinstance(value, str) and name not in _TEXTS:
            try:
                record[name] = parse_json(value, file)
            except DataError:
                fault = Fault(f"column {name!r} is no JSON", "write lists and objects as JSON", file=file, line=number)
                return JsonLine(number, None, (fault,))
        else:
            record[name] = _without_nulls(value)
    return JsonLine(number, record)


def _without_nulls(value: Any) -> Any:
    """Leave out the null members of structs: all rows of a column have the same members.

    Those that a document may state as null, an open bound and the type of a span, mean the same if absent or are put
    back.
    """
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    if isinstance(value, dict):
        kept = {key: _without_nulls(one) for key, one in value.items() if one is not None}
        return {**dict.fromkeys(("min", "max")), **kept} if "approximate" in kept else kept
    return value


def write_parquet(path: Path, documents: Iterable[Document]) -> int:
    """Write documents as Parquet in the order given, replacing the file in one step.

    Args:
        path: The file to write.
        documents: The documents; only a few are held at once.

    Returns:
        Their number.

    Raises:
        DataError: Two have the same id, or one has a value that JSON cannot represent; the file is left unchanged.
    """
    pyarrow, parquet = imported("pyarrow", "Parquet"), imported("pyarrow.parquet", "Parquet")
    schema = pyarrow.schema([(name, pyarrow.string()) for name in DOCUMENT_KEYS])
    seen: set[str] = set()
    left = iter(documents)
    with replacing_bytes(path) as stream, parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        while group := [_row(document, seen) for document in islice(left, _GROUP)]:
            writer.write_table(pyarrow.Table.from_pylist(group, schema))
    return len(seen)


def _row(document: Document, seen: set[str]) -> dict[str, str]:
    if document.id in seen:
        raise DataError.of("is the id of two documents", "rename one of them", document=document.id)
    seen.add(document.id)
    record = document.to_dict()
    return {name: record[name] if name in _TEXTS else to_json(record[name], document.id) for name in DOCUMENT_KEYS}
