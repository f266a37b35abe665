"""What a text tells beside its spans: names by the event that it tells nearest, figures, countries and days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import regex

from annotations.text.sentences import split_sentences
from inference.dates import Day, resolve
from inference.incidents.spelling import is_name, name_keys, place_keys, sound, words
from inference.numbers.exact import SPELLED
from inference.places.nations import country_names, demonyms

Key = TypeVar("Key")
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}\p{N}'’.]*")
_NAMES_FIRST = regex.compile(r"\W*[,—–-]")  # after the name of a place that begins a sentence or a dateline
_JOINTS = frozenset({" ", "-", "–"})  # between the parts of a name that others write as one word


def told_names(text: str | None, record: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Return the keys of the proper names in a text by event: each belongs to the event with the nearest span.

    Without the text, the names in all spans are taken.

    Example:
        >>> record = {"spans": [{"id": "S1", "start": 2}], "events": [{"id": "E1", "triggers": ["S1"]}]}
        >>> sorted(told_names("A blast hit Khalis on Monday.", record)["E1"])
        ['kls']
    """
    return by_event(_names(text) if text else _of_spans(record), record)


def by_event(keyed: Iterable[tuple[int, Key]], record: Mapping[str, Any]) -> dict[str, frozenset[Key]]:
    """Give each key of a text to the event with the nearest span."""
    starts = {span["id"]: span["start"] for span in record["spans"]}
    anchors = [(starts[i], event["id"]) for event in record["events"] for i in _spans(event)]
    found: dict[str, set[Key]] = {event["id"]: set() for event in record["events"]}
    if len(found) == 1:
        return {event: frozenset(key for _, key in keyed) for event in found}
    for offset, key in keyed if anchors else ():
        found[min(anchors, key=lambda anchor: abs(anchor[0] - offset))[1]].add(key)
    return {event: frozenset(keys) for event, keys in found.items()}


def _spans(event: Mapping[str, Any]) -> Iterator[str]:
    yield from event["triggers"]
    for role in ("weapons", "targets", "locations", "dates"):
        yield from event.get(role, ())
    for role in ("perpetrators", "victims"):
        for who in event.get(role, ()):
            yield from who["spans"]


def _of_spans(record: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    for span in record["spans"]:
        keys = place_keys(span["text"])[0] if span["label"] == "LOCATION" else name_keys(span["text"])
        yield from ((span["start"], key) for key in keys)


def _names(text: str) -> Iterator[tuple[int, str]]:
    """Yield the keys of names with their offsets, and those of two names that others may write as one.

    A word that begins a sentence is a name only if what follows shows it.
    """
    sentences = split_sentences(text)
    for number in range(len(sentences.starts)):
        start, end = sentences.bounds(number)
        found = list(_WORD.finditer(text, start, end))
        names = ["".join(words(match[0])[:1]) for match in found]
        for at, (match, name) in enumerate(zip(found, names, strict=True)):
            if not name or not is_name(name):
                continue
            follows = at + 1 < len(found) and names[at + 1] and is_name(names[at + 1])
            if at or follows or _NAMES_FIRST.match(text, match.end()):
                yield match.start(), sound(name)
                if follows and text[match.end() : found[at + 1].start()] in _JOINTS:
                    yield match.start(), sound(name + names[at + 1])


_FIGURE = regex.compile(r"(?<![\p{L}\p{N}.,:/-])(?:\d{1,3}(?:,\d{3})+|\d+)(?![\p{L}\p{N}:/-]|[.,]\d)")
_SPELLED = {word: number for number, word in enumerate(SPELLED)}
_FEWEST, _YEARS = 10, range(1900, 2100)  # smaller figures stand in most texts; years are no figures
_NATION = regex.compile(r"\b\p{Lu}[\p{L}\p{M}]+(?=((?:[ -]\p{Lu}[\p{L}\p{M}]+){0,2}))")
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_DAY_WORDS = rf"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{{1,2}} (?:{_MONTHS})|(?:{_MONTHS}) \d{{1,2}})\b"
_COUNTS = "|".join(("a", *SPELLED[1:15], r"\d{1,2}"))
_DAY = regex.compile(rf"{_DAY_WORDS}|\b(?P<count>{_COUNTS}) (?P<unit>day|night|week)s?\b", regex.IGNORECASE)


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


Days = tuple[int, int]
ALWAYS: Days = (1, Day.max.toordinal())  # of an event of which nothing is known
BACK = 14  # days before its publication on which an event without a date may have happened
_DATE = regex.compile(rf"{_DAY_WORDS}(?: \d{{4}})?", regex.IGNORECASE)
_NOT_THEN = regex.compile(r"\b(?:since|until|till|before|after|earlier|later|following|ago)\s+(?:on\s+)?$", regex.I)


def days_of(event: Mapping[str, Any], mentions: Iterable[str], published: int | None) -> tuple[Days, bool]:
    """Return the first and last day on which an event may have happened, and whether the article tells them.

    It is read more loosely than `inference.dates` does: only to compare reports.

    Example:
        >>> on = Day(1998, 11, 29).toordinal()
        >>> days, told = days_of({}, ["the night to Saturday"], on)
        >>> [Day.fromordinal(day).isoformat() for day in days], told
        (['1998-11-27', '1998-11-28'], True)
    """
    if date := event.get("date"):
        return (Day.fromisoformat(date["start"]).toordinal(), Day.fromisoformat(date["end"]).toordinal()), True
    if published is None:
        return ALWAYS, False
    for mention in mentions:
        for match in _DATE.finditer(mention):
            found = resolve(match[0], Day.fromordinal(published))
            if found and not _NOT_THEN.search(mention[: match.start()]):
                # In 'the night to Saturday' the day before is meant, too.
                return (found.start.toordinal() - 1, found.end.toordinal()), True
    return (max(1, published - BACK), published), False
