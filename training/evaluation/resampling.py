"""Resampling: intervals and p-values from counts by document.

Documents are drawn, not spans: spans of one document depend on each other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.evaluation.counts import Counts

RESAMPLES = 4_000
LEVEL = 0.95
FEWEST = 5  # documents; with fewer, an interval is meaningless


def draws(documents: int, resamples: int = RESAMPLES, seed: int = 0) -> Counts:
    """Draw documents with replacement (Efron's bootstrap); one seed gives one result.

    Returns:
        How often each document was drawn, shape (resamples, documents).

    Example:
        >>> draws(3, resamples=2).sum(axis=1).tolist()
        [3.0, 3.0]
    """
    generator = np.random.default_rng(seed)
    return generator.multinomial(documents, np.full(documents, 1 / documents), size=resamples).astype(np.float64)


def interval(values: Counts, level: float = LEVEL) -> tuple[float, float] | None:
    """Return the percentile interval of resampled values; None where over half of them are undefined."""
    defined = values[~np.isnan(values)]
    if 2 * len(defined) < len(values):
        return None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def swaps(documents: int, trials: int = RESAMPLES, seed: int = 0) -> Counts:
    """Draw which documents two models exchange, each with probability 0.5.

    Returns:
        1.0 for a document that is exchanged, shape (trials, documents).
    """
    return np.random.default_rng(seed).integers(0, 2, size=(trials, documents)).astype(np.float64)


def p_value(observed: float, shuffled: Counts) -> float:
    """Two-sided p-value of an approximate randomisation test (Noreen 1989; Yeh 2000), by the difference between two
    models and those after exchanges, shape (trials,).

    Returns:
        Share of trials with a difference at least as large, including the observed one.
    """
    defined = shuffled[~np.isnan(shuffled)]
    return float((1 + np.sum(np.abs(defined) >= abs(observed) - 1e-12)) / (1 + len(defined)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p-values for their number (Holm 1979), which controls the family-wise error rate.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted
