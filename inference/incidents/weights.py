"""How much each piece of evidence weighs, learned from pairs of reports; in a crowd of attacks, what two reports share
tells less."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from annotations.io.json_text import read_json
from inference.incidents.evidence import evidence
from inference.incidents.report import Report, gap

_FILE = Path(__file__).with_name("weights.json")
_LIMIT = 2.0  # log odds; a single pair of a group counts no more than this, for or against
_ALL = ""  # the key that every report has
_AROUND = 14  # days before and after
_MOST = 20  # reports of the same days, above which more of them change nothing


class Crowd:
    """Counts of reports by day and name."""

    def __init__(self, reports: Sequence[Report], pairs: Iterable[tuple[int, int]]) -> None:
        days: dict[str, set[int]] = defaultdict(set)
        for report in reports:
            if report.dated:
                for key in (_ALL, *report.names_told):
                    days[key].add(report.days[1])
        self._days = {key: sorted(found) for key, found in days.items()}
        # Of an article's events, one for the same days.
        spans = {(report.document, report.days) for report in reports if report.event}
        self._first = sorted(days[0] for _, days in spans)
        self._last = sorted(days[1] for _, days in spans)
        kin = _kin(reports, pairs)
        self._strangers = [self._near(report) - kin[at] for at, report in enumerate(reports)]

    def days(self, a: Report, b: Report) -> int:
        """Return on how many days of these weeks there were attacks with the rarest name that both reports have.

        Days and not reports: an attack with many reports is no crowd. Without a common name, all days with attacks.
        """
        start, end = min(a.days[1], b.days[1]) - _AROUND, max(a.days[1], b.days[1]) + _AROUND
        shared = a.names_told & b.names_told or (_ALL,)
        found = (self._days.get(key, []) for key in shared)
        return max(1, min(bisect_right(days, end) - bisect_left(days, start) for days in found))

    def strangers(self, i: int, j: int) -> int:
        """Return how many reports of the same days have no name in common with one of two, given by position.

        The smaller number of the two counts. Those with a common name may tell of the same attack; the others show how
        many attacks of these days there are.
        """
        return max(1, min(_MOST, self._strangers[i], self._strangers[j]))

    def _near(self, report: Report) -> int:
        return bisect_right(self._first, report.days[1]) - bisect_left(self._last, report.days[0])


def _kin(reports: Sequence[Report], pairs: Iterable[tuple[int, int]]) -> Counter[int]:
    """Return for each report with how many others of the same days it has a name in common."""
    found: Counter[int] = Counter()
    for i, j in pairs:
        a, b = reports[i], reports[j]
        if gap(a, b) <= 0 and a.names_told & b.names_told:
            found[i] += bool(reports[j].event)
            found[j] += bool(reports[i].event)
    return found


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
