"""On which days an event may have happened, read more loosely than `inference.dates`: only to compare reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import regex

from inference.dates import Day, resolve

Days = tuple[int, int]
ALWAYS: Days = (1, Day.max.toordinal())  # of an event of which nothing is known
BACK = 14  # days before its publication on which an event without a date may have happened
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_DAY = regex.compile(
    rf"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{{1,2}} (?:{_MONTHS})|(?:{_MONTHS}) \d{{1,2}})\b(?: \d{{4}})?",
    regex.IGNORECASE,
)
_NOT_THEN = regex.compile(r"\b(?:since|until|till|before|after|earlier|later|following|ago)\s+(?:on\s+)?$", regex.I)


def days_of(event: Mapping[str, Any], mentions: Iterable[str], published: int | None) -> tuple[Days, bool]:
    """Return the first and last day on which an event may have happened, and whether the article tells them.

    Args:
        event: The event, as `to_dict()` returns it.
        mentions: The words for its date.
        published: Day of the article, as an ordinal.

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
    for words in mentions:
        for match in _DAY.finditer(words):
            found = resolve(match[0], Day.fromordinal(published))
            if found and not _NOT_THEN.search(words[: match.start()]):
                # In 'the night to Saturday' the day before is meant, too.
                return (found.start.toordinal() - 1, found.end.toordinal()), True
    return (max(1, published - BACK), published), False
