"""The text shown on the labelling page, and conversion of offsets.

A browser counts offsets in UTF-16 units, turns CRLF into a line feed, and cannot show control characters. So the page
gets a text that it does not change, and offsets are converted.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from itertools import accumulate

import regex

# Any line end, or a control character that cannot be shown; tabs and line feeds are not changed.
_CHANGED = regex.compile(r"\r\n|[\x00-\x08\x0b-\x1f\x7f-\x9f]|[\u2028\u2029]")
_LINE_ENDS = frozenset("\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")


class ShownText:
    r"""A text as the labelling page shows it.

    Example:
        >>> shown = ShownText("\U0001f525 Gao\r\nMali")
        >>> shown.text
        '🔥 Gao\nMali'
        >>> shown.units(2, 5), shown.characters(3, 6)
        ((3, 6), (2, 5))
    """

    def __init__(self, source: str) -> None:
        self.source = source

    @cached_property
    def _pieces(self) -> list[str]:
        """What is shown for each character of the source; empty for the carriage return of CRLF."""
        pieces = list(self.source)
        for match in _CHANGED.finditer(self.source):
            found = match[0]
            pieces[match.start()] = "" if len(found) > 1 else "\n" if found in _LINE_ENDS else "\ufffd"
        return pieces

    @cached_property
    def text(self) -> str:
        """The text to show, without carriage returns and control characters."""
        return "".join(self._pieces)

    def text_of(self, start: int, end: int) -> str:
        """Return what is shown for a range of the source."""
        return "".join(self._pieces[start:end])

    @cached_property
    def _before(self) -> list[int]:
        """Number of UTF-16 units shown before each character of the source, and in total."""
        units = (len(piece.encode("utf-16-le")) // 2 for piece in self._pieces)
        return list(accumulate(units, initial=0))

    def units(self, start: int, end: int) -> tuple[int, int]:
        """Convert offsets in the source (characters) to offsets on the page (UTF-16 units)."""
        return self._before[start], self._before[end]

    def characters(self, start: int, end: int) -> tuple[int, int]:
        """Convert offsets on the page (UTF-16 units) to offsets in the source (characters).

        Raises:
            ValueError: An offset is outside the text or within a character.
        """
        return self._character(start), self._character(end)

    def _character(self, unit: int) -> int:
        # An offset between the two characters of CRLF becomes the offset before both.
        if type(unit) is not int:  # True would be 1
            raise ValueError(f"UTF-16 offset {unit!r} is not a whole number")
        at = bisect_left(self._before, unit)
        if at == len(self._before) or self._before[at] != unit:
            raise ValueError(f"UTF-16 offset {unit} is outside the text or within a character")
        return at
