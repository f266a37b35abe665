"""Errors of a prediction: each place where it differs from gold, by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from annotations.agreement.disagreements import BOUNDARY, LABEL, TYPE, pairs
from annotations.coverage import exhaustive
from annotations.document import Document, Span
from annotations.schema import Schema
from inference.prediction import Prediction

MISSED, SPURIOUS = "missed", "spurious"
ERRORS = (MISSED, SPURIOUS, BOUNDARY, TYPE, LABEL)


@dataclass(frozen=True, slots=True)
class Error:
    """One place where a prediction differs from gold."""

    # `missed` (nothing predicted there), `spurious` (nothing gold there), `boundary` (same label, different offsets),
    # `type` (same offsets and label, different type) or `label`.
    kind: str
    gold: Span | None  # the gold span, or None
    predicted: Span | None  # the predicted span, or None

    @property
    def start(self) -> int:
        """Offset of the first character of either span."""
        return min(span.start for span in (self.gold, self.predicted) if span)

    def to_dict(self) -> dict[str, Any]:
        """Return the error as plain values."""
        sides = {"gold": self.gold, "predicted": self.predicted}
        return {"kind": self.kind, **{name: span.to_dict() if span else None for name, span in sides.items()}}


def errors(document: Document, prediction: Prediction, schema: Schema) -> list[Error]:
    """Return the errors of a prediction in order of offset, for labels that the document annotates exhaustively."""
    kept = exhaustive(document, schema)
    gold = Document(document.id, document.text, [span for span in document.spans if span.label in kept])
    made = prediction.to_document(document.id)
    predicted = Document(document.id, document.text, [span for span in made.spans if span.label in kept])
    found = [Error(_kind(a, b), a, b) for a, b in pairs(gold, predicted) if _key(a) != _key(b)]
    return sorted(found, key=lambda error: error.start)


def _key(span: Span | None) -> tuple[int, int, str, str | None] | None:
    return (span.start, span.end, span.label, span.type) if span else None


def _kind(gold: Span | None, predicted: Span | None) -> str:
    if gold is None:
        return SPURIOUS
    if predicted is None:
        return MISSED
    if gold.label != predicted.label:
        return LABEL
    return BOUNDARY if (gold.start, gold.end) != (predicted.start, predicted.end) else TYPE


@dataclass(frozen=True, slots=True)
class Change:
    """What changes in one document from the baseline to a candidate."""

    document: int  # index of the document
    # Difference of the document's F1 on core labels, partial match; positive if the candidate is better.
    difference: float
    won: Sequence[Error]  # errors of the baseline that the candidate does not make
    lost: Sequence[Error]  # errors of the candidate that the baseline does not make


def changed(first: Sequence[Error], second: Sequence[Error]) -> tuple[list[Error], list[Error]]:
    """Return errors that only the first version makes, and errors that only the second makes.

    Two errors on one gold span are the same if they have the same kind. Two spurious spans are the same if they overlap
    and have the same label.
    """
    return (
        [error for error in first if not any(_same(error, other) for other in second)],
        [error for error in second if not any(_same(error, other) for other in first)],
    )


def _same(one: Error, other: Error) -> bool:
    if one.kind != other.kind:
        return False
    if one.gold is not None or other.gold is not None:
        return one.gold == other.gold
    a, b = one.predicted, other.predicted
    return a is not None and b is not None and a.label == b.label and a.start < b.end and b.start < a.end
