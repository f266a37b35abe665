"""Predictions for Label Studio: as pre-annotations to push, and live while people label."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.installed import lacking
from annotations.io.config_files import shape_faults
from annotations.label_studio.results import task_document
from annotations.label_studio.server import PreAnnotation
from annotations.label_studio.shapes import Request
from annotations.label_studio.tasks import regions
from inference.prediction import Prediction

if TYPE_CHECKING:
    from fastapi import FastAPI

    from inference.tagger import Tagger


def pre_annotation(document: Document, prediction: Prediction) -> PreAnnotation:
    """Return a model's prediction for a document as a pre-annotation to push."""
    scores = {span.id: span.score for span in prediction.spans}
    return PreAnnotation(prediction.to_document(document.id, document.meta), scores, prediction.model)


def backend(model: Tagger, report: Callable[[str], None] = lambda line: None) -> FastAPI:
    """Return a web application that Label Studio can use as a machine-learning backend.

    It answers `GET /health`, `POST /setup`, `POST /predict` and `POST /webhook` as Label Studio 1.23 calls them
    (`label_studio/ml/api_connector.py`). It does not learn from annotations; training runs do.

    A task that cannot be used, such as one with its text under `$undefined$`, gets an answer with `error` instead of
    `result`; Label Studio logs it and stores no prediction. The other tasks of the batch are answered. A request in
    which no task can be used is answered with 422.

    Args:
        model: The model; its schema must be that of the labelling interface.
        report: Called with one line for each task that cannot be used.

    Raises:
        ImportError: FastAPI is not installed.

    Example:
        >>> app = backend(load("models:/conflict-events@champion"))  # doctest: +SKIP
    """
    try:
        from fastapi import FastAPI
        from fastapi.concurrency import run_in_threadpool
        from fastapi.responses import JSONResponse
    except ImportError as error:
        raise lacking(error, "serving predictions to Label Studio") from None
    app = FastAPI(title="conflict-events", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    @app.get("/")
    def health() -> dict[str, str]:
        return {"status": "UP", "model_class": type(model).__name__, "model_version": model.name}

    @app.post("/setup")
    def setup() -> dict[str, str]:  # the body has an access token, which is not needed
        return {"model_version": model.name}

    @app.post("/webhook")
    def webhook() -> dict[str, str]:
        return {"status": "ok"}

    async def predict(request: Any) -> JSONResponse:
        try:
            tasks = _tasks(await request.body())
            answers = await run_in_threadpool(_answers, model, tasks, report)
        except DataError as error:
            return JSONResponse({"detail": str(error)}, status_code=422)
        return JSONResponse({"results": answers})

    # Without a decorator, because FastAPI would read the body itself, and fails if it cannot quote it in its answer.
    app.add_route("/predict", predict, methods=["POST"])
    return app


def _tasks(body: bytes) -> list[Any]:
    """Return the tasks of a request.

    Raises:
        DataError: It has none.
    """
    try:
        request = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DataError.of(f"the request is not JSON: {error!s:.200}", "send an object with 'tasks'") from None
    tasks = request.get("tasks") if isinstance(request, dict) else None
    if not isinstance(tasks, list):
        raise DataError.of("the request has no list of 'tasks'")
    return tasks


def _answers(model: Tagger, tasks: Sequence[Any], report: Callable[[str], None]) -> list[dict[str, Any]]:
    """Answer each task, in the order of the request.

    Raises:
        DataError: No task can be used.
    """
    answers: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for number, task in enumerate(tasks):
        try:
            answers.append(_answer(model, task))
        except DataError as error:
            found = [replace(fault, place=_place(task, number, fault)) for fault in error.faults]
            answers.append({"error": "; ".join(map(str, found)), "model_version": model.name})
            faults += found
    if faults and all("error" in answer for answer in answers):
        raise DataError(faults)
    for fault in faults:
        report(str(fault))
    return answers


def _place(task: Any, number: int, fault: Fault) -> str:
    named = task.get("id") if isinstance(task, dict) else None
    own = f" (id {named!r:.40})" if named is not None else ""
    return f"tasks[{number}]{own}: {fault.place}".removesuffix(": ")


def _answer(model: Tagger, task: Any) -> dict[str, Any]:
    DataError.check(shape_faults(Request, task))
    document = task_document(task["data"])
    made = pre_annotation(document, model.predict(document.text))
    result = regions(made.document, model.schema, made.scores)
    return {"result": result, "score": made.score or 0.0, "model_version": made.model}
