"""Read tasks with annotations, from a server or an export file, as one document per annotator; write tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from annotations.coverage import KEY as COVERAGE
from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.io.config_files import shape_faults
from annotations.io.json_text import read_json
from annotations.label_studio import shapes
from annotations.label_studio.results import read_result
from annotations.label_studio.tasks import regions, task_data
from annotations.schema import Schema
from annotations.validate import span_faults

GIVEN = "given"  # the version of predictions that are the annotation of an exported document


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotator's annotation of one document."""

    annotator: str  # e-mail address or number of the annotator
    document: Document  # the document with spans and events
    task: int  # id of the task
    number: int  # id of the annotation
    updated: str = ""  # when it was last changed, ISO 8601; empty if unknown


@dataclass(slots=True)
class Labelled:
    """The annotations of a project."""

    annotations: list[Annotation] = field(default_factory=list)  # one per annotator and document
    untouched: list[str] = field(default_factory=list)  # ids of documents that nobody has annotated
    # (annotator, document id) of tasks that the annotator skipped.
    skipped: list[tuple[str, str]] = field(default_factory=list)
    # (annotator, document id, number) of older annotations by the same annotator; the newest is used.
    superseded: list[tuple[str, str, int]] = field(default_factory=list)
    # Problems in annotations that were read, such as overlapping spans.
    doubts: list[Fault] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)  # what could not be read

    def by_annotator(self) -> dict[str, list[Document]]:
        """Return the documents of each annotator, by name."""
        found: dict[str, list[Document]] = {}
        for annotation in sorted(self.annotations, key=lambda one: (one.annotator, one.document.id)):
            found.setdefault(annotation.annotator, []).append(annotation.document)
        return found


def read_tasks(
    tasks: Iterable[Any], schema: Schema, people: Mapping[int, str] | None = None, file: str = ""
) -> Labelled:
    """Read tasks with their annotations.

    Args:
        tasks: Tasks as in the server's answer or a JSON export.
        schema: The label set.
        people: E-mail address by number of the annotator.
        file: File name for messages.

    Returns:
        All annotations that can be read, and the faults of those that cannot.
    """
    labelled = Labelled()
    homes: dict[str, list[_Home]] = {}
    for number, task in enumerate(tasks, start=1):
        faults = shape_faults(shapes.Task, task)
        labelled.faults += [_at(f"task {number} of the list", fault, file) for fault in faults]
        if not faults:
            home = _Home(task, number)
            homes.setdefault(task["data"].get("document") or home.place, []).append(home)
    for name, found in homes.items():
        if len(found) > 1:
            labelled.faults.append(_twice(name, found, file))
        works, faulty = _works(name, found, people, file)
        labelled.faults += faulty
        labelled.skipped += [(work.annotator, name) for work in works if work.record.get("was_cancelled")]
        done = [work for work in works if not work.record.get("was_cancelled")]
        if not done and not faulty:
            labelled.untouched.append(name)
        _read_works(name, done, schema, file, labelled)
    return labelled


@dataclass(frozen=True, slots=True)
class _Home:
    """A task of a document, and its position in the list of tasks."""

    task: Mapping[str, Any]
    number: int

    @property
    def place(self) -> str:
        return f"task {self.number} of the list" if self.task.get("id") is None else f"task {self.task['id']}"

    @property
    def annotations(self) -> Sequence[Any]:
        return self.task.get("annotations") or ()


@dataclass(frozen=True, slots=True)
class _Work:
    """An annotation, the task it belongs to, and who made it."""

    home: _Home
    record: Mapping[str, Any]
    annotator: str

    @property
    def number(self) -> int:
        return self.record.get("id") or 0


def _at(place: str, fault: Fault, file: str, document: str = "") -> Fault:
    return replace(
        fault, file=file, document=document or fault.document, place=f"{place}: {fault.place}".removesuffix(": ")
    )


def _twice(name: str, homes: Sequence[_Home], file: str) -> Fault:
    numbers = ", ".join(home.place.removeprefix("task ") for home in homes)
    empty = [home.place for home in homes if not home.annotations]
    remedy = f"delete {empty[0]}, which has no annotations" if empty else "delete one of the tasks"
    return Fault(f"is in several tasks: {numbers}", remedy, file=file, document=name)


def _works(
    name: str, homes: Sequence[_Home], people: Mapping[int, str] | None, file: str
) -> tuple[list[_Work], list[Fault]]:
    """Return the annotations of a document, and the faults of those that have wrong types."""
    works: list[_Work] = []
    faulty: list[Fault] = []
    for home in homes:
        for at, record in enumerate(home.annotations, start=1):
            faults = shape_faults(shapes.Annotation, record)
            faulty += [_at(f"{home.place}, annotation {at} of its list", fault, file, name) for fault in faults]
            if not faults:
                who = _annotator(record, people) or _unknown(record, f"{home.number}.{at}", works)
                works.append(_Work(home, record, who))
    return works, faulty


def _annotator(record: Mapping[str, Any], people: Mapping[int, str] | None) -> str | None:
    who = record.get("completed_by")
    number = who.get("id") if isinstance(who, dict) else who
    if isinstance(who, dict) and who.get("email"):
        return str(who["email"])
    if isinstance(number, int):
        return (people or {}).get(number) or f"annotator-{number}"
    return None


def _unknown(record: Mapping[str, Any], place: str, works: Sequence[_Work]) -> str:
    """Return a name for an annotator without an account; two of them may be two people, so each gets a name."""
    name = f"unknown-{record.get('id')}"
    return (
        name if record.get("id") is not None and all(name != work.annotator for work in works) else f"unknown-{place}"
    )


def _read_works(name: str, works: Sequence[_Work], schema: Schema, file: str, labelled: Labelled) -> None:
    """Read the newest annotation of each annotator; older ones are superseded, even if the newest cannot be read."""
    by_annotator: dict[str, list[_Work]] = {}
    for work in works:
        by_annotator.setdefault(work.annotator, []).append(work)
    for annotator, own in by_annotator.items():
        own.sort(key=lambda work: (str(work.record.get("updated_at") or ""), work.number))
        labelled.superseded += [(annotator, name, work.number) for work in own[:-1]]
        newest = own[-1]
        where = f"{newest.home.place}, annotation {newest.record.get('id')} by {annotator}"
        try:
            document = read_result(newest.home.task["data"], newest.record.get("result") or (), schema)
        except DataError as error:
            labelled.faults += [_at(where, fault, file) for fault in error.faults]
            continue
        labelled.doubts += [_at(where, fault, file) for fault in span_faults(document)]
        updated, task = str(newest.record.get("updated_at") or ""), newest.home.task.get("id") or 0
        labelled.annotations.append(Annotation(annotator, document, task, newest.number, updated))


def read_export(path: Path, schema: Schema) -> Labelled:
    """Read a file that Label Studio exported as JSON.

    Raises:
        DataError: It is not such a file; JSON_MIN and CSV exports do not have all that is needed.
    """
    return read_tasks(read_task_list(path), schema, file=str(path))


def read_task_list(path: Path) -> list[Any]:
    """Read the tasks of a JSON file, without their annotations.

    Raises:
        DataError: It is not such a file.
    """
    tasks = read_json(path)
    if not isinstance(tasks, list) or (tasks and not any(isinstance(t, dict) and "data" in t for t in tasks)):
        raise DataError.of("is not a list of tasks with 'data'", "export as JSON, not as JSON_MIN or CSV", str(path))
    return tasks


def given_as_annotations(tasks: Iterable[Any]) -> list[Any]:
    """Return tasks of `export_tasks` with the spans and events that they were given as annotations.

    Example:
        >>> from annotations import load_schema
        >>> tasks = export_tasks([Document("d1", "Rain fell.")], load_schema())
        >>> [document.id for document in read_tasks(given_as_annotations(tasks), load_schema()).by_annotator()[GIVEN]]
        ['d1']
    """
    return [_with_given(task) if isinstance(task, dict) else task for task in tasks]


def _with_given(task: Mapping[str, Any]) -> Mapping[str, Any]:
    listed, data = task.get("predictions"), task.get("data")
    given = (
        [one for one in listed if isinstance(one, dict) and one.get("model_version") == GIVEN]
        if isinstance(listed, list)
        else []
    )
    if not given or not isinstance(data, dict):
        return task
    made = [{"completed_by": {"email": GIVEN}, "result": one.get("result")} for one in given]
    meta = data.get("meta") or {}
    if COVERAGE in data and isinstance(meta, dict):  # nobody has marked the other labels since
        data = {**data, "meta": {**meta, COVERAGE: data[COVERAGE]}}
    return {**task, "data": data, "annotations": made}


def export_tasks(documents: Iterable[Document], schema: Schema) -> list[dict[str, Any]]:
    """Return documents as tasks for Label Studio, with their spans and events as predictions.

    Raises:
        DataError: A document has a label, type or flag that the schema does not allow.
    """
    return [
        {
            "data": {**task_data(document), **{key: document.meta[key] for key in (COVERAGE,) if key in document.meta}},
            "predictions": [{"model_version": GIVEN, "result": regions(document, schema)}],
        }
        for document in documents
    ]
