"""The OpenAPI document: bodies, answers and refusals, with examples."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from inference.service.asked import ManyBody, OneBody

_REFERENCE = "#/components/schemas/{model}"
_TEXT = "Gunmen opened fire at a market in Gao on Friday, killing at least 12 traders and wounding dozens."


class _Open(BaseModel):
    """An answer; roles of events, and so some keys, follow from the model's label set."""

    model_config = ConfigDict(extra="allow")


class SpanAnswer(_Open):
    """A mention; offsets count Unicode characters."""

    id: str
    start: int
    end: int
    text: str
    label: str
    type: str | None
    score: float


class EventAnswer(_Open):
    """An event; README.md describes its keys."""

    id: str
    attack_type: str
    score: float
    triggers: list[str]
    toll: dict[str, Any]


class PredictionAnswer(_Open):
    """What the model found in an article."""

    model: str
    windows: int
    convention: str
    spans: list[SpanAnswer]
    events: list[EventAnswer]


class PredictionsAnswer(BaseModel):
    """Predictions in the order of the articles."""

    predictions: list[PredictionAnswer]


class RowsAnswer(BaseModel):
    """Rows of the event table; docs/codebook.md describes its columns."""

    rows: list[dict[str, str | int | float | bool | None]]


class ReviewAnswer(BaseModel):
    """An article as a document to correct, with its prediction and table."""

    document: dict[str, Any]
    prediction: PredictionAnswer
    rows: list[dict[str, Any]]
    csv: str
    cells: dict[str, dict[str, str]]
    words: list[tuple[int, int]] = Field(description="Offsets of words: where marks may start and end.")


class ErrorBody(BaseModel):
    """Why there is no answer."""

    code: str = Field(description="A word for programs.")
    message: str = Field(description="What is wrong, and what to do.")
    place: str | None = Field(default=None, description="Where in the request.")
    limit: float | None = Field(default=None, description="The limit that was passed.")


class ErrorAnswer(BaseModel):
    """A refusal."""

    error: ErrorBody
    request_id: str


_MODELS = (OneBody, ManyBody, PredictionAnswer, PredictionsAnswer, RowsAnswer, ReviewAnswer, ErrorAnswer)
_REFUSALS = {
    400: ("Not JSON.", "not_json", "line 1, column 2: is not JSON in UTF-8: Expecting value; correct it"),
    401: ("The key is missing or wrong.", "no_key", "the key is missing or wrong; send Authorization: Bearer KEY"),
    408: ("The body came too slowly.", "too_slow", "the body did not arrive in 30 s"),
    413: ("The body is too large.", "body_too_large", "the body has more than 8,000,000 bytes; send fewer texts"),
    415: ("Not declared as JSON.", "not_json", "the body is not declared as JSON; send Content-Type: application/json"),
    422: (
        "JSON that asks for nothing that can be answered.",
        "wrong_type",
        "texts[1]: is neither a text nor…",
    ),
    429: ("The queue is full; `Retry-After` says when to try again.", "queue_full", "too many texts wait (512)"),
    500: ("The model failed on a text.", "prediction_failed", "the model failed on a text of this request"),
    503: ("The request waited too long, or the service stops.", "timeout", "no answer in 60 s; try again later"),
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of refusals, by status."""
    found: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        title, code, message = _REFUSALS[status]
        example = {"error": {"code": code, "message": message}, "request_id": "6f1c2a"}
        content = {"schema": {"$ref": _REFERENCE.format(model="ErrorAnswer")}, "example": example}
        found[status] = {"description": title, "content": {"application/json": content}}
    return found


def asks(one_only: bool = False) -> dict[str, Any]:
    """Return the documentation of a body with articles."""
    models = ["OneBody"] if one_only else ["OneBody", "ManyBody"]
    schemas = [{"$ref": _REFERENCE.format(model=name)} for name in models]
    examples = {"one": {"summary": "One article", "value": {"text": _TEXT, "date": "2021-03-04"}}}
    if not one_only:
        many = {"texts": [_TEXT, {"id": "a2", "text": "Rebels shelled Kesra.", "date": "2021-03-05"}]}
        examples["many"] = {"summary": "Many articles", "value": many}
    schema = schemas[0] if one_only else {"anyOf": schemas}
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema, "examples": examples}}}
    }


def answers(*models: str, csv: bool = False, description: str = "The answer.") -> dict[int | str, dict[str, Any]]:
    """Return the documentation of a good answer."""
    schemas = [{"$ref": _REFERENCE.format(model=name)} for name in models]
    content: dict[str, Any] = {"application/json": {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}}
    if csv:
        content["text/csv"] = {"schema": {"type": "string"}}
    return {200: {"description": description, "content": content}}


def describe(app: FastAPI, *, key: bool) -> None:
    """Let an application write its OpenAPI document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            _, schemas = models_json_schema([(model, "validation") for model in _MODELS], ref_template=_REFERENCE)
            components = made.setdefault("components", {})
            components["schemas"] = schemas["$defs"]
            if key:
                components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
                made["security"] = [{"key": []}]
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]
