"""A prediction as a document to correct: valid by `data validate` from the start, whatever the model marks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

import regex

from annotations.document import Document, Event, Span
from annotations.schema import TRIGGERS, Schema
from annotations.text.words import words
from inference.prediction import Prediction
from inference.service.asked import Article

_MARK = regex.compile(r"[\p{P}\p{Cf}\p{Cc}]")
Words = Sequence[tuple[int, int]]


def document_of(prediction: Prediction, article: Article, pieces: Words | None = None) -> Document:
    """Return a prediction as a document.

    A trigger gets the type of its event. A document without an id gets one from its text. Punctuation at the edges of a
    mention is left out, and a mention of nothing else is too.
    """
    digest = hashlib.sha256(prediction.text.encode("utf-8")).hexdigest()
    date = {"date": article.date.isoformat()} if article.date else {}
    made = prediction.to_document(article.id or f"d{digest[:12]}", {**date, "model": prediction.model})
    spans = list(_trimmed(made, words(made.text) if pieces is None else pieces))
    events = list(_kept(made.events, {span.id for span in spans}))
    return replace(made, spans=_typed(spans, events, prediction.schema), events=events)


def _trimmed(document: Document, pieces: Words) -> Iterator[Span]:
    """Yield the spans without punctuation at their edges."""
    at = 0
    for span in document.spans:
        while at < len(pieces) and pieces[at][1] <= span.start:
            at += 1
        end = at
        while end < len(pieces) and pieces[end][0] < span.end:
            end += 1
        inside = list(pieces[at:end])
        for edge in (0, -1):
            while inside and _MARK.fullmatch(document.text[slice(*inside[edge])]):
                inside.pop(edge)
        if inside:
            yield replace(span, start=inside[0][0], end=inside[-1][1])


def _kept(events: Sequence[Event], known: set[str]) -> Iterator[Event]:
    """Yield the events that have a trigger, with the spans that are left."""
    for event in events:
        roles = {role: tuple(i for i in ids if i in known) for role, ids in event.roles.items()}
        if roles.get(TRIGGERS):
            yield replace(event, roles=roles)


def _typed(spans: Sequence[Span], events: Sequence[Event], schema: Schema) -> list[Span]:
    """Return the spans, each trigger with the type of one of its events; a trigger without an event is left out."""
    kinds: dict[str, list[str]] = {}
    for event in events:
        for name in event.roles[TRIGGERS]:
            kinds.setdefault(name, []).append(event.attack_type)
    found = []
    for span in spans:
        own = kinds.get(span.id, [])
        if own and span.type not in own:
            found.append(replace(span, type=own[0]))
        elif own or span.label != schema.trigger:
            found.append(span)
    return found
