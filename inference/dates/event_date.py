"""The date of an event, from its mentions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from inference.dates.resolve import resolve
from inference.dates.when import When
from inference.spans import PredictedSpan


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
