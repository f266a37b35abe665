"""Scores: predicted spans against gold spans."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
from nervaluate.entities import Entity
from nervaluate.strategies import EntityTypeEvaluation, EvaluationStrategy, PartialEvaluation, StrictEvaluation

from annotations.coverage import exhaustive
from annotations.document import Document
from annotations.schema import Schema

MATCHES: Mapping[str, EvaluationStrategy] = {
    "strict": StrictEvaluation(),  # on `label:type`
    "untyped": StrictEvaluation(),  # on the label alone, as the others
    "partial": PartialEvaluation(),
    "overlap": EntityTypeEvaluation(),
}

Counts = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


class HasSpan(Protocol):
    """Anything with offsets, a label and a type."""

    @property
    def start(self) -> int:
        """Offset of the first character."""
        ...

    @property
    def end(self) -> int:
        """Offset behind the last character."""
        ...

    @property
    def label(self) -> str:
        """Its label."""
        ...

    @property
    def type(self) -> str | None:
        """Its type."""
        ...


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 from counts.

    Args:
        matched: True positives; in partial matching an inexact match counts half.
        predicted: Spans predicted.
        gold: Spans in the gold data.
    """

    matched: float
    predicted: int
    gold: int

    @property
    def precision(self) -> float:
        """Share of predicted spans that match; 0 without predictions."""
        return self.matched / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of gold spans that are matched; 0 without gold spans."""
        return self.matched / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.predicted + self.gold
        return 2 * self.matched / total if total else 0.0

    def to_dict(self) -> dict[str, float | int]:
        """Return precision, recall, F1 and the counts."""
        values = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        return {**{key: round(v, 4) for key, v in values.items()}, "predicted": self.predicted, "gold": self.gold}


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one matching strategy.

    Args:
        labels: Score by label.
        core_labels: The labels that the core score counts.
    """

    labels: Mapping[str, Score]
    core_labels: Sequence[str]

    @property
    def micro(self) -> Score:
        """All spans counted together."""
        return _total(self.labels.values())

    @property
    def core(self) -> Score:
        """Micro score over the core labels."""
        return _total(score for label, score in self.labels.items() if label in self.core_labels)

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the labels that occur in gold data or predictions."""
        present = [score.f1 for score in self.labels.values() if score.gold or score.predicted]
        return sum(present) / len(present) if present else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return {
            "micro": self.micro.to_dict(),
            "core": self.core.to_dict(),
            "macro_f1": round(self.macro_f1, 4),
            "labels": {label: score.to_dict() for label, score in self.labels.items()},
        }


def _total(scores: Any) -> Score:
    matched, predicted, gold = 0.0, 0, 0
    for score in scores:
        matched, predicted, gold = matched + score.matched, predicted + score.predicted, gold + score.gold
    return Score(matched, predicted, gold)


def score_spans(
    gold: Sequence[Sequence[HasSpan]], predicted: Sequence[Sequence[HasSpan]], schema: Schema
) -> dict[str, Scores]:
    """Score predictions label by label.

    `strict` wants the same offsets and, where the label has types, the same type; `untyped` wants the offsets and the
    label. `partial` gives an inexact overlap half a point (MUC-5 partial credit, as SemEval-2013 task 9 and nervaluate
    count it); `overlap` gives it a whole point, whatever the boundaries. Both look at the label alone, pair nearest
    edges first, and ask for an overlap of at least 1 % of the gold span.

    Args:
        gold: Gold spans of each document.
        predicted: Predicted spans of each document, in the same order.
        schema: The labels to score, and which of them are core.

    Returns:
        `Scores` by strategy.

    Raises:
        ValueError: The two have different numbers of documents.
    """
    table: dict[str, Scores] = {}
    for match in MATCHES:
        rows = {}
        for label in schema.labels:
            counts = match_counts(match, gold, predicted, partial(_has_label, label))
            matched, found, wanted = counts.sum(axis=0)
            rows[label] = Score(float(matched), int(found), int(wanted))
        table[match] = Scores(rows, schema.core)
    return table


def _has_label(label: str, span: HasSpan) -> bool:
    return span.label == label


def match_counts(
    match: str,
    gold: Sequence[Sequence[HasSpan]],
    predicted: Sequence[Sequence[HasSpan]],
    counted: Callable[[HasSpan], bool],
) -> Counts:
    """Count matched, predicted and gold spans of one kind, document by document.

    Args:
        match: A strategy of `score_spans`.
        gold: Gold spans of each document.
        predicted: Predicted spans of each document, in the same order.
        counted: Which spans of both sides count.

    Returns:
        Counts of shape (documents, 3): matched, predicted, gold.

    Raises:
        ValueError: The two have different numbers of documents.
    """
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} gold documents and {len(predicted)} predicted ones")
    counts = np.zeros((len(gold), 3))
    for row, true, guess in zip(counts, gold, predicted, strict=True):
        ours, theirs = (_entities(spans, counted, match == "strict") for spans in (true, guess))
        if not ours or not theirs:  # nothing can match
            row[:] = 0.0, len(theirs), len(ours)
            continue
        tags = sorted({entity.label for entity in (*ours, *theirs)})
        result, _ = MATCHES[match].evaluate(ours, theirs, tags)
        row[:] = result.correct + 0.5 * result.partial, len(theirs), len(ours)
    return counts


def _entities(spans: Sequence[HasSpan], counted: Callable[[HasSpan], bool], typed: bool) -> list[Entity]:
    # nervaluate counts the end as inclusive.
    return [
        Entity(label=f"{span.label}:{span.type}" if typed else span.label, start=span.start, end=span.end - 1)
        for span in spans
        if counted(span)
    ]


def scored_spans(
    documents: Sequence[Document], predicted: Sequence[Sequence[HasSpan]], schema: Schema
) -> tuple[list[list[HasSpan]], list[list[HasSpan]]]:
    """Return the gold and predicted spans that count: of each document those of labels that it annotates exhaustively.

    Raises:
        ValueError: The two have different numbers of documents.
    """
    sure = [exhaustive(document, schema) for document in documents]
    gold = [_kept(document.spans, labels) for document, labels in zip(documents, sure, strict=True)]
    return gold, [_kept(spans, labels) for spans, labels in zip(predicted, sure, strict=True)]


def _kept(spans: Sequence[HasSpan], labels: Collection[str]) -> list[HasSpan]:
    return [span for span in spans if span.label in labels]


def score_documents(
    documents: Sequence[Document], predicted: Sequence[Sequence[HasSpan]], schema: Schema
) -> dict[str, Scores]:
    """Score predictions for documents, each on the labels that it annotates exhaustively.

    Args:
        documents: Gold documents.
        predicted: Predicted spans of each document, in the same order.
        schema: The labels to score.

    Returns:
        As `score_spans`.

    Raises:
        ValueError: The two have different numbers of documents.
    """
    return score_spans(*scored_spans(documents, predicted, schema), schema)
