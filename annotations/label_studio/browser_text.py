"""A text as the labelling page shows it, and offsets to and fro.

A browser counts offsets in UTF-16 units, makes one line feed of a carriage return and a line feed, and cannot show
control characters. So the page is given a text that it leaves alone, and offsets are carried over.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from itertools import accumulate

import regex

# A line end in any form, or a control character that no page can show; tabs and line feeds are let be.
_CHANGED = regex.compile(r"\r\n|[\x00-\x08\x0b-\x1f\x7f-\x9f]|[\u2028\u2029]")
_LINE_ENDS = frozenset("\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")


class ShownText:
    r"""What the labelling page shows of a text.

    Args:
        source: The text of a document.

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
        """What is shown for each character of the source; nothing for a carriage return before a line feed."""
        pieces = list(self.source)
        for match in _CHANGED.finditer(self.source):
            found = match[0]
            pieces[match.start()] = "" if len(found) > 1 else "\n" if found in _LINE_ENDS else "\ufffd"
        return pieces

    @cached_property
    def text(self) -> str:
        """The text to show: no carriage return, no control character."""
        return "".join(self._pieces)

    def text_of(self, start: int, end: int) -> str:
        """Return what is shown of a part of the source."""
        return "".join(self._pieces[start:end])

    @cached_property
    def _before(self) -> list[int]:
        """UTF-16 units shown before each character of the source, and in all."""
        units = (len(piece.encode("utf-16-le")) // 2 for piece in self._pieces)
        return list(accumulate(units, initial=0))

    def units(self, start: int, end: int) -> tuple[int, int]:
        """Turn offsets in the source, in characters, into offsets on the page, in UTF-16 units."""
        return self._before[start], self._before[end]

    def characters(self, start: int, end: int) -> tuple[int, int]:
        """Turn offsets on the page, in UTF-16 units, into offsets in the source, in characters.

        Raises:
            ValueError: An offset lies outside of the text or within a character.
        """
        return self._character(start), self._character(end)

    def _character(self, unit: int) -> int:
        # An edge between a carriage return and its line feed looks like one before both, and becomes that.
        if type(unit) is not int:  # True would be 1
            raise ValueError(f"UTF-16 offset {unit!r} is not a whole number")
        at = bisect_left(self._before, unit)
        if at == len(self._before) or self._before[at] != unit:
            raise ValueError(f"UTF-16 offset {unit} is outside of the text or within a character")
        return at
