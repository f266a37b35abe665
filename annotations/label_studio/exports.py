"""Tasks with their annotations, from a server or from an export file, as one document for each annotator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.json_text import read_json
from annotations.label_studio.results import read_result
from annotations.label_studio.tasks import regions, task_data
from annotations.schema import Schema
from annotations.validate import span_faults


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one annotator made of one document.

    Args:
        annotator: Mail address or number of the annotator.
        document: The document with spans and events.
        task: Number of the task.
        number: Number of the annotation.
        updated: When it was last changed, ISO 8601; empty where not told.
    """

    annotator: str
    document: Document
    task: int
    number: int
    updated: str = ""


@dataclass(slots=True)
class Labelled:
    """What annotators have done.

    Args:
        annotations: One for each annotator and document.
        untouched: Ids of documents that nobody has annotated.
        skipped: (annotator, document id) where the annotator chose to skip the task.
        superseded: (annotator, document id, number) of annotations that their annotator made anew; the newest counts.
        doubts: What was read and keeps a document from being good training data, such as spans that overlap.
        faults: What could not be read.
    """

    annotations: list[Annotation] = field(default_factory=list)
    untouched: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    superseded: list[tuple[str, str, int]] = field(default_factory=list)
    doubts: list[Fault] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def by_annotator(self) -> dict[str, list[Document]]:
        """Return the documents of each annotator, by name."""
        found: dict[str, list[Document]] = {}
        for annotation in sorted(self.annotations, key=lambda one: (one.annotator, one.document.id)):
            found.setdefault(annotation.annotator, []).append(annotation.document)
        return found


def read_tasks(
    tasks: Iterable[Mapping[str, Any]], schema: Schema, people: Mapping[int, str] | None = None, file: str = ""
) -> Labelled:
    """Read tasks with their annotations.

    Args:
        tasks: As the server or its JSON export gives them.
        schema: The label set.
        people: Mail address by number of the annotator.
        file: Name for the messages.

    Returns:
        All annotations that can be read, and what is wrong with those that cannot.
    """
    labelled = Labelled()
    homes: dict[str, list[Mapping[str, Any]]] = {}
    for task in tasks:
        data = task.get("data") or {}
        homes.setdefault(str(data.get("document", f"task {task.get('id')}")), []).append(task)
    for name, found in homes.items():
        if len(found) > 1:
            labelled.faults.append(_twice(name, found, file))
        made = [(task, one) for task in found for one in task.get("annotations") or ()]
        labelled.skipped += [(_annotator(one, people), name) for _, one in made if one.get("was_cancelled")]
        works = [(task, one) for task, one in made if not one.get("was_cancelled")]
        if not works:
            labelled.untouched.append(name)
        _read_works(name, works, schema, people, file, labelled)
    return labelled


def _twice(name: str, tasks: Sequence[Mapping[str, Any]], file: str) -> Fault:
    numbers = ", ".join(str(task.get("id")) for task in tasks)
    empty = [str(task.get("id")) for task in tasks if not task.get("annotations")]
    remedy = f"delete task {empty[0]}, which has no annotations" if empty else "delete the task that is not wanted"
    return Fault(f"stands in the tasks {numbers}", remedy, file=file, document=name)


def _read_works(
    name: str,
    works: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]],
    schema: Schema,
    people: Mapping[int, str] | None,
    file: str,
    labelled: Labelled,
) -> None:
    """Read the newest annotation of each annotator; older ones are superseded, also where the newest cannot be read."""
    by_annotator: dict[str, list[tuple[Mapping[str, Any], Mapping[str, Any]]]] = {}
    for task, record in works:
        by_annotator.setdefault(_annotator(record, people), []).append((task, record))
    for annotator, own in by_annotator.items():
        own.sort(key=lambda pair: (str(pair[1].get("updated_at") or ""), pair[1].get("id") or 0))
        labelled.superseded += [(annotator, name, int(record.get("id") or 0)) for _, record in own[:-1]]
        task, record = own[-1]
        where = f"task {task.get('id')}, annotation {record.get('id')} by {annotator}"
        try:
            document = read_result(task.get("data") or {}, record.get("result") or (), schema)
        except DataError as error:
            labelled.faults += [
                replace(fault, file=file, place=f"{where}: {fault.place}".removesuffix(": ")) for fault in error.faults
            ]
            continue
        labelled.doubts += [
            replace(fault, file=file, place=f"{where}: {fault.place}") for fault in span_faults(document)
        ]
        updated, number = str(record.get("updated_at") or ""), int(record.get("id") or 0)
        labelled.annotations.append(Annotation(annotator, document, int(task.get("id") or 0), number, updated))


def _annotator(record: Mapping[str, Any], people: Mapping[int, str] | None) -> str:
    who = record.get("completed_by")
    if isinstance(who, dict):
        return str(who.get("email") or f"annotator-{who.get('id')}")
    if isinstance(who, int):
        return (people or {}).get(who) or f"annotator-{who}"
    return f"unknown-{record.get('id')}"  # a deleted account; two of them may be two people


def read_export(path: Path, schema: Schema) -> Labelled:
    """Read a file that Label Studio exported as JSON.

    Raises:
        DataError: It is no such file; the short form JSON_MIN and the CSV forms leave out what is needed.
    """
    tasks = read_json(path)
    if not isinstance(tasks, list) or not all(isinstance(t, dict) and isinstance(t.get("data"), dict) for t in tasks):
        fault = Fault("is no list of tasks with 'data'", "export as JSON, not as JSON_MIN or CSV", file=str(path))
        raise DataError([fault])
    return read_tasks(tasks, schema, file=str(path))


def export_tasks(documents: Iterable[Document], schema: Schema) -> list[dict[str, Any]]:
    """Return documents as tasks that Label Studio imports, their spans and events as predictions.

    Raises:
        DataError: A document has a label, type or flag that the schema does not allow.
    """
    return [
        {"data": task_data(document), "predictions": [{"model_version": "given", "result": regions(document, schema)}]}
        for document in documents
    ]
