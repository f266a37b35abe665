"""CoNLL: one word a line with its tag, a blank line between paragraphs, `-DOCSTART-` between documents.

Written with the columns word, start, end and BIO tag, so that readers of the first and last column can use it too. The
format has no events and, without offsets, not the original text: keep JSON Lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from annotations.coverage import SOME, declared
from annotations.document import Document, Event, Span, repeated_ids
from annotations.errors import DataError, Fault
from annotations.importers.base import Imported, Loss, Source
from annotations.importers.conll_rows import END, INSIDE, SINGLE, START, Kind, Row, Rows, Tag
from annotations.io.decoding import read_text
from annotations.schema import OUTSIDE, Schema, load_schema
from annotations.text.words import words
from annotations.validate import span_edges

UNKNOWN = "the schema has no such tag"
NO_BEGIN = "a mention continues without a beginning: it begins here"
NOT_WORDS = "begins or ends within a word: skipped"
OTHER_PART = "parts of a word have several labels: the first one is used"
WIDEST = 1000  # characters between two words, so that a wrong offset cannot make a huge text


def read(path: Path, schema: Schema | None = None) -> Imported:
    """Read a CoNLL file; the word is the first column, the tag the last.

    Tags are BIO, BIOES or BILOU, in any case. With the columns word, start, end and tag, offsets are kept and gaps are
    filled with blanks; otherwise words are joined by a blank and paragraphs by an empty line. Word numbers and comments
    are skipped. Each trigger becomes an event of its own. If a mention is skipped, its label is declared as annotated
    in part; if its label is unknown, all labels are.

    Raises:
        DataError: A line has one column or no tag, its offsets do not increase or jump too far, word numbers do not
            increase, or a document id is duplicate. Every such line is named.
    """
    schema = schema or load_schema()
    rows = Rows(read_text(path).split("\n"), str(path))
    documents, losses, count = list[Document](), list[Loss](), 0
    for builder in _builders(rows, path):
        document = builder.document(schema)
        documents.append(document)
        losses += builder.losses
        count += len(document.spans)
    faults = sorted(rows.faults, key=lambda fault: fault.line)
    faults += repeated_ids((document.id for document in documents), str(path))
    DataError.check(faults)
    return Imported(tuple(documents), tuple(losses), {"mention": count})


def _builders(rows: Rows, path: Path) -> Iterator[_Builder]:
    current: _Builder | None = None
    for row in rows:
        if row.kind is Kind.START:
            if current and (current.marks or not row.by_comment):
                yield current
                current = None
            name = row.word or (current.name if current else f"{path.stem}-{row.number}")
            current = _Builder(name)
        elif row.kind is Kind.PARAGRAPH:
            if current:
                current.end_paragraph()
        else:
            current = current or _Builder(path.stem)
            problem = current.add(row)
            if problem:
                rows.faults.append(Fault(*problem, file=str(path), line=row.number))
    if current:
        yield current


@dataclass(slots=True)
class _Builder:
    """A document while its lines are read."""

    name: str
    marks: list[tuple[int, int, Tag]] = field(default_factory=list)  # start, end, tag
    losses: list[Loss] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)  # labels of skipped mentions; '' if unknown
    _pieces: list[str] = field(default_factory=list)
    _length: int = 0
    _gap: str = ""

    def end_paragraph(self) -> None:
        """Begin a paragraph with the next word."""
        self._gap = "\n\n" if self.marks else ""

    def add(self, row: Row) -> tuple[str, str] | None:
        """Add a word; return what is wrong with its line and the remedy, if anything."""
        start = self._length + len(self._gap) if row.start is None else row.start
        if start < self._length:
            return "has offsets that do not fit its word or the previous one", "correct them"
        if start - self._length > WIDEST:
            return f"begins {start - self._length} characters after the previous word", f"leave {WIDEST} at most"
        self._pieces += self._gap if row.start is None else self._padding(start), row.word
        self.marks.append((start, start + len(row.word), row.tag))
        self.losses += [Loss(self.name, "tag", tag.given, OTHER_PART, f"offset {start}") for tag in row.others]
        self.doubtful |= {tag.name.partition(":")[0] for tag in row.others}
        self._length, self._gap = start + len(row.word), " "
        return None

    def _padding(self, start: int) -> str:
        """Fill the gap before a word with an offset: with line feeds at the end of a paragraph, else with blanks."""
        gap = start - self._length
        # A line feed separates two numbers; with a blank, '1' and '200' would become one.
        numbers = bool(self._pieces) and self._pieces[-1][-1:].isnumeric()
        return "\n" * gap if "\n" in self._gap or numbers else " " * gap

    def document(self, schema: Schema) -> Document:
        text = "".join(self._pieces)
        starts, ends = span_edges(text)
        spans = []
        for span in self._spans(schema):
            if span.start in starts and span.end in ends:
                spans.append(span)
            else:
                self.losses.append(Loss(self.name, "mention", text[span.start : span.end], NOT_WORDS))
                self.doubtful.add(span.label)
        events = [
            Event(f"E{number}", str(span.type), {schema.role(span.label): (span.id,)})
            for number, span in enumerate((s for s in spans if s.label == schema.trigger), start=1)
        ]
        known = self.doubtful <= set(schema.labels)
        return declared(
            Document(self.name, text, spans, events), dict.fromkeys(self.doubtful if known else schema.labels, SOME)
        )

    def _spans(self, schema: Schema) -> Iterator[Span]:
        """Yield the mentions. A mention without a beginning begins at its first word."""
        known = {tag.partition("-")[2].casefold(): tag.partition("-")[2] for tag in schema.tags}
        open_from, open_to, name = 0, 0, ""
        for start, end, tag in [*self.marks, (self._length, self._length, Tag(OUTSIDE))]:
            found = known.get(tag.name.casefold(), "")
            if tag.name and not found:
                self.losses.append(Loss(self.name, "tag", tag.given, UNKNOWN, f"offset {start}"))
                self.doubtful.add(self._label(tag, schema))
            continues = tag.prefix in (INSIDE, END) and found != ""
            if name and not (continues and found == name):
                yield _span(open_from, open_to, name)
                name = ""
            if continues and not name:
                self.losses.append(Loss(self.name, "tag", tag.given, NO_BEGIN, f"offset {start}"))
            open_from, open_to, name = (open_from if name else start), end, found
            if name and tag.prefix in (END, SINGLE):
                yield _span(open_from, open_to, name)
                name = ""

    @staticmethod
    def _label(tag: Tag, schema: Schema) -> str:
        """Return the label of a tag whose type is unknown; '' if the label is unknown too."""
        label = tag.name.partition(":")[0].casefold()
        return next((known for known in schema.labels if known.casefold() == label), "")


def _span(start: int, end: int, name: str) -> Span:
    label, _, kind = name.partition(":")
    return Span(f"S{start}", start, end, label, kind or None)


def write(documents: Iterable[Document]) -> str:
    r"""Return documents in CoNLL: word, start, end and tag, with the blank lines of the text.

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


def widest_gap(text: str) -> int:
    """Return the largest number of characters between two words, or before the first one."""
    edges = [(0, 0), *words(text)]
    return max((after[0] - before[1] for before, after in pairwise(edges)), default=0)


SOURCE = Source(
    "CoNLL, one word a line with its BIO, BIOES or BILOU tag in the last column: a file", {}, read, any_schema=True
)
