"""Finding the strings of MUC-4 keys in texts that spell them slightly differently."""

from __future__ import annotations

from dataclasses import dataclass

import regex

from annotations.importers.alignment.figures import HEDGED
from annotations.importers.alignment.places import Place, occurrences, trimmed, whole_words

ABSENT = "not found in the text"
APART = "its words are in the text, but not next to each other"
HEADING = "only found in the heading"
COUNT_ONLY = "only a number, or no words"

# Allowed between the words of a key: punctuation and blanks, at most one insertion by the editors.
_BETWEEN = r"[^\w\[\]()]{0,3}(?:[\[(][^\[\]()]{1,120}[\])][^\w\[\]()]{0,3})?"
_LONG, _VERY_LONG = 8, 20  # minimum length of strings that may differ from the text in one letter, in two

_LEADING_COUNT = regex.compile(rf"{HEDGED}\s+(?:of\s+)?", regex.VERBOSE | regex.IGNORECASE)
_ONLY_COUNT = regex.compile(HEDGED, regex.VERBOSE | regex.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """The places of a string, or the reason why there are none; and its spelling in the text if that differs."""

    places: tuple[Place, ...]
    reason: str = ""
    read_as: str = ""


def body_start(text: str) -> int:
    """Return where the text begins after its dateline and bylines, which are never marked.

    Example:
        >>> text = "QUELL, 3 JAN 90 -- [REPORT] [TEXT] ALL IS QUIET."
        >>> text[body_start(text):]
        ' ALL IS QUIET.'
    """
    first_paragraph = regex.split(r"\n\s*\n", text, maxsplit=1)[0]
    head = regex.match(r".*?\[(?:TEXT|EXCERPTS?|SUMMARY)\]|.{,150}?\s--", first_paragraph, regex.DOTALL)
    return head.end() if head else 0


def body_end(text: str) -> int:
    """Return where the text ends before its date and signature, if it has any.

    Example:
        >>> text = "WE DENY IT.  [DATED] QUELL, 3 JANUARY 1990"
        >>> text[:body_end(text)]
        'WE DENY IT.  '
    """
    foot = regex.search(r"\[(?:DATED|SIGNED)[^\]]*\]", text)
    return foot.start() if foot else len(text)


def find(text: str, wanted: str, start: int = 0) -> Found:
    """Find every place of a string after `start`.

    Tried in this order until something is found: the string itself; other punctuation between its words, or an
    insertion in brackets; singular for plural and vice versa; one or two different letters.

    Example:
        >>> find('THE "HOTEL" [WORD INDISTINCT] LUMO', "hotel lumo")
        Found(places=((5, 34),), reason='', read_as='HOTEL" [WORD INDISTINCT] LUMO')
        >>> find("THREE TEACHERS DIED", "teacher").read_as
        'TEACHERS'
        >>> find("THE BUS OF THE ARMY", "army bus").reason
        'its words are in the text, but not next to each other'
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
            if places := _matches(text, pattern):
                return places
    return []


def _looser(parts: list[str]) -> list[str]:
    """Return patterns for a sequence of words, from strict to loose."""
    patterns = [_BETWEEN.join(regex.escape(part) for part in parts), _BETWEEN.join(map(_inflected, parts))]
    length = sum(map(len, parts))
    if length >= _LONG:
        errors = 1 if length < _VERY_LONG else 2
        row = r"[\s.,'-]+".join(regex.escape(part) for part in parts)
        patterns.append(f"(?:{row}){{e<={errors}:[A-Za-z]}}")  # letters only: another number is something else
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


def _matches(text: str, pattern: str) -> list[Place]:
    flags = regex.IGNORECASE | regex.BESTMATCH
    return whole_words(text, regex.compile(rf"(?<!\w)(?:{pattern})(?!\w)", flags))


def _why_not(text: str, wanted: str) -> str:
    parts = regex.findall(r"\w+", wanted)
    return APART if len(parts) > 1 and all(_matches(text, _inflected(part)) for part in parts) else ABSENT


def without_count(text: str, place: Place) -> Place | None:
    """Take articles, possessives, punctuation and leading numbers off a mention.

    Returns:
        A smaller place, or None if nothing is left.

    Example:
        >>> text = 'AT LEAST TWO OF THE "BARONS"'
        >>> without_count(text, (0, 28)), without_count(text, (0, 12))
        ((21, 27), None)
    """
    inner = trimmed(text, *place)
    while inner and (count := _LEADING_COUNT.match(text, *inner)):
        inner = trimmed(text, count.end(), inner[1])
    return None if inner is None or _ONLY_COUNT.fullmatch(text, *inner) else inner
