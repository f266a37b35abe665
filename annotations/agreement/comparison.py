"""Agreement of two or more annotators: scores by label, confusion, and every disagreement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, NamedTuple

from annotations.agreement.alpha import alphas
from annotations.agreement.disagreements import KINDS, Disagreement, confusion, disagreements
from annotations.document import Document, Span
from annotations.errors import DataError, Fault


class Agreement(NamedTuple):
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
    table = {
        label: _total(_compare(_of(document, label), _of(others[document.id], label)) for document in first)
        for label in labels
    }
    table["all"] = _total(table.values())
    return table


def _total(rows: Iterable[Agreement]) -> Agreement:
    return Agreement(*map(sum, zip(Agreement(0, 0, 0, 0), *rows, strict=True)))


def _of(document: Document, label: str) -> list[Span]:
    return [span for span in document.spans if span.label == label]


def _compare(first: list[Span], second: list[Span]) -> Agreement:
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
    return Agreement(len(first), len(second), exact, partial)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two annotators and the documents that both annotated."""

    first: str  # name of the first annotator
    second: str  # name of the second annotator
    documents: int  # number of documents that both annotated
    labels: Mapping[str, Agreement]  # agreement by label, and under `all`
    # Paired spans by (label of the first, label of the second); None if one of them marked nothing.
    confusion: Counter[tuple[str | None, str | None]]
    disagreements: Sequence[Disagreement]  # every place where they differ

    def kinds(self) -> dict[str, int]:
        """Return the number of disagreements by kind."""
        found = Counter(one.kind for one in self.disagreements)
        return {kind: found[kind] for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The agreement of all annotators."""

    annotators: Mapping[str, int]  # number of documents by annotator
    single: Sequence[str]  # ids of documents that only one annotator has; they are not compared
    pairs: Sequence[Pair]  # each pair of annotators that share a document
    # Krippendorff's alpha on words by label, and under `all`; None if it is undefined.
    alpha: Mapping[str, float | None]

    def mean(self, label: str) -> tuple[float, float] | tuple[None, None]:
        """Return the mean exact and partial F1 of a label over the pairs, weighted by the number of spans of each pair.

        None if nobody marked the label.
        """
        rows = [pair.labels[label] for pair in self.pairs]
        weights = [row.first + row.second for row in rows]
        if not sum(weights):
            return None, None
        exact = sum(row.exact_f1 * weight for row, weight in zip(rows, weights, strict=True))
        partial = sum(row.partial_f1 * weight for row, weight in zip(rows, weights, strict=True))
        return exact / sum(weights), partial / sum(weights)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "annotators": dict(self.annotators),
            "annotated_once": list(self.single),
            "labels": {
                label: {"exact_f1": self.mean(label)[0], "partial_f1": self.mean(label)[1], "alpha": alpha}
                for label, alpha in self.alpha.items()
            },
            "pairs": [_pair_dict(pair) for pair in self.pairs],
        }


def _pair_dict(pair: Pair) -> dict[str, Any]:
    labels = {
        label: {**row._asdict(), "exact_f1": row.exact_f1, "partial_f1": row.partial_f1}
        for label, row in pair.labels.items()
    }
    confused = [
        {"first": first, "second": second, "count": count} for (first, second), count in pair.confusion.most_common()
    ]
    return {
        "first": pair.first,
        "second": pair.second,
        "documents": pair.documents,
        "labels": labels,
        "confusion": confused,
        "kinds": pair.kinds(),
        "disagreements": [one.to_dict() for one in pair.disagreements],
    }


def compare(annotators: Mapping[str, Sequence[Document]], labels: Sequence[str]) -> Comparison:
    """Compare the annotations of two or more annotators.

    Args:
        annotators: Documents by annotator; a pair is compared on the documents that both have.
        labels: Labels to report.

    Returns:
        Agreement by pair and over all.

    Raises:
        DataError: Fewer than two annotators, no document in common, or two texts with the same id.

    Example:
        >>> document = Document("d1", "All quiet.")
        >>> compare({"a": [document], "b": [document]}, ["ATTACK"]).pairs[0].documents
        1
    """
    by_id = {name: {document.id: document for document in made} for name, made in annotators.items()}
    counts = Counter(document_id for made in by_id.values() for document_id in made)
    if len(annotators) < 2:  # noqa: PLR2004
        raise DataError.of("there are annotations of one annotator only", "give files of two or more annotators")
    if not any(count > 1 for count in counts.values()):
        raise DataError.of("no document was annotated by two annotators", "give annotations of the same documents")
    pairs = [_pair(a, b, by_id, labels) for a, b in combinations(by_id, 2) if by_id[a].keys() & by_id[b].keys()]
    single = sorted(document_id for document_id, count in counts.items() if count == 1)
    sizes = {name: len(made) for name, made in by_id.items()}
    return Comparison(sizes, single, pairs, alphas(by_id, labels))


def _pair(a: str, b: str, by_id: Mapping[str, Mapping[str, Document]], labels: Sequence[str]) -> Pair:
    shared = sorted(by_id[a].keys() & by_id[b].keys())
    first, second = [by_id[a][name] for name in shared], [by_id[b][name] for name in shared]
    table = agreement(first, second, labels)
    found = [one for pair in zip(first, second, strict=True) for one in disagreements(*pair)]
    found.sort(key=lambda one: KINDS.index(one.kind))
    return Pair(a, b, len(shared), table, confusion(first, second), found)
