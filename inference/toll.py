"""The toll as a number: 'at least 23' becomes `Toll(min=23, max=None, approximate=False)`.

Exact words keep their bounds. A vague word stands for the smallest number that it can mean, as a lower bound, marked
approximate:

| word | min | reading |
|---|---|---|
| a couple, a pair | 2 | |
| several, a few, a handful | 3 | the smallest number one would not call a couple |
| tens | 20 | a plural is at least two of its unit |
| dozens, several dozen | 24 | two dozen |
| scores | 40 | two score |
| hundreds, several hundred | 200 | |
| thousands, tens of thousands, … | 2,000, 20,000, … | |
| several hundred thousand | 200,000 | |

Coding practice differs: ACLED's codebook (section on reported fatalities) takes the single unit, 12 for dozens and 100
for hundreds, and 3 or 10
for unspecified plurals; UCDP keeps low, best and high estimates. A lower bound with a mark says what the text says and
leaves that choice to the analyst: `min` is UCDP's low. Words that hold no number ('many', 'numerous') give None.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import regex
from text_to_num import alpha2digit, text2num


@dataclass(frozen=True, slots=True)
class Toll:
    """A number of people, as far as a text tells it.

    Args:
        min: Smallest number the text allows; None if it gives no lower bound.
        max: Largest number the text allows; None if it gives no upper bound.
        approximate: The bounds are not exact ('about 40', 'dozens').
    """

    min: int | None
    max: int | None
    approximate: bool = False

    def to_dict(self) -> dict[str, int | bool | None]:
        """Return min, max and approximate."""
        return {"min": self.min, "max": self.max, "approximate": self.approximate}


_UNITS = {"dozen": 12, "score": 20, "hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_SUFFIXES = {"k": 1_000, "m": 1_000_000, "mn": 1_000_000, "bn": 1_000_000_000}
_PLURALS = {
    "tens": 20,
    "dozens": 24,
    "scores": 40,
    "hundreds": 200,
    "thousands": 2_000,
    "tens of thousands": 20_000,
    "hundreds of thousands": 200_000,
    "millions": 2_000_000,
    "billions": 2_000_000_000,
}
_FEW = {
    "several": 3,
    "a few": 3,
    "few": 3,
    "a handful": 3,
    "handful": 3,
    "a couple": 2,
    "couple": 2,
    "a pair": 2,
    "pair": 2,
}
_NONE = {"no", "none", "nobody", "no one", "no-one", "zero", "nil", "not one", "not a single"}
_ONE = {"a", "an", "one", "single", "a single", "lone", "one single"}

# Hedges stand in front of a number; the longest that fits is taken. The value says what becomes of a number n.
_HEDGES = {
    "at least": "n or more",
    "as few as": "n or more",
    "a minimum of": "n or more",
    "minimum": "n or more",
    "no fewer than": "n or more",
    "no less than": "n or more",
    "not fewer than": "n or more",
    "not less than": "n or more",
    "upwards of": "n or more",
    "upward of": "n or more",
    "more than": "above n",
    "over": "above n",
    "above": "above n",
    "exceeding": "above n",
    "in excess of": "above n",
    "north of": "above n",
    ">": "above n",
    ">=": "n or more",
    "≥": "n or more",
    "up to": "n or less",
    "as many as": "n or less",
    "at most": "n or less",
    "no more than": "n or less",
    "not more than": "n or less",
    "a maximum of": "n or less",
    "maximum": "n or less",
    "<=": "n or less",
    "≤": "n or less",
    "fewer than": "below n",
    "less than": "below n",
    "under": "below n",
    "below": "below n",
    "<": "below n",
    "nearly": "nearly n",
    "almost": "nearly n",
    "close to": "nearly n",
    "just under": "nearly n",
    "approaching": "nearly n",
    "just shy of": "nearly n",
    **dict.fromkeys(
        ("just over", "slightly over", "slightly more than", "a little over", "a little more than"), "above n"
    ),
    **dict.fromkeys(
        ("slightly under", "slightly less than", "slightly fewer than", "a little under", "a little less than"),
        "nearly n",
    ),
    **dict.fromkeys(("well over", "well above", "far more than", "much more than", "many more than"), "well above n"),
    **dict.fromkeys(
        ("about", "around", "some", "roughly", "approximately", "an estimated", "estimated", "circa"), "about n"
    ),
    **dict.fromkeys(
        ("c.", "ca.", "ca", "approx.", "approx", "~", "≈", "in the region of", "something like"), "about n"
    ),
    **dict.fromkeys(("perhaps", "maybe", "possibly", "probably", "believed to be", "reportedly"), "about n"),
    **dict.fromkeys(("a total of", "the", "another", "a further", "further", "an additional", "additional"), "n"),
    **dict.fromkeys(
        ("other", "all", "all of the", "all the", "these", "those", "exactly", "precisely", "only", "just"), "n"
    ),
    **dict.fromkeys(("a record", "the other", "an", "a", "every one of the"), "n"),
}
_BY_LENGTH = sorted(_HEDGES, key=len, reverse=True)
_ABOUT = regex.compile(rf"^(?:{'|'.join(regex.escape(hedge) for hedge in _BY_LENGTH if _HEDGES[hedge] == 'about n')}) ")
_ORDINAL = regex.compile(r"(\d[\d,]*)(?:st|nd|rd|th)")
_DIGITS = regex.compile(r"\d{1,3}(?:[,. ]\d{3})+|\d+")
_DECIMAL = regex.compile(r"\d+\.\d+")
_RANGE = regex.compile(r"(?:between (?P<a>.+) and (?P<b>.+))|(?:(?:from )?(?P<c>.+?)(?: to | or | ?- ?)(?P<d>.+))")
_NOUN_AT_END = regex.compile(r" (?:people|persons?|others?|more)$")
_ORDINAL_AT_END = regex.compile(r"(?:first|second|third|th|\dst|\dnd|\drd)s?$")
_THOUSANDS = regex.compile(r"\d{1,3},000")
_UNIT_AT_END = regex.compile(r"\b(dozen|hundred|thousand|million|billion)$")
_LONGEST = 200  # letters; a longer mention is no quantity, and could be deeper than Python recurses
_SMALL: dict[str, Decimal | int] = {"one": 1, "half": Decimal("0.5"), "a": 1, "an": 1}


def normalise(text: str) -> Toll | None:
    """Read a quantity of people as a number with bounds.

    Args:
        text: The mention, such as 'between 30 and 40', 'two dozen', 'more than 1.2 million' or '17th'. An ordinal
            counts up to
            itself: with the 17th victim there are 17.

    Returns:
        The bounds, or None where the words hold no number that is certain.

    Raises:
        TypeError: `text` is not a string.

    Example:
        >>> normalise("more than 500"), normalise("nearly 7,000")
        (Toll(min=501, max=None, approximate=False), Toll(min=None, max=7000, approximate=True))
        >>> normalise("30-odd"), normalise("dozens"), normalise("many")
        (Toll(min=30, max=None, approximate=True), Toll(min=24, max=None, approximate=True), None)
    """
    if not isinstance(text, str):
        raise TypeError(f"normalise takes a string, got {type(text).__name__}")
    words = _clean(text)
    if len(words) > _LONGEST:
        return None
    if words in _NONE:
        return Toll(0, 0)
    return _parse(words)


def _clean(text: str) -> str:
    text = text.casefold().replace("−", "-")
    text = regex.sub(r"[‐‑‒–—]", "-", text)
    text = regex.sub(r"\s+", " ", text).strip(" \"'“”‘’,;:()[]")
    while not text.endswith(("or more", "no more")) and _NOUN_AT_END.search(text):
        text = _NOUN_AT_END.sub("", text)
    return text


def _parse(words: str) -> Toll | None:
    """Read a whole quantity: a number or range between hedges on either side."""
    for suffix, rule in (
        (" or more", "n or more"),
        ("+", "n or more"),
        ("-plus", "n or more"),
        (" plus", "n or more"),
        (" or fewer", "n or less"),
        (" or less", "n or less"),
        (" and counting", "n or more"),
        (" or so", "about n"),
    ):
        if words.endswith(suffix):
            return _hedged(words.removesuffix(suffix).rstrip(), rule)
    for suffix in ("-odd", " odd"):
        if words.endswith(suffix):
            inner = _parse(words.removesuffix(suffix))
            return inner and Toll(inner.min, None, True) if inner and inner.min == inner.max else None
    if words in _ONE:
        return Toll(1, 1)
    if words == "both":
        return Toll(2, 2)
    vague = _vague(words)
    if vague is not None:
        return vague
    number = _number(words)
    if number is not None:
        return Toll(number, number)
    return _range(words) or _with_hedge(words)


def _vague(words: str) -> Toll | None:
    words = words.removesuffix(" of")
    smallest = _FEW.get(words) or _PLURALS.get(words)
    some = regex.fullmatch(
        r"(?:several|a few|many|(?:a )?couple(?: of)?) (dozen|score|hundred|thousand|million|billion)s?"
        r"(?: (?:of )?(thousand|million|billion)s?)?",
        words,
    )
    if some:
        smallest = 2 * _UNITS[some[1]] * _UNITS.get(some[2], 1)
    return Toll(smallest, None, True) if smallest else None


def _number(words: str) -> int | None:
    """Read an exact number: digits with separators, words, dozens, decimals of a million, ordinals."""
    if words == "dozen":  # as in 'another dozen'
        return _UNITS[words]
    ordinal = _ORDINAL.fullmatch(words)
    if ordinal:
        return _digits(ordinal[1])
    if _DIGITS.fullmatch(words):
        return _digits(words)
    spelled = _from_words(words)  # before units: in 'two million one hundred thousand' the last one does not scale all
    if spelled is not None:
        return spelled
    scaled = regex.fullmatch(r"(.+?)[ -]?\b(dozen|score|hundred|thousand|million|billion)s?", words)
    suffixed = regex.fullmatch(r"(\d[\d.,]*) ?(k|mn|m|bn)", words)
    if scaled:
        return _times(scaled[1], _UNITS[scaled[2]])
    return _times(suffixed[1], _SUFFIXES[suffixed[2]]) if suffixed else None


def _digits(words: str) -> int | None:
    # One separator throughout: '1,200.300' is not a number of people.
    if len(set(regex.findall(r"[,. ]", words))) > 1:
        return None
    return int(regex.sub(r"[,. ]", "", words))


def _times(words: str, unit: int) -> int | None:
    """Read 'half a', 'a', 'two', '1.2' in front of a unit."""
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
        factor = _point(words) if " point " in words else _from_words(words)
    if factor is None:
        return None
    product = factor * unit
    return int(product) if product == int(product) else None


def _point(words: str) -> Decimal | None:
    whole, _, fraction = words.partition(" point ")
    digits = [_from_words(word) for word in fraction.split()]
    first = _from_words(whole)
    if first is None or not digits or any(digit is None or digit > 9 for digit in digits):  # noqa: PLR2004
        return None
    return Decimal(f"{first}.{''.join(str(digit) for digit in digits)}")


def _from_words(words: str) -> int | None:
    """Read number words, cardinal or ordinal; 'a hundred' is one hundred."""
    if not regex.fullmatch(r"[a-z][a-z -]*", words):
        return None
    words = regex.sub(r"^an? (?=hundred|thousand|million|billion)", "one ", words)
    try:
        return int(text2num(words, "en"))
    except ValueError:
        ordinal = _ORDINAL.fullmatch(alpha2digit(words, "en", threshold=0))
        return _digits(ordinal[1]) if ordinal else None


def _range(words: str) -> Toll | None:
    match = _RANGE.fullmatch(words)
    if not match:
        return None
    about = bool(match["a"] and _ABOUT.match(match["a"]))  # 'between about 20 and 30'
    low_words, high_words = (_ABOUT.sub("", match["a"]), match["b"]) if match["a"] else (match["c"], match["d"])
    if _ORDINAL_AT_END.search(low_words) or _ORDINAL_AT_END.search(high_words):  # 'one-third' is no range
        return None
    high = _number(high_words)
    readings = [_number(low_words)]
    unit = _UNIT_AT_END.search(high_words)
    if unit and not _UNIT_AT_END.search(low_words):  # '10 to 15 thousand': the unit stands once and counts for both
        readings.insert(0, _times(low_words, _UNITS[unit[1]]))
    elif _THOUSANDS.fullmatch(high_words) and regex.fullmatch(r"\d{1,3}", low_words):  # '10-15,000'
        readings.insert(0, int(low_words) * 1000)
    for low in readings:
        if low is not None and high is not None and low < high:
            return Toll(low, high, about)
    return None


def _with_hedge(words: str) -> Toll | None:
    for hedge in _BY_LENGTH:
        if words.startswith(hedge) and (not hedge[-1].isalpha() or words[len(hedge) :].startswith(" ")):
            inner = words[len(hedge) :].strip()
            return _hedged(inner, _HEDGES[hedge])
    return None


def _hedged(words: str, rule: str) -> Toll | None:
    """Apply a hedge to what follows it. Returns None where the two contradict each other ('up to dozens')."""
    inner = _parse(words)
    if inner is None:
        return None
    low, high, exact = inner.min, inner.max, inner.min == inner.max
    match rule:
        case "n":
            return inner
        case "about n":
            return Toll(low, high, True)
        case "n or more":
            return Toll(low, None, inner.approximate) if low is not None else None
        case "above n" if exact and low is not None:
            return Toll(low + 1, None, inner.approximate)
        case "well above n" if exact and low is not None:
            return Toll(low + 1, None, True)
        case "n or less" if low is not None and high is not None:
            return Toll(None, high, inner.approximate)
        case "below n" if exact and high:
            return Toll(None, high - 1, inner.approximate)
        case "nearly n" if exact:
            return Toll(None, high, True)
    return None


def describe(toll: Toll) -> str:
    """Write a toll for people.

    Example:
        >>> describe(Toll(12, None)), describe(Toll(None, 7000, True)), describe(Toll(3, 5))
        ('12 or more', 'nearly 7,000', '3 to 5')
        >>> describe(Toll(None, None, True))
        'an unclear number'
    """
    if toll.min is None and toll.max is None:
        return "an unclear number"
    about = "about " if toll.approximate else ""
    if toll.min is not None and toll.min == toll.max:
        return f"{about}{toll.min:,}"
    if toll.min is None:
        return f"nearly {toll.max:,}" if toll.approximate else f"{toll.max:,} or fewer"
    if toll.max is None:
        return f"{about}{toll.min:,} or more"
    return f"{about}{toll.min:,} to {toll.max:,}"
