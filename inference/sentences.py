"""Sentences: where one ends, as far as rules need to know."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from annotations.words import words

_TITLES = {
    "mr",
    "mrs",
    "ms",
    "dr",
    "gen",
    "col",
    "maj",
    "capt",
    "lt",
    "sgt",
    "cpl",
    "gov",
    "sen",
    "rep",
    "rev",
    "st",
    "jan",
    "feb",
}
_TITLES |= {"aug", "sept", "sep", "oct", "nov", "dec", "vs", "brig", "adm", "prof", "hon", "fr"}
_CLOSING = set("\"'”’)]»")
_LONGEST = 1000  # characters; rules that look through a sentence would take ever longer on a text without full stops


@dataclass(frozen=True, slots=True)
class Sentences:
    """Start offsets of the sentences of a text.

    Example:
        >>> sentences = split_sentences("A blast hit Ndoro. Gen. Sow spoke.")
        >>> sentences.index(3), sentences.index(22)
        (0, 1)
    """

    starts: tuple[int, ...]
    length: int

    def index(self, offset: int) -> int:
        """Return which sentence an offset lies in."""
        return bisect_right(self.starts, offset) - 1

    def bounds(self, index: int) -> tuple[int, int]:
        """Return the half-open offsets of a sentence."""
        end = self.starts[index + 1] if index + 1 < len(self.starts) else self.length
        return self.starts[index], end


def split_sentences(text: str) -> Sentences:
    """Split at line ends and behind '.', '!' and '?', but not behind titles, initials, 'No.' with a digit
    and abbreviations such as 'U.S.'. A sentence that runs on and on is parted between words."""
    starts = {0}
    starts.update(match.end() for match in regex.finditer(r"\n+", text))
    found = words(text)
    for at, (start, end) in enumerate(found[:-1]):
        if text[start:end] not in {".", "!", "?"}:
            continue
        before = text[found[at - 1][0] : found[at - 1][1]] if at else ""
        if text[start:end] == "." and (before.lower() in _TITLES or (len(before) == 1 and before.isupper())):
            continue
        if before.lower() == "no" and text[found[at + 1][0]].isdigit():  # 'No. 5'
            continue
        following = at + 1
        while following < len(found) and text[found[following][0] : found[following][1]] in _CLOSING:
            following += 1
        if following < len(found) and found[following - 1][1] < found[following][0]:
            starts.add(found[following][0])
    starts.update(_within_long_ones(sorted(starts), found))
    return Sentences(tuple(sorted(starts)), len(text))


def _within_long_ones(starts: Sequence[int], found: Sequence[tuple[int, int]]) -> Iterator[int]:
    begun = 0
    for start, _ in found:
        begun = max(begun, starts[bisect_right(starts, start) - 1])
        if start - begun >= _LONGEST:
            yield start
            begun = start
