"""The data report: statistics of a dataset, likely errors, and the overlap of its parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from annotations.coverage import set_faults
from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.schema import Schema
from annotations.stats import Stats
from annotations.validate import document_faults
from training.curation.label_errors import Suspect
from training.curation.missing_mentions import Seen, Unmarked, unfinished
from training.fit.examples import Losses, lost_spans
from training.fit.split import near_duplicates

FEW_EXAMPLES = 60  # spans of a class in the training data; with fewer, a tagger hardly learns it


@dataclass(frozen=True, slots=True)
class Lengths:
    """Minimum, median, 95th percentile and maximum of a number per document."""

    least: float
    median: float
    most_95: float
    most: float

    @classmethod
    def of(cls, values: Sequence[int]) -> Lengths:
        """Summarise numbers; all zero if there are none."""
        if not values:
            return cls(0, 0, 0, 0)
        return cls(min(values), median(values), float(np.percentile(values, 95)), max(values))


@dataclass(frozen=True, slots=True)
class Part:
    """One data file or named dataset."""

    name: str  # its name on the command line
    stats: Stats  # counts
    words: Lengths  # words per document
    spans: Lengths  # spans per document
    word_counts: Sequence[int]  # words of each document
    span_counts: Sequence[int]  # spans of each document


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of one part occurs in the first part."""

    first: str  # the training data
    second: str  # the other part
    # By label, the share of the second part's mentions that are also mentions in the first, ignoring case, and the
    # number of mentions.
    mentions: Mapping[str, tuple[float, int]]
    actors: Sequence[str]  # named actors (with a capital first letter) annotated in both


@dataclass(frozen=True, slots=True)
class DataReport:
    """The contents of the report."""

    parts: Sequence[Part]  # the parts, in the order given
    # Classes (`label` or `label:type`) with fewer than `FEW_EXAMPLES` spans in the first part, and their number.
    few: Mapping[str, int]
    # (part, document, part, document, cosine) of near-duplicates.
    duplicates: Sequence[tuple[str, str, str, str, float]]
    overlaps: Sequence[Overlap]  # overlap of the first part with each other part
    faults: Sequence[Fault]  # faults of single documents; `data validate` reports them with file and line
    losses: Mapping[str, Losses]  # spans lost to windows or tokenisation, by part
    window: int  # sub-words per window for these losses
    # Likely mentions without annotation; None if all documents are partly annotated.
    unfinished: Sequence[Unmarked] | None
    suspects: Sequence[Suspect] | None  # suspected label errors; None if not checked

    def summary(self) -> list[tuple[str, int | None, str]]:
        """Return each check with its number of results (None if not checked) and its anchor in the page."""
        across = sum(first != second for first, _, second, _, _ in self.duplicates)
        return [
            ("classes with few examples", len(self.few), "counts"),
            ("near-duplicates within a part", len(self.duplicates) - across, "duplicates"),
            ("near-duplicates across parts", across, "duplicates"),
            ("faults", len(self.faults), "faults"),
            (f"spans lost at a window of {self.window}", sum(lost.count for lost in self.losses.values()), "lost"),
            ("places that look unfinished", None if self.unfinished is None else len(self.unfinished), "unfinished"),
            ("suspected label errors", None if self.suspects is None else len(self.suspects), "suspects"),
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "parts": {
                part.name: part.stats.to_dict() | {"words_a_document": asdict(part.words),
                                                   "spans_a_document": asdict(part.spans)}
                for part in self.parts
            },
            "few_examples": dict(self.few),
            "near_duplicates": [list(pair) for pair in self.duplicates],
            "overlaps": [asdict(overlap) for overlap in self.overlaps],
            "faults": [str(fault) for fault in self.faults],
            "window": self.window,
            "lost_spans": {name: losses.to_dict() for name, losses in self.losses.items()},
            "unfinished": None if self.unfinished is None else [one.to_dict() for one in self.unfinished],
            "suspects": None if self.suspects is None else [one.to_dict() for one in self.suspects],
        }  # fmt: skip


def report(
    parts: Mapping[str, Sequence[Document]],
    schema: Schema,
    tokenizer: Tokenizer,
    *,
    window: int = 256,
    overlap: int = 32,
    suspects: Sequence[Suspect] | None = None,
) -> DataReport:
    """Inspect datasets.

    Args:
        parts: Documents by name of the part; the first is the training data.
        schema: The label set.
        tokenizer: The encoder's tokenizer, to find lost spans.
        window: Sub-words per window.
        overlap: Sub-words that neighbouring windows share.
        suspects: Suspected label errors, if checked.

    Raises:
        DataError: There is no document, or one breaks the schema.
    """
    documents = [document for found in parts.values() for document in found]
    if not documents:
        raise DataError.of("there is no document to report on", "name a file with documents")
    DataError.check(set_faults(documents, schema))
    first, *others = parts
    seen: dict[str, list[Seen]] = {name: [] for name in parts}
    losses = {name: Losses() for name in parts}
    for name, found in parts.items():  # each text is read once, which takes most of the time
        for document in found:
            seen[name].append(Seen.of(document, schema))
            losses[name].add(lost_spans([document], tokenizer, schema, window, overlap))
    every = [one for found in seen.values() for one in found]
    return DataReport(
        parts=[_part(name, found, seen[name]) for name, found in parts.items()],
        few=_few(parts[first], schema),
        duplicates=_duplicates(parts),
        overlaps=[_overlap(first, parts[first], other, parts[other], schema) for other in others],
        faults=[
            fault
            for document, one in zip(documents, every, strict=True)
            for fault in document_faults(document, schema, one.words.tolist())
        ],
        losses=losses,
        window=window,
        unfinished=unfinished(documents, schema, every),
        suspects=suspects,
    )


def _part(name: str, documents: Sequence[Document], seen: Sequence[Seen]) -> Part:
    stats = Stats()
    sizes = [stats.add(document, one.words.tolist()) for document, one in zip(documents, seen, strict=True)]
    spans = [len(document.spans) for document in documents]
    return Part(name, stats, Lengths.of(sizes), Lengths.of(spans), sizes, spans)


def _few(documents: Sequence[Document], schema: Schema) -> dict[str, int]:
    found = Counter((span.label, span.type) for document in documents for span in document.spans)
    names = zip(schema.class_names, schema.classes, strict=True)
    return {name: found[own] for name, own in names if found[own] < FEW_EXAMPLES}


def _duplicates(parts: Mapping[str, Sequence[Document]]) -> list[tuple[str, str, str, str, float]]:
    homes = [(name, document) for name, documents in parts.items() for document in documents]
    return [
        (homes[a][0], homes[a][1].id, homes[b][0], homes[b][1].id, round(cosine, 3))
        for a, b, cosine in near_duplicates([document for _, document in homes])
    ]


def _overlap(
    first: str, known: Sequence[Document], second: str, documents: Sequence[Document], schema: Schema
) -> Overlap:
    shares = {}
    for label in schema.labels:
        learned, others = set(_mentions(known, label)), _mentions(documents, label)
        seen = sum(mention in learned for mention in others)
        shares[label] = (seen / len(others) if others else 0.0, len(others))
    shared = _names(known, schema.actor) & _names(documents, schema.actor) if schema.actor else set()
    return Overlap(first, second, shares, sorted(shared))


def _mentions(documents: Sequence[Document], label: str) -> list[str]:
    return [d.mention(span).casefold() for d in documents for span in d.spans if span.label == label]


def _names(documents: Sequence[Document], label: str) -> set[str]:
    found = (d.mention(span) for d in documents for span in d.spans if span.label == label)
    return {mention for mention in found if mention[0].isupper()}
