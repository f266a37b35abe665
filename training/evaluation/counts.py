"""Counts: what is counted document by document, and the measures that follow from sums of it.

Every measure here is a function of counts that add up over documents, so that a resample of documents (see
`resampling`) is one matrix product away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.evaluation.scores import Counts, Score


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of each document.

    Args:
        rows: What is counted, such as `partial/ATTACK`, `strict/TOLL:killed` or `event/detection`.
        counts: Shape (documents, rows, 3): matched, predicted, gold.

    Example:
        >>> tally = Tally(("strict/TOLL",), np.array([[[1.0, 2.0, 1.0]], [[3.0, 3.0, 5.0]]]))
        >>> round(Measure("strict_TOLL", ("strict/TOLL",)).value(tally, tally.totals()).item(), 3)
        0.727
    """

    rows: tuple[str, ...]
    counts: Counts

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
    """An F1 over rows of a tally.

    Args:
        name: Such as `partial_core`.
        rows: The rows that it is made of.
        macro: Mean of the rows' F1, over rows with a gold or a predicted item; else F1 of their sums.
    """

    name: str
    rows: tuple[str, ...]
    macro: bool = False

    def value(self, tally: Tally, totals: Counts) -> Counts:
        """Return F1 from totals of shape (…, rows, 3); NaN where nothing is gold and nothing predicted."""
        chosen = totals[..., [tally.rows.index(row) for row in self.rows], :]
        if not self.macro:
            return _f1(chosen.sum(axis=-2))
        each = _f1(chosen)
        present = ~np.isnan(each)
        number = present.sum(axis=-1)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.where(number > 0, np.nansum(each, axis=-1) / number, np.nan))


def _f1(counts: Counts) -> Counts:
    total = counts[..., 1] + counts[..., 2]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(total > 0, 2 * counts[..., 0] / total, np.nan))


def stacked(parts: Mapping[str, Counts]) -> Tally:
    """Put counts of shape (documents, 3) together, a row each.

    Example:
        >>> stacked({"strict/TOLL": np.zeros((4, 3))}).counts.shape
        (4, 1, 3)
    """
    return Tally(tuple(parts), np.stack(list(parts.values()), axis=1))
