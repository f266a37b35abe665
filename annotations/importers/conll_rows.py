"""The lines of a CoNLL file: starts of documents, ends of paragraphs, and words with their tags.

Columns are separated by tabs or blanks, the word first and the tag last. In files with word numbers, such as CoNLL-U,
lines that begin with '#' are comments. The number '3-4' is that of a word whose parts are in the lines below it, '5.1'
that of a word that is not in the text; '_' is an empty value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

import regex

from annotations.errors import Fault
from annotations.schema import OUTSIDE

START = "-DOCSTART-"
BEGIN, INSIDE, END, SINGLE = "B", "I", "E", "S"
_PREFIXES = {"B": BEGIN, "I": INSIDE, "E": END, "L": END, "S": SINGLE, "U": SINGLE}  # BIO, BIOES and BILOU
_ID_COLUMNS = 2  # -DOCSTART- and an id; CoNLL-2003 has more columns with '-X-' and O
_OFFSET_COLUMNS = 4  # word, start, end, tag
_NUMBERED_COLUMNS = 3  # number, word, tag
_CONLL_U_COLUMNS = 10
_DIGITS = 10  # of an offset; no text is longer
_EMPTY = "_"
_INCOMPLETE = ("has parts that do not all follow", "correct the word numbers")

_TAG = regex.compile(r"O|([BIESLU])-(\S.*)", regex.IGNORECASE)
_COMMENT = regex.compile(r"#(?: |$|\s*\w[\w. -]*=)")
_SETTING = regex.compile(r"#\s*\w[\w. -]*=")
_NEW_DOCUMENT = regex.compile(r"#\s*newdoc(?:\s+id\s*=\s*(?P<id>\S.*?))?\s*")
_NUMBER = regex.compile(r"(?P<first>[0-9]{1,9})(?:-(?P<last>[0-9]{1,9})|(?P<empty>\.[0-9]{1,9}))?")


class Kind(Enum):
    """What a line is."""

    START = auto()
    PARAGRAPH = auto()
    WORD = auto()


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: whether a mention begins, continues or ends there, and the name of its label; no name for O."""

    given: str
    prefix: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line with content."""

    number: int  # line number
    kind: Kind  # what it is
    word: str = ""  # the word, or the id of the document that starts, if it has one
    tag: Tag = Tag(OUTSIDE)  # the word's tag
    start: int | None = None  # offset of the word, if the file has offsets
    others: tuple[Tag, ...] = ()  # further labels of parts of the word
    by_comment: bool = False  # whether a comment starts the document


@dataclass(slots=True)
class Rows:
    """Reads a file line by line."""

    lines: Sequence[str]
    file: str
    faults: list[Fault] = field(default_factory=list)
    _numbered: bool = False
    _last: int | None = None  # number of the previous word; None at the start of a sentence
    _whole: Row | None = None  # a word whose parts are in the following lines
    _parts_to: int = 0
    _any_tag: bool = False  # whether any word has a tag that is not '_'
    _untagged: int = 0  # the first line without one

    def __iter__(self) -> Iterator[Row]:
        self._numbered = _is_numbered(self.lines)
        for number, line in enumerate(self.lines, start=1):
            try:
                row = self._row(number, line.rstrip("\r"))
            except _WrongError as error:
                self.faults.append(Fault(error.problem, error.remedy, file=self.file, line=number))
                continue
            if row is not None:
                yield row
        if self._whole:
            self.faults.append(Fault(*_INCOMPLETE, file=self.file, line=self._whole.number))
        if self._untagged and not self._any_tag:
            problem, remedy = "has no tag, nor has any other line", "write the tags into the last column"
            self.faults.append(Fault(problem, remedy, file=self.file, line=self._untagged))

    def _row(self, number: int, line: str) -> Row | None:
        if "\r" in line:
            raise _WrongError("has a carriage return within the line", "end lines with a line feed")
        if not line.strip():
            return self._paragraph(number)
        if _columns(line)[0] == START:
            return self._start(number, line)
        if self._is_comment(line):
            return self._start_by_comment(number, line)
        columns = _columns(line)
        return self._numbered_word(number, columns) if self._numbered else self._word(number, columns)

    def _start(self, number: int, line: str) -> Row:
        self._paragraph(number)
        columns = line.split("\t") if "\t" in line else line.split()
        while columns[-1] == "":
            columns.pop()
        named = len(columns) == _ID_COLUMNS and columns[1] != OUTSIDE
        return Row(number, Kind.START, columns[1] if named else "")

    def _start_by_comment(self, number: int, line: str) -> Row | None:
        found = _NEW_DOCUMENT.fullmatch(line)
        if not found:
            return None
        self._paragraph(number)
        return Row(number, Kind.START, found["id"] or "", by_comment=True)

    def _paragraph(self, number: int) -> Row:
        whole, self._whole, self._last = self._whole, None, None
        if whole:
            self.faults.append(Fault(*_INCOMPLETE, file=self.file, line=whole.number))
        return Row(number, Kind.PARAGRAPH)

    def _is_comment(self, line: str) -> bool:
        if self._numbered or not line.startswith("#"):
            return line.startswith("#")
        if not _COMMENT.match(line):  # '#' may be a word
            return False
        return ("\t" not in line and bool(_SETTING.match(line))) or not _TAG.fullmatch(_columns(line)[-1])

    def _word(self, number: int, columns: Sequence[str]) -> Row:
        if len(columns) < 2 or not columns[0]:  # noqa: PLR2004 - a word and a tag
            raise _WrongError("has one column", "write a word and its tag")
        return Row(number, Kind.WORD, columns[0], self._tag(number, columns), _offset(columns))

    def _tag(self, number: int, columns: Sequence[str]) -> Tag:
        given = columns[-1]
        if self._numbered and len(columns) + 1 >= _CONLL_U_COLUMNS:  # the last column may have other values
            pieces = [piece.rpartition("=")[2] for piece in given.split("|")]
            given = next((piece for piece in pieces if _TAG.fullmatch(piece)), _EMPTY)
        if self._numbered and given == _EMPTY:
            self._untagged = self._untagged or number
            return Tag(OUTSIDE)
        self._any_tag = True
        found = _TAG.fullmatch(given)
        if not found:
            remedy = "write O, or B-, I-, E- or L-, S- or U- and a label"
            raise _WrongError(f"has {given!r} instead of a tag", remedy)
        return Tag(given, _PREFIXES[found[1].upper()], found[2]) if found[1] else Tag(OUTSIDE)

    def _numbered_word(self, number: int, columns: Sequence[str]) -> Row | None:
        found = _NUMBER.fullmatch(columns[0])
        if found and found["empty"]:
            if len(columns) > 1 and self._tag(number, columns[1:]).name:
                raise _WrongError("tags a word that is not in the text", "tag the words next to it")
            return None
        expected = (0, 1) if self._last is None else (self._last + 1,)
        first = int(found["first"]) if found else expected[-1]
        last = int(found["last"] or first) if found else first
        several = bool(found and found["last"])
        # Also if the line is wrong, so that the next ones are not reported.
        self._last = self._last if several else first
        if not found or first not in expected or last < first or (several and self._whole):
            remedy = "number the words of a sentence from 1, or remove the numbers"
            raise _WrongError(f"has {columns[0]!r} instead of the word number {expected[-1]}", remedy)
        row = self._word(number, columns[1:])
        if several:
            self._whole, self._parts_to = row, last
            return None
        if self._whole is None:
            return row
        whole = _with_part(self._whole, row)
        self._whole = whole if first < self._parts_to else None
        return None if self._whole else whole


class _WrongError(Exception):
    """A wrong line, with its remedy."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem, self.remedy = problem, remedy


def _columns(line: str) -> list[str]:
    """Split a line into columns, without trailing tabs."""
    columns = [column.strip() for column in line.split("\t")] if "\t" in line else line.split()
    while len(columns) > 1 and not columns[-1]:
        columns.pop()
    return columns


def _offset(columns: Sequence[str]) -> int | None:
    """Return the offset of a word, if its line has the columns word, start, end and tag."""
    if not _has_offsets(columns):
        return None
    start, end = columns[1:3]
    if max(len(start), len(end)) > _DIGITS or int(end) - int(start) != len(columns[0]):
        raise _WrongError("has offsets that do not fit its word or the previous one", "correct them")
    return int(start)


def _has_offsets(columns: Sequence[str]) -> bool:
    return len(columns) == _OFFSET_COLUMNS and all(c.isascii() and c.isdecimal() for c in columns[1:3])


def _with_part(whole: Row, part: Row) -> Row:
    """Give a word the tag of its first tagged part; other labels are kept in `others`."""
    if not part.tag.name or part.tag.name == whole.tag.name:
        return whole
    if not whole.tag.name:
        return replace(whole, tag=part.tag)
    return replace(whole, others=(*whole.others, part.tag))


def _is_numbered(lines: Sequence[str]) -> bool:
    """Whether the first column has word numbers: at least half of them follow the previous one."""
    pairs = rising = 0
    before: int | None = None
    for line in lines:
        columns = _columns(line) or [START]
        if columns[0] == START:
            before = None
        elif not line.startswith("#"):
            number = _NUMBER.fullmatch(columns[0]) if len(columns) >= _NUMBERED_COLUMNS else None
            if number and len(columns) >= _CONLL_U_COLUMNS:
                return True
            if number and (number["last"] or number["empty"]):
                continue
            if _has_offsets(columns) and int(columns[2][:_DIGITS]) - int(columns[1][:_DIGITS]) == len(columns[0]):
                return False
            value = int(number["first"]) if number else -1
            pairs += before is not None
            rising += number is not None and before is not None and value == before + 1
            before = value
    return rising * 2 >= pairs > 0
