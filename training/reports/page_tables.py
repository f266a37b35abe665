"""Tables of the pages: confusion of types, errors by kind, wrong tolls, slices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

from annotations.agreement.disagreements import pairs
from annotations.coverage import exhaustive
from annotations.document import Document, Span
from annotations.text.sentences import split_sentences
from inference.numbers.toll import Toll
from inference.spans import PredictedSpan
from training.behaviour.check import toll_words
from training.evaluation.estimates import Difference, Estimate
from training.evaluation.evaluate import Evaluation
from training.evaluation.events import TollError
from training.evaluation.slices import Slice

ROWS = 300  # of a table on a page; the JSON has all
_SLICES = 40  # of one kind; metadata may differ for each document


@dataclass(frozen=True, slots=True)
class Confusion:
    """Pairs of types of spans of a label that overlap."""

    label: str  # the label
    types: Sequence[str | None]  # its types, and None for no span there
    counts: Counter[tuple[str | None, str | None]]  # number of pairs by gold and predicted type

    def total(self, gold: str | None) -> int:
        """Return the number of pairs with a gold type."""
        return sum(self.counts[gold, predicted] for predicted in self.types)


def confusion(one: Evaluation, label: str) -> Confusion:
    """Count pairs of gold and predicted type of a label with types, in documents that annotate it exhaustively."""
    counts: Counter[tuple[str | None, str | None]] = Counter()
    for document, prediction in zip(one.documents, one.predictions, strict=True):
        if label in exhaustive(document, one.schema):
            sides = [
                Document(document.id, document.text, [span for span in side.spans if span.label == label])
                for side in (document, prediction.to_document(document.id))
            ]
            counts.update((a.type if a else None, b.type if b else None) for a, b in pairs(*sides))
    return Confusion(label, [*one.schema.labels[label].types, None], counts)


def error_kinds(one: Evaluation) -> dict[str, Counter[str]]:
    """Count errors by label and kind; a label error counts for the gold label."""
    counts: dict[str, Counter[str]] = {label: Counter() for label in one.schema.labels}
    for error in chain.from_iterable(one.errors):
        span = error.gold or error.predicted
        if span:
            counts[span.label][error.kind] += 1
    return counts


Pieces = Sequence[tuple[str, bool]]  # words of a sentence, and whether they are marked


def wrong_tolls(one: Evaluation) -> list[tuple[TollError, str, str, list[Pieces]]]:
    """Return the tolls that are furthest off, as many as a page shows, with both numbers in words and the sentences
    of the figures, gold and predicted."""
    ordered = sorted(one.toll_errors, key=lambda error: -abs(_size(error.gold) - _size(error.predicted)))
    texts = {d.id: (d, p) for d, p in zip(one.documents, one.predictions, strict=True)}
    found = []
    for error in ordered[:ROWS]:
        document, prediction = texts[error.document]
        spans: list[Span | PredictedSpan] = [*document.spans, *prediction.spans]
        places = {(s.start, s.end) for s in spans if s.type == error.kind and (s.start, s.end) in error.places}
        sentences = list(_sentences(document.text, sorted(places)))
        found.append((error, toll_words(error.gold), toll_words(error.predicted), sentences))
    return found


def _sentences(text: str, places: Sequence[tuple[int, int]]) -> Iterator[Pieces]:
    """Yield the sentences of figures, with the figures marked; where figures overlap, the first is."""
    sentences = split_sentences(text)
    for number, group in groupby(places, key=lambda place: sentences.index(place[0])):
        at, end = sentences.bounds(number)
        pieces = []
        for start, stop in group:
            if start >= at:
                pieces += [(text[at:start], False), (text[start:stop], True)]
                at = stop
        yield [(words, marked) for words, marked in (*pieces, (text[at:end].rstrip(), False)) if words]


def _size(toll: Toll | None) -> int:
    if toll is None:
        return 0
    return toll.min if toll.min is not None else toll.max or 0


def slice_groups(found: Sequence[tuple[Slice, Estimate]]) -> dict[str, tuple[list[tuple[Slice, Estimate]], int]]:
    """Return the slices of each kind with most gold spans, and how many are left out."""
    groups: dict[str, list[tuple[Slice, Estimate]]] = {}
    for part, estimate in found:
        groups.setdefault(part.kind, []).append((part, estimate))
    shown = {}
    for kind, parts in groups.items():
        kept = _largest([part.gold for part, _ in parts], _SLICES)
        shown[kind] = [parts[number] for number in kept], len(parts) - len(kept)
    return shown


def largest(found: Sequence[Difference], most: int = _SLICES) -> list[Difference]:
    """Return the differences with most gold items, in their order."""
    return [found[number] for number in _largest([one.gold for one in found], most)]


def _largest(sizes: Sequence[int], most: int) -> list[int]:
    return sorted(sorted(range(len(sizes)), key=lambda number: -sizes[number])[:most])
