"""Numbers in a text, with their hedges and bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import regex
from text_to_num import text2num

from annotations.importers.alignment.places import Place

_SMALL = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|"
    "nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)
_WORD = rf"(?:{_SMALL}|hundred|thousand)"
_SPELLED = rf"{_WORD}(?:(?:\s*-\s*|\s+|(?<=hundred|thousand)\s+and\s+){_WORD})*"
_DIGITS = r"\d{1,3}(?:,\d{3})+|\d{1,3}(?:\ ,\ \d{3})+|\d+"  # some tokenisers split '1,000' into '1 , 000'
# Words without an exact number, as in the guidelines.
_VAGUE = (
    r"(?:several|tens\ of|dozens\ of|a\ few|few)\ (?:dozen|hundred|thousand)s?|(?:a|one|two|three|half\ a)\ dozens?|"
    r"dozens|scores|hundreds|thousands|several|a\ handful|a\ couple"
)
_NUMBER = rf"(?:{_VAGUE}|{_DIGITS}|{_SPELLED})"
HEDGE = (
    r"(?:at\s+least|at\s+most|(?:no\s+)?(?:more|less|fewer)\s+than|as\s+many\s+as|up\s+to|over|nearly|almost|about|"
    r"around|approximately|roughly|an\s+estimated|close\s+to|some|between)"
)
_FIGURE = regex.compile(
    rf"""
    (?<![\p{{L}}\p{{N}}.,:$£€\#-]) (?:(?P<hedge>{HEDGE})\ )*
    (?P<low>{_NUMBER}) (?: \s?(?:-|–|to|or|and)\s? (?P<high>{_NUMBER}) )?+
    (?P<more>\ or\ more)? (?![\p{{L}}\p{{N}}%]|[.,:]\d|-\p{{L}}|\ (?:percent|per\ cent)\b)
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
ANY_NUMBER = regex.compile(rf"(?<!\w){_NUMBER}(?!\w)", regex.VERBOSE | regex.IGNORECASE)
HEDGED = rf"(?:{HEDGE}\s+)*{_NUMBER}"  # verbose
_YEARS = range(1900, 2040)
# 'the second one', 'no one', 'this one'
_NO_NUMBER_IN_FRONT = regex.compile(
    r"\b(?:the|first|second|third|last|other|no|any|each|every|this|that|which|another)\s$", regex.IGNORECASE
)
# 'Flight 12', 'Route 6', 'July 3'
_NAME_IN_FRONT = regex.compile(
    r"\b(?:Flight|Highway|Route|Road|No\.?|Area|Sector|Unit|January|February|March|April|May|June|July|August|"
    r"September|October|November|December|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?)\s$"
)
_A_DOZEN = regex.compile(r"(?:a|one)\ dozen", regex.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in a text."""

    start: int  # offset of its beginning, hedge included
    end: int  # offset of its end
    low: int | None  # the smallest number in it; None for words without an exact number
    high: int | None  # the largest number in it

    @property
    def place(self) -> Place:
        """Its offsets."""
        return self.start, self.end


@lru_cache(maxsize=8)
def figures(text: str) -> tuple[Figure, ...]:
    """Find numbers: digits, number words, quantity words and ranges, each with the hedge before it.

    Years, percentages, 'the second one' and numbers within a longer word ('17-year-old') are left out.

    Example:
        >>> text = "In 2004 at least twenty-three died and 10-12 were hurt, dozens badly."
        >>> [(text[f.start:f.end], f.low, f.high) for f in figures(text)]
        [('at least twenty-three', 23, 23), ('10-12', 10, 12), ('dozens', None, None)]
    """
    found = (_figure(text, match) for match in _FIGURE.finditer(text))
    return tuple(figure for part in found for figure in part)


def _figure(text: str, match: regex.Match[str]) -> Iterator[Figure]:
    low, high = match["low"], match["high"]
    in_front = match.string[max(0, match.start() - 12) : match.start()]
    if _NAME_IN_FRONT.search(in_front) or (low.lower() == "one" and _NO_NUMBER_IN_FRONT.search(in_front)):
        return
    first = number(low)
    if high is None:
        if not (match["hedge"] is None and low.isdigit() and int(low) in _YEARS):  # a bare year
            yield Figure(match.start(), match.end(), first, first)
        return
    second = number(high)
    joined_by_and = "and" in text[match.end("low") : match.start("high")]
    rising = first is not None and second is not None and first < second
    if rising and (not joined_by_and or (match["hedge"] or "").lower() == "between"):
        yield Figure(match.start(), match.end(), first, second)
        return
    yield Figure(match.start(), match.end("low"), first, first)
    yield Figure(match.start("high"), match.end(), second, second)


def number(words: str) -> int | None:
    """Read digits or number words; None for quantity words and anything else.

    Example:
        >>> number("1,200"), number("twenty-three"), number("a dozen"), number("scores")
        (1200, 23, 12, None)
    """
    digits = regex.sub(r"[\s,]", "", words)
    if digits.isdecimal():
        return int(digits)
    if _A_DOZEN.fullmatch(words):
        return 12
    try:
        return int(text2num(regex.sub(r"\s*-\s*|\s+", " ", words).lower(), "en"))
    except ValueError:
        return None
