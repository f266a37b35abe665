"""Calibration: whether 80 % of the spans with a score of 0.8 are right, and the effect of a threshold on the score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotations.coverage import exhaustive
from annotations.document import Document
from annotations.schema import Schema
from inference.prediction import Prediction
from training.evaluation.alignment import Alignment
from training.evaluation.counts import Counts, f1, rounded
from training.evaluation.events import has_events

BINS = 10


@dataclass(frozen=True, slots=True)
class Calibration:
    """Scores of predicted spans, or events, against whether they are right (spans: offsets, label and type)."""

    scores: Counts  # score of each predicted span or event, shape (spans,)
    right: Counts  # 1.0 where it is right, shape (spans,)
    documents: Counts  # index of its document, shape (spans,)
    gold: int  # number of gold spans or events

    @property
    def ece(self) -> float:
        """Expected calibration error over ten bins of equal width (Guo et al. 2017); NaN without a predicted span."""
        return float(_ece(self._bins(np.ones(int(self.documents.max(initial=-1)) + 1))))

    def resampled(self, weights: Counts) -> Counts:
        """Return the error of each resample; `weights` is how often each document counts, shape (resamples,
        documents)."""
        return np.array([_ece(self._bins(row)) for row in weights])

    def _bins(self, weights: Counts) -> Counts:
        """Return number, sum of scores and number right of each bin, shape (3, bins)."""
        places = np.minimum((self.scores * BINS).astype(int), BINS - 1)
        each = weights[self.documents.astype(int)]
        return np.array(
            [np.bincount(places, each * what, minlength=BINS) for what in (np.ones(len(each)), self.scores, self.right)]
        )

    def reliability(self) -> list[dict[str, float]]:
        """Return mean score, share of right spans and number of spans of each bin that is not empty."""
        number, total, right = self._bins(np.ones(int(self.documents.max(initial=-1)) + 1))
        return [
            {"score": total[i] / number[i], "right": right[i] / number[i], "spans": int(number[i])}
            for i in range(BINS)
            if number[i]
        ]

    def thresholds(self) -> list[dict[str, float]]:
        """Return precision, recall and F1 (strict) without the spans below a score: 0.00, 0.05, …, 0.95."""
        rows = []
        for step in range(20):
            kept = self.scores >= step / 20
            matched, predicted = float(self.right[kept].sum()), int(kept.sum())
            precision = matched / predicted if predicted else 1.0
            recall = matched / self.gold if self.gold else 0.0
            score = float(f1(np.array([matched, predicted, self.gold])))
            rows.append({"threshold": step / 20, "precision": precision, "recall": recall, "f1": score})
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Return error, reliability and thresholds as plain values."""
        tables = {"reliability": self.reliability(), "thresholds": self.thresholds()}
        return {"ece": rounded(self.ece)} | {
            name: [{key: rounded(value) for key, value in row.items()} for row in rows] for name, rows in tables.items()
        }


def _ece(bins: Counts) -> float:
    number, total, right = bins
    return float(np.abs(total - right).sum() / number.sum()) if number.sum() else float("nan")


def calibration(documents: Sequence[Document], predictions: Sequence[Prediction], schema: Schema) -> Calibration:
    """Compare the scores of predicted spans with gold spans, for the labels that each document annotates
    exhaustively."""
    rows, gold = [], 0
    for number, (document, prediction) in enumerate(zip(documents, predictions, strict=True)):
        kept = exhaustive(document, schema)
        known = {(span.start, span.end, span.label, span.type) for span in document.spans if span.label in kept}
        gold += sum(span.label in kept for span in document.spans)
        for span in prediction.spans:
            if span.label in kept:
                right = (span.start, span.end, span.label, span.type) in known
                rows.append((span.score, float(right), float(number)))
    table = np.array(rows).reshape(-1, 3).T
    return Calibration(table[0], table[1], table[2], gold)


def event_calibration(
    documents: Sequence[Document],
    predictions: Sequence[Prediction],
    alignments: Sequence[Alignment],
    schema: Schema,
) -> Calibration:
    """Compare the scores of predicted events with gold: an event is right if it is aligned with one of its type.
    Documents without annotated events are left out."""
    rows, gold = [], 0
    for number, (document, prediction, events) in enumerate(zip(documents, predictions, alignments, strict=True)):
        if not has_events(document, schema):
            continue
        gold += len(events.gold)
        right = {j for i, j, _ in events.pairs if events.gold[i].attack_type == events.predicted[j].attack_type}
        rows += [(event.score, float(j in right), float(number)) for j, event in enumerate(prediction.events)]
    table = np.array(rows).reshape(-1, 3).T
    return Calibration(table[0], table[1], table[2], gold)
