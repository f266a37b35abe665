"""The confidence of events: weights fitted on whether events are right."""

from __future__ import annotations

import numpy as np

from inference.events.confidence import EVIDENCE, probability_of
from training.fit.calibrate import fit_weights


def test_weights_tell_right_events_from_wrong_ones():
    random = np.random.default_rng(1)
    rows = np.hstack([np.ones((400, 1)), random.random((400, len(EVIDENCE) - 1))])
    right = random.random(400) < rows[:, 1]  # the best trigger decides
    weights = fit_weights(rows.tolist(), right.tolist())
    sure, unsure = (probability_of([1, best, *[0.5] * 6], weights) for best in (0.95, 0.05))
    assert unsure < 0.3
    assert sure > 0.7


def test_too_few_events_fit_nothing():
    assert fit_weights([[1.0] * len(EVIDENCE)] * 30, [True] * 30) == ()
