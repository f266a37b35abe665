"""How many attacks of the same days share what two reports share: in a crowd it tells less."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable

from inference.incidents.report import Report

_ALL = ""  # the key that every report has
_AROUND = 14  # days before and after
_MOST = 20  # reports of the same days, above which more of them change nothing


class Crowd:
    """Counts of reports by day and name.

    Args:
        reports: All reports that are merged.
    """

    def __init__(self, reports: Iterable[Report]) -> None:
        days: dict[str, set[int]] = defaultdict(set)
        held = list(reports)
        for report in held:
            if report.dated:
                for key in (_ALL, *report.names_told):
                    days[key].add(report.days[1])
        self._days = {key: sorted(found) for key, found in days.items()}
        spans = {(report.document, report.days) for report in held}  # of an article's events, one for the same days
        self._first = sorted(days[0] for _, days in spans)
        self._last = sorted(days[1] for _, days in spans)

    def days(self, a: Report, b: Report) -> int:
        """Return on how many days of these weeks there were attacks with the rarest name that both reports have.

        Days and not reports: an attack with many reports is no crowd. Without a common name, all days with attacks.
        """
        start, end = min(a.days[1], b.days[1]) - _AROUND, max(a.days[1], b.days[1]) + _AROUND
        shared = a.names_told & b.names_told or (_ALL,)
        found = (self._days.get(key, []) for key in shared)
        return max(1, min(bisect_right(days, end) - bisect_left(days, start) for days in found))

    def reports(self, a: Report, b: Report) -> int:
        """Return how many reports there are of the days of that one of two reports that tells the day better."""
        return max(1, min(_MOST, self._near(a), self._near(b)))

    def _near(self, report: Report) -> int:
        return bisect_right(self._first, report.days[1]) - bisect_left(self._last, report.days[0])
