"""Finding strings of a source in its text."""

from __future__ import annotations

from functools import lru_cache

import regex

from annotations.text.words import words


def occurrences(text: str, wanted: str) -> list[tuple[int, int]]:
    r"""Return every place where a string stands in a text as whole words.

    Case, the kind of blanks and the kind of quotation marks do not matter; places do not overlap.

    Args:
        text: Where to look.
        wanted: What to look for.

    Returns:
        Offsets (start, end), in order.

    Example:
        >>> occurrences("The FMLN and\nthe fmln's men", "fmln")
        [(4, 8), (17, 21)]
    """
    pattern = _pattern(wanted)
    if pattern is None:
        return []
    starts, ends = _edges(text)
    found: list[tuple[int, int]] = []
    for match in pattern.finditer(text, overlapped=True):
        if match.start() in starts and match.end() in ends and (not found or match.start() >= found[-1][1]):
            found.append(match.span())
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


@lru_cache(maxsize=64)
def _edges(text: str) -> tuple[frozenset[int], frozenset[int]]:
    found = words(text)
    return frozenset(start for start, _ in found), frozenset(end for _, end in found)
