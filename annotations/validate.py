"""Validate datasets: report what makes documents unsuitable as training data."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import regex

from annotations.coverage import coverage_faults, exhaustive, foreign_labels
from annotations.document import Document, Span
from annotations.errors import Fault
from annotations.formats.jsonl import find_data, scan
from annotations.formats.texts import TextSource
from annotations.schema import TRIGGERS, Schema
from annotations.text.words import Edges, words

# A punctuation mark at an edge of a mention, except the full stop of a possible abbreviation ('U.S.', 'Gen.').
_EDGE_MARK = regex.compile(r"^\p{P}|(?!\.)\p{P}$|(?<!\.\p{L}|\b\p{Lu}\p{L}{0,3})\.$")


@dataclass(frozen=True, slots=True)
class Report:
    """Result of a check."""

    documents: int  # how many documents were checked
    faults: tuple[Fault, ...]  # everything that is wrong
    left_out: tuple[Fault, ...]  # documents that were skipped because their text is not available
    # How many documents have triggers and no events: they teach spans, and which of them belong together is not known.
    spans_only: int = 0


def validate(paths: Iterable[str | Path], schema: Schema, texts: TextSource | None = None) -> Report:
    """Check data files and report every fault, with file, line, document and span.

    Args:
        paths: Files or named datasets. Ids must be unique across them.
        schema: The label set.
        texts: Where the texts of stand-off documents are.

    Raises:
        DataError: A path is neither a file nor a named dataset.
    """
    count = spans_only = 0
    faults: list[Fault] = []
    left_out: list[Fault] = []
    home: dict[str, str] = {}
    for path in paths:
        file = str(find_data(path))
        labels: set[str] = set()
        found: list[Fault] = []
        empty = True
        unread: list[Fault] = []  # those of them that no schema mends
        for line in scan(path, texts):
            empty = False
            if line.missing_text:
                left_out += line.faults
            else:
                found += line.faults
                unread += line.faults
            if line.document is None:
                continue
            count += 1
            spans_only += not line.document.events and any(s.label == schema.trigger for s in line.document.spans)
            own = document_faults(line.document, schema)
            if home.setdefault(line.document.id, file) != file:
                own.append(
                    Fault(f"is also in {home[line.document.id]}", "keep it in one file", document=line.document.id)
                )
            found += [replace(fault, file=file, line=line.number) for fault in own]
            labels.update(span.label for span in line.document.spans)
        if empty:
            found.append(Fault("has no document", "leave it out, or write one document a line", file=file))
        foreign = foreign_labels(labels, schema)
        faults += [*unread, *(replace(fault, file=file) for fault in foreign)] if foreign else found
    return Report(count, tuple(faults), tuple(left_out), spans_only)


def document_faults(document: Document, schema: Schema, edges: Edges | None = None) -> list[Fault]:
    """Return everything that makes one document unsuitable as training data."""
    stated = [*coverage_faults(document, schema)]
    events = [] if stated else event_faults(document, schema)  # they need a valid coverage
    return [*schema.faults(document), *stated, *span_faults(document, edges), *events]


def span_edges(text: str, edges: Edges | None = None) -> tuple[frozenset[int], frozenset[int]]:
    """Return the offsets at which spans may start, and those at which they may end; `edges` are its words, if known."""
    pieces = words(text) if edges is None else edges
    return frozenset(start for start, _ in pieces), frozenset(end for _, end in pieces)


def _is_invisible(character: str) -> bool:
    """Whether a character is a format or control character: zero-width space, direction mark, soft hyphen, NUL."""
    return unicodedata.category(character) in ("Cf", "Cc")


def span_faults(document: Document, edges: Edges | None = None) -> Iterator[Fault]:
    """Yield spans that overlap, cut a word, or start or end with white space, punctuation or an invisible character."""
    starts, ends = span_edges(document.text, edges)
    for span in document.spans:
        mention = document.mention(span)
        place = f"span {span.id} [{span.start}:{span.end}] {mention[:40]!r}"
        if mention != mention.strip():
            yield Fault("starts or ends with white space", "exclude it", document=document.id, place=place)
        elif odd := [character for character in (mention[0], mention[-1]) if _is_invisible(character)]:
            name = f"U+{ord(odd[0]):04X}"
            yield Fault(f"starts or ends with the invisible {name}", "exclude it", document=document.id, place=place)
        elif span.start not in starts or span.end not in ends:
            yield Fault("starts or ends within a word", "mark whole words", document=document.id, place=place)
        elif _EDGE_MARK.search(mention):
            yield Fault("starts or ends with punctuation", "exclude it", document=document.id, place=place)
    longest: Span | None = None  # of the spans so far, the one that ends last
    for span in document.spans:
        if longest and longest.end > span.start:
            place = f"spans {longest.id} [{longest.start}:{longest.end}] and {span.id} [{span.start}:{span.end}]"
            yield Fault("overlap", "keep one of them", document=document.id, place=place)
        if longest is None or span.end > longest.end:
            longest = span


def event_faults(document: Document, schema: Schema) -> Iterator[Fault]:
    """Yield triggers without an event, and events without a trigger if the document marks all triggers.

    A document without any event states none: its spans are learned from and scored, events are not.
    """
    sure = schema.trigger in exhaustive(document, schema)
    tied = {span for event in document.events for span in event.roles[TRIGGERS]}
    for event in document.events:
        if sure and not event.roles[TRIGGERS]:
            yield Fault(
                f"has no {schema.trigger} span", "mark its trigger", document=document.id, place=f"event {event.id}"
            )
    for span in document.spans:
        if document.events and span.label == schema.trigger and span.id not in tied:
            place = f"span {span.id} [{span.start}:{span.end}] {document.mention(span)[:40]!r}"
            yield Fault("is a trigger without an event", "add it to an event", document=document.id, place=place)
