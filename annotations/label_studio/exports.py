"""Tasks with their annotations, from a server or from an export file, as one document for each annotator."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.label_studio.results import read_result
from annotations.schema import Schema


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
        superseded: Annotations that the same annotator made anew; the newest counts.
        faults: What could not be read.
    """

    annotations: list[Annotation] = field(default_factory=list)
    untouched: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    superseded: list[Annotation] = field(default_factory=list)
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
    newest: dict[tuple[str, str], Annotation] = {}
    seen: dict[str, Any] = {}
    for task in tasks:
        data = task.get("data", {})
        name = str(data.get("document", f"task {task.get('id')}"))
        if name in seen:
            problem = f"stands in task {seen[name]} and in task {task.get('id')}"
            labelled.faults.append(Fault(problem, "delete one of the tasks", file=file, document=name))
            continue
        seen[name] = task.get("id")
        made = [one for one in task.get("annotations", ()) if not one.get("was_cancelled")]
        labelled.skipped += [
            (_annotator(one, people), name) for one in task.get("annotations", ()) if one.get("was_cancelled")
        ]
        if not made:
            labelled.untouched.append(name)
        for one in made:
            _add(one, task, schema, people, file, labelled, newest)
    labelled.annotations = list(newest.values())
    return labelled


def _add(
    record: Mapping[str, Any],
    task: Mapping[str, Any],
    schema: Schema,
    people: Mapping[int, str] | None,
    file: str,
    labelled: Labelled,
    newest: dict[tuple[str, str], Annotation],
) -> None:
    annotator = _annotator(record, people)
    try:
        document = read_result(task.get("data", {}), record.get("result", ()), schema)
    except DataError as error:
        where = f"task {task.get('id')}, annotation {record.get('id')} by {annotator}"
        labelled.faults += [
            replace(fault, file=file, place=f"{where}: {fault.place}".removesuffix(": ")) for fault in error.faults
        ]
        return
    updated = str(record.get("updated_at") or "")
    annotation = Annotation(annotator, document, task.get("id") or 0, record.get("id") or 0, updated)
    older = newest.get((annotator, document.id))
    if older and (older.updated, older.number) > (updated, annotation.number):
        labelled.superseded.append(annotation)
        return
    if older:
        labelled.superseded.append(older)
    newest[annotator, document.id] = annotation


def _annotator(record: Mapping[str, Any], people: Mapping[int, str] | None) -> str:
    who = record.get("completed_by")
    if isinstance(who, dict):
        return str(who.get("email") or who.get("id"))
    return (people or {}).get(who, f"annotator-{who}") if isinstance(who, int) else "annotator-unknown"


def read_export(path: Path, schema: Schema) -> Labelled:
    """Read a file that Label Studio exported as JSON.

    Raises:
        DataError: It is no such file; the short form JSON_MIN and the CSV forms leave out what is needed.
    """
    try:
        tasks = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise DataError([Fault(f"is not JSON in UTF-8: {error}", "export as JSON", file=str(path))]) from None
    if not isinstance(tasks, list) or not all(isinstance(t, dict) and isinstance(t.get("data"), dict) for t in tasks):
        fault = Fault("is no list of tasks with 'data'", "export as JSON, not as JSON_MIN or CSV", file=str(path))
        raise DataError([fault])
    return read_tasks(tasks, schema, file=str(path))


def export_tasks(documents: Iterable[Document], schema: Schema) -> list[dict[str, Any]]:
    """Return documents as tasks that Label Studio imports, their spans and events as predictions.

    Raises:
        DataError: An event has no trigger.
    """
    from annotations.label_studio.tasks import regions, task_data

    return [
        {"data": task_data(document), "predictions": [{"model_version": "given", "result": regions(document, schema)}]}
        for document in documents
    ]
