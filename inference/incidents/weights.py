"""How much each piece of evidence weighs, learned from pairs of reports."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from annotations.io.json_text import read_json
from inference.incidents.crowd import Crowd
from inference.incidents.evidence import evidence
from inference.incidents.report import Report

_FILE = Path(__file__).with_name("weights.json")
_LIMIT = 2.0  # log odds; a single pair of a group counts no more than this, for or against


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights in log odds."""

    start: float  # what a pair starts from
    evidence: Mapping[str, float]  # by name, as `evidence` yields them
    days: float  # of the logarithm of the days with attacks that share a name with both
    reports: float  # of the logarithm of the number of other reports of the same days (`Crowd.strangers`)


@cache
def learned() -> Weights:
    """Return the weights of the package; `conflict-events fit-merge` learns them."""
    found = read_json(_FILE)
    return Weights(found["start"], found["evidence"], found["days"], found["reports"])


class Scorer:
    """Rates pairs of reports."""

    def __init__(self, reports: Sequence[Report], weights: Weights, pairs: Sequence[tuple[int, int]]) -> None:
        self._reports, self._weights = reports, weights
        self._crowd = Crowd(reports, pairs)

    def __call__(self, i: int, j: int) -> float:
        """Return the log odds that two reports, by position, tell of one attack, between -2 and 2."""
        a, b, weights = self._reports[i], self._reports[j], self._weights
        total = weights.start + sum(weights.evidence.get(name, 0.0) for name in evidence(a, b))
        total += weights.days * math.log(self._crowd.days(a, b))
        total += weights.reports * math.log(self._crowd.strangers(i, j))
        return max(-_LIMIT, min(_LIMIT, total))


def probability(log_odds: float) -> float:
    """Return the probability of log odds."""
    return 1 / (1 + math.exp(-log_odds))
