"""Helpers for tests of CoNLL: documents with odd characters, reading, and exporting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from annotations import Document, Span, load_schema
from annotations.export import export
from annotations.importers.base import Imported, Loss
from annotations.importers.conll import read
from annotations.text.words import words

SCHEMA = load_schema()
TEXT = "Gunmen shot four farmers in Gao."
FARMERS = Span("S1", 17, 24, "VICTIM")


def back(tmp_path: Path, content: str, name: str = "given.conll") -> Imported:
    (tmp_path / name).write_text(content, encoding="utf-8", newline="")
    return read(tmp_path / name)


def keys(document: Document) -> list[tuple[Any, ...]]:
    return [(span.start, span.end, span.label, span.type) for span in document.spans]


def mentions(document: Document) -> list[tuple[str, ...]]:
    return [(document.mention(span), *filter(None, (span.label, span.type))) for span in document.spans]


GAPS = st.sampled_from(["", " ", "  ", "\n", "\n\n", "\r\n\r\n", " \n\n\n", "\t", "\u2028", "\u00a0", "\x1c", "\x0b"])
WORDS = [
    "raid",
    "Gao",
    "U.S.",
    "12",
    "1,200",
    "1 200",
    "200",
    "'",
    "-",
    ".",
    "🔥",
    "e\u0301t",
    "هجوم",
    "攻撃",
    "\u200b",
    "O",
    "#",
]


few = settings(max_examples=30)  # each reads a file and the schema anew


@st.composite
def annotated(draw: st.DrawFn, name: str = "d1") -> Document:
    """A document with spans on word edges, none of which overlap, and odd characters and gaps between them."""
    pieces = draw(st.lists(st.tuples(GAPS, st.sampled_from(WORDS)), max_size=10))
    text = "".join(gap + word for gap, word in pieces) + draw(GAPS)
    edges, spans, at = words(text), list[Span](), 0
    while at < len(edges):
        last = draw(st.integers(at, min(at + 2, len(edges) - 1)))
        marked = draw(st.none() | st.sampled_from(SCHEMA.classes))
        if marked:
            spans.append(Span(f"S{len(spans) + 1}", edges[at][0], edges[last][1], *marked))
        at = last + 1
    return Document(name, text, spans)


def tags(tmp_path: Path, *given_tags: str) -> tuple[list[tuple[str, ...]], list[Loss]]:
    """The mentions and losses of words a, b, c … with these tags."""
    lines = [f"{word}\t{tag}" for word, tag in zip("abcdefgh", given_tags, strict=False)]
    found = back(tmp_path, "\n".join(["-DOCSTART- d1", *lines]))
    return mentions(found.documents[0]), list(found.losses)


def exported(form: str, made: Sequence[Document], target: Path, texts: Path | None = None) -> list[str]:
    return export(form, made, target, SCHEMA, texts)
