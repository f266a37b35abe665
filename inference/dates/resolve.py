"""Resolve the words for a date to days of the calendar, and the date of an event from its mentions; what is unclear
stays open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import regex

from annotations.text.reading import plain
from inference.dates.calendar_words import MONTH, changes_nothing
from inference.dates.patterns import meanings
from inference.dates.when import When
from inference.spans import PredictedSpan

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


@dataclass(frozen=True, slots=True)
class EventDate:
    """The date of an event.

    Args:
        start: The first day on which it may have happened.
        end: The last one; the same day if the day is known.
        precision: `day`, `week`, `month` or `year`, by the number of days.
        span: The mention that it comes from.
    """

    start: date
    end: date
    precision: str
    span: PredictedSpan

    def to_dict(self) -> dict[str, str]:
        """Return start and end as ISO dates, precision and the id of the span."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "precision": self.precision,
            "span": self.span.id,
        }


def event_date(mentions: Iterable[tuple[PredictedSpan, str]], on: date | None) -> EventDate | None:
    """Return the date of an event: of its first mention that can be resolved, or of a later one that lies within it.

    Args:
        mentions: Each mention, in order, and those of its words that may tell a date.
        on: The day of the article, if it is known.

    Example:
        >>> def mention(number, words):
        ...     return PredictedSpan(f"S{number}", 0, len(words), words, "DATE", None, 0.9), words
        >>> found = [mention(1, "last week"), mention(2, "Tuesday"), mention(3, "dawn")]
        >>> event_date(found, date(2021, 3, 8)).to_dict()
        {'start': '2021-03-02', 'end': '2021-03-02', 'precision': 'day', 'span': 'S2'}
    """
    best: tuple[When, PredictedSpan] | None = None
    for span, words in mentions:
        found = resolve(words, on)
        if found and (best is None or (best[0].holds(found) and found != best[0])):
            best = (found, span)
    return EventDate(best[0].start, best[0].end, best[0].precision, best[1]) if best else None
