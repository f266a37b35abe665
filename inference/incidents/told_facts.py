"""Figures, countries and days of a text: what it tells beside names."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from inference.dates import Day, resolve
from inference.numbers.spelled import SPELLED
from inference.places.nations import country_names, demonyms

_FIGURE = regex.compile(r"(?<![\p{L}\p{N}.,:/-])(?:\d{1,3}(?:,\d{3})+|\d+)(?![\p{L}\p{N}:/-]|[.,]\d)")
_SPELLED = {word: number for number, word in enumerate(SPELLED)}
_FEWEST, _YEARS = 10, range(1900, 2100)  # smaller figures stand in most texts; years are no figures
_NATION = regex.compile(r"\b\p{Lu}[\p{L}\p{M}]+(?=((?:[ -]\p{Lu}[\p{L}\p{M}]+){0,2}))")
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_COUNTS = "|".join(("a", *SPELLED[1:15], r"\d{1,2}"))
_DAY = regex.compile(
    rf"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{{1,2}} (?:{_MONTHS})|(?:{_MONTHS}) \d{{1,2}})\b"
    rf"|\b(?P<count>{_COUNTS}) (?P<unit>day|night|week)s?\b",
    regex.IGNORECASE,
)


def told_figures(text: str) -> Iterator[tuple[int, int]]:
    """Yield the figures from 10 on, with their offsets.

    Example:
        >>> sorted(figure for _, figure in told_figures("Twelve of 1,250 men, 9 of them boys, died at 12:30 in 2009."))
        [12, 1250]
    """
    for match in _FIGURE.finditer(text):
        number = int(match[0].replace(",", "")) if len(match[0]) < 10 else 0  # noqa: PLR2004
        if number >= _FEWEST and number not in _YEARS:
            yield match.start(), number
    for match in regex.finditer(r"\p{L}+", text):
        if _SPELLED.get(match[0].lower(), 0) >= _FEWEST:
            yield match.start(), _SPELLED[match[0].lower()]


def told_countries(text: str) -> frozenset[str]:
    """Return the codes of the countries that a text names, or whose people.

    Example:
        >>> sorted(told_countries("Sri Lankan troops, India said"))
        ['IN', 'LK']
    """
    names, people = country_names(), demonyms()
    found = set()
    for match in _NATION.finditer(text):
        parts = (match[0] + match[1]).casefold().replace("-", " ").split(" ")
        for length in range(len(parts), 0, -1):
            words = " ".join(parts[:length])
            if code := names.get(words) or people.get(words):
                found.add(code)
                break
    return frozenset(found)


def told_days(text: str, published: int | None) -> frozenset[int]:
    """Return the days before its publication that a text tells, as ordinals: weekdays, dates, 'three days ago'.

    The day of publication is told in most texts, for what somebody said.

    Example:
        >>> on = Day(2021, 3, 4).toordinal()
        >>> sorted(on - day for day in told_days("It began on Monday, two days before the raid, a week ago.", on))
        [2, 3, 7]
    """
    if published is None:
        return frozenset()
    on, found = Day.fromordinal(published), set()
    for match in _DAY.finditer(text):
        if match["unit"]:
            given = match["count"].lower()
            count = 1 if given == "a" else _SPELLED[given] if given in _SPELLED else int(given)
            found.add(published - count * (7 if match["unit"].lower() == "week" else 1))
        elif (day := resolve(match[0], on)) is not None:
            found.add(day.start.toordinal())
    return frozenset(found - {published})
