"""Edges of spans: no span starts or ends with a punctuation mark, as the guidelines of annotation say."""

from __future__ import annotations

import regex

from annotations.text.sentences import is_abbreviation

_MARK = regex.compile(r"[\p{P}\p{S}\p{C}]+")


def inner(words: list[str]) -> tuple[int, int]:
    """Return which words remain, half-open, without marks at the ends; none if all are marks.

    What belongs to a word stays: the full stop of an abbreviation ('Ronny P.', 'Fur Company Inc.'), the sign in '40+'.

    Args:
        words: The words of a span; each punctuation mark is one.

    Example:
        >>> inner(["day", "-"]), inner(['"', "raid", '"', ","]), inner(["Jr", "."]), inner(["40", "+"]), inner(["…"])
        ((0, 1), (1, 2), (0, 2), (0, 2), (0, 0))
    """
    start, end = 0, len(words)
    while start < end and _MARK.fullmatch(words[start]):
        start += 1
    while end > start and _MARK.fullmatch(words[end - 1]) and not _belongs(words[end - 1], words[end - 2]):
        end -= 1
    return (start, end) if start < end else (0, 0)


def _belongs(mark: str, before: str) -> bool:
    """Whether a mark is part of the word before it."""
    return (mark == "." and is_abbreviation(before)) or (mark == "+" and before[-1].isdigit())
