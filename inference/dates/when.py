"""Days and intervals of days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

Day = date
_PRECISIONS = ((1, "day"), (7, "week"), (31, "month"))


@dataclass(frozen=True, slots=True)
class When:
    """A day or an interval of days.

    Args:
        start: The first day.
        end: The last day, which is the first one if the day is known.
    """

    start: date
    end: date

    @property
    def precision(self) -> str:
        """How precise it is: `day`, `week` (2 to 7 days), `month` (up to 31) or `year` (longer)."""
        days = (self.end - self.start).days + 1
        return next((name for most, name in _PRECISIONS if days <= most), "year")

    def holds(self, other: When) -> bool:
        """Whether the other one lies within this one."""
        return self.start <= other.start and other.end <= self.end


def day(of: date) -> When:
    """Return one day."""
    return When(of, of)


def days(start: date, count: int) -> When:
    """Return a number of days from a first one."""
    return When(start, start + timedelta(days=count - 1))


def month(year: int, number: int) -> When:
    """Return a month; numbers below 1 and above 12 count on in other years."""
    year, number = year + (number - 1) // 12, (number - 1) % 12 + 1
    following = date(year + number // 12, number % 12 + 1, 1)
    return When(date(year, number, 1), following - timedelta(days=1))


def year(number: int) -> When:
    """Return a year."""
    return When(date(number, 1, 1), date(number, 12, 31))


def as_date(given: str | date | None) -> date | None:
    """Return the day of an article.

    Args:
        given: A date, or text such as `2021-03-04`, which a time may follow; None if it is not known.

    Raises:
        ValueError: It is not such a text.
        TypeError: It is neither a text nor a date.

    Example:
        >>> as_date("2021-03-04")
        datetime.date(2021, 3, 4)
    """
    if isinstance(given, datetime):
        return given.date()
    if given is None or isinstance(given, date):
        return given
    if not isinstance(given, str):
        raise TypeError(f"the date of a text is {type(given).__name__}; give a string such as '2021-03-04', or a date")
    head, *time = re.split("[T ]", given, maxsplit=1)
    try:
        found = date.fromisoformat(head)
        if time:
            datetime.fromisoformat(given)
    except ValueError:
        found = None
    if found is None or found.isoformat() != head:  # Python reads other forms too, such as 2021W101
        raise ValueError(f"{given!r:.40} is not a date; write year, month and day, such as 2021-03-04")
    return found
