"""Differences between two annotations of a document, by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from annotations.document import Document, Span

BOUNDARY, LABEL, TYPE, MISSING = "boundary", "label", "type", "missing"
KINDS = (LABEL, TYPE, MISSING, BOUNDARY)
_CONTEXT = 60  # characters of text on each side


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One place where two annotators differ."""

    document: str  # document id
    # `boundary` (same label, different offsets), `label`, `type` (same label and offsets, different type) or `missing`
    # (one of them marked nothing there).
    kind: str
    first: Span | None  # the first annotator's span, or None
    second: Span | None  # the second annotator's span, or None
    before: str  # text before
    words: str  # text that the spans cover
    after: str  # text after

    def to_dict(self) -> dict[str, Any]:
        """Return the disagreement as plain values."""
        spans = {
            name: span.to_dict() if span else None for name, span in (("first", self.first), ("second", self.second))
        }
        plain = {key: getattr(self, key) for key in ("document", "kind", "before", "words", "after")}
        return plain | spans


def pairs(first: Document, second: Document) -> Iterator[tuple[Span | None, Span | None]]:
    """Pair the spans of two annotations of one text, each span once.

    Spans with the same offsets and label are paired first, then overlapping spans with the same label, then other
    overlapping spans, longest overlap first. The remaining spans have no partner.

    Example:
        >>> one = Document("d", "armed men", [Span("S1", 0, 9, "PERPETRATOR")])
        >>> two = Document("d", "armed men", [Span("S1", 6, 9, "PERPETRATOR")])
        >>> [(a.start, b.start) for a, b in pairs(one, two)]
        [(0, 6)]
    """
    candidates = [
        (_distance(a, b), i, j)
        for i, a in enumerate(first.spans)
        for j, b in enumerate(second.spans)
        if _overlap(a, b) > 0
    ]
    left, right = set(range(len(first.spans))), set(range(len(second.spans)))
    for _, i, j in sorted(candidates):
        if i in left and j in right:
            left.discard(i)
            right.discard(j)
            yield first.spans[i], second.spans[j]
    yield from ((first.spans[i], None) for i in sorted(left))
    yield from ((None, second.spans[j]) for j in sorted(right))


def _distance(a: Span, b: Span) -> tuple[bool, bool, int]:
    """Return a sort key: equal spans first, then spans of the same label, then by length of the overlap."""
    other = a.label != b.label
    return other or (a.start, a.end) != (b.start, b.end), other, -_overlap(a, b)


def _overlap(a: Span, b: Span) -> int:
    return min(a.end, b.end) - max(a.start, b.start)


def disagreements(first: Document, second: Document) -> list[Disagreement]:
    """Return every place where two annotations of one text differ, in order of offset."""
    found = [_disagreement(first, kind, *pair) for pair in pairs(first, second) if (kind := _kind(*pair)) is not None]
    return sorted(found, key=lambda one: min(span.start for span in (one.first, one.second) if span))


def _kind(a: Span | None, b: Span | None) -> str | None:
    if a is None or b is None:
        return MISSING
    if a.label != b.label:
        return LABEL
    if (a.start, a.end) != (b.start, b.end):
        return BOUNDARY
    return TYPE if a.type != b.type else None


def _disagreement(document: Document, kind: str, a: Span | None, b: Span | None) -> Disagreement:
    spans = [span for span in (a, b) if span]
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    text = document.text
    return Disagreement(
        document.id, kind, a, b, text[max(0, start - _CONTEXT) : start], text[start:end], text[end : end + _CONTEXT]
    )


def confusion(first: Sequence[Document], second: Sequence[Document]) -> Counter[tuple[str | None, str | None]]:
    """Count paired spans by both labels, None where one marked nothing; both have the documents in the same order."""
    return Counter(
        (a.label if a else None, b.label if b else None)
        for one, other in zip(first, second, strict=True)
        for a, b in pairs(one, other)
    )
