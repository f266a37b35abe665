"""Estimates: a measure with its interval, and the difference of two versions with interval and p-value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from training.evaluation.counts import Measure, Score, Tally, rounded
from training.evaluation.resampling import FEWEST, draws, holm, interval, p_value, swaps

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measure on some documents."""

    name: str  # name of the measure
    value: float  # F1, or NaN where nothing is gold and nothing predicted
    # 95 % interval by the bootstrap over documents; None if fewer than five have an item.
    bounds: tuple[float, float] | None
    score: Score | None  # precision, recall and counts; None for a macro measure
    documents: int  # number of documents

    def to_dict(self) -> dict[str, Any]:
        """Return the estimate as plain values; what is undefined is None."""
        low, high = self.bounds or (None, None)
        counts = self.score.to_dict() if self.score else {}
        figures = {"f1": rounded(self.value), "low": rounded(low), "high": rounded(high), "documents": self.documents}
        return {**counts, **figures}


def estimates(tally: Tally, measures: Mapping[str, Measure]) -> dict[str, Estimate]:
    """Estimate measures by name with 95 % intervals, all from the same resamples of the documents."""
    number = len(tally.counts)
    totals = tally.totals()
    resampled = tally.totals(draws(number)) if number >= FEWEST else None
    return {
        name: Estimate(
            name,
            float(measure.value(tally, totals)),
            None if resampled is None or few(measure, tally) else interval(measure.value(tally, resampled)),
            None if measure.macro else tally.score(*measure.rows),
            number,
        )
        for name, measure in measures.items()
    }


def few(measure: Measure, *tallies: Tally) -> bool:
    """Whether too few documents have a gold or predicted item for a meaningful interval."""
    rows = [tallies[0].rows.index(row) for row in measure.rows]
    items = sum(tally.counts[:, rows, 1:].sum(axis=(1, 2)) for tally in tallies)
    return int(np.count_nonzero(items)) < FEWEST


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of two versions on the same documents."""

    name: str  # name of the measure, or of the slice
    first: float  # F1 of the first version
    second: float  # F1 of the second version
    # 95 % interval of the difference by the paired bootstrap over documents; None if fewer than five have an item.
    bounds: tuple[float, float] | None
    p: float | None  # p-value of the approximate randomisation test, None if the test was not run
    adjusted: float | None  # the p-value corrected for the number of tests of its table (Holm)
    documents: int  # number of documents
    gold: int  # number of gold items

    @property
    def value(self) -> float:
        """Second minus first."""
        return self.second - self.first

    @property
    def verdict(self) -> str:
        """`better` or `worse` if the interval excludes 0 and the corrected p-value is below 0.05; else
        `no evidence`."""
        if self.bounds is None or self.adjusted is None or self.adjusted >= ALPHA:
            return "no evidence"
        low, high = self.bounds
        return "better" if low > 0 else "worse" if high < 0 else "no evidence"

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as plain values; what is undefined is None."""
        low, high = self.bounds or (None, None)
        values = {"first": self.first, "second": self.second, "difference": self.value, "low": low, "high": high}
        figures = {key: rounded(value) for key, value in (values | {"p": self.p, "p_adjusted": self.adjusted}).items()}
        return {"name": self.name, **figures, "documents": self.documents, "gold": self.gold, "verdict": self.verdict}


def difference(first: Tally, second: Tally, measure: Measure, name: str | None = None) -> Difference:
    """Compare two versions on the same documents in the same order; the p-value is not corrected yet. The difference is
    named after the measure, unless another name is given."""
    return differences(first, second, {name or measure.name: measure})[0]


def differences(first: Tally, second: Tally, measures: Mapping[str, Measure]) -> list[Difference]:
    """Compare two versions by several measures, all from the same resamples; p-values are not corrected yet."""
    number = len(first.counts)
    sides = (first, second)
    plain = [tally.totals() for tally in sides]
    if number >= FEWEST:
        drawn = [tally.totals(draws(number)) for tally in sides]
        exchanged = swaps(number)
        moved = Tally(first.rows, second.counts - first.counts).totals(exchanged)
        swapped = (plain[0] + moved, plain[1] - moved)
    found = []
    for name, measure in measures.items():
        a, b = (float(measure.value(tally, totals)) for tally, totals in zip(sides, plain, strict=True))
        bounds = p = None
        if not few(measure, first, second) and not np.isnan(b - a):
            bounds = interval(measure.value(second, drawn[1]) - measure.value(first, drawn[0]))
            p = p_value(b - a, measure.value(second, swapped[1]) - measure.value(first, swapped[0]))
        gold = first.score(*measure.rows).gold
        found.append(Difference(name, a, b, bounds, p, p, number, gold))
    return found


def corrected(found: Sequence[Difference]) -> list[Difference]:
    """Correct the p-values of a table of differences for their number (Holm)."""
    tested = [one for one in found if one.p is not None]
    adjusted = dict(zip(map(id, tested), holm([one.p for one in tested if one.p is not None]), strict=True))
    return [replace(one, adjusted=adjusted.get(id(one))) for one in found]
