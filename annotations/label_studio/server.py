"""A project on a Label Studio server: push documents as tasks, pull annotations."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from annotations.document import Document
from annotations.errors import DataError, ExplainedError, Fault, nearest
from annotations.installed import lacking
from annotations.label_studio.exports import Labelled, read_tasks
from annotations.label_studio.interface import labelling_interface
from annotations.label_studio.results import task_document
from annotations.label_studio.tasks import regions, task_data
from annotations.schema import Schema

if TYPE_CHECKING:
    from label_studio_sdk import LabelStudio

URL, KEY = "LABEL_STUDIO_URL", "LABEL_STUDIO_API_KEY"
_BATCH = 50  # tasks sent at once
_TASK_KEYS = ("id", "data", "annotations", "predictions")


class ServerError(ExplainedError):
    """The server cannot be reached or refuses a request."""


@dataclass(frozen=True, slots=True)
class PreAnnotation:
    """A model's prediction for a document."""

    document: Document  # the document with the predicted spans and events
    scores: Mapping[str, float]  # confidence by span id
    model: str  # name of the model version, shown on the labelling page

    @property
    def score(self) -> float | None:
        """Lowest confidence of a span, by which the task list can be sorted; None without spans."""
        return round(min(self.scores.values()), 4) if self.scores else None


@dataclass(slots=True)
class Pushed:
    """Result of a push: tasks created, documents that already were tasks, and predictions added."""

    created: int = 0
    present: int = 0
    predictions: int = 0


@dataclass(slots=True)
class Status:
    """Progress of a project."""

    tasks: int = 0  # number of tasks
    # Number of tasks by number of annotators who finished them.
    annotated: Counter[int] = field(default_factory=Counter)
    annotators: Counter[str] = field(default_factory=Counter)  # number of annotated tasks by annotator
    skipped: Counter[str] = field(default_factory=Counter)  # number of skipped tasks by annotator
    predictions: Counter[str] = field(default_factory=Counter)  # number of predictions by model version
    faults: list[Fault] = field(default_factory=list)  # what could not be read


class Project:
    """A project on a server, identified by its title.

    Args:
        title: Title of the project.
        schema: The label set of its interface.
        url: Address of the server; by default `LABEL_STUDIO_URL`.
        key: Access token; by default `LABEL_STUDIO_API_KEY`.

    Raises:
        ServerError: There is no address or token, or the server does not answer.
    """

    def __init__(self, title: str, schema: Schema, url: str | None = None, key: str | None = None) -> None:
        self.title, self.schema = title, schema
        self.url = (url or os.environ.get(URL) or "").rstrip("/")
        with self._explained():
            self._client = _client(self.url, key or os.environ.get(KEY))
            projects: list[Any] = list(self._client.projects.list())
        self._known = sorted(str(project.title) for project in projects)
        found = [project for project in projects if project.title == title]
        if len(found) > 1:
            raise ServerError(f"{self.url} has {len(found)} projects called {title!r}; rename all but one")
        self._id: int | None = found[0].id if found else None

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn errors of the client into messages that say what to do."""
        try:
            import httpx
            from label_studio_sdk.core.api_error import ApiError
        except ImportError as error:
            raise lacking(error, "a Label Studio server") from None
        try:
            yield
        except ApiError as error:
            detail = _detail(error.body)
            hint = f"; check {KEY}" if error.status_code in (401, 403) else ""
            if "not found in configuration" in detail:
                hint = "; paste the output of 'annotate interface' into the project's settings, Labeling Interface"
            raise ServerError(f"{self.url} answered {error.status_code}: {detail}{hint}") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServerError(
                f"{self.url} cannot be reached: {error}; check the address and that the server runs"
            ) from None

    def _existing(self) -> int:
        if self._id is None:
            raise ServerError(f"{self.url} has no project {self.title!r}; {nearest(self.title, self._known)}")
        return self._id

    def tasks(self) -> list[dict[str, Any]]:
        """Return all tasks with their annotations and predictions.

        Raises:
            ServerError: There is no such project, or the server does not answer.
        """
        with self._explained():
            found: Iterable[Any] = self._client.tasks.list(project=self._existing(), fields="all", page_size=100)
            return [{key: task[key] for key in _TASK_KEYS} for task in (_plain(found_task) for found_task in found)]

    def unpredicted(self, documents: Sequence[Document], model: str) -> list[Document]:
        """Return the documents that have no task yet, or whose task has no prediction of a model version yet.

        Raises:
            ServerError: The server does not answer.
        """
        if self._id is None:
            return list(documents)
        done = {
            name
            for name, task in self._tied().items()
            if model in {one.get("model_version") for one in task["predictions"]}
        }
        return [document for document in documents if document.id not in done]

    def push(
        self,
        documents: Sequence[Document],
        predictions: Iterable[PreAnnotation] = (),
        annotators: int | None = None,
    ) -> Pushed:
        """Create tasks for documents, with predictions.

        Existing tasks are left unchanged, so an interrupted push can be repeated. The project is created if it does not
        exist.

        Args:
            documents: The documents to annotate; their own spans are not sent.
            predictions: Predictions for them; a task has one prediction per model version, the last one pushed.
            annotators: Number of annotators per task; by default the setting of the project, or 1 for a new project.

        Raises:
            ServerError: The server does not answer or refuses.
            DataError: A document already is a task, with another text or another id, or a prediction does not conform
                to the schema; nothing is sent then.
        """
        by_id = {prediction.document.id: self._prediction(prediction) for prediction in predictions}
        tasks = self._tied() if self._id is not None else {}
        _check_texts(documents, tasks)
        new = [document for document in documents if document.id not in tasks]
        requests = [
            {"data": task_data(document), "predictions": [by_id[document.id]] if document.id in by_id else []}
            for document in new
        ]
        with self._explained():
            self._make(annotators)
        pushed = Pushed()
        for at in range(0, len(new), _BATCH):
            request: Any = requests[at : at + _BATCH]
            with self._explained():
                self._client.projects.import_tasks(self._existing(), request=request)
            pushed.created += len(request)
            pushed.predictions += sum(len(one["predictions"]) for one in request)
        for document in documents:
            if document.id in tasks:
                pushed.present += 1
                pushed.predictions += self._add_prediction(tasks[document.id], by_id.get(document.id))
        for model in {prediction["model_version"] for prediction in by_id.values()}:
            with self._explained():  # predictions are hidden unless the project names their version
                self._client.projects.update(self._existing(), model_version=model, show_collab_predictions=True)
        return pushed

    def _make(self, annotators: int | None) -> None:
        if self._id is None:
            made = self._client.projects.create(
                title=self.title,
                label_config=labelling_interface(self.schema),
                show_collab_predictions=True,
                maximum_annotations=annotators or 1,
            )
            self._id = made.id
        elif annotators is not None:
            self._client.projects.update(self._id, maximum_annotations=annotators)

    def _tied(self) -> dict[str, dict[str, Any]]:
        """Return the task of each document."""
        return {name: task for task in self.tasks() if (name := _document(task)) is not None}

    def _prediction(self, prediction: PreAnnotation) -> dict[str, Any]:
        result = regions(prediction.document, self.schema, prediction.scores)
        score = {} if prediction.score is None else {"score": prediction.score}
        return {"model_version": prediction.model, "result": result, **score}

    def _add_prediction(self, task: Mapping[str, Any], prediction: Mapping[str, Any] | None) -> int:
        """Add a prediction to a task, or update the one of the same version; return the number of changes."""
        if prediction is None:
            return 0
        own = [one for one in task["predictions"] if one.get("model_version") == prediction["model_version"]]
        if any(_same(one.get("result"), prediction["result"]) for one in own):
            return 0
        with self._explained():
            for one in own:
                self._client.predictions.delete(one["id"])
            self._client.predictions.create(task=task["id"], **prediction)
        return 1

    @property
    def origin(self) -> str:
        """Server and title; a folder of pulled annotations belongs to one origin."""
        return f"{self.url} project {self.title!r}"

    def pull(self) -> Labelled:
        """Return the annotations of all annotators.

        Raises:
            ServerError: There is no such project, or the server does not answer.
        """
        return self._read(self.tasks())

    def _read(self, tasks: Sequence[Mapping[str, Any]]) -> Labelled:
        with self._explained():
            people = {person.id: str(person.email) for person in self._client.users.list()}
        return read_tasks(tasks, self.schema, people, file=self.origin)

    def status(self) -> Status:
        """Count tasks, annotations and predictions.

        Raises:
            ServerError: There is no such project, or the server does not answer.
        """
        tasks = self.tasks()
        labelled = self._read(tasks)
        status = Status(tasks=len(tasks), faults=labelled.faults)
        done = Counter(annotation.document.id for annotation in labelled.annotations)
        status.annotated = Counter(done[_document(task) or ""] for task in tasks)
        status.annotators = Counter(annotation.annotator for annotation in labelled.annotations)
        status.skipped = Counter(annotator for annotator, _ in labelled.skipped)
        status.predictions = Counter(str(one.get("model_version")) for task in tasks for one in task["predictions"])
        return status


def _document(task: Mapping[str, Any]) -> str | None:
    """Return the document id of a task; None if the task was not created by this project."""
    data = task["data"]
    name = data.get("document") if isinstance(data, dict) else None
    return name if isinstance(name, str) else None


def _client(url: str, key: str | None) -> LabelStudio:
    from label_studio_sdk import LabelStudio

    if not url or not key:
        if not url:
            raise ServerError(f"{URL} is not set; set it to the address of Label Studio, or give it with --url")
        raise ServerError(f"{KEY} is not set; set it to an access token from your account page in Label Studio")
    return LabelStudio(base_url=url, api_key=key)  # type: ignore[no-untyped-call]


def _plain(task: Any) -> dict[str, Any]:
    """Return a task of the client as plain values."""
    record: dict[str, Any] = task.model_dump()
    return record | {key: record.get(key) or [] for key in ("annotations", "predictions")}


def _detail(body: Any) -> str:
    """Return the readable part of an error response."""
    if isinstance(body, dict):
        body = body.get("validation_errors") or body.get("detail") or body
    return str(body)[:300]


def _same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _check_texts(documents: Sequence[Document], tasks: Mapping[str, Mapping[str, Any]]) -> None:
    faults = []
    homes = {digest: name for name, task in tasks.items() if isinstance(digest := task["data"].get("sha256"), str)}
    for document in documents:
        if document.id in tasks and task_document(tasks[document.id]["data"]).text != document.text:
            problem = f"is already task {tasks[document.id]['id']}, with another text"
            faults.append(Fault(problem, "push it with another id, or delete the task", document=document.id))
        elif document.id not in tasks and document.sha256 in homes:
            problem = f"has the same text as {homes[document.sha256]!r}, which is already a task"
            faults.append(Fault(problem, "omit it, or give it that id", document=document.id))
    DataError.check(faults)
