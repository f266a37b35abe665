"""CoNLL: one word a line with its BIO tag, a blank line between paragraphs, `-DOCSTART-` between documents.

Written with the columns word, start, end and tag, so that readers of the first and last column take it too. The format
holds no events and, without offsets, not the text as it was: JSON Lines is the format to keep.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from annotations.document import Document, Event, Span
from annotations.errors import DataError, Fault
from annotations.importers.source import Imported, Loss, Source
from annotations.schema import OUTSIDE, Schema, load_schema
from annotations.words import words

START = "-DOCSTART-"
_OFFSET_COLUMNS = 4  # word, start, end, tag
_ID_COLUMNS = 2  # -DOCSTART- and an id; CoNLL-2003 fills the columns behind it with '-X-' and O

UNKNOWN = "the tag is not of the schema"
NO_BEGIN = "a mention goes on that has not begun: read as its beginning"
NOT_WORDS = "begins or ends within a word: not marked"


def read(path: Path) -> Imported:
    """Read a CoNLL file; the word is the first column, the tag the last.

    With the columns word, start, end and tag, offsets are kept and gaps are filled with blanks; else words are joined
    by a blank, paragraphs by an empty line. Each trigger becomes an event of its own.

    Args:
        path: A file in UTF-8.

    Raises:
        DataError: A line has one column or its offsets do not rise, or a document id stands twice; every such line is
            named.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        fault = Fault(f"is not UTF-8 at byte {error.start}", "convert it to UTF-8", file=str(path))
        raise DataError([fault]) from None
    schema, faults = load_schema(), list[Fault]()
    documents, losses, count = [], [], 0
    for builder in _builders(lines, path, faults):
        document = builder.document(schema)
        documents.append(document)
        losses += builder.losses
        count += len(document.spans)
    ids = [document.id for document in documents]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    faults += [Fault("stands twice", "give it an id of its own", file=str(path), document=name) for name in twice]
    if faults:
        raise DataError(faults)
    return Imported(tuple(documents), tuple(losses), {"mention": count})


@dataclass(slots=True)
class _Builder:
    """One document in the making."""

    name: str
    text: str = ""
    tagged: list[tuple[int, int, str]] = field(default_factory=list)  # start, end, tag
    losses: list[Loss] = field(default_factory=list)
    gap: str = ""

    def add(self, word: str, tag: str, start: int | None) -> None:
        at = len(self.text) + len(self.gap) if start is None else start
        self.text = (self.text + self.gap).ljust(at) if start is None else self._padded(at)
        self.tagged.append((len(self.text), len(self.text) + len(word), tag))
        self.text += word
        self.gap = " "

    def _padded(self, start: int) -> str:
        """Fill the gap before a word that knows its offset; a paragraph's end stays a line feed where there is room."""
        gap = start - len(self.text)
        # A line feed parts two numbers for good, where a blank would make one of '1' and '200'.
        numbers = self.text[-1:].isnumeric()
        return self.text + ("\n" * gap if "\n" in self.gap or numbers else " " * gap)

    def document(self, schema: Schema) -> Document:
        spans = [span for span in self._spans(schema) if self._whole(span)]
        events = [
            Event(f"E{number}", str(span.type), {schema.role(span.label): (span.id,)})
            for number, span in enumerate((s for s in spans if s.label == schema.trigger), start=1)
        ]
        return Document(self.name, self.text, spans, events)

    def _spans(self, schema: Schema) -> Iterator[Span]:
        open_from, open_to, name = 0, 0, ""
        known = set(schema.tags)
        for start, end, given in [*self.tagged, (len(self.text), len(self.text), OUTSIDE)]:
            tag = given
            if tag not in known:
                self.losses.append(Loss(self.name, "tag", tag, UNKNOWN, f"offset {start}"))
                tag = OUTSIDE
            prefix, _, found = tag.partition("-")
            if prefix == "I" and found == name:
                open_to = end
                continue
            if name:
                label, _, kind = name.partition(":")
                yield Span(f"S{open_from}", open_from, open_to, label, kind or None)
            if prefix == "I":
                self.losses.append(Loss(self.name, "tag", tag, NO_BEGIN, f"offset {start}"))
            open_from, open_to, name = start, end, found

    def _whole(self, span: Span) -> bool:
        edges = words(self.text)
        whole = span.start in {start for start, _ in edges} and span.end in {end for _, end in edges}
        if not whole:
            self.losses.append(Loss(self.name, "mention", self.text[span.start : span.end], NOT_WORDS))
        return whole


def _builders(lines: Sequence[str], path: Path, faults: list[Fault]) -> Iterator[_Builder]:
    current: _Builder | None = None
    for number, line in enumerate(lines, start=1):
        columns = line.rstrip("\r").split("\t") if "\t" in line else line.split()
        if columns and columns[0] == START:
            if current:
                yield current
            named = len(columns) == _ID_COLUMNS
            current = _Builder(columns[1] if named and columns[1] != OUTSIDE else f"{path.stem}-{number}")
        elif not line.strip():
            if current and current.text:
                current.gap = "\n\n"
        else:
            current = current or _Builder(path.stem)
            problem = _add(current, columns)
            if problem:
                faults.append(Fault(*problem, file=str(path), line=number))
    if current:
        yield current


def _add(builder: _Builder, columns: Sequence[str]) -> tuple[str, str] | None:
    """Add a word; return what is wrong with its line and what to do."""
    if len(columns) < 2 or not columns[0]:  # noqa: PLR2004 - a word and a tag
        return "has one column", "write a word and its tag"
    start = None
    if len(columns) == _OFFSET_COLUMNS and columns[1].isdecimal() and columns[2].isdecimal():
        start = int(columns[1])
        if start < len(builder.text) or int(columns[2]) - start != len(columns[0]):
            return "has offsets that do not fit its word or the one before", "write them anew"
    builder.add(columns[0], columns[-1], start)
    return None


def write(documents: Iterable[Document]) -> str:
    r"""Return documents in CoNLL: word, start, end and tag; a blank line stands where the text has one.

    Example:
        >>> document = Document("d1", "Gunmen fled.", [Span("S1", 0, 6, "PERPETRATOR")])
        >>> write([document]).splitlines()[2:4]
        ['Gunmen\t0\t6\tB-PERPETRATOR', 'fled\t7\t11\tO']
    """
    pieces = []
    for document in documents:
        pieces.append(f"{START}\t{document.id}\n\n")
        spans = iter([*document.spans, None])
        span, before = next(spans), 0
        for start, end in words(document.text):
            while span and span.end <= start:
                span = next(spans)
            if "\n\n" in document.text[before:start].replace("\r", ""):
                pieces.append("\n")
            tag = OUTSIDE
            if span and span.start <= start:
                name = span.label if span.type is None else f"{span.label}:{span.type}"
                tag = f"{'B' if span.start == start else 'I'}-{name}"
            pieces.append(f"{document.text[start:end]}\t{start}\t{end}\t{tag}\n")
            before = end
        pieces.append("\n")
    return "".join(pieces)


SOURCE = Source(
    name="conll",
    summary="CoNLL, one word a line with its BIO tag in the last column: a file",
    coverage={},
    read=read,
)
