"""Resolve the words for a date to days of the calendar; what is unclear stays open."""

from __future__ import annotations

from datetime import date

import regex

from annotations.text.reading import plain
from inference.dates.calendar_words import MONTH, changes_nothing
from inference.dates.patterns import meanings
from inference.dates.when import When

_LONGEST = 100  # characters of a mention; longer ones hold more than a date
_RANGE = regex.compile(r"(?P<left>.+?)(?: ?[-–—] ?| (?:and|to|until|till|through|into) )(?P<right>.+)")
_OPENING = regex.compile(r"^(?:between|from|in|on|the) ")
# Words that count from the day of the article, also in front of a later date.
_FROM_ARTICLE = regex.compile(r"\b(?:last|this|past|ago|today|tonight|yesterday)\b")
_DAY_LEFT = regex.compile(r"\d{1,2}(?:st|nd|rd|th)?$")
_DAY_AND_MONTH = regex.compile(rf"\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{MONTH}")
_DAY_RIGHT = regex.compile(r"\d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?$")
_MONTH_AND_DAY = regex.compile(rf"{MONTH} \d{{1,2}}(?:st|nd|rd|th)?$")


def resolve(words: str, on: date | None = None) -> When | None:
    """Return the day or the interval that words mean.

    Args:
        words: The words, such as a DATE mention.
        on: The day of the article. Without it only dates with a year can be resolved.

    Returns:
        The day or interval, which never ends after `on`; None where the words do not say which, such as 'two days
        later', 'dawn' or 'before Monday', and where it begins after `on`.

    Example:
        >>> found = resolve("late on Tuesday night", date(2021, 3, 4))
        >>> found.start.isoformat(), found.precision
        ('2021-03-02', 'day')
        >>> resolve("three days after", date(2021, 3, 4))
    """
    if len(words) > _LONGEST:
        return None
    text = plain(words).casefold().strip(" ,.")
    try:
        found = _single(text, on) or _interval(text, on)
    except (OverflowError, ValueError):  # before the year 1
        return None
    if found is None or on is None:
        return found
    return None if found.start > on else When(found.start, min(found.end, on))


def _single(text: str, on: date | None) -> When | None:
    for match, meaning in meanings(text):
        if changes_nothing(text[: match.start()], text[match.end() :]):
            return meaning(match.groupdict(), on)
    return None


def _interval(text: str, on: date | None) -> When | None:
    """Two dates with a word for a range between them; one may leave out the month or year that the other tells."""
    match = _RANGE.fullmatch(_OPENING.sub("", text))
    if not match:
        return None
    left, right = match["left"], match["right"]
    months = _DAY_AND_MONTH.match(right), _MONTH_AND_DAY.search(left)
    if months[0] and _DAY_LEFT.search(left):  # 9 to 11 November
        left = f"{left} {months[0]['month']}"
    elif months[1] and _DAY_RIGHT.match(right):  # March 3-5, 2004
        right = f"{months[1]['month']} {right}"
    last = _single(right, on)
    if last is None:
        return None
    first = _single(left, on if _FROM_ARTICLE.search(text) else last.end)
    return When(first.start, last.end) if first and first.start <= last.start else None
