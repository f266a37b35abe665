"""Read annotations by annotator from data files, exports and folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from annotations.document import Document
from annotations.errors import DataError, Fault, collecting
from annotations.formats.jsonl import NAMED, read_documents
from annotations.formats.texts import TextSource
from annotations.importers.base import LOSSES
from annotations.label_studio.exports import read_export
from annotations.label_studio.pulled import pulled_files
from annotations.schema import Schema


def by_annotator(
    inputs: Iterable[str], schema: Schema, texts: TextSource | None = None
) -> dict[str, Sequence[Document]]:
    """Read the annotations of several annotators.

    Args:
        inputs: Data files (`.jsonl`, one annotator each, named after the file), named datasets, Label Studio exports
            (`.json`, with several annotators), or folders of such files; of a folder written by `annotate pull`, the
            files of the annotators.
        schema: The label set.
        texts: Where the texts of stand-off documents are.

    Returns:
        Documents by annotator.

    Raises:
        DataError: A file cannot be read, or an annotator has a document twice.
    """
    found: dict[str, dict[str, Document]] = {}
    faults: list[Fault] = []
    for name in inputs:
        for annotator, documents in _read(name, schema, texts, faults):
            own = found.setdefault(annotator, {})
            for document in documents:
                if document.id in own:
                    problem = f"is twice in the annotations of {annotator}"
                    faults.append(Fault(problem, "name each file once", document=document.id))
                own[document.id] = document
    DataError.check(faults)
    return {annotator: list(own.values()) for annotator, own in found.items()}


def _is_data(file: Path) -> bool:
    hidden, losses = file.name.startswith("."), file.name.endswith(LOSSES)
    return file.suffix in (".jsonl", ".json") and not hidden and not losses


def _read(
    name: str, schema: Schema, texts: TextSource | None, faults: list[Fault]
) -> Iterator[tuple[str, Sequence[Document]]]:
    path = Path(name)
    if name not in NAMED and path.is_dir():
        pulled = pulled_files(path)
        files = sorted(file for file in path.iterdir() if _is_data(file)) if pulled is None else pulled
        if not files:
            faults.append(Fault("the folder has no .jsonl or .json file", "name the files", file=name))
        for file in files:
            yield from _read(str(file), schema, texts, faults)
        return
    with collecting(faults):
        if name not in NAMED and path.suffix == ".json" and path.is_file():
            labelled = read_export(path, schema)
            faults += labelled.faults
            yield from labelled.by_annotator().items()
        else:
            yield name if name in NAMED else path.stem, read_documents(name, texts)
