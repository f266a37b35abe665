"""Parsing the slots of MUC-4 that are not strings of the text: numbers, dates and places."""

from __future__ import annotations

import calendar
from dataclasses import dataclass

import regex

from annotations.importers.muc4.keys import alternatives, split_outside, without_parentheses
from annotations.quantity import Toll

PLURAL = "PLURAL"
MONTHS = tuple(name.upper() for name in calendar.month_name)  # MONTHS[1] is January

_NUMBER = regex.compile(r"(?P<about>~)?\s*(?:(?P<low>\d+)\s*(?P<open>-)?\s*(?P<high>\d+)?|-\s*(?P<most>\d+))")
_DAY = regex.compile(r"(?:(?P<day>\d{1,2})\s+)?(?P<month>\p{L}{3,9})(?:\s+(?P<year>\d{2}))?")


def parse_number(text: str) -> Toll | None:
    """Parse a number of people or things; None if it is none.

    Example:
        >>> parse_number("~30"), parse_number("6-"), parse_number("- 4").max
        (Toll(min=30, max=30, approximate=True), Toll(min=6, max=None, approximate=False), 4)
        >>> parse_number("PLURAL"), parse_number("NONE")
        (Toll(min=2, max=None, approximate=True), None)
    """
    if text.strip() == PLURAL:  # more than one, no exact number
        return Toll(2, None, approximate=True)
    match = _NUMBER.fullmatch(text.strip())
    if not match:
        return None
    about = bool(match["about"])
    if match["most"]:
        return Toll(None, int(match["most"]), about)
    low = int(match["low"])
    if match["high"]:
        return Toll(low, int(match["high"]), about)
    return Toll(low, None if match["open"] else low, about)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a key. The day and the year may be missing; the year has two digits."""

    day: int | None
    month: int
    year: int | None


@dataclass(frozen=True, slots=True)
class Period:
    """When an incident happened: from the first day, None if unknown, to the last one."""

    first: Day | None
    last: Day


def parse_date(text: str) -> tuple[Period | None, ...]:
    """Parse the alternatives of a date slot; None for one that cannot be parsed.

    Example:
        >>> parse_date("- 05 DEC 89 / (04 DEC 89 - 05 DEC 89)")[0]
        Period(first=None, last=Day(day=5, month=12, year=89))
        >>> parse_date("YESTERDAY")
        (None,)
    """
    return tuple(_period(part) for part in alternatives(text))


def _period(text: str) -> Period | None:
    first, dash, last = text.rpartition("-")
    end = _day(last)
    start = _day(first) if first.strip() else None
    if end is None or (first.strip() and start is None):
        return None
    return Period(start if dash else end, end)


def _day(text: str) -> Day | None:
    match = _DAY.fullmatch(text.strip())
    months = [n for n, name in enumerate(MONTHS) if n and match and name.startswith(match["month"].upper())]
    if not match or not months:
        return None
    return Day(int(match["day"]) if match["day"] else None, months[0], int(match["year"]) if match["year"] else None)


def date_pattern(period: Period) -> regex.Pattern[str] | None:
    """Return a pattern for a period; None if it has no first day and is only a bound.

    Example:
        >>> pattern = date_pattern(parse_date("12 FEB 90 - 13 FEB 90")[0])
        >>> [match[0] for match in pattern.finditer("ON 12 AND 13 FEBRUARY 1990, NOT ON 13 FEBRUARY 1989 OR 3 FEB")]
        ['12 AND 13 FEBRUARY 1990']
    """
    first, last = period.first, period.last
    if first is None:
        return None
    forms = [_day_forms(day) for day in dict.fromkeys((first, last))]
    if first != last and first.month == last.month and first.day and last.day:
        if first.day == 1 and last.day == calendar.monthrange(1900 + (last.year or 0), last.month)[1]:
            forms = [rf"(?<!\d\s){_month(last)}"]  # a whole month
        else:
            joined = r"\s*(?:-|TO|AND|OR|THROUGH)\s*"
            forms.insert(0, rf"0?{first.day}{joined}0?{last.day}\s+{_month(last)}")
    return regex.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", regex.IGNORECASE)


def _day_forms(day: Day) -> str:
    if day.day is None:
        return rf"(?<!\d\s){_month(day)}"
    name = MONTHS[day.month]
    return rf"0?{day.day}\s+{_month(day)}|{name}\s+0?{day.day}{_year(day)}"


def _month(day: Day) -> str:
    name = MONTHS[day.month]
    return rf"(?:{name}|{name[:3]}\b){_year(day)}"


def _year(day: Day) -> str:
    """Return a pattern for the right year or none; with another year it is another day."""
    year = rf"(?:,?\s+(?:19)?{day.year:02d}\b)?+" if day.year is not None else ""
    return rf"{year}(?!,?\s+19\d\d\b)"


@dataclass(frozen=True, slots=True)
class Location:
    """A place of a key: its name, its kind if given, and whether it is a country."""

    name: str
    kind: str = ""
    country: bool = False


def parse_location(text: str) -> tuple[Location, ...]:
    """Parse a location slot: every place of all alternatives, each once.

    Example:
        >>> parse_location("(PERU: LIMA (CITY) - ICA (CITY / TOWN)) / (PERU)")
        (Location(name='PERU', kind='', country=True), Location(name='LIMA', kind='CITY', country=False), \
Location(name='ICA', kind='CITY / TOWN', country=False))
    """
    places = []
    for option in split_outside(without_parentheses(text.lstrip("? ")), "/"):
        for depth, part in enumerate(split_outside(without_parentheses(option), ":")):
            for piece in regex.split(r"\s+-\s+", part):
                match = regex.fullmatch(r"(?P<name>[^(]*?)\s*(?:\((?P<kind>.*)\))?", piece.strip())
                if match and match["name"]:
                    places.append(Location(match["name"], match["kind"] or "", country=depth == 0))
    return tuple(dict.fromkeys(places))
