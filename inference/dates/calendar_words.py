"""Words of the calendar and of the clock, as parts of patterns."""

from __future__ import annotations

import calendar

import regex

MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
MONTHS |= {name[:3]: number for name, number in MONTHS.items()} | {"sept": 9}
WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
_HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty")
NUMBERS = {word: number for number, word in enumerate((*_HOURS, *_TEENS), start=1)} | {"a": 1, "an": 1}
ORDINALS = ("first", "second", "third", "fourth")
HOLIDAYS = {
    "christmas day": (12, 25),
    "christmas eve": (12, 24),
    "christmas": (12, 25),
    "boxing day": (12, 26),
    "new year's day": (1, 1),
    "new year's eve": (12, 31),
}

MONTH = "(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
WEEKDAY = "(?P<weekday>" + "|".join(WEEKDAYS) + ")"
NUMBER = "(?P<number>" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r"|\d{1,2})"
DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
# A year, and not a time of day such as '1930 hours'.
YEAR = r"(?P<year>(?:19|20)\d\d)(?! ?(?:hours?|hrs|h|gmt|utc|local|a\.?m|p\.?m)\b)"

_PART = (
    r"(?:early (?:morning )?hours|small hours|pre-?dawn(?: hours)?|first light|daybreak|daylight|sunrise|sunset|dawn"
    r"|dusk|nightfall|midnight|noon|midday|lunchtime|morning|afternoon|evening|night|breakfast(?: time)?|lunch|supper)"
    r"(?: prayers?)?|prayers"
)
_HOUR = "(?:" + "|".join(_HOURS) + ")"
_TO_HOUR = "(?:(?:ten|five|twenty|half|a? ?quarter) (?:minutes )?(?:past|to) )?"
_CLOCK = (
    r"(?:\d{1,2}(?:[:.]\d\d)? ?[ap]\.?m\b\.?|\d{1,2}[:.]\d\d|"
    rf"{_TO_HOUR}{_HOUR}(?: o'clock)?)(?: local time| gmt| utc)?"
)
# Words beside a date that change nothing: they tell the part of the day, or are vague within it. Atomic, as a word may
# be read in two ways, and to try all ways of many words would take forever.
_BESIDE = regex.compile(
    rf"(?>(?:(?:before|after|by|until) (?:the )?(?:{_PART}|{_CLOCK})|{_PART}|{_CLOCK}"
    r"|earlier|early|late|a little|just|shortly|soon|about|around|on|in|at|the|of|during|over|an?|one|half|hours?"
    r"|minutes|mid|beginning|start|middle)(?:[\s,-]+|$))*+"
)
_BOUND = regex.compile(r"\b(?:before|after|until|till|since|by|from) (?:the )?$")

_OPEN = regex.compile(
    r"\b(?:before|after|until|till|since|by|from|every|each|between|over|nearly|almost|(?:more|less) than)"
    r"\s+(?:the\s+)?$",
    regex.I,
)


def leaves_open(before: str) -> bool:
    """Whether the words in front of a date say that the day is another one, or one of several.

    Example:
        >>> leaves_open("shelled the town since "), leaves_open("shelled the town on ")
        (True, False)
    """
    return bool(_OPEN.search(before))


def changes_nothing(before: str, after: str) -> bool:
    """Whether the words in front of a date and behind it leave it as it is.

    Args:
        before: The words in front, lower case; 'before Monday' is another date than Monday.
        after: The words behind.

    Example:
        >>> changes_nothing("shortly after dawn on ", ""), changes_nothing("three days after ", "")
        (True, False)
    """
    beside = (before.strip(" ,-"), after.strip(" ,-"))
    return not _BOUND.search(before) and all(_BESIDE.fullmatch(words) for words in beside)
