"""The OpenAPI document: bodies, answers and refusals, with examples."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import models_json_schema

from inference.service.asked import ManyBody, OneBody
from inference.service.errors import Refused, body_too_large, no_answer, no_key, queue_full, too_slow
from inference.service.settings import Settings

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


def _refused(settings: Settings) -> tuple[tuple[str, Refused], ...]:
    """Return an example of each refusal, with its title, as a service with these limits gives it."""
    not_json = "line 1, column 2: is not JSON in UTF-8: Expecting value; correct it"
    undeclared = "the body is not declared as JSON; send Content-Type: application/json"
    no_article = "texts[1]: is neither a text nor an object with a text"
    full = queue_full(settings.queue_texts, settings.queue_texts, retry=2)
    return (
        ("Not JSON.", Refused(400, "not_json", not_json)),
        ("The key is missing or wrong.", no_key()),
        ("The body came too slowly.", too_slow(settings.body_seconds)),
        ("The body is too large.", body_too_large(settings.body_bytes)),
        ("Not declared as JSON.", Refused(415, "not_json", undeclared)),
        ("JSON that asks for nothing that can be answered.", Refused(422, "wrong_type", no_article, place="texts[1]")),
        ("The queue is full; `Retry-After` says when to try again.", full),
        (
            "The model failed on a text.",
            Refused(500, "prediction_failed", "the model failed on a text of this request"),
        ),
        ("The request waited too long, or the service stops.", no_answer(settings.answer_seconds)),
    )


def refusals(settings: Settings, *statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of refusals, by status."""
    schema = {"$ref": _REFERENCE.format(model="ErrorAnswer")}
    return {
        refused.status: {
            "description": title,
            "content": {"application/json": {"schema": schema, "example": refused.to_dict("6f1c2a")}},
        }
        for title, refused in _refused(settings)
        if refused.status in statuses
    }


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
