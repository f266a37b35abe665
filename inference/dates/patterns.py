"""What the words for a date mean: one function for each form.

Each takes the match of its pattern and the day of the article, or None if it is not known, and returns None where the
words leave open which day is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

import regex

from inference.dates import calendar_words as words
from inference.dates.when import When, day, days, month, year

Parts = Mapping[str, str | None]
_LEAP = 8  # 29 February may be up to eight years back
_MONTHS = 12


def _year_of(parts: Parts, on: date | None) -> int | None:
    """Return the year that is told: as a number, or as last or this year."""
    if parts.get("year"):
        return int(parts["year"] or 0)
    if parts.get("short") and on:
        short = int(parts["short"] or 0)
        return on.year - (on.year - short) % 100
    if parts.get("which") and on:
        return on.year - (parts["which"] == "last")
    return None


def _date_of(parts: Parts, on: date | None) -> When | None:
    """A day and a month: without a year, the last such day before the article or on its day."""
    number, of_month = int(parts["day"] or 0), words.MONTHS[str(parts["month"])]
    told = _year_of(parts, on)
    if told is None and (on is None or _open_year(parts)):
        return None
    years = [told] if told is not None else range(on.year, on.year - _LEAP - 1, -1) if on else []
    found = [one for one in map(_valid(number, of_month), years) if one and (told is not None or not on or one <= on)]
    if not found or (parts.get("weekday") and found[0].weekday() != words.WEEKDAYS[str(parts["weekday"])]):
        return None
    return day(found[0])


def _open_year(parts: Parts) -> bool:
    """Whether words tell a year that cannot be known without the day of the article."""
    return bool(parts.get("which") or parts.get("short"))


def _valid(number: int, of_month: int) -> Callable[[int], date | None]:
    def in_year(told: int) -> date | None:
        try:
            return date(told, of_month, number)
        except ValueError:
            return None

    return in_year


def _numeric(parts: Parts, on: date | None) -> When | None:
    """Day and month as numbers: only where the order is clear."""
    first, second = int(parts["first"] or 0), int(parts["second"] or 0)
    if parts["mark"] == "/" and max(first, second) <= _MONTHS and first != second:
        return None
    number, of_month = (second, first) if second > _MONTHS else (first, second)
    found = _valid(number, of_month)(int(parts["year"] or 0)) if of_month <= _MONTHS else None
    return day(found) if found else None


def _iso(parts: Parts, on: date | None) -> When | None:
    found = _valid(int(parts["day"] or 0), int(parts["number"] or 0))(int(parts["year"] or 0))
    return day(found) if found else None


def _month_of(parts: Parts, on: date | None) -> When | None:
    """A month: without a year, the last one that has begun. 'Last March' is open where two are meant."""
    number, told = words.MONTHS[str(parts["month"])], _year_of(parts, on)
    if told is not None:
        return month(told, number)
    if on is None or _open_year(parts):
        return None
    if parts.get("last"):
        return month(on.year - 1, number) if number >= on.month else None
    return month(on.year - (number > on.month), number)


def _holiday(parts: Parts, on: date | None) -> When | None:
    of_month, number = words.HOLIDAYS[str(parts["holiday"])]
    names = {number: name for name, number in words.MONTHS.items()}
    return _date_of({**parts, "day": str(number), "month": names[of_month]}, on)


def _weekday(parts: Parts, on: date | None) -> When | None:
    """A day of the week: the last one before the article or on its day.

    'Last Monday' is open where it may be the one of this week or of the week before.
    """
    if on is None:
        return None
    number = words.WEEKDAYS[str(parts["weekday"])]
    monday = on - timedelta(days=on.weekday())
    if parts.get("week"):
        return day(monday + timedelta(days=number - 7 * (parts["week"] == "last")))
    if parts.get("last"):
        return day(monday + timedelta(days=number - 7)) if number >= on.weekday() else None
    return day(on - timedelta(days=(on.weekday() - number) % 7))


def _near(parts: Parts, on: date | None) -> When | None:
    """Today, yesterday, last night, overnight."""
    if on is None:
        return None
    told = str(parts["near"])
    if told == "overnight":
        return days(on - timedelta(days=1), 2)
    return day(on - timedelta(days=told.startswith(("yesterday", "last "))))


def _ago(parts: Parts, on: date | None) -> When | None:
    """'Two weeks ago' is the week two before this one; likewise months and years."""
    return _back(str(parts["unit"]), _count(parts), on)


def _count(parts: Parts, missing: str = "one") -> int:
    given = parts.get("number") or missing
    return words.NUMBERS[given] if given in words.NUMBERS else int(given)


def _back(unit: str, count: int, on: date | None) -> When | None:
    if on is None:
        return None
    if unit in ("day", "night"):
        return day(on - timedelta(days=count))
    if unit == "week":
        return days(on - timedelta(days=on.weekday() + 7 * count), 7)
    return month(on.year, on.month - count) if unit == "month" else year(on.year - count)


def _before_last(parts: Parts, on: date | None) -> When | None:
    """The Sunday before last, two Fridays ago, the night before last."""
    if on is None:
        return None
    if not parts.get("weekday"):
        return day(on - timedelta(days=2))
    last = on - timedelta(days=(on.weekday() - words.WEEKDAYS[str(parts["weekday"])] - 1) % 7 + 1)
    return day(last - timedelta(days=7 * (_count(parts, "two") - 1)))


def _of_month(parts: Parts, on: date | None) -> When | None:
    """The last Sunday of January, the second Monday in May."""
    within = _month_of(parts, on)
    if within is None:
        return None
    number, told = words.WEEKDAYS[str(parts["weekday"])], str(parts["order"])
    first = within.start + timedelta(days=(number - within.start.weekday()) % 7)
    weeks = (within.end - first).days // 7 if told == "last" else words.ORDINALS.index(told)
    return day(first + timedelta(days=7 * weeks))


def _period(parts: Parts, on: date | None) -> When | None:
    """Last week, this month. 'Last week' is open on a Sunday, on which a new week may have begun."""
    if on and (parts["which"], parts["unit"], on.weekday()) == ("last", "week", words.WEEKDAYS["sunday"]):
        return None
    return _back(str(parts["unit"]), int(parts["which"] == "last"), on)


def _past(parts: Parts, on: date | None) -> When | None:
    """The past week, the past three days: up to the article."""
    if on is None:
        return None
    count = _count(parts)
    lengths = {"day": count, "night": count, "week": 7 * count, "month": 30 * count, "year": 365 * count}
    if parts["unit"] == "hour":
        lengths["hour"] = -(-count // 24)
    return When(on - timedelta(days=lengths[str(parts["unit"])]), on)


def _weekend(parts: Parts, on: date | None) -> When | None:
    """The last weekend that has begun; 'last weekend' is open on a weekend."""
    if on is None or (parts.get("which") == "last" and on.weekday() >= words.WEEKDAYS["saturday"]):
        return None
    return days(on - timedelta(days=(on.weekday() - words.WEEKDAYS["saturday"]) % 7), 2)


def _year(parts: Parts, on: date | None) -> When | None:
    return year(int(parts["year"] or 0))


Meaning = Callable[[Parts, "date | None"], "When | None"]
_SHORT_YEAR = r",? '?(?P<short>\d\d)(?![\d:.])"
_IN_YEAR = rf"(?:,? (?:of )?{words.YEAR}|,? (?:of )?(?P<which>last|this) year)"
_PATTERNS: tuple[tuple[str, Meaning], ...] = (
    (rf"{words.YEAR}-(?P<number>\d\d)-(?P<day>\d\d)", _iso),
    (rf"(?P<first>\d\d?)(?P<mark>[./])(?P<second>\d\d?)(?P=mark){words.YEAR}", _numeric),
    (
        rf"(?:{words.WEEKDAY},? )?(?:the )?{words.DAY} (?:of )?{words.MONTH}(?:{_IN_YEAR}|{_SHORT_YEAR})?",
        _date_of,
    ),
    (rf"(?:{words.WEEKDAY},? )?{words.MONTH} {words.DAY}(?![\d:]|\.\d| ?[ap]\.?m){_IN_YEAR}?", _date_of),
    (rf"(?P<order>last|{'|'.join(words.ORDINALS)}) {words.WEEKDAY} (?:of|in) {words.MONTH}{_IN_YEAR}?", _of_month),
    (rf"(?P<last>last )?{words.MONTH}{_IN_YEAR}?", _month_of),
    (rf"(?P<holiday>{'|'.join(words.HOLIDAYS)}){_IN_YEAR}?", _holiday),
    (rf"{words.WEEKDAY} before last", _before_last),
    (rf"{words.NUMBER} {words.WEEKDAY}s ago", _before_last),
    (r"night before last", _before_last),
    (rf"{words.WEEKDAY} (?:of )?(?P<week>last|this) week", _weekday),
    (rf"(?:(?P<last>last) |this )?{words.WEEKDAY}", _weekday),
    (
        r"(?P<near>overnight|today|tonight|yesterday|last (?:night|evening)|this (?:morning|afternoon|evening))",
        _near,
    ),
    (rf"{words.NUMBER} (?P<unit>day|night|week|month|year)s? ago", _ago),
    (rf"the last (?:{words.NUMBER} )?(?P<unit>hour|day|night|week|month|year)s?", _past),
    (r"(?P<which>last|this) (?P<unit>week|month|year)", _period),
    (rf"past (?:{words.NUMBER} )?(?P<unit>hour|day|night|week|month|year)s?", _past),
    (r"(?:(?P<which>last|this|past) )?weekend", _weekend),
    (words.YEAR, _year),
)
_COMPILED = [(regex.compile(rf"(?<![\w:./]|\d-){pattern}(?!\w)", regex.I), meaning) for pattern, meaning in _PATTERNS]


def meanings(text: str) -> Iterator[tuple[regex.Match[str], Meaning]]:
    """Yield what a text may mean: the first match of each form, and its function."""
    for pattern, meaning in _COMPILED:
        found = pattern.search(text)
        if found:
            yield found, meaning
