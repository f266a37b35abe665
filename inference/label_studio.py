"""Predictions for Label Studio: as pre-annotations to push, and live while people label."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from annotations.document import Document
from annotations.errors import DataError
from annotations.label_studio.results import task_document
from annotations.label_studio.server import PreAnnotation
from annotations.label_studio.tasks import regions
from inference.prediction import Prediction

if TYPE_CHECKING:
    from fastapi import FastAPI

    from inference.tagger import Tagger


def pre_annotation(document: Document, prediction: Prediction) -> PreAnnotation:
    """Return a model's prediction for a document as something that can be pushed."""
    scores = {span.id: span.score for span in prediction.spans}
    return PreAnnotation(prediction.to_document(document.id, document.meta), scores, prediction.model)


def backend(model: Tagger) -> FastAPI:
    """Return a web application that Label Studio can use as a machine-learning backend.

    It answers `GET /health`, `POST /setup`, `POST /predict` and `POST /webhook` as Label Studio 1.23 calls them
    (`label_studio/ml/api_connector.py`). It learns nothing from what is labelled: that is what training runs are for.

    Args:
        model: The model that predicts; its schema must be that of the labelling interface.

    Raises:
        ImportError: FastAPI is not installed.

    Example:
        >>> app = backend(load("models:/conflict-events@champion"))  # doctest: +SKIP
    """
    try:
        from fastapi import FastAPI, HTTPException
    except ImportError:
        raise ImportError("fastapi is missing; install 'conflict-events[annotate]'") from None
    app = FastAPI(title="conflict-events", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    @app.get("/")
    def health() -> dict[str, str]:
        return {"status": "UP", "model_class": type(model).__name__, "model_version": model.name}

    @app.post("/setup")
    def setup() -> dict[str, str]:  # the body holds an access token, which is not needed
        return {"model_version": model.name}

    @app.post("/webhook")
    def webhook() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/predict")
    def predict(request: dict[str, Any]) -> dict[str, Any]:
        tasks = request.get("tasks")
        if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
            raise HTTPException(400, "the request has no list of 'tasks'")
        try:
            return {"results": [_answer(model, task) for task in tasks]}
        except (DataError, ValueError) as error:
            raise HTTPException(400, str(error)) from None

    return app


def _answer(model: Tagger, task: Mapping[str, Any]) -> dict[str, Any]:
    document = task_document(task.get("data") or {})
    made = pre_annotation(document, model.predict(document.text))
    result = regions(made.document, model.schema, made.scores)
    return {"result": result, "score": made.score or 0.0, "model_version": made.model}
