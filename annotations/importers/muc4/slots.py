"""From the slots of a MUC-4 template to candidates for spans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import regex

from annotations.importers.alignment.candidates import Candidate, Ledger
from annotations.importers.alignment.places import occurrences, trimmed_all
from annotations.importers.muc4 import search
from annotations.importers.muc4.keys import SLOTS, Filler, Template
from annotations.importers.muc4.tolls import MIXED, UNHARMED, counted, find_toll, harm
from annotations.importers.muc4.values import Location, Period, date_pattern, parse_date, parse_location

DATE, LOCATION = 2, 3  # slots
STRINGS = {6: "WEAPON", 9: "PERPETRATOR", 10: "PERPETRATOR", 12: "TARGET", 18: "VICTIM", 19: "VICTIM"}  # label by slot

BOUND = "only the latest possible day"
UNREADABLE = "not a readable date"
RELATIVE = "not found in the text as a day and month"
COARSE = "a country, and a place within it is marked"
NOWHERE_IN = "a country, and the text does not say 'in' it"

_IN = regex.compile(r"(?<!\w)in\s+(?:\w+\s+)?$", regex.IGNORECASE)  # 'in Peru', 'in northern Peru'
_BEFORE = 30  # characters searched before a country


def kind(slot: int) -> str:
    """Return the name of a slot in losses and meta."""
    return SLOTS[slot].lower()


def template_candidates(text: str, template: Template, event: int, ledger: Ledger) -> list[Candidate]:
    """Return the candidates of a template; values without any are losses."""
    start = search.body_start(text)
    strings = list(_strings(text, start, template, ledger))
    candidates = [
        *strings,
        *_tolls(text, template, strings, ledger),
        *_locations(text, start, template, ledger),
        *_dates(text, start, template, ledger),
    ]
    return [replace(candidate, events=frozenset([event])) for candidate in candidates]


def _strings(text: str, start: int, template: Template, ledger: Ledger) -> Iterator[Candidate]:
    for slot, label in STRINGS.items():
        for value in dict.fromkeys(value for filler in template.fillers(slot) for value in filler.values):
            found = search.find(text, value, start)
            places = trimmed_all(text, found.places)
            if label == "VICTIM":  # their number is a span of its own
                places = [inner for place in places if (inner := search.without_count(text, place))]
            if not places:
                ledger.lose(kind(slot), value, found.reason or search.COUNT_ONLY)
            elif found.read_as:
                ledger.read_as[value] = found.read_as
            yield from (Candidate(*place, label, None, kind(slot), value) for place in places)


def _tolls(text: str, template: Template, strings: Sequence[Candidate], ledger: Ledger) -> Iterator[Candidate]:
    others = [c.place for c in strings if c.label != "VICTIM"]
    for slot, filler in counted(template):
        value = _shown(filler)
        harms = harm(template, filler)
        if len(harms) != 1:
            ledger.lose(kind(slot), value, MIXED if harms else UNHARMED)
            continue
        victims = [c.place for c in strings if c.label == "VICTIM" and (c.value in filler.of or not filler.of)]
        places, reason = find_toll(text, filler.values, victims, others)
        if reason:
            ledger.lose(kind(slot), value, reason)
        yield from (Candidate(*place, "TOLL", harms[0], kind(slot), value) for place in places)


def _shown(filler: Filler) -> str:
    values = " / ".join(filler.values)
    return f"{values}: {' / '.join(filler.of)}" if filler.of else values


def _locations(text: str, start: int, template: Template, ledger: Ledger) -> Iterator[Candidate]:
    names = dict.fromkeys(place for line in template.slots[LOCATION] if line != "-" for place in parse_location(line))
    found = {place: _named(text, start, place) for place in names}
    finer = any(here.places for place, here in found.items() if not place.country)
    for place, here in found.items():
        if not here.places:
            ledger.lose(kind(LOCATION), place.name, here.reason)
        elif place.country and finer:
            ledger.lose(kind(LOCATION), place.name, COARSE)
        else:
            yield from (Candidate(*at, "LOCATION", None, kind(LOCATION), place.name) for at in here.places)


def _named(text: str, start: int, wanted: Location) -> search.Found:
    """Find a name exactly: with another letter it may be another place.

    A country that does not follow 'in' may mean its people or its government.
    """
    everywhere = occurrences(text, wanted.name)
    places = tuple(place for place in everywhere if place[0] >= start)
    if not places:
        return search.Found((), search.HEADING if everywhere else search.ABSENT)
    if wanted.country:
        places = tuple(place for place in places if _IN.search(text, max(start, place[0] - _BEFORE), place[0]))
    return search.Found(places, "" if places else NOWHERE_IN)


def _dates(text: str, start: int, template: Template, ledger: Ledger) -> Iterator[Candidate]:
    for line in template.slots[DATE]:
        if line in ("-", ""):
            continue
        readings = [_dated(text, start, period) for period in parse_date(line)]
        places = dict.fromkeys(place for found in readings for place in found.places)
        if not places:
            ledger.lose(kind(DATE), line, readings[0].reason)
        yield from (Candidate(*place, "DATE", None, kind(DATE), line) for place in places)


def _dated(text: str, start: int, period: Period | None) -> search.Found:
    if period is None:
        return search.Found((), UNREADABLE)
    pattern = date_pattern(period)
    if pattern is None:
        return search.Found((), BOUND)
    matches = (match.span() for match in pattern.finditer(text, start, search.body_end(text)))
    places = tuple(trimmed_all(text, matches))
    return search.Found(places, "" if places else RELATIVE)
