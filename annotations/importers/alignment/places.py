"""Finding the values of a source in its text."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import regex

from annotations.text.words import listed, words
from annotations.validate import span_edges

Place = tuple[int, int]  # offsets (start, end)

_DETERMINERS = listed("a an the his her its their my our your this that these those")
_APOSTROPHES = frozenset("'’`")
_edges = lru_cache(maxsize=64)(span_edges)
_words = lru_cache(maxsize=64)(words)


def occurrences(text: str, wanted: str) -> list[Place]:
    """Return every place where a string occurs in a text as whole words.

    Case, the kind of blanks and the kind of quotation marks do not matter. Places do not overlap.

    Example:
        >>> occurrences("The FMLN and the fmln's men", "fmln")
        [(4, 8), (17, 21)]
    """
    pattern = _pattern(wanted)
    found: list[Place] = []
    for place in whole_words(text, pattern, overlapped=True) if pattern else ():
        if not found or place[0] >= found[-1][1]:
            found.append(place)
    return found


@lru_cache(maxsize=4096)
def _pattern(wanted: str) -> regex.Pattern[str] | None:
    pieces = regex.findall(r"[\"'“”‘’`´]+|[^\s\"'“”‘’`´]+|\s+", wanted.strip())
    if not pieces:
        return None
    quotes, blank = r"[\"'“”‘’`´]+", r"\s+"
    parts = [
        blank if piece.isspace() else quotes if regex.fullmatch(quotes, piece) else regex.escape(piece)
        for piece in pieces
    ]
    return regex.compile("".join(parts), regex.IGNORECASE)


def whole_words(text: str, pattern: regex.Pattern[str], *, overlapped: bool = False) -> list[Place]:
    """Return the matches of a pattern that consist of whole words."""
    starts, ends = _edges(text)
    found = (match.span() for match in pattern.finditer(text, overlapped=overlapped))
    return [(start, end) for start, end in found if start in starts and end in ends]


def trimmed(text: str, start: int, end: int) -> Place | None:
    """Return the whole words of a place without articles, possessives and punctuation at its edges.

    Returns:
        A smaller place, or None if nothing is left.

    Example:
        >>> text = "(the group's)"
        >>> first, last = trimmed(text, 0, len(text))
        >>> text[first:last]
        'group'
    """
    inner = [(a, b) for a, b in _words(text) if start <= a and b <= end]
    while inner and (not text[inner[0][0]].isalnum() or _is_determiner(text, *inner[:2])):
        inner.pop(0)
    while inner:
        last, before = inner[-1], inner[-2] if len(inner) > 1 else inner[-1]
        possessive = text[slice(*last)] == "s" and text[slice(*before)] in _APOSTROPHES
        if text[last[0]].isalnum() and not possessive:
            break
        inner.pop()
    return (inner[0][0], inner[-1][1]) if inner else None


def _is_determiner(text: str, word: Place, following: Place | None = None) -> bool:
    if following and text[slice(*following)].lower() == "who":  # 'those who cooperate'
        return False
    return text[slice(*word)].lower() in _DETERMINERS


def trimmed_all(text: str, places: Iterable[Place]) -> list[Place]:
    """Return places as `trimmed` leaves them, without those of which nothing is left."""
    return [inner for place in places if (inner := trimmed(text, *place))]


def distance(first: Place, second: Place) -> int:
    """Return the number of characters between two places; negative if they overlap."""
    return max(first[0] - second[1], second[0] - first[1])


def overlap(first: Place, second: Place) -> bool:
    """Whether two places share a character."""
    return distance(first, second) < 0
