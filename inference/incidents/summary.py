"""An incident from the reports that tell of it.

The best figure of a toll follows the rule of the Global Terrorism Database (its codebook, 'Total Number of
Fatalities'): the most recent source counts; where several most recent sources differ, the figure that most of them
give, and if there is none, the lowest. ACLED takes the lowest estimate where sources differ and corrects it when a
better one appears, which mostly gives the same figure. Before that, a figure of a report beats people told in
words, and an exact figure beats a vague one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from annotations.quantity import Toll
from inference.dates import Day
from inference.entities.spelling import name_key
from inference.incidents.incident import Incident, Member, Mention, TollOverTime, TollReport
from inference.incidents.report import ANY_TYPE, Report
from inference.incidents.spelling import name_keys, place_keys, sound

_HASH = 12  # hexadecimal digits


def summarise(
    members: Sequence[Report], scores: Mapping[tuple[str, str], float], mentions: tuple[Mention, ...] = ()
) -> Incident:
    """Return an incident."""
    days = _days([report.days for report in members if report.dated])
    stages = Counter(report.stage for report in members)
    return Incident(
        _id(members),
        _kind(members),
        max(report.score for report in members),
        tuple(Member(report.document, report.event, scores[report.key]) for report in members),
        *days,
        min(stages, key=lambda stage: (-stages[stage], stage)),
        _places(members),
        _people(report.shown["perpetrators"] for report in members),
        _people(report.shown["victims"] for report in members),
        tolls_over_time(members),
        mentions,
    )


def _id(members: Sequence[Report]) -> str:
    content = "\n".join(f"{document}\t{event}" for document, event in (report.key for report in members))
    return f"i{hashlib.sha256(content.encode('utf-8', 'surrogatepass')).hexdigest()[:_HASH]}"


def _kind(members: Sequence[Report]) -> str:
    weight = Counter(report.kind for report in members)
    known = {kind: count for kind, count in weight.items() if kind != ANY_TYPE} or weight
    best = {kind: max(report.score for report in members if report.kind == kind) for kind in known}
    return min(known, key=lambda kind: (-known[kind], -best[kind], kind))


def _days(intervals: Sequence[tuple[int, int]]) -> tuple[Day | None, Day | None]:
    """Return the days that most reports allow, of these the fewest: the day, where a report tells it."""
    if not intervals:
        return None, None
    counted = Counter(intervals)
    agreeing = {
        one: sum(count for other, count in counted.items() if other[0] <= one[0] and one[1] <= other[1])
        for one in counted
    }
    start, end = min(counted, key=lambda one: (-agreeing[one], one[1] - one[0], -counted[one], one))
    return Day.fromordinal(start), Day.fromordinal(end)


def _places(members: Sequence[Report]) -> tuple[str, ...]:
    keyed = [(place_keys(place)[0], place, report) for report in members for place in report.shown["places"]]
    exact = [(keys, place) for keys, place, report in keyed if keys & report.places]
    told = exact or [(keys, place) for keys, place, _ in keyed]
    return _ordered((max(keys, key=len, default=sound(place)), place) for keys, place in told)


def _people(mentions: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    held = [mention for names in mentions for mention in names]
    named = [name for name in held if name_keys(name)]
    others = [name for name in held if not name_keys(name)]
    return tuple(name for part in (named, others) for name in _ordered((name_key(name), name) for name in part))


def _ordered(keyed: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return one spelling for each key: the most frequent key first, and the most frequent spelling of it."""
    held = [(key, name) for key, name in keyed if key]
    counts, spellings = Counter(key for key, _ in held), Counter(held)
    return tuple(
        min((name for other, name in spellings if other == key), key=lambda name: (-spellings[key, name], name))
        for key in sorted(counts, key=lambda key: (-counts[key], key))
    )


def tolls_over_time(members: Sequence[Report]) -> dict[str, TollOverTime]:
    """Return the toll of an incident by kind."""
    kinds = dict.fromkeys(kind for report in members for kind in report.tolls)
    order = sorted(members, key=lambda report: (report.published or 0, report.key))
    return {kind: _one_kind(kind, [report for report in order if kind in report.tolls]) for kind in sorted(kinds)}


def _one_kind(kind: str, told: Sequence[Report]) -> TollOverTime:
    reports = tuple(TollReport(_date(one.published), one.document, one.tolls[kind]) for one in told)
    figures = [one for one in told if kind not in one.implied] or list(told)
    exact = [one for one in figures if one.tolls[kind].min is not None and not one.tolls[kind].approximate] or figures
    bounds = [one.tolls[kind] for one in figures]
    latest = [one.tolls[kind] for one in exact if one.published == exact[-1].published]
    lows = [toll.min for toll in bounds if toll.min is not None]
    highs = [toll.max if toll.max is not None else toll.min for toll in bounds]
    most = max((number for number in highs if number is not None), default=None)
    return TollOverTime(_best(latest), min(lows, default=None), most, reports)


def _best(tolls: Iterable[Toll]) -> Toll:
    """Return the toll that most sources give, and the lowest of several such."""
    counted = Counter(tolls)
    most = max(counted.values())
    often = [toll for toll, count in counted.items() if count == most]
    if most * 2 <= sum(counted.values()):  # no majority
        often = list(counted)
    return min(often, key=lambda toll: (toll.min is None, toll.min or 0, toll.max is None, toll.max or 0))


def _date(ordinal: int | None) -> Day | None:
    return Day.fromordinal(ordinal) if ordinal else None
