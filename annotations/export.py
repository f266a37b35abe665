"""Export documents to other formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from annotations.coverage import KEY
from annotations.document import Document, repeated_ids
from annotations.errors import DataError, Fault, nearest
from annotations.formats.jsonl import write_documents, write_standoff
from annotations.importers import conll
from annotations.io.json_text import to_json
from annotations.io.writing import write_text
from annotations.label_studio.exports import export_tasks
from annotations.label_studio.pulled import file_name
from annotations.label_studio.tasks import left_out
from annotations.schema import OUTSIDE, Schema
from annotations.validate import span_faults

_Export = Callable[[Sequence[Document], Path, Schema, Path | None], list[str]]


def export(
    form: str, documents: Sequence[Document], target: Path, schema: Schema, texts: Path | None = None
) -> list[str]:
    """Write documents in another format.

    Args:
        form: `jsonl`, `standoff`, `label-studio` or `conll`.
        documents: The documents.
        target: File to write.
        schema: The label set.
        texts: Folder for the texts of stand-off documents.

    Returns:
        Messages on what the format cannot represent.

    Raises:
        DataError: Unknown format, no folder for the texts, or a document that the format cannot represent.
    """
    if form not in _FORMATS:
        raise DataError.of(f"unknown format {form!r}", nearest(form, _FORMATS))
    return _FORMATS[form](documents, target, schema, texts)


def _check_ids(documents: Sequence[Document]) -> None:
    DataError.check(repeated_ids(document.id for document in documents))


def _jsonl(documents: Sequence[Document], target: Path, schema: Schema, texts: Path | None) -> list[str]:
    write_documents(target, documents)
    return []


def _standoff(documents: Sequence[Document], target: Path, schema: Schema, texts: Path | None) -> list[str]:
    if texts is None:
        raise DataError.of("stand-off documents need a folder for their texts", "give one with --texts-to")
    names = {document.id: f"{file_name(document.id)}.txt" for document in documents}
    if len(set(names.values())) < len(set(names)):
        raise DataError.of("two ids give the same file name", "use letters, digits, '-', '_' and '.' in ids")
    _check_ids(documents)
    for document in documents:
        write_text(texts / names[document.id], document.text)
    write_standoff(target, [(document, names[document.id]) for document in documents])
    return []


def _label_studio(documents: Sequence[Document], target: Path, schema: Schema, texts: Path | None) -> list[str]:
    _check_ids(documents)
    write_text(target, to_json(export_tasks(documents, schema), indent=1) + "\n")
    return [note for note in [left_out(documents, schema)] if note]


def _conll(documents: Sequence[Document], target: Path, schema: Schema, texts: Path | None) -> list[str]:
    _check_ids(documents)
    faults = [fault for document in documents for fault in span_faults(document)]
    faults += [
        Fault("has an id that CoNLL cannot represent", "use no tabs or line ends, and not 'O'", document=document.id)
        for document in documents
        if document.id == OUTSIDE
        or document.id.split("\t") != [document.id]
        or document.id.splitlines() != [document.id]
    ]
    faults += [
        Fault(f"has {gap} characters without a word", f"CoNLL allows at most {conll.WIDEST}", document=document.id)
        for document in documents
        if (gap := conll.widest_gap(document.text)) > conll.WIDEST
    ]
    # Reading the file again would change overlapping spans, spans that cut a word, and such ids.
    DataError.check(faults)
    write_text(target, conll.write(documents))
    events = [event for document in documents for event in document.events]
    tolls = sum(len(event.toll) for event in events)
    notes = [f"CoNLL has no events: {len(events)} are not in {target}"] if events else []
    notes += [f"CoNLL has no counted tolls: {tolls} are not in {target}"] if tolls else []
    partly = sum(KEY in document.meta for document in documents)
    if partly:
        notes.append(f"CoNLL cannot state coverage: {partly} documents in {target} lose theirs")
    return notes


_FORMATS: Mapping[str, _Export] = {
    "jsonl": _jsonl,
    "standoff": _standoff,
    "label-studio": _label_studio,
    "conll": _conll,
}
