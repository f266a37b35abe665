"""Exact numbers in words and digits: 'two dozen', '1.2 million', '1,50,000', 'a quarter of a million', '17th'."""

from __future__ import annotations

from decimal import Decimal

import regex
from text_to_num import alpha2digit, text2num

# The word of each number from 0 to 20.
SPELLED = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)


UNITS = {
    "dozen": 12,
    "score": 20,
    "hundred": 100,
    "thousand": 1_000,
    "lakh": 100_000,
    "lac": 100_000,
    "million": 1_000_000,
    "crore": 10_000_000,
    "billion": 1_000_000_000,
}
UNIT = "|".join(UNITS)
_SUFFIXES = {"k": 1_000, "m": 1_000_000, "mn": 1_000_000, "bn": 1_000_000_000}
_ORDINAL = regex.compile(r"(\d[\d,]*)(?:st|nd|rd|th)")
_DIGITS = regex.compile(r"\d{1,3}(?:[,. ]\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d+")  # 5,000 and, in South Asia, 1,50,000
_DECIMAL = regex.compile(r"\d+\.\d+")
_UNITS_AT_END = regex.compile(rf"(?P<number>.+?)[ -](?P<units>(?:{UNIT})s?(?: (?:{UNIT})s?)*)")
_SUFFIX_AT_END = regex.compile(r"(?P<number>\d[\d.,]*) ?(?P<suffix>k|mn|m|bn)")
_PARTS = regex.compile(  # 'two and a half million', 'a million and a half', 'three quarters of a million'
    rf"(?P<whole>.+) and an? half (?P<unit>{UNIT})s?|(?P<one>an?|one) (?P<unit>{UNIT}) and an? half"
    rf"|(?P<quarters>an?|one|three) quarters? of an? (?P<unit>{UNIT})|half (?:of )?an? (?P<unit>{UNIT})"
)
_SMALL: dict[str, Decimal | int] = {"one": 1, "half": Decimal("0.5"), "a": 1, "an": 1}


def exact_number(words: str) -> int | None:
    """Read an exact number: digits with separators, words, dozens, decimals of a million, ordinals."""
    if words in ("dozen", "score"):  # as in 'another dozen'
        return UNITS[words]
    ordinal = _ORDINAL.fullmatch(words)
    if ordinal:
        return _digits(ordinal[1])
    if _DIGITS.fullmatch(words):
        return _digits(words)
    spelled = from_words(words)  # before units: in 'two million one hundred thousand', 'thousand' does not scale all
    if spelled is not None:
        return spelled
    parts = _in_parts(words)
    if parts is not None:
        return parts
    low, unit = with_unit(words)
    return times(low, unit) if unit > 1 else None


def with_unit(words: str) -> tuple[str, int]:
    """Split a number and its unit: '7k' into '7' and 1,000, 'six hundred thousand' into 'six' and 100,000."""
    found = _UNITS_AT_END.fullmatch(words)
    if found:
        unit = 1
        for name in found["units"].split():
            unit *= UNITS[name.removesuffix("s")]
        return found["number"], unit
    found = _SUFFIX_AT_END.fullmatch(words)
    return (found["number"], _SUFFIXES[found["suffix"]]) if found else (words, 1)


def _in_parts(words: str) -> int | None:
    """Read halves, quarters and scores: 'two and a half million', 'a quarter of a million', 'four score and seven'."""
    score = regex.fullmatch(r"(.+) score and (.+)", words)
    if score:
        scores, rest = from_words(score[1]), from_words(score[2])
        return None if scores is None or rest is None else 20 * scores + rest
    found = _PARTS.fullmatch(words)
    if not found:
        return None
    unit = UNITS[found["unit"]]
    if found["quarters"]:
        return unit * (3 if found["quarters"] == "three" else 1) // 4
    if found["one"]:
        return unit * 3 // 2
    if not found["whole"]:
        return unit // 2
    whole = _SMALL.get(found["whole"]) or from_words(found["whole"])
    return None if whole is None else int(whole * unit) + unit // 2


def _digits(words: str) -> int | None:
    # Only one kind of separator: '1,200.300' is not a number of people.
    if len(set(regex.findall(r"[,. ]", words))) > 1:
        return None
    return int(regex.sub(r"[,. ]", "", words))


def times(words: str, unit: int) -> int | None:
    """Multiply a unit by the number before it: 'half a', 'a', 'two', '1.2'."""
    words = words.strip()
    if words in ("half a", "half"):
        factor: Decimal | int | None = Decimal("0.5")
    elif words in _SMALL:
        factor = _SMALL[words]
    elif _DECIMAL.fullmatch(words):
        factor = Decimal(words)
    elif _DIGITS.fullmatch(words):
        factor = _digits(words)
    else:
        factor = _point(words) if " point " in words else from_words(words)
    if factor is None:
        return None
    product = factor * unit
    return int(product) if product == int(product) else None


def _point(words: str) -> Decimal | None:
    whole, _, fraction = words.partition(" point ")
    digits = [from_words(word) for word in fraction.split()]
    first = from_words(whole)
    if first is None or not digits or any(digit is None or digit > 9 for digit in digits):  # noqa: PLR2004
        return None
    return Decimal(f"{first}.{''.join(str(digit) for digit in digits)}")


def from_words(words: str) -> int | None:
    """Read number words, cardinal or ordinal; 'a hundred' is one hundred."""
    if not regex.fullmatch(r"[a-z][a-z -]*", words):
        return None
    words = regex.sub(r"^an? (?=hundred|thousand|million|billion)", "one ", words)
    try:
        return int(text2num(words, "en"))
    except ValueError:
        ordinal = _ORDINAL.fullmatch(alpha2digit(words, "en", threshold=0))
        return _digits(ordinal[1]) if ordinal else None
