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

from decimal import Decimal

import regex
from text_to_num import alpha2digit, text2num

from annotations.quantity import Toll
from annotations.text.reading import plain
from inference.numbers.conventions import Convention, find_convention

__all__ = ["Toll", "describe", "normalise"]

_UNITS = {
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
_UNIT = "|".join(_UNITS)
_SUFFIXES = {"k": 1_000, "m": 1_000_000, "mn": 1_000_000, "bn": 1_000_000_000}
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
_ORDINAL = regex.compile(r"(\d[\d,]*)(?:st|nd|rd|th)")
_DIGITS = regex.compile(r"\d{1,3}(?:[,. ]\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d+")  # 5,000 and, in South Asia, 1,50,000
_DECIMAL = regex.compile(r"\d+\.\d+")
_TO = r"(?: to | or |, or | ?- ?|, (?:perhaps|possibly|maybe) | if not | or (?:even|perhaps|possibly) )"
_RANGE = regex.compile(rf"(?:between (?P<a>.+) and (?P<b>.+))|(?:(?:from )?(?P<c>.+?){_TO}(?P<d>.+))")
_HARMED = "killed|dead|died|wounded|injured|hurt|displaced|uprooted|homeless|abducted|kidnapped|taken|missing"
_NOUN_AT_END = regex.compile(
    r" (?:people|persons?|others?|more|civilians|villagers|lives|souls|families|households)"
    rf"(?: (?:(?:were|was|are|have been|has been|had been) )?(?:{_HARMED}))?$"
)
_ORDINAL_AT_END = regex.compile(r"(?:first|second|third|th|\dst|\dnd|\drd)s?$")
_UNITS_AT_END = regex.compile(rf"(?P<number>.+?)[ -](?P<units>(?:{_UNIT})s?(?: (?:{_UNIT})s?)*)")
_SUFFIX_AT_END = regex.compile(r"(?P<number>\d[\d.,]*) ?(?P<suffix>k|mn|m|bn)")
_THOUSANDS_AT_END = regex.compile(r"\d{1,3}([, .]000)+")
_PARTS = regex.compile(  # 'two and a half million', 'a million and a half', 'three quarters of a million'
    rf"(?P<whole>.+) and an? half (?P<unit>{_UNIT})s?|(?P<one>an?|one) (?P<unit>{_UNIT}) and an? half"
    rf"|(?P<quarters>an?|one|three) quarters? of an? (?P<unit>{_UNIT})|half (?:of )?an? (?P<unit>{_UNIT})"
)
_LONGEST = 200  # characters; a longer mention is no quantity, and could exceed Python's recursion limit
_SMALL: dict[str, Decimal | int] = {"one": 1, "half": Decimal("0.5"), "a": 1, "an": 1}


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
    return match[0].replace(",", "") if _from_words(match.string[: match.start()]) is not None else match[0]


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
    number = _number(words)
    if number is not None:
        return Toll(number, number)
    return _range(words, rules) or _with_hedge(words, rules)


def _vague(words: str, rules: Convention) -> Toll | None:
    words = words.removesuffix(" of")
    smallest = rules.words.get(words) or _plural(words, rules)
    some = regex.fullmatch(
        rf"(?:several|a few|many|(?:a )?couple(?: of)?) ({_UNIT})s?(?: (?:of )?({_UNIT})s?)?",
        words,
    )
    if some:
        smallest = 2 * _UNITS[some[1]] * _UNITS.get(some[2], 1)
    return Toll(smallest, None, True) if smallest else None


def _plural(words: str, rules: Convention) -> int | None:
    """Read 'hundreds', 'tens of thousands', 'thousands upon thousands'."""
    words = regex.sub(r"^(\w+s) (?:and|upon|on) \1$", r"\1", words)
    match = regex.fullmatch(rf"(?P<first>tens|(?:{_UNIT})s)(?: of (?P<second>(?:{_UNIT})s))?", words)
    if not match:
        return None
    first = rules.tens if match["first"] == "tens" else rules.plural * _UNITS[match["first"][:-1]]
    return first * (_UNITS[match["second"][:-1]] if match["second"] else 1)


def _number(words: str) -> int | None:
    """Read an exact number: digits with separators, words, dozens, decimals of a million, ordinals."""
    if words in ("dozen", "score"):  # as in 'another dozen'
        return _UNITS[words]
    ordinal = _ORDINAL.fullmatch(words)
    if ordinal:
        return _digits(ordinal[1])
    if _DIGITS.fullmatch(words):
        return _digits(words)
    spelled = _from_words(words)  # before units: in 'two million one hundred thousand', 'thousand' does not scale all
    if spelled is not None:
        return spelled
    parts = _in_parts(words)
    if parts is not None:
        return parts
    low, unit = _unit(words)
    return _times(low, unit) if unit > 1 else None


def _unit(words: str) -> tuple[str, int]:
    """Split a number and its unit: '7k' into '7' and 1,000, 'six hundred thousand' into 'six' and 100,000."""
    found = _UNITS_AT_END.fullmatch(words)
    if found:
        unit = 1
        for name in found["units"].split():
            unit *= _UNITS[name.removesuffix("s")]
        return found["number"], unit
    found = _SUFFIX_AT_END.fullmatch(words)
    return (found["number"], _SUFFIXES[found["suffix"]]) if found else (words, 1)


def _in_parts(words: str) -> int | None:
    """Read halves, quarters and scores: 'two and a half million', 'a quarter of a million', 'four score and seven'."""
    score = regex.fullmatch(r"(.+) score and (.+)", words)
    if score:
        scores, rest = _from_words(score[1]), _from_words(score[2])
        return None if scores is None or rest is None else 20 * scores + rest
    found = _PARTS.fullmatch(words)
    if not found:
        return None
    unit = _UNITS[found["unit"]]
    if found["quarters"]:
        return unit * (3 if found["quarters"] == "three" else 1) // 4
    if found["one"]:
        return unit * 3 // 2
    if not found["whole"]:
        return unit // 2
    whole = _SMALL.get(found["whole"]) or _from_words(found["whole"])
    return None if whole is None else int(whole * unit) + unit // 2


def _digits(words: str) -> int | None:
    # Only one kind of separator: '1,200.300' is not a number of people.
    if len(set(regex.findall(r"[,. ]", words))) > 1:
        return None
    return int(regex.sub(r"[,. ]", "", words))


def _times(words: str, unit: int) -> int | None:
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


def _range(words: str, rules: Convention) -> Toll | None:
    unit_or_two = regex.fullmatch(rf"(?:an?|one) ({_UNIT}) or two", words)
    if unit_or_two:
        return Toll(_UNITS[unit_or_two[1]], 2 * _UNITS[unit_or_two[1]])
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
    high = _number(high_words)
    readings = [low_vague.min] if low_vague else [*_shared_unit(low_words, high_words), _number(low_words)]
    for low in readings:
        if low is not None and high is not None and low < high:
            return Toll(low, high, about or bool(low_vague))
    return None


def _shared_unit(low: str, high: str) -> list[int | None]:
    """Read the lower number of a range with the unit of the higher one: '10 to 15 thousand', '7-10k', '10-12 000'."""
    if _unit(low)[1] > 1:
        return []
    unit = _unit(high)[1]
    if unit == 1 and _THOUSANDS_AT_END.fullmatch(high) and regex.fullmatch(r"\d{1,3}", low):
        unit = 1_000
    return [_times(low, unit)] if unit > 1 else []


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
