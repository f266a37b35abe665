"""Label Studio's JSON export, read without a server: the annotations of all annotators."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from annotations.errors import DataError
from annotations.importers.source import Imported, Loss, Source
from annotations.label_studio.exports import read_export
from annotations.schema import load_schema


def read(path: Path) -> Imported:
    """Read an export file. With several annotators, a document's id gets the annotator's name behind it.

    Raises:
        DataError: The file is no such export, or an annotation in it cannot be read.
    """
    labelled = read_export(path, load_schema())
    if labelled.faults:
        raise DataError(labelled.faults)
    several = len(labelled.by_annotator()) > 1
    documents = [
        replace(
            one.document,
            id=f"{one.document.id}@{one.annotator}" if several else one.document.id,
            meta={**one.document.meta, "annotator": one.annotator},
        )
        for one in labelled.annotations
    ]
    losses = [Loss(name, "task", who, "the annotator skipped it") for who, name in labelled.skipped]
    losses += [Loss(name, "task", "", "nobody has annotated it") for name in labelled.untouched]
    losses += [
        Loss(one.document.id, "annotation", str(one.number), "the annotator made a newer one")
        for one in labelled.superseded
    ]
    return Imported(tuple(documents), tuple(losses), {"annotation": len(documents)})


SOURCE = Source(
    name="label-studio",
    summary="Label Studio's JSON export: a file",
    coverage={},
    read=read,
)
