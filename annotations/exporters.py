"""Documents in formats of others."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from annotations.document import Document
from annotations.errors import DataError, Fault, nearest
from annotations.files import write_text
from annotations.importers import conll
from annotations.label_studio.exports import export_tasks
from annotations.label_studio.local import file_name
from annotations.schema import Schema
from annotations.store import write_documents, write_standoff

_Export = Callable[[Sequence[Document], Path, Schema, Path | None], list[str]]


def export(
    form: str, documents: Sequence[Document], target: Path, schema: Schema, texts: Path | None = None
) -> list[str]:
    """Write documents in a format.

    Args:
        form: `jsonl`, `standoff`, `label-studio` or `conll`.
        documents: The documents.
        target: File to write.
        schema: The label set.
        texts: Folder for the texts of stand-off documents.

    Returns:
        What the format could not hold, in words.

    Raises:
        DataError: Unknown format, no folder for the texts, or a document that the format cannot hold.
    """
    if form not in _FORMATS:
        raise DataError([Fault(f"unknown format {form!r}", nearest(form, _FORMATS))])
    return _FORMATS[form](documents, target, schema, texts)


def _jsonl(documents: Sequence[Document], target: Path, schema: Schema, texts: Path | None) -> list[str]:
    write_documents(target, documents)
    return []


def _standoff(documents: Sequence[Document], target: Path, schema: Schema, texts: Path | None) -> list[str]:
    if texts is None:
        raise DataError([Fault("stand-off documents need a folder for their texts", "name one with --texts-to")])
    names = {document.id: f"{file_name(document.id)}.txt" for document in documents}
    if len(set(names.values())) < len(names):
        raise DataError([Fault("two ids give one file name", "use letters, digits, '-', '_' and '.' in ids")])
    for document in documents:
        write_text(texts / names[document.id], document.text)
    write_standoff(target, [(document, names[document.id]) for document in documents])
    return []


def _label_studio(documents: Sequence[Document], target: Path, schema: Schema, texts: Path | None) -> list[str]:
    write_text(target, json.dumps(export_tasks(documents, schema), ensure_ascii=False, indent=1) + "\n")
    return []


def _conll(documents: Sequence[Document], target: Path, schema: Schema, texts: Path | None) -> list[str]:
    write_text(target, conll.write(documents))
    events = sum(len(document.events) for document in documents)
    return [f"CoNLL holds no events: {events} are not in {target}"] if events else []


_FORMATS: Mapping[str, _Export] = {
    "jsonl": _jsonl,
    "standoff": _standoff,
    "label-studio": _label_studio,
    "conll": _conll,
}
