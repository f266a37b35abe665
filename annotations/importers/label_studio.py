"""Label Studio's JSON export, read without a server, and the tasks that `data export label-studio` writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from annotations.errors import DataError
from annotations.importers.base import Imported, Loss, Source
from annotations.label_studio.exports import given_as_annotations, read_task_list, read_tasks
from annotations.schema import Schema, load_schema


def read(path: Path, schema: Schema | None = None) -> Imported:
    """Read an export file of one annotator, or of tasks that nobody has annotated but that were given annotations.

    A task that another program made may have no name of its document; the document is then named after the task.

    Raises:
        DataError: The file is no such export, or has several annotators, who must be compared and merged first.
    """
    tasks = read_task_list(path)
    if not any(isinstance(task, dict) and task.get("annotations") for task in tasks):
        tasks = given_as_annotations(tasks)
    named = [_with_name(task, number) for number, task in enumerate(tasks, start=1)]
    labelled = read_tasks(named, schema or load_schema(), file=str(path))
    annotators = sorted(labelled.by_annotator())
    if len(annotators) > 1:
        problem = f"holds the work of {len(annotators)} annotators: {', '.join(annotators)}"
        raise DataError.of(problem, "merge it with 'annotate adjudicate', which reads exports", file=str(path))
    losses = [Loss(fault.document, "annotation", fault.place, fault.problem) for fault in labelled.faults]
    losses += [Loss(name, "task", who, "the annotator skipped it") for who, name in labelled.skipped]
    losses += [Loss(name, "task", "", "nobody has annotated it") for name in labelled.untouched]
    losses += [
        Loss(name, "annotation", str(number), "the annotator made a newer one")
        for _, name, number in labelled.superseded
    ]
    documents = tuple(one.document for one in labelled.annotations)
    return Imported(documents, tuple(losses), {"annotation": len(documents)})


def _with_name(task: Any, number: int) -> Any:
    """Return a task with a name of the document in its data: that of the task, if there is none."""
    data = task.get("data") if isinstance(task, dict) else None
    if not isinstance(data, dict) or data.get("document") is not None:
        return task
    return {**task, "data": {**data, "document": f"task-{task.get('id') or number}"}}


SOURCE = Source("Label Studio's JSON export, or tasks of data export: a file", {}, read, any_schema=True)
