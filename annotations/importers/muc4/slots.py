"""From the slots of a MUC-4 template to marks in its text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import regex

from annotations.importers.alignment import occurrences
from annotations.importers.base import Loss
from annotations.importers.muc4.keys import SLOTS, Filler, Template
from annotations.importers.muc4.overlaps import Mark
from annotations.importers.muc4.search import (
    ABSENT,
    COUNT_ONLY,
    HEADING,
    Found,
    Place,
    body_end,
    body_start,
    find,
    trimmed,
)
from annotations.importers.muc4.tolls import MIXED, UNHARMED, counted, find_toll, harm
from annotations.importers.muc4.values import Location, Period, date_pattern, parse_date, parse_location

DATE, LOCATION = 2, 3  # slots
STRINGS = {6: "WEAPON", 9: "PERPETRATOR", 10: "PERPETRATOR", 12: "TARGET", 18: "VICTIM", 19: "VICTIM"}  # label by slot

BOUND = "is only the latest day possible"
UNREADABLE = "is no date that can be read"
RELATIVE = "does not stand in the text as a day and month"
COARSE = "is a country, and a finer place of it is marked"
NOWHERE_IN = "is a country, and the text does not say 'in' it"

_IN = regex.compile(r"(?<!\w)in\s+(?:\w+\s+)?$", regex.IGNORECASE)  # 'in Peru', 'in northern Peru'
_BEFORE = 30  # characters in front of a country that are looked at


@dataclass(slots=True)
class Ledger:
    """What was lost and found in a document.

    Args:
        document: Its id.
        losses: Values that did not come over.
        aligned: Number of values that did, by slot.
        read_as: Strings of the key that the text has otherwise, with the words of the text.
    """

    document: str
    losses: list[Loss] = field(default_factory=list)
    aligned: Counter[str] = field(default_factory=Counter)
    read_as: dict[str, str] = field(default_factory=dict)

    def lose(self, slot: int, value: str, reason: str) -> None:
        """Note a value that does not come over."""
        self.losses.append(Loss(self.document, kind(slot), value, reason))


def kind(slot: int) -> str:
    """Return the name of a slot as losses and meta have it."""
    return SLOTS[slot].lower()


def template_marks(text: str, template: Template, event: int, ledger: Ledger) -> list[Mark]:
    """Return every mark that a template gives; what gives none goes to the ledger.

    Args:
        text: The text.
        template: One incident.
        event: Its number, counted from 0.
        ledger: Takes losses.
    """
    start = body_start(text)
    strings = list(_strings(text, start, template, event, ledger))
    return [
        *strings,
        *_tolls(text, template, event, strings, ledger),
        *_locations(text, start, template, event, ledger),
        *_dates(text, start, template, event, ledger),
    ]


def _strings(text: str, start: int, template: Template, event: int, ledger: Ledger) -> Iterator[Mark]:
    for slot, label in STRINGS.items():
        for value in dict.fromkeys(value for filler in template.fillers(slot) for value in filler.values):
            found = find(text, value, start)
            # How many victims there are is a span of its own.
            smaller = [trimmed(text, place, count=label == "VICTIM") for place in found.places]
            places = [place for place in smaller if place]
            if not places:
                ledger.lose(slot, value, found.reason or COUNT_ONLY)
                continue
            if found.read_as:
                ledger.read_as[value] = found.read_as
            yield from (Mark(place, label, kind(slot), value, event) for place in places)


def _tolls(text: str, template: Template, event: int, strings: Sequence[Mark], ledger: Ledger) -> Iterator[Mark]:
    others = [mark.place for mark in strings if mark.label != "VICTIM"]
    for slot, filler in counted(template):
        value = _shown(filler)
        harms = harm(template, filler)
        if len(harms) != 1:
            ledger.lose(slot, value, MIXED if harms else UNHARMED)
            continue
        victims = [m.place for m in strings if m.label == "VICTIM" and (m.value in filler.of or not filler.of)]
        places, reason = find_toll(text, filler.values, victims, others)
        if reason:
            ledger.lose(slot, value, reason)
        yield from (Mark(place, "TOLL", kind(slot), value, event, harms[0]) for place in places)


def _shown(filler: Filler) -> str:
    values = " / ".join(filler.values)
    return f"{values}: {' / '.join(filler.of)}" if filler.of else values


def _locations(text: str, start: int, template: Template, event: int, ledger: Ledger) -> Iterator[Mark]:
    names = dict.fromkeys(place for line in template.slots[LOCATION] if line != "-" for place in parse_location(line))
    found = {place: _named(text, start, place) for place in names}
    finer = any(here.places for place, here in found.items() if not place.country)
    for place, here in found.items():
        if not here.places:
            ledger.lose(LOCATION, place.name, here.reason)
        elif place.country and finer:
            ledger.lose(LOCATION, place.name, COARSE)
        else:
            yield from (Mark(at, "LOCATION", kind(LOCATION), place.name, event) for at in here.places)


def _named(text: str, start: int, wanted: Location) -> Found:
    """Find a name exactly: a name that differs in a letter may be that of another place.

    A country that the text names elsewhere than behind 'in' stands for its people or its government.
    """
    everywhere = occurrences(text, wanted.name)
    places = tuple(place for place in everywhere if place[0] >= start)
    if not places:
        return Found((), HEADING if everywhere else ABSENT)
    if wanted.country:
        places = tuple(place for place in places if _IN.search(text, max(start, place[0] - _BEFORE), place[0]))
    return Found(places, "" if places else NOWHERE_IN)


def _dates(text: str, start: int, template: Template, event: int, ledger: Ledger) -> Iterator[Mark]:
    for line in template.slots[DATE]:
        if line in ("-", ""):
            continue
        readings = [_dated(text, start, period) for period in parse_date(line)]
        places = dict.fromkeys(place for found in readings for place in found.places)
        if not places:
            ledger.lose(DATE, line, readings[0].reason)
        yield from (Mark(place, "DATE", kind(DATE), line, event) for place in places)


def _dated(text: str, start: int, period: Period | None) -> Found:
    if period is None:
        return Found((), UNREADABLE)
    pattern = date_pattern(period)
    if pattern is None:
        return Found((), BOUND)
    places: list[Place] = [match.span() for match in pattern.finditer(text, start, body_end(text))]
    smaller = tuple(place for place in (trimmed(text, whole) for whole in places) if place)
    return Found(smaller, "" if smaller else RELATIVE)
