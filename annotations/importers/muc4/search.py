"""Finding the strings of MUC-4 keys in texts that differ from them in small ways."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import regex

from annotations.importers.alignment import occurrences
from annotations.text.words import words

Place = tuple[int, int]

ABSENT = "does not stand in the text"
APART = "its words stand in the text, but not in a row"
HEADING = "stands only in the heading"
COUNT_ONLY = "is a mere number, or has no word"

# Words between those of a key: marks and blanks, at most one insertion of the editors.
_BETWEEN = r"[^\w\[\]()]{0,3}(?:[\[(][^\[\]()]{1,120}[\])][^\w\[\]()]{0,3})?"
_DETERMINERS = frozenset(("a", "an", "the", "his", "her", "its", "their", "my", "our"))
_LONG, _VERY_LONG = 8, 20  # characters from which a string may differ from the text in one letter, in two

_TO_NINETEEN = """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen"""
UNITS = tuple(_TO_NINETEEN.split())
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
VAGUE = ("several", "dozens", "scores", "hundreds", "thousands")  # numbers without a figure
HEDGE = r"(?:at\s+least|about|some|approximately|around|nearly|almost|over|more\s+than|up\s+to|an\s+estimated)"
_COUNT = "|".join((r"\d[\d,]*", *UNITS, *TENS, "hundred", "thousand", *VAGUE))
_LEADING_COUNT = regex.compile(
    rf"(?:{HEDGE}\s+)?(?:(?:{_COUNT})(?=[\s-])(?:-(?:{'|'.join(UNITS)}))?\s+)+(?:of\s+)?", regex.IGNORECASE
)
_ONLY_COUNT = regex.compile(rf"(?:{HEDGE}\s+)?(?:(?:{_COUNT})[\s-]*)+", regex.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a string stands: its places, or the reason why there are none; and how the text has it, if differently."""

    places: tuple[Place, ...]
    reason: str = ""
    read_as: str = ""


def body_start(text: str) -> int:
    """Return where the text begins behind its dateline and bylines, which are never marked.

    Example:
        >>> text = "QUELL, 3 JAN 90 -- [REPORT] [TEXT] ALL IS QUIET."
        >>> text[body_start(text):]
        ' ALL IS QUIET.'
    """
    first_paragraph = regex.split(r"\n\s*\n", text, maxsplit=1)[0]
    head = regex.match(r".*?\[(?:TEXT|EXCERPTS?|SUMMARY)\]|.{,150}?\s--", first_paragraph, regex.DOTALL)
    return head.end() if head else 0


def body_end(text: str) -> int:
    """Return where the text ends in front of its date and signature, if it has any.

    Example:
        >>> text = "WE DENY IT.  [DATED] QUELL, 3 JANUARY 1990"
        >>> text[:body_end(text)]
        'WE DENY IT.  '
    """
    foot = regex.search(r"\[(?:DATED|SIGNED)[^\]]*\]", text)
    return foot.start() if foot else len(text)


def find(text: str, wanted: str, start: int = 0) -> Found:
    """Find every place of a string behind `start`.

    Tried in turn, until one finds something: the string as it is; other marks between its words, or an insertion in
    brackets; singular for plural and the other way round; one or two letters that differ.

    Example:
        >>> find('THE "HOTEL" [WORD INDISTINCT] LUMO', "hotel lumo")
        Found(places=((5, 34),), reason='', read_as='HOTEL" [WORD INDISTINCT] LUMO')
        >>> find("THREE TEACHERS DIED", "teacher").read_as
        'TEACHERS'
        >>> find("THE BUS OF THE ARMY", "army bus").reason
        'its words stand in the text, but not in a row'
    """
    exactly = occurrences(text, wanted)
    everywhere = exactly or _loosely(text, wanted)
    read_as = text[slice(*everywhere[0])] if everywhere and not exactly else ""
    places = tuple(place for place in everywhere if place[0] >= start)
    if places:
        return Found(places, read_as=read_as)
    return Found((), HEADING if everywhere else _why_not(text, wanted))


def _loosely(text: str, wanted: str) -> list[Place]:
    for version in (wanted, regex.sub(r"\s*[\[(][^\[\]()]*[\])]", "", wanted)):
        parts = regex.findall(r"\w+", version)
        if not parts:
            continue
        for pattern in _looser(parts):
            if places := _whole_words(text, pattern):
                return places
    return []


def _looser(parts: list[str]) -> list[str]:
    """Return patterns for a row of words, from close to loose."""
    patterns = [_BETWEEN.join(regex.escape(part) for part in parts), _BETWEEN.join(map(_inflected, parts))]
    length = sum(map(len, parts))
    if length >= _LONG:
        errors = 1 if length < _VERY_LONG else 2
        row = r"[\s.,'-]+".join(regex.escape(part) for part in parts)
        patterns.append(f"(?:{row}){{e<={errors}:[A-Za-z]}}")  # letters only: another figure is another thing
    return patterns


def _inflected(word: str) -> str:
    """Return a pattern for the singular and the plural of a word."""
    lower = word.lower()
    if not word.isalpha() or len(word) <= len("the"):
        return regex.escape(word)
    if lower.endswith("men") or lower.endswith("man"):
        return f"{word[:-2]}[ae]n"
    if lower.endswith("ies") or lower.endswith("y"):
        return f"{word.removesuffix(word[-3:]) if lower.endswith('ies') else word[:-1]}(?:y|ies)"
    return f"{word[:-1] if lower.endswith('s') else word}(?:e?s)?"


def _whole_words(text: str, pattern: str) -> list[Place]:
    starts, ends = _edges(text)
    found = regex.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text, regex.IGNORECASE | regex.BESTMATCH)
    return [match.span() for match in found if match.start() in starts and match.end() in ends]


@lru_cache(maxsize=64)
def _edges(text: str) -> tuple[frozenset[int], frozenset[int]]:
    found = words(text)
    return frozenset(start for start, _ in found), frozenset(end for _, end in found)


def _why_not(text: str, wanted: str) -> str:
    parts = regex.findall(r"\w+", wanted)
    return APART if len(parts) > 1 and all(_whole_words(text, _inflected(part)) for part in parts) else ABSENT


def trimmed(text: str, place: Place, *, count: bool = False) -> Place | None:
    """Take articles, possessives and marks off the edges of a place, leading numbers too where `count` is set.

    Returns:
        The smaller place, or None if nothing is left.

    Example:
        >>> text = 'AT LEAST TWO OF THE "BARONS"'
        >>> trimmed(text, (0, 28), count=True), trimmed(text, (0, 3), count=True)
        ((21, 27), (0, 2))
    """
    start, end = place
    while True:
        if count and (match := _LEADING_COUNT.match(text, start, end)):
            start = match.end()
        if count and _ONLY_COUNT.fullmatch(text, start, end):
            return None
        inside = [(start + a, start + b) for a, b in words(text[start:end])]
        inner = [edge for edge in inside if any(map(str.isalnum, text[slice(*edge)]))]
        if inner and len(inner) > 1 and text[slice(*inner[0])].lower() in _DETERMINERS:
            inner = inner[1:]
        if not inner:
            return None
        smaller = inner[0][0], inner[-1][1]
        if smaller == (start, end):
            return smaller
        start, end = smaller
