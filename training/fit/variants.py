"""Variants of training documents: the same events with other names, numbers and forms.

A model that has read a name, a dateline or a spelled-out number in one role only learns the word, not the role.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import regex

from annotations.document import Document, Span
from annotations.schema import Schema
from annotations.text.sentences import split_sentences
from inference.numbers.spelled import SPELLED

_FIGURE = regex.compile(r"\b(\d{1,2})\b(?![.,]\d)")
_WORD = regex.compile(rf"\b({'|'.join(SPELLED[1:])})\b", regex.IGNORECASE)
_NAME = regex.compile(r"\p{Lu}[\p{L}\p{M}'’-]+(?: \p{Lu}[\p{L}\p{M}'’-]+)?")
_AGENCIES = ("(Agency) - ", "(Agency) – ", "- ", "— ", "(Wire) -- ", ": ")
_MONTHS = (
    "Jan 3",
    "2 February",
    "March 17",
    "9 Apr 2015",
    "May 30",
    "11 June",
    "July 8",
    "Aug. 21",
    "Sept 5",
    "12 Oct",
    "Nov 26",
)
_CROP, _SWAP, _NUMBER, _DATELINE, _END = 0.35, 0.5, 0.5, 0.3, 0.3  # how often each change is made


@dataclass(frozen=True, slots=True)
class Edit:
    """A part of a text, half-open, and what takes its place."""

    start: int
    end: int
    text: str


def variants(documents: Sequence[Document], schema: Schema, copies: int, seed: int) -> Iterator[Document]:
    """Yield variants of documents.

    Args:
        documents: Training documents.
        schema: The label set.
        copies: Variants of each document.
        seed: Seed of the choices.

    Yields:
        Documents with ids such as `d1~2`, without events, with the meta of their origin.
    """
    names = _names(documents, schema)
    for copy in range(copies):
        for number, document in enumerate(documents):
            random = np.random.default_rng([seed, copy, number])
            made = _variant(document, schema, names, random)
            yield replace(made, id=f"{document.id}~{copy + 1}", events=())


def _variant(
    document: Document, schema: Schema, names: Mapping[str, Sequence[str]], random: np.random.Generator
) -> Document:
    if random.random() < _CROP:
        document = _cropped(document, random)
    edits: list[Edit] = []
    if random.random() < _SWAP:
        edits += _swaps(document, names, random)
    if random.random() < _NUMBER:
        edits += _numbers(document, schema)
    if random.random() < _END:
        edits += _ends(document, random)
    document = edited(document, edits)
    if random.random() < _DATELINE and names:
        pool = next(iter(names.values()))
        place = pool[int(random.integers(len(pool)))].upper()
        date = f", {_MONTHS[int(random.integers(len(_MONTHS)))]}" if random.random() < 0.5 else ""  # noqa: PLR2004
        document = edited(document, [Edit(0, 0, f"{place}{date} {_AGENCIES[int(random.integers(len(_AGENCIES)))]}")])
    return document


def edited(document: Document, edits: Sequence[Edit]) -> Document:
    """Return a document with parts of its text replaced; of edits that overlap, and of those that cut a span, the
    first in the text is made.

    Example:
        >>> document = Document("d1", "Gunmen killed two men.", [Span("S1", 14, 17, "TOLL", "killed")])
        >>> made = edited(document, [Edit(14, 17, "2")])
        >>> made.text, made.mention(made.spans[0])
        ('Gunmen killed 2 men.', '2')
    """
    made: list[Edit] = []
    for edit in sorted(edits, key=lambda one: (one.start, one.end)):
        if (not made or edit.start >= made[-1].end) and not any(_cuts(edit, span) for span in document.spans):
            made.append(edit)
    pieces, at = [], 0
    for edit in made:
        pieces += [document.text[at : edit.start], edit.text]
        at = edit.end
    text = "".join([*pieces, document.text[at:]])
    return replace(document, text=text, spans=tuple(_moved(span, made) for span in document.spans), events=())


def _moved(span: Span, edits: Sequence[Edit]) -> Span:
    """Move a span; what is inserted at its edges stays outside."""
    grown = [(edit, len(edit.text) - (edit.end - edit.start)) for edit in edits]
    start = span.start + sum(by for edit, by in grown if edit.end <= span.start)
    end = span.end + sum(by for edit, by in grown if edit.end <= span.end and edit.start < span.end)
    return replace(span, start=start, end=end)


def _cuts(edit: Edit, span: Span) -> bool:
    """Whether an edit replaces a part of a span together with something outside of it, or its first or last word with
    nothing."""
    if edit.end <= span.start or span.end <= edit.start:
        return False
    inside = span.start <= edit.start and edit.end <= span.end
    return not inside or not edit.text


def _names(documents: Sequence[Document], schema: Schema) -> dict[str, list[str]]:
    """Return names among the mentions of each label that has many, such as places."""
    found: dict[str, set[str]] = {}
    for document in documents:
        for span in document.spans:
            mention = document.mention(span)
            if span.type is None and _NAME.fullmatch(mention):
                found.setdefault(span.label, set()).add(mention)
    most = sorted(found, key=lambda label: -len(found[label]))
    return {label: sorted(found[label]) for label in most if len(found[label]) > 20}  # noqa: PLR2004


def _swaps(document: Document, names: Mapping[str, Sequence[str]], random: np.random.Generator) -> Iterator[Edit]:
    """Yield edits that replace each name of a label by another one of it, everywhere in the text."""
    given: dict[str, str] = {}
    for span in document.spans:
        mention = document.mention(span)
        if span.label in names and _NAME.fullmatch(mention) and mention not in given:
            pool = names[span.label]
            given[mention] = pool[int(random.integers(len(pool)))]
    for old, new in given.items():
        for match in regex.finditer(rf"(?<!\w){regex.escape(old)}(?!\w)", document.text):
            yield Edit(*match.span(), new)


def _numbers(document: Document, schema: Schema) -> Iterator[Edit]:
    """Yield edits that write small numbers as figures where they are words, and as words where they are figures."""
    for span in document.spans:
        if span.label != schema.quantity:
            continue
        for match in _WORD.finditer(document.text, span.start, span.end):
            if "-" not in document.text[match.start() - 1 : match.end() + 1]:
                yield Edit(*match.span(), str(SPELLED.index(match[1].lower())))
        for match in _FIGURE.finditer(document.text, span.start, span.end):
            if int(match[1]) < len(SPELLED):
                yield Edit(*match.span(), SPELLED[int(match[1])])


def _ends(document: Document, random: np.random.Generator) -> Iterator[Edit]:
    """Yield edits at the end of the text: no full stop, an exclamation mark, or quotation marks around it all."""
    text = document.text.rstrip()
    kind = random.integers(3)
    if text.endswith(".") and kind < 2:  # noqa: PLR2004
        yield Edit(len(text) - 1, len(text), "!" if kind else " ")
    elif '"' not in text:
        yield Edit(0, 0, '"')
        yield Edit(len(text), len(text), '"')


def _cropped(document: Document, random: np.random.Generator) -> Document:
    """Return one to three sentences of a document."""
    edges = [*split_sentences(document.text).starts, len(document.text)]
    first = int(random.integers(max(1, len(edges) - 1)))
    last = min(len(edges) - 1, first + int(random.integers(1, 4)))
    start, end = edges[first], edges[last]
    part = document.text[start:end]
    start += len(part) - len(part.lstrip())
    end = start + len(part.strip())
    if start >= end:
        return document
    kept = [span for span in document.spans if start <= span.start and span.end <= end]
    if any(span.start < end and span.end > start for span in document.spans if span not in kept):
        return document
    moved = tuple(replace(span, start=span.start - start, end=span.end - start) for span in kept)
    return replace(document, text=document.text[start:end], spans=moved, events=())
