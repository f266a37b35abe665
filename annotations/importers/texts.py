"""Texts without annotations: JSON Lines with `id` and `text`. Other keys are ignored.

Such documents state that no label is annotated. A teacher can label them (`distil` in a training config).
"""

from __future__ import annotations

from pathlib import Path

from annotations.coverage import NONE, declared
from annotations.document import Document
from annotations.importers.base import Imported, Source, shipped_schema
from annotations.importers.records import Id, read_records
from annotations.io.config_files import Shape

COVERAGE = dict.fromkeys(shipped_schema().labels, NONE)


class Text(Shape):
    """A line: id and text."""

    id: Id
    text: str


def read(path: Path) -> Imported:
    """Read a JSON Lines file, or all of a folder; a line is a document.

    Raises:
        DataError: With every fault found: lines that are not JSON, keys that are missing, duplicate ids.
    """
    records = read_records(path, "*.jsonl", "id", Text)
    return Imported(tuple(unannotated(name, record["text"]) for name, record in records.items()))


def unannotated(document_id: str, text: str) -> Document:
    """Return a document that states that no label is annotated."""
    return declared(Document(document_id, text.rstrip()), COVERAGE)


SOURCE = Source("JSON Lines with id and text, without annotations", COVERAGE, read)
