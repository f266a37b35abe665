"""Layout: which lines of a text form a unit, and of which kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import regex


class Kind(StrEnum):
    """The kind of a unit."""

    TEXT = "text"
    HEADING = "heading"
    ITEM = "item"  # of a list
    ROW = "row"  # of a table
    ENTRY = "entry"  # starts with a time, as in a live blog


@dataclass(frozen=True, slots=True)
class Unit:
    """A paragraph, heading, list item, table row or timed entry, with its half-open offsets.

    No mention and no sentence crosses the edge of a unit.
    """

    start: int
    end: int
    kind: Kind

    def cells(self, text: str) -> list[int]:
        """Return the offsets at which the cells of a table row start; for other units, the start of the unit.

        Args:
            text: The text that the offsets refer to.
        """
        if self.kind != Kind.ROW:
            return [self.start]
        return [self.start, *(match.end() for match in _CELL.finditer(text, self.start, self.end))]


@dataclass(frozen=True, slots=True)
class Line:
    """A line: its stripped text, the width of its indent, and the column at which it ends."""

    text: str
    indent: int = 0
    width: int = 0


_NARROWEST = 40  # columns; if all lines are shorter, they are a list or headings, not wrapped text
_WIDEST = 140  # columns; longer lines are whole paragraphs
_SLACK = 3  # columns by which a wrapped line may be shorter: some programs count decomposed characters twice
_NEAR = 50  # lines within which to look for another item of a list
_OPEN_END = regex.compile(
    r"(?:,|\b(?:a|an|the|of|in|on|at|by|to|for|from|with|and|or|but|nor|as|than|that|which|who|whose|near|into|over|under"
    r"|after|before|between|against|about|around|some|least|more|its|their|his|her|our|was|were|is|are|had|has|have|been"
    r"|be))$",
    regex.I,
)
_RUN_ON = regex.compile(
    r"(?:of|and|or|but|in|on|at|by|to|for|from|with|who|which|that|was|were|is|are|has|have|had|as|than|near|after|before)\b",
    regex.I,
)
# A name at the end of a line, and a word on the next line that ends names and rarely starts a sentence.
_NAME_AT_END = regex.compile(r"\s\p{Lu}[\p{L}\p{M}'-]*$")
_NAME_GOES_ON = regex.compile(
    r"(?:Front|Movement|Brigades?|Battalions?|Corps|League|Organi[sz]ation|Province|Governorate|Republic|Peninsula|River"
    r"|Valley|Mountains|Islands)(?:[.,;:'\"]|$|\s(?!\p{Lu}))"
)
_PARTED = regex.compile(r"[\p{L}\p{N}][-–—]$")  # 'army-', with 'backed' on the next line
_FULL_STOP = regex.compile(r"[.!?…][\"')\]]*$")
_COLON = regex.compile(r":[\"')\]]*$")
_LOWER = regex.compile(r"[\"'(\[]?(?!al-|an-|ar-|as-|ash-|at-|el-)\p{Ll}")
_BULLET = regex.compile(r"(?:(?P<sure>[•‣▪▫◦●○■□►▶⁃∙·]\s*)|[-–—*+]\s+)(?=\S)")
_NUMBER = regex.compile(r"(?:\d{1,3}[.)]|\((?:\d{1,3}|[a-z]|[ivx]{1,4})\)|(?:[a-z]|[ivx]{1,4})\))\s+(?=\S)")
_ZONE = r"(?:(?i:[ap]\.?m\b\.?)|hrs|Z\b|[A-Z]{3,4}\b)"
_TIME = regex.compile(
    rf"[\[(]?(?:\d{{1,2}}[:h]\d{{2}}(?::\d{{2}})?(?:\s*{_ZONE})?|\d{{1,2}}(?:\.\d{{2}})?\s*{_ZONE}|\d{{4}}\s*{_ZONE})"
    r"(?:\s*\([^)\n]{2,12}\))?[\])]?\s*(?:[-–—:|]\s+)?(?=\S)"
)
_ROW = regex.compile(r"\S\s*\t\s*\S|^\|.*\S.*\||\S\s+\|\s+\S")
_CELL = regex.compile(r"\s*[\t|]\s*")
_RULE = regex.compile(r"[-=_*#~\s|+:]{3,}")
_MARKDOWN = regex.compile(r"#{1,6}\s")


def units_of(lines: Sequence[Line]) -> Iterator[tuple[Kind, list[int]]]:
    """Group the lines of a text into units.

    A line continues the one before it if the text was wrapped there: it starts with a lower-case letter, the line
    before cannot end a sentence ('of the', a comma), a name continues ('Volta Defence' and 'Front killed'), or its
    first word would not have fitted on the line before at the width of the text. An empty line, a heading, a list item,
    a table row and an entry that starts with a time start a new unit.

    Yields:
        The kind of each unit and the indices of its lines, without empty lines.

    Example:
        >>> text = ["Raid on Gao", "Gunmen killed six soldiers and", "four farmers.", "", "- Lumo: 3 dead"]
        >>> [(str(kind), group) for kind, group in units_of([Line(line, 0, len(line)) for line in text])]
        [('heading', [0]), ('text', [1, 2]), ('item', [4])]
    """
    page = _Page(lines)
    group: list[int] = []
    for number, line in enumerate(lines):
        if not line.text:
            continue
        if group and (group[-1] != number - 1 or page.breaks(number)):
            yield page.kind(group), group
            group = []
        group.append(number)
    if group:
        yield page.kind(group), group


class _Page:
    """The lines of a text and their common properties: width, letter case, and marks of items."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        shown = [line for line in lines if line.text]
        self.cased = any(regex.search(r"\p{Lu}", line.text) for line in shown)
        short = [line for line in shown if line.width <= _WIDEST]
        # A few long lines (an address, a row of a table) do not mean that the text is not wrapped.
        if (len(shown) - len(short)) * 5 > len(shown):
            short = []
        self.width = max((line.width for line in short), default=0)
        self.single = max((len(_single(line.text)) for line in short), default=0)
        self.prose = self._prose()
        adjoining = (number for number in range(1, len(lines)) if lines[number].text and lines[number - 1].text)
        self.wrapped = any(self._full(number) and self._runs_on(number) for number in adjoining)
        self.marks: list[Kind | None] = [self._mark(number) for number in range(len(lines))]
        self.items = Kind.ITEM in self.marks

    def kind(self, group: Sequence[int]) -> Kind:
        """Return the kind of the unit that these lines form."""
        mark = self.marks[group[0]]
        if mark:
            return mark
        short = sum(len(self.lines[number].text) for number in group) <= _WIDEST
        stopped = _FULL_STOP.search(self.lines[group[-1]].text)
        heading = _MARKDOWN.match(self.lines[group[0]].text) or (short and not stopped)
        return Kind.HEADING if heading else Kind.TEXT

    def breaks(self, number: int) -> bool:
        """Whether a line starts a new unit after the line directly before it."""
        before, line = self.lines[number - 1], self.lines[number]
        if self.marks[number] or self.marks[number - 1] == Kind.ROW:
            return True
        if any(_MARKDOWN.match(text) or _RULE.fullmatch(text) for text in (before.text, line.text)):
            return True
        if self._open(number) or self._parts_name(number):
            return False
        # An indent may start a paragraph; after a list item it continues the item.
        if line.indent > before.indent + 1 and _FULL_STOP.search(before.text) and not self.items:
            return True
        return not (self._full(number) and (self.wrapped or self.prose[number]))

    def _open(self, number: int) -> bool:
        """Whether the words show that a sentence continues."""
        before = self.lines[number - 1].text
        open_end = _OPEN_END.search(before) or _PARTED.search(before)
        return bool(open_end) or (self._runs_on(number) and not _COLON.search(before))

    def _parts_name(self, number: int) -> bool:
        """Whether a name of several words continues; this is a sign even if the line before is not full."""
        before, text = self.lines[number - 1].text, self.lines[number].text
        return bool(self.prose[number] and _NAME_AT_END.search(before) and _NAME_GOES_ON.match(text))

    def _runs_on(self, number: int) -> bool:
        """Whether a line starts like the middle of a sentence; in text without capitals only words show this."""
        text = self.lines[number].text
        return bool(_LOWER.match(text) if self.cased else _RUN_ON.match(text))

    def _full(self, number: int) -> bool:
        """Whether the first word of a line would not have fitted on the line before."""
        before = self.lines[number - 1]
        first = regex.match(r"\S+", self.lines[number].text)
        more = 1 + (len(first[0]) if first else 0) + _SLACK
        as_given = self.width >= _NARROWEST and before.width + more > self.width
        # Spaces may have been doubled after the text was wrapped.
        single = self.width != self.single >= _NARROWEST and len(_single(before.text)) + more > self.single
        return as_given or single

    def _prose(self) -> list[bool]:
        """For each line, whether the last line of its block ends with a full stop."""
        found = [False] * len(self.lines)
        ends = False
        for number in reversed(range(len(self.lines))):
            if number + 1 == len(self.lines) or not self.lines[number + 1].text:
                ends = bool(_FULL_STOP.search(self.lines[number].text))
            found[number] = ends
        return found

    def _mark(self, number: int) -> Kind | None:
        """Return the kind of unit that the first characters of a line indicate."""
        text = self.lines[number].text
        if _ROW.search(text):
            return Kind.ROW
        kind, sure = _marked(text)
        if kind is None or sure or not number or not self.lines[number - 1].text:
            return kind
        # In a wrapped paragraph a line may start with a dash, with '12.' or with a time of day.
        before = self.lines[number - 1].text
        stopped = _COLON.search(before) or (_FULL_STOP.search(before) and not _NUMBER.match(text))
        free = stopped or not (self._full(number) or _OPEN_END.search(before))
        return kind if free or (kind == Kind.ITEM and self._has_sibling(number)) else None

    def _has_sibling(self, number: int) -> bool:
        """Whether another line of the same block starts in the same way."""
        family = _family(self.lines[number].text)
        for step in (-1, 1):
            for at in range(number + step, number + step * _NEAR, step):
                if not (0 <= at < len(self.lines) and self.lines[at].text):
                    break
                if _family(self.lines[at].text) == family:
                    return True
        return False


def _single(text: str) -> str:
    return regex.sub(r"\s+", " ", text)


def _marked(text: str) -> tuple[Kind | None, bool]:
    """Return the kind that the first characters of a line indicate, and whether it is certain."""
    bullet = _BULLET.match(text)
    if bullet:
        return Kind.ITEM, bool(bullet["sure"])
    time = _TIME.match(text)
    if time:
        return Kind.ENTRY, time[0].rstrip()[-1] in "-–—:|])"
    return (Kind.ITEM, False) if _NUMBER.match(text) else (None, False)


def _family(text: str) -> str | None:
    bullet = _BULLET.match(text)
    return bullet[0].strip() if bullet else _marked(text)[0]
