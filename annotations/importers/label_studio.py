"""Label Studio's JSON export, read without a server."""

from __future__ import annotations

from pathlib import Path

from annotations.errors import DataError, Fault
from annotations.importers.base import Imported, Loss, Source
from annotations.label_studio.exports import read_export
from annotations.schema import Schema, load_schema


def read(path: Path, schema: Schema | None = None) -> Imported:
    """Read an export file of one annotator.

    Args:
        path: The file.
        schema: The label set; by default `events`.

    Raises:
        DataError: The file is no such export, or has several annotators, who must be compared and merged first.
    """
    labelled = read_export(path, schema or load_schema())
    annotators = sorted(labelled.by_annotator())
    if len(annotators) > 1:
        problem = f"holds the work of {len(annotators)} annotators: {', '.join(annotators)}"
        raise DataError([Fault(problem, "merge it with 'annotate adjudicate', which reads exports", file=str(path))])
    losses = [Loss(fault.document, "annotation", fault.place, fault.problem) for fault in labelled.faults]
    losses += [Loss(name, "task", who, "the annotator skipped it") for who, name in labelled.skipped]
    losses += [Loss(name, "task", "", "nobody has annotated it") for name in labelled.untouched]
    losses += [
        Loss(name, "annotation", str(number), "the annotator made a newer one")
        for _, name, number in labelled.superseded
    ]
    documents = tuple(one.document for one in labelled.annotations)
    return Imported(documents, tuple(losses), {"annotation": len(documents)})


SOURCE = Source(
    name="label-studio",
    summary="Label Studio's JSON export: a file",
    coverage={},
    read=read,
    any_schema=True,
)
