"""Weights of a logistic model: of the confidence of events, and of the relevance of texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

_PENALTY = 1.0  # on the squares of the weights
_FEWEST = 20  # examples with either answer, below which nothing is fitted


def fit_weights(rows: Sequence[Sequence[float]], right: Sequence[bool]) -> tuple[float, ...]:
    """Fit a logistic model of a yes-or-no answer.

    Args:
        rows: Evidence of each example; the first column is 1.
        right: The answer for each.

    Returns:
        A weight for each column; none if there are too few examples with either answer.
    """
    if min(sum(right), len(right) - sum(right)) < _FEWEST:
        return ()
    table, answers = np.asarray(rows), np.where(right, 1.0, -1.0)

    def loss(weights: npt.NDArray[np.float64]) -> float:
        return float(np.logaddexp(0, -answers * (table @ weights)).sum() + _PENALTY * (weights[1:] ** 2).sum() / 2)

    found = minimize(loss, np.zeros(table.shape[1]), method="L-BFGS-B").x
    return tuple(round(float(weight), 4) for weight in found)
