"""Counts by document, and the measures computed from their sums, with their names in reports.

Every measure is a function of counts that add up over documents, so that resampling documents (see `resampling`) is
one matrix product.

**Undefined F1.** Where nothing is gold and nothing is predicted, F1 is undefined: NaN here, null in JSON, left out of
MLflow metrics. 0 would treat a correct empty prediction as a failure and pull down means, 1 would reward a model for
labels that the data does not contain. Where a number is needed, as for choosing an epoch, `zero_if_undefined` gives it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Counts = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
_MATCHES = ("partial", "strict", "untyped", "overlap")
_PARTS = {"core": "core labels", "micro": "all labels", "macro": "all labels, mean of each"}
_EVENTS = {
    "event_detection": "attacks found",
    "event_classification": "attacks found, type right",
    "event_type_macro": "attack types, mean of each",
    "event_ceaf": "grouping into attacks (CEAF-E)",
    "event_argument_identification": "arguments of attacks found",
    "event_argument_classification": "arguments found, role right",
    "event_toll": "numbers of people, exactly right",
    "event_flag": "flags",
    "event_document": "documents with an attack",
}
MAIN = {
    "Spans": tuple(f"{match}_{part}" for part in _PARTS for match in _MATCHES),
    "Events": tuple(_EVENTS),
}


def f1(counts: Counts) -> Counts:
    """Return F1 from counts of shape (…, 3): matched, predicted, gold; NaN where nothing is gold or predicted.

    Example:
        >>> f1(np.array([[1.0, 2.0, 2.0], [0.0, 0.0, 0.0]])).tolist()
        [0.5, nan]
    """
    total = counts[..., 1] + counts[..., 2]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(total > 0, 2 * counts[..., 0] / total, np.nan))


def mean_defined(values: Counts) -> Counts:
    """Return the mean over the last axis without undefined values; NaN where none is defined."""
    number = (~np.isnan(values)).sum(axis=-1)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(number > 0, np.nansum(values, axis=-1) / number, np.nan))


def zero_if_undefined(value: float) -> float:
    """Return 0.0 for NaN, for uses that need a number: choosing an epoch, a bar of a plot."""
    return 0.0 if np.isnan(value) else value


def rounded(value: float | None) -> float | None:
    """Return a figure rounded to four digits; None where it is undefined."""
    return None if value is None or np.isnan(value) else round(value, 4)


def figure(value: float | None) -> str:
    """Return a figure with three digits for a table; a dash where it is undefined."""
    return "–" if value is None or np.isnan(value) else f"{value:.3f}"


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 from counts."""

    matched: float  # true positives; in partial matching an inexact match counts half
    predicted: int  # number of predicted items
    gold: int  # number of gold items

    def __add__(self, other: Score) -> Score:
        return Score(self.matched + other.matched, self.predicted + other.predicted, self.gold + other.gold)

    @property
    def precision(self) -> float:
        """Share of predicted items that match; 0 without predictions."""
        return self.matched / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of gold items that are matched; 0 without gold items."""
        return self.matched / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; NaN where nothing is gold and nothing predicted."""
        return float(f1(np.array([self.matched, self.predicted, self.gold])))

    def to_dict(self) -> dict[str, Any]:
        """Return precision, recall, F1 (None if undefined) and the counts."""
        figures = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        return {key: rounded(value) for key, value in figures.items()} | {
            "predicted": self.predicted,
            "gold": self.gold,
        }


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of each document.

    Example:
        >>> tally = Tally(("strict/TOLL",), np.array([[[1.0, 2.0, 1.0]], [[3.0, 3.0, 5.0]]]))
        >>> round(Measure("strict_TOLL", ("strict/TOLL",)).value(tally, tally.totals()).item(), 3)
        0.727
    """

    rows: tuple[str, ...]  # what is counted, such as `partial/ATTACK`, `strict/TOLL:killed` or `event/detection`
    counts: Counts  # shape (documents, rows, 3): matched, predicted, gold

    def totals(self, weights: Counts | None = None) -> Counts:
        """Return sums over documents.

        Args:
            weights: How often each document counts, shape (resamples, documents); None counts each once.

        Returns:
            Shape (rows, 3), or (resamples, rows, 3).
        """
        if weights is None:
            return np.asarray(self.counts.sum(axis=0))
        flat: Counts = weights @ self.counts.reshape(len(self.counts), -1)
        return np.asarray(flat.reshape(len(weights), *self.counts.shape[1:]))

    def of(self, documents: Sequence[int]) -> Tally:
        """Return the tally of some documents, by index."""
        return Tally(self.rows, self.counts[list(documents)])

    def score(self, *rows: str) -> Score:
        """Return precision, recall and F1 over rows."""
        matched, predicted, gold = self.counts[:, [self.rows.index(row) for row in rows]].sum(axis=(0, 1))
        return Score(float(matched), int(predicted), int(gold))


@dataclass(frozen=True, slots=True)
class Measure:
    """An F1 over rows of a tally."""

    name: str  # such as `partial_core`
    rows: tuple[str, ...]  # the rows that it is computed from
    macro: bool = False  # mean of the rows' F1, over rows where it is defined; else F1 of their sums

    def value(self, tally: Tally, totals: Counts) -> Counts:
        """Return F1 from totals of shape (…, rows, 3); NaN where nothing is gold and nothing predicted."""
        chosen = totals[..., [tally.rows.index(row) for row in self.rows], :]
        return mean_defined(f1(chosen)) if self.macro else f1(chosen.sum(axis=-2))


def stacked(parts: Mapping[str, Counts]) -> Tally:
    """Combine counts of shape (documents, 3) into a tally, one row each.

    Example:
        >>> stacked({"strict/TOLL": np.zeros((4, 3))}).counts.shape
        (4, 1, 3)
    """
    return Tally(tuple(parts), np.stack(list(parts.values()), axis=1))


def title(name: str) -> str:
    """Return the name of a measure in words.

    Example:
        >>> title("partial_core"), title("event_toll"), title("strict_VICTIM"), title("event_role:victims")
        ('core labels, partial match', 'numbers of people, exactly right', 'VICTIM, strict match', 'role: victims')
    """
    if name in _EVENTS:
        return _EVENTS[name]
    match, _, part = name.partition("_")
    if match == "event":
        return part.replace(":", ": ")
    return f"{_PARTS.get(part, part)}, {match} match" if match in _MATCHES else name
