"""What speaks for and against two reports telling of one attack."""

from __future__ import annotations

from collections.abc import Iterator

from inference.incidents.report import ANY_TYPE, Report, gap

# Types that reports of one attack may have; any may be an unspecified one, too.
_NEAR_TYPES = (
    frozenset({"bombing", "shelling", "air_strike"}),
    frozenset({"armed_assault", "armed_clash", "assassination", "territorial_seizure"}),
    frozenset({"armed_assault", "bombing", "arson_sabotage"}),
    frozenset({"armed_assault", "unarmed_assault", "assassination"}),
    frozenset({"armed_assault", "abduction", "hijacking"}),
)
NEAR = frozenset((a, b) for types in _NEAR_TYPES for a in types for b in types if a != b)
_NEXT = 1  # days between two dates of which one may be that of the article
_SOON = 3  # days from an attack to most of its reports
_LATE = 7
_LITTLE_LESS = 0.7
_TELLING = 3  # dead or wounded, of which the same number is no coincidence


def evidence(a: Report, b: Report) -> Iterator[str]:
    """Yield the names of what speaks for and against one attack; each has a weight in `weights.json`.

    What only one of the two reports tells is no evidence. The order of the two does not matter.
    """
    yield _day(a, b)
    yield _type(a.kind, b.kind)
    if a.stage != b.stage:
        yield "stage_differs"
    if not (a.first and b.first):
        yield "told_later"
    yield from _names(a, b)
    if a.countries and b.countries:
        yield "country_same" if a.countries & b.countries else "country_differs"
    if shared := len(a.figures & b.figures):
        yield "figure_one" if shared == 1 else "figure_many"
    for kind in ("killed", "injured", "abducted"):
        if kind in a.tolls and kind in b.tolls:
            yield from _toll(kind, a, b)


def _day(a: Report, b: Report) -> str:
    apart = gap(a, b)
    if a.dated and b.dated:
        if apart > 0:
            near = "next" if apart <= _NEXT else "apart"
            return f"day_{near}_told" if tells(a, b) or tells(b, a) else f"day_{near}"
        return "day_same" if a.days == b.days and a.days[0] == a.days[1] else "day_overlaps"
    if apart > 0:
        return "day_apart"
    if a.published is None or b.published is None:
        return "day_unknown"
    if tells(a, b) or tells(b, a):
        return "day_meant"
    if a.dated or b.dated:
        dated, other = (a, b) if a.dated else (b, a)
        after = (other.published or 0) - dated.days[1]
    else:
        after = abs(a.published - b.published)
    return "day_soon" if after <= _SOON else "day_later" if after <= _LATE else "day_late"


def tells(a: Report, b: Report) -> bool:
    """Return whether a text tells the day on which the event of another one happened."""
    return b.dated and b.days[0] == b.days[1] and b.days[0] in a.days_told


def _type(a: str, b: str) -> str:
    if a == b:
        return "type_same"
    if ANY_TYPE in (a, b):
        return "type_open"
    return "type_near" if (a, b) in NEAR else "type_differs"


def _names(a: Report, b: Report) -> Iterator[str]:
    """Names that both reports have: first of places, then of anything."""
    if a.places & b.places:
        yield "place_same"
    elif a.places & (b.names | b.regions | b.told) or b.places & (a.names | a.regions | a.told):
        yield "place_within"
    elif a.places and b.places:
        yield "place_differs"
    if _elsewhere(a, b) and _elsewhere(b, a):
        yield "place_each"
    if a.regions & b.regions:
        yield "region_same"
    if a.doers and b.doers:
        yield "doer_same" if a.doers & b.doers else "doer_differs"
    if a.names & b.names:
        yield "victim_same"
    if a.heads & b.heads:
        yield "head_same"
    common = (a.told | a.places | a.names) & (b.told | b.places | b.names)
    if common & (a.doers | b.doers):
        yield "names_doer"
    shared = len(common)
    yield ("names_none", "names_one", "names_two", "names_many")[min(shared, 3)]


def _elsewhere(a: Report, b: Report) -> bool:
    """Whether one tells a place that the other one names nowhere."""
    return bool(a.places - b.places - b.regions - b.names - b.told)


def _toll(kind: str, a: Report, b: Report) -> Iterator[str]:
    if kind in a.implied or kind in b.implied:
        return
    one, other = sorted((a, b), key=lambda report: (report.published or 0, report.key))
    first, later = one.tolls[kind], other.tolls[kind]
    low, high = first.min, later.min
    if low is None or high is None:
        return
    name = "killed" if kind == "killed" else "harmed"
    if low == high:
        yield f"{name}_equal" if low >= _TELLING else f"{name}_equal_few"
    elif low < high:
        yield f"{name}_rises" if high <= max(2 * low, low + 3) else f"{name}_soars"
    else:
        yield f"{name}_drops" if high >= _LITTLE_LESS * low else f"{name}_falls"
