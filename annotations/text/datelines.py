"""Datelines: 'GAO (Agency) – ' before the first sentence of a report. Their places are never marked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import regex

_LONGEST = 70  # characters
_AHEAD = 80  # characters after it in which a small letter shows that capitals mean something in this text
# A place in capitals, what follows a comma, an agency in brackets, a dash; then a sentence begins.
_DATELINE = regex.compile(
    r"^[ \t]*(\p{Lu}{2}[\p{Lu}'’.-]*(?:[ -]\p{Lu}[\p{Lu}'’.-]+){0,3}(?:, ?[\p{L}\d'’. ]{0,29}[\p{L}\d.])?"
    r"(?: ?\([^()\n]{2,40}\))?) ?(?:-|--|–|—) (?=[\p{Lu}\d\"“‘'])",
    regex.M,
)
_SMALL = regex.compile(r"\p{Ll}")


def datelines(text: str) -> list[tuple[int, int]]:
    """Return the offsets of the datelines of a text, in order; none of a text in capitals.

    Example:
        >>> datelines("GAO (Agency) – Gunmen killed six.")
        [(0, 12)]
        >>> datelines("IS - the group that held the town - fled."), datelines("GAO - GUNMEN KILLED SIX.")
        ([], [])
    """
    return [
        match.span(1)
        for match in _DATELINE.finditer(text)
        if match.end() - match.start() <= _LONGEST and _SMALL.search(text, match.end(), match.end() + _AHEAD)
    ]


def within(parts: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether offsets are inside one of these parts of a text.

    Example:
        >>> within([(0, 12)], 0, 3), within([(0, 12)], 10, 14)
        (True, False)
    """
    at = bisect_right(parts, start, key=lambda part: part[0]) - 1
    return at >= 0 and end <= parts[at][1]
