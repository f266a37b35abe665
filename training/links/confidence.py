"""Weights of the confidence of events, fitted on development data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from inference.events.confidence import EVIDENCE

_PENALTY = 1.0  # on the squares of the weights
_FEWEST = 20  # events that are right, and that are wrong, below which nothing is fitted


def fit_weights(rows: Sequence[Sequence[float]], right: Sequence[bool]) -> tuple[float, ...]:
    """Fit a logistic model of whether an event is right.

    Args:
        rows: Evidence of each event (`inference.events.confidence.evidence`).
        right: Whether each is a gold event with the right type.

    Returns:
        A weight for each piece of evidence; none if there are too few events of either kind, so that the score of an
        event stays that of its best trigger.
    """
    if min(sum(right), len(right) - sum(right)) < _FEWEST:
        return ()
    table, answers = np.asarray(rows), np.where(right, 1.0, -1.0)

    def loss(weights: npt.NDArray[np.float64]) -> float:
        return float(np.logaddexp(0, -answers * (table @ weights)).sum() + _PENALTY * (weights[1:] ** 2).sum() / 2)

    found = minimize(loss, np.zeros(len(EVIDENCE)), method="L-BFGS-B").x
    return tuple(round(float(weight), 4) for weight in found)
