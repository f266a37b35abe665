"""Agreement between two annotations of the same documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from annotations.document import Document, Span
from annotations.errors import DataError, Fault


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well two annotators agree on one label."""

    first: int  # spans of the first annotator
    second: int  # spans of the second annotator
    exact: int  # pairs with the same offsets
    partial: int  # pairs that share at least one character, one to one; includes the exact pairs

    @property
    def exact_f1(self) -> float:
        """F1 of one annotator against the other on exact offsets (symmetric); 1.0 if neither marked anything."""
        return _f1(self.exact, self.first + self.second)

    @property
    def partial_f1(self) -> float:
        """F1 of one annotator against the other, counting any overlap as a match."""
        return _f1(self.partial, self.first + self.second)


def _f1(pairs: int, total: int) -> float:
    return 2 * pairs / total if total else 1.0


def agreement(first: Sequence[Document], second: Sequence[Document], labels: Sequence[str]) -> dict[str, Agreement]:
    """Compare two annotations of the same documents, in any order, label by label.

    Pairwise F1 over spans is the usual measure for mentions, as chance agreement on them is close to zero (Hripcsak and
    Rothschild 2005).

    Returns:
        Agreement by label, and over all of them under `all`.

    Raises:
        DataError: A document is in one annotation only, its texts differ, or spans of the same label overlap.
    """
    others = {document.id: document for document in second}
    faults = [
        Fault("is in one annotation only", "compare the same documents", document=i)
        for i in {d.id for d in first} ^ set(others)
    ]
    faults += [
        Fault("has different texts in the two annotations", "annotate the same text", document=d.id)
        for d in first
        if d.id in others and others[d.id].text != d.text
    ]
    faults += [
        Fault(f"has overlapping {span.label} spans", "keep one of them", document=document.id, place=f"span {span.id}")
        for document in (*first, *second)
        for label in labels
        for before, span in pairwise(_of(document, label))
        if before.end > span.start
    ]
    DataError.check(faults)
    table = {}
    for label in labels:
        rows = [_compare(_of(document, label), _of(others[document.id], label)) for document in first]
        table[label] = (
            Agreement(*(sum(column) for column in zip(*rows, strict=True))) if rows else Agreement(0, 0, 0, 0)
        )
    table["all"] = Agreement(
        *(sum(getattr(row, key) for row in table.values()) for key in ("first", "second", "exact", "partial"))
    )
    return table


def _of(document: Document, label: str) -> list[Span]:
    return [span for span in document.spans if span.label == label]


def _compare(first: list[Span], second: list[Span]) -> tuple[int, int, int, int]:
    offsets = {(span.start, span.end) for span in first}
    exact = sum((span.start, span.end) in offsets for span in second)
    partial, taken = 0, 0
    # Both lists are sorted and have no overlaps within themselves, so taking the first free partner gives the largest
    # number of pairs.
    for span in first:
        for at in range(taken, len(second)):
            if second[at].start < span.end and span.start < second[at].end:
                partial, taken = partial + 1, at + 1
                break
    return len(first), len(second), exact, partial
