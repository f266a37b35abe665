"""Answers: predictions as the JSON or CSV of an endpoint. Pieces are made in the worker's thread."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from annotations.schema import Schema
from annotations.text.words import words
from inference.prediction import Prediction
from inference.service.asked import Article
from inference.service.review import document_of
from inference.tables import event_columns
from inference.tables.cells import MARK, csv_line

JSON, CSV = "application/json", "text/csv"


@dataclass(frozen=True, slots=True)
class Form:
    """A form of answers."""

    media: str  # its media type
    piece: Callable[[Prediction, Article], str]  # makes the part of one article
    # Makes the body from the parts, given the label set and whether a list was asked for.
    whole: Callable[[Sequence[str], Schema, bool], str]


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)


def _prediction(prediction: Prediction, article: Article) -> str:
    return _json(({"id": article.id} if article.id is not None else {}) | prediction.to_dict())


def _predictions(pieces: Sequence[str], _schema: Schema, many: bool) -> str:
    return f'{{"predictions": [{", ".join(pieces)}]}}' if many else pieces[0]


def _rows(prediction: Prediction, article: Article) -> str:
    return ", ".join(map(_json, prediction.to_rows(article.id or "")))


def _all_rows(pieces: Sequence[str], _schema: Schema, _many: bool) -> str:
    return f'{{"rows": [{", ".join(filter(None, pieces))}]}}'


def _lines(prediction: Prediction, article: Article) -> str:
    return "".join(csv_line(row.values()) for row in prediction.to_rows(article.id or ""))


def _table(pieces: Sequence[str], schema: Schema, _many: bool) -> str:
    return MARK + csv_line([column.name for column in event_columns(schema)]) + "".join(pieces)


def _review(prediction: Prediction, article: Article) -> str:
    pieces = words(prediction.text)
    document = document_of(prediction, article, pieces)
    rows = prediction.to_rows(document.id)
    table = _table([_lines(prediction, replace(article, id=document.id))], prediction.schema, False)
    cells = {event.id: prediction.cells(event) for event in prediction.events}
    return _json(
        {
            "document": document.to_dict(),
            "prediction": prediction.to_dict(),
            "rows": rows,
            "csv": table,
            "cells": cells,
            "words": pieces,
        }
    )


PREDICTIONS = Form(JSON, _prediction, _predictions)
ROWS = Form(JSON, _rows, _all_rows)
TABLE = Form(CSV, _lines, _table)
REVIEW = Form(JSON, _review, _predictions)


def table_form(accept: str) -> Form:
    """Return the form of rows that a client prefers.

    Args:
        accept: Its `Accept` header.

    Example:
        >>> table_form("text/csv").media, table_form("application/json, text/csv;q=0.5").media, table_form("").media
        ('text/csv', 'application/json', 'application/json')
    """
    weights = {}
    for part in accept.lower().split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        given = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
        weights[media] = float(given) if given.replace(".", "", 1).isdecimal() else 0.0
    return TABLE if weights.get(CSV, 0) > weights.get(JSON, 0) else ROWS


def schema_record(schema: Schema) -> dict[str, Any]:
    """Return what a page needs to know of a label set: labels with role, colour, types and definition, and flags."""
    labels = {
        name: {
            "role": label.role,
            "color": label.color,
            "definition": label.definition,
            "types": list(label.types),
            "heading": schema.roles[label.role].heading,
        }
        for name, label in schema.labels.items()
    }
    return {
        "name": schema.name,
        "event": schema.event,
        "trigger": schema.trigger,
        "quantity": schema.quantity,
        "labels": labels,
        "flags": {name: list(values) for name, values in schema.flags.items()},
    }
