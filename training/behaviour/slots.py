"""Slots of a text: filled with words for a prediction, and restored to compare the predictions of two variants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import regex

from annotations.text.words import words
from inference.numbers.toll import normalise

# The letter apostrophe, part of a word for `words`: a mention may end before a possessive.
_POSSESSIVE = regex.compile(r"ʼs?(?!\w)")
SLOT = regex.compile(r"\{(\w+)\}")
Fill = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with filled slots.

    Example:
        >>> filled = fill("In {place} on Friday", {"place": "east Gao"})
        >>> filled.text, filled.unfilled(3, 11), filled.unfilled(0, 11), filled.offset(15)
        ('In east Gao on Friday', '{place}', 'In {place}', 14)
    """

    text: str  # the text without slots
    # Start and end of each filled value in the text, and the name of its slot; in order of offset.
    slots: tuple[tuple[int, int, str], ...] = ()

    def unfilled(self, start: int, end: int) -> str:
        """Return a part of the text with each filled value that is fully inside replaced by its slot."""
        pieces, at = [], start
        for first, last, name in self.slots:
            if start <= first and last <= end:
                pieces += [self.text[at:first], f"{{{name}}}"]
                at = last
        return "".join([*pieces, self.text[at:end]])

    def offset(self, start: int) -> int:
        """Return an offset in the unfilled text; one within a filled value becomes the start of its slot."""
        shift = 0
        for first, last, name in self.slots:
            if last <= start:
                shift += len(name) + 2 - (last - first)
            elif first < start:
                return first + shift
        return start + shift


def fill(text: str, values: Fill) -> Filled:
    """Fill the slots of a text; slots without a value are left unchanged."""
    filled, slots, at = "", [], 0
    for match in SLOT.finditer(text):
        if match[1] in values:
            filled += text[at : match.start()]
            value = str(values[match[1]])
            slots.append((len(filled), len(filled) + len(value), match[1]))
            filled, at = filled + value, match.end()
    return Filled(filled + text[at:], tuple(slots))


def exact_number(value: str | int) -> int | None:
    """Return the number that digits or number words state exactly, or None.

    Example:
        >>> exact_number(12), exact_number("twelve"), exact_number("1,200"), exact_number("dozens")
        (12, 12, 1200, None)
    """
    if isinstance(value, int):
        return value
    toll = normalise(value)
    return toll.min if toll and toll.min == toll.max and not toll.approximate else None


def occurrences(text: str, mention: str) -> list[tuple[int, int]]:
    """Return start and end of each occurrence of a mention in a text, in whole words.

    Example:
        >>> occurrences("Gunmen shot a man; the man died.", "man")
        [(14, 17), (23, 26)]
    """
    bounds = words(text)
    starts = {start for start, _ in bounds}
    ends = {end for _, end in bounds} | {match.start() for match in _POSSESSIVE.finditer(text)}
    found = regex.finditer(regex.escape(mention), text, overlapped=True)
    return [match.span() for match in found if match.start() in starts and match.end() in ends]
