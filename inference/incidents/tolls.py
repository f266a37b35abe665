"""The toll of an incident, from the tolls of its reports.

The best figure follows the rule of the Global Terrorism Database (its codebook, 'Total Number of Fatalities'): the most
recent source counts; where several most recent sources differ, the figure that most of them give, and if there is none,
the lowest. ACLED takes the lowest estimate where sources differ and corrects it when a better one appears, which mostly
gives the same figure. Before that, a figure of a report beats a single victim told in words, and an exact figure beats
a vague one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from annotations.quantity import Toll
from inference.dates import Day
from inference.incidents.incident import TollOverTime, TollReport
from inference.incidents.report import Report


def tolls_over_time(members: Sequence[Report]) -> dict[str, TollOverTime]:
    """Return the toll of an incident by kind.

    Args:
        members: Its reports; their order does not matter.
    """
    kinds = dict.fromkeys(kind for report in members for kind in report.tolls)
    order = sorted(members, key=lambda report: (report.published or 0, report.key))
    return {kind: _one_kind(kind, [report for report in order if kind in report.tolls]) for kind in sorted(kinds)}


def _one_kind(kind: str, told: Sequence[Report]) -> TollOverTime:
    reports = tuple(TollReport(_day(one.published), one.document, one.tolls[kind]) for one in told)
    figures = [one for one in told if kind not in one.implied] or list(told)
    exact = [one for one in figures if _is_exact(one.tolls[kind])] or figures
    bounds = [one.tolls[kind] for one in figures]
    latest = [one.tolls[kind] for one in exact if one.published == exact[-1].published]
    lows = [toll.min for toll in bounds if toll.min is not None]
    highs = [
        number for toll in bounds for number in (toll.max if toll.max is not None else toll.min,) if number is not None
    ]
    return TollOverTime(_best(latest), min(lows, default=None), max(highs, default=None), reports)


def _is_exact(toll: Toll) -> bool:
    return toll.min is not None and not toll.approximate


def _best(tolls: Iterable[Toll]) -> Toll:
    """Return the toll that most sources give, and the lowest of several such."""
    counted = Counter(tolls)
    most = max(counted.values())
    often = [toll for toll, count in counted.items() if count == most]
    if most * 2 <= sum(counted.values()):  # no majority
        often = list(counted)
    return min(often, key=lambda toll: (toll.min is None, toll.min or 0, toll.max is None, toll.max or 0))


def _day(ordinal: int | None) -> Day | None:
    return Day.fromordinal(ordinal) if ordinal else None
