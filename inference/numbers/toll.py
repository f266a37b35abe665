"""The toll as a number: 'at least 23' becomes `Toll(min=23, max=None, approximate=False)`.

Exact words keep their bounds. A vague word is read as a lower bound, the smallest number it can mean, and is
approximate:

| word | min | reading |
|---|---|---|
| a couple, a pair | 2 | |
| several, multiple, a few, a handful, a number | 3 | the smallest number that is more than a couple |
| tens | 20 | a plural is at least two of its unit |
| dozens, several dozen | 24 | two dozen |
| scores | 40 | two score |
| hundreds, several hundred | 200 | |
| thousands, tens of thousands, … | 2,000, 20,000, … | |
| several hundred thousand | 200,000 | |

This is the convention `range`; others, such as ACLED's, are in `inference/numbers/conventions.py`. An approximate lower
bound says what the text says and leaves the choice to the analyst: `min` is UCDP's low estimate. Words without a number
('many', 'numerous') give None.
"""

from __future__ import annotations

import regex

from annotations.quantity import Toll
from annotations.text.reading import plain
from inference.numbers.conventions import Convention, find_convention
from inference.numbers.exact import UNIT, UNITS, exact_number, from_words, times, with_unit

__all__ = ["Toll", "describe", "normalise"]

_FRACTIONS = {"½": "5", "¼": "25", "¾": "75"}
_NONE = {"no", "none", "nobody", "no one", "no-one", "zero", "nil", "not one", "not a single"}
_ONE = {"a", "an", "one", "single", "a single", "lone", "one single"}

# Words before a number n, by what they make of it; the longest that matches counts.
_HEDGES = {
    hedge: rule
    for rule, hedges in {
        "n or more": (
            "at least | as few as | a minimum of | minimum | no fewer than | no less than | not fewer than | "
            "not less than | upwards of | upward of | >= | ≥"
        ),
        "above n": (
            "more than | over | above | exceeding | in excess of | north of | > | just over | slightly over | "
            "slightly more than | a little over | a little more than"
        ),
        "n or less": "up to | as many as | at most | no more than | not more than | a maximum of | maximum | <= | ≤",
        "below n": "fewer than | less than | under | below | <",
        "nearly n": (
            "nearly | almost | close to | just under | approaching | just shy of | slightly under | "
            "slightly less than | slightly fewer than | a little under | a little less than"
        ),
        "well above n": "well over | well above | far more than | much more than | many more than",
        "about n": (
            "about | around | some | roughly | approximately | an estimated | estimated | circa | c. | ca. | ca | "
            "approx. | approx | ~ | ≈ | in the region of | something like | perhaps | maybe | possibly | "
            "probably | believed to be | reportedly"
        ),
        "n": (
            "a total of | the | another | a further | further | an additional | additional | other | all | "
            "all of the | all the | these | those | exactly | precisely | only | just | a record | the other | "
            "an | a | every one of the"
        ),
    }.items()
    for hedge in hedges.split(" | ")
}
_BY_LENGTH = sorted(_HEDGES, key=len, reverse=True)
_ABOUT = regex.compile(rf"^(?:{'|'.join(regex.escape(hedge) for hedge in _BY_LENGTH if _HEDGES[hedge] == 'about n')}) ")
_SUFFIX_RULES = {
    **dict.fromkeys((" or more", " or a little more", " or slightly more", "+", "-plus", " plus"), "n or more"),
    **dict.fromkeys((" or fewer", " or less"), "n or less"),
    " and counting": "n or more",
    " or so": "about n",
}
_TO = r"(?: to | or |, or | ?- ?|, (?:perhaps|possibly|maybe) | if not | or (?:even|perhaps|possibly) )"
_RANGE = regex.compile(rf"(?:between (?P<a>.+) and (?P<b>.+))|(?:(?:from )?(?P<c>.+?){_TO}(?P<d>.+))")
_HARMED = "killed|dead|died|wounded|injured|hurt|displaced|uprooted|homeless|abducted|kidnapped|taken|missing"
_NOUN_AT_END = regex.compile(
    r" (?:people|persons?|others?|more|civilians|villagers|lives|souls|families|households)"
    rf"(?: (?:(?:were|was|are|have been|has been|had been) )?(?:{_HARMED}))?$"
)
_ORDINAL_AT_END = regex.compile(r"(?:first|second|third|th|\dst|\dnd|\drd)s?$")
_THOUSANDS_AT_END = regex.compile(r"\d{1,3}([, .]000)+")
_LONGEST = 200  # characters; a longer mention is no quantity, and could exceed Python's recursion limit


def normalise(text: str, convention: str = "range") -> Toll | None:
    """Read a quantity of people as a number with bounds.

    Args:
        text: The mention, such as 'between 30 and 40', 'two dozen', 'more than 1.2 million' or '17th'. An ordinal is
            its number: with the 17th victim there are 17.
        convention: How vague words are read: `range`, or another of `inference.numbers.conventions`.

    Returns:
        The bounds, or None if the words have no certain number.

    Raises:
        TypeError: `text` is not a string.
        ValueError: Unknown convention.

    Example:
        >>> normalise("more than 500"), normalise("nearly 7,000")
        (Toll(min=501, max=None, approximate=False), Toll(min=None, max=7000, approximate=True))
        >>> normalise("30-odd"), normalise("dozens"), normalise("many")
        (Toll(min=30, max=None, approximate=True), Toll(min=24, max=None, approximate=True), None)
        >>> normalise("dozens", convention="acled"), normalise("7-10k")
        (Toll(min=12, max=12, approximate=True), Toll(min=7000, max=10000, approximate=False))
    """
    if not isinstance(text, str):
        raise TypeError(f"normalise takes a string, got {type(text).__name__}")
    rules = find_convention(convention)
    words = _clean(text)
    if len(words) > _LONGEST:
        return None
    if words in _NONE:
        return Toll(0, 0)
    toll = _parse(words, rules)
    if toll is None or toll.min is None or not rules.single:
        return toll
    return Toll(toll.min, toll.min, toll.approximate)


def _clean(text: str) -> str:
    text = regex.sub(r"[‒–—]", "-", plain(text).casefold())
    text = regex.sub(r"(?<=\w) - (?=\w)", "-", text)  # as tokenised: 'fifty - two', '1 , 000'
    text = regex.sub(r"(?<=\d) , (?=\d{3})", ",", text)
    text = regex.sub(r"(?<=\d) ?([½¼¾])", lambda match: f".{_FRACTIONS[match[1]]}", text)
    text = regex.sub(r"[½¼¾]", lambda match: f"0.{_FRACTIONS[match[0]]}", text)
    text = regex.sub(r"(?<=[a-z]),? and(?= \p{Ll})|(?<=[a-z]),(?= [a-z])", _comma, text)
    text = regex.sub(r"\bhalf-an?-", "half a ", text).replace("-and-a-half", " and a half")
    text = text.strip(" \"',;:()[]")
    while not text.endswith(("or more", "no more", "little more", "slightly more")) and _NOUN_AT_END.search(text):
        text = _NOUN_AT_END.sub("", text)
    return text


def _comma(match: regex.Match[str]) -> str:
    """Remove the comma in a number in words ('two thousand, one hundred and three')."""
    return match[0].replace(",", "") if from_words(match.string[: match.start()]) is not None else match[0]


def _parse(words: str, rules: Convention) -> Toll | None:
    """Read a whole quantity: a number or range, with hedges before or after it."""
    for suffix, rule in _SUFFIX_RULES.items():
        if words.endswith(suffix):
            return _hedged(words.removesuffix(suffix).rstrip(), rule, rules)
    for suffix in ("-odd", " odd"):
        if words.endswith(suffix):
            inner = _parse(words.removesuffix(suffix), rules)
            return inner and Toll(inner.min, None, True) if inner and inner.min == inner.max else None
    if words in _ONE:
        return Toll(1, 1)
    if words == "both":
        return Toll(2, 2)
    vague = _vague(words, rules)
    if vague is not None:
        return vague
    number = exact_number(words)
    if number is not None:
        return Toll(number, number)
    return _range(words, rules) or _with_hedge(words, rules)


def _vague(words: str, rules: Convention) -> Toll | None:
    words = words.removesuffix(" of")
    smallest = rules.words.get(words) or _plural(words, rules)
    some = regex.fullmatch(
        rf"(?:several|a few|many|(?:a )?couple(?: of)?) ({UNIT})s?(?: (?:of )?({UNIT})s?)?",
        words,
    )
    if some:
        smallest = 2 * UNITS[some[1]] * UNITS.get(some[2], 1)
    return Toll(smallest, None, True) if smallest else None


def _plural(words: str, rules: Convention) -> int | None:
    """Read 'hundreds', 'tens of thousands', 'thousands upon thousands'."""
    words = regex.sub(r"^(\w+s) (?:and|upon|on) \1$", r"\1", words)
    match = regex.fullmatch(rf"(?P<first>tens|(?:{UNIT})s)(?: of (?P<second>(?:{UNIT})s))?", words)
    if not match:
        return None
    first = rules.tens if match["first"] == "tens" else rules.plural * UNITS[match["first"][:-1]]
    return first * (UNITS[match["second"][:-1]] if match["second"] else 1)


def _range(words: str, rules: Convention) -> Toll | None:
    unit_or_two = regex.fullmatch(rf"(?:an?|one) ({UNIT}) or two", words)
    if unit_or_two:
        return Toll(UNITS[unit_or_two[1]], 2 * UNITS[unit_or_two[1]])
    match = _RANGE.fullmatch(words)
    if not match:
        return None
    about = bool(match["a"] and _ABOUT.match(match["a"]))  # 'between about 20 and 30'
    low_words, high_words = (_ABOUT.sub("", match["a"]), match["b"]) if match["a"] else (match["c"], match["d"])
    if _ORDINAL_AT_END.search(low_words) or _ORDINAL_AT_END.search(high_words):  # 'one-third' is not a range
        return None
    low_vague, high_vague = _vague(low_words, rules), _vague(high_words, rules)
    if high_vague:  # 'dozens or hundreds': at least dozens
        return low_vague
    high = exact_number(high_words)
    readings = [low_vague.min] if low_vague else [*_shared_unit(low_words, high_words), exact_number(low_words)]
    for low in readings:
        if low is not None and high is not None and low < high:
            return Toll(low, high, about or bool(low_vague))
    return None


def _shared_unit(low: str, high: str) -> list[int | None]:
    """Read the lower number of a range with the unit of the higher one: '10 to 15 thousand', '7-10k', '10-12 000'."""
    if with_unit(low)[1] > 1:
        return []
    unit = with_unit(high)[1]
    if unit == 1 and _THOUSANDS_AT_END.fullmatch(high) and regex.fullmatch(r"\d{1,3}", low):
        unit = 1_000
    return [times(low, unit)] if unit > 1 else []


def _with_hedge(words: str, rules: Convention) -> Toll | None:
    for hedge in _BY_LENGTH:
        if words.startswith(hedge) and (not hedge[-1].isalpha() or words[len(hedge) :].startswith(" ")):
            inner = words[len(hedge) :].strip()
            return _hedged(inner, _HEDGES[hedge], rules)
    return None


def _hedged(words: str, rule: str, rules: Convention) -> Toll | None:
    """Apply a hedge to a number. Returns None if the two contradict each other ('up to dozens')."""
    inner = _parse(words, rules)
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
    """Describe a toll in words.

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
