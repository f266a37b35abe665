"""How many other attacks are told of the same days: in a crowd, what two reports share tells less."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from inference.incidents.report import Report

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
    """Return for each report with how many others it has a name in common, of those that it is compared with."""
    found: Counter[int] = Counter()
    for i, j in pairs:
        if reports[i].names_told & reports[j].names_told:
            found[i] += bool(reports[j].event)
            found[j] += bool(reports[i].event)
    return found
