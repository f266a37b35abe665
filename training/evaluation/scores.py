"""Span scores: predicted spans against gold spans, by matching strategy, label and type, document by document."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from nervaluate.entities import Entity
from nervaluate.strategies import EntityTypeEvaluation, EvaluationStrategy, PartialEvaluation, StrictEvaluation

from annotations.coverage import exhaustive
from annotations.document import Document, Span
from annotations.schema import Schema
from inference.prediction import PredictedSpan
from training.evaluation.counts import Counts, Measure, Score, Tally, mean_defined, rounded, stacked

MATCHES: Mapping[str, EvaluationStrategy] = {
    "strict": StrictEvaluation(),  # on `label:type`
    "untyped": StrictEvaluation(),  # on the label alone, as the others
    "partial": PartialEvaluation(),
    "overlap": EntityTypeEvaluation(),
}
PRIMARY = "partial_core"  # the measure that decides between versions
AnySpan = Span | PredictedSpan


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one matching strategy."""

    labels: Mapping[str, Score]  # score by label
    core_labels: Sequence[str]  # the labels that the core score counts

    @property
    def micro(self) -> Score:
        """All spans counted together."""
        return sum(self.labels.values(), Score(0.0, 0, 0))

    @property
    def core(self) -> Score:
        """Micro score over the core labels."""
        return sum((score for label, score in self.labels.items() if label in self.core_labels), Score(0.0, 0, 0))

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the labels that occur in gold data or predictions; NaN where none does."""
        return float(mean_defined(np.array([score.f1 for score in self.labels.values()])))

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain values."""
        return {
            "micro": self.micro.to_dict(),
            "core": self.core.to_dict(),
            "macro_f1": rounded(self.macro_f1),
            "labels": {label: score.to_dict() for label, score in self.labels.items()},
        }


def score_spans(
    gold: Sequence[Sequence[AnySpan]], predicted: Sequence[Sequence[AnySpan]], schema: Schema
) -> dict[str, Scores]:
    """Score predictions label by label.

    `strict` requires the same offsets and, where the label has types, the same type; `untyped` requires the offsets and
    the label. `partial` gives an inexact overlap half a point (MUC-5 partial credit, as in SemEval-2013 task 9 and
    nervaluate); `overlap` gives it a whole point, whatever the boundaries. Both compare the label alone, pair nearest
    edges first, and require an overlap of at least 1 % of the gold span.

    Args:
        gold: Gold spans of each document.
        predicted: Predicted spans of each document, in the same order.
        schema: The labels to score, and which of them are core.

    Returns:
        `Scores` by strategy.

    Raises:
        ValueError: The two have different numbers of documents.
    """
    return label_scores(_counted(gold, predicted, [(label, None) for label in schema.labels]), schema)


def score_documents(
    documents: Sequence[Document], predicted: Sequence[Sequence[AnySpan]], schema: Schema
) -> dict[str, Scores]:
    """Score predicted spans of documents as `score_spans` does, each on the labels that it annotates exhaustively."""
    return score_spans(*scored_spans(documents, predicted, schema), schema)


def label_scores(tally: Tally, schema: Schema) -> dict[str, Scores]:
    """Return the scores by strategy from a tally of spans."""
    return {
        match: Scores({label: tally.score(f"{match}/{label}") for label in schema.labels}, schema.core)
        for match in MATCHES
    }


def span_tally(documents: Sequence[Document], predicted: Sequence[Sequence[AnySpan]], schema: Schema) -> Tally:
    """Count spans by strategy and label, and by strategy and type.

    In a row of a type, such as `overlap/TOLL:killed`, only spans of that type count on both sides: there the type has
    to be right under every strategy. Each document counts for the labels that it annotates exhaustively; predicted
    spans are in the same order.
    """
    typed = [pair for pair in schema.classes if pair[1] is not None]
    classes = [(label, None) for label in schema.labels] + typed
    return _counted(*scored_spans(documents, predicted, schema), classes)


def span_measures(schema: Schema) -> list[Measure]:
    """Return the F1 measures of spans: for each strategy micro, core and macro, then each label, then each type."""
    found = []
    for match in MATCHES:
        labels = tuple(f"{match}/{label}" for label in schema.labels)
        found.append(Measure(f"{match}_micro", labels))
        found.append(Measure(f"{match}_core", tuple(f"{match}/{label}" for label in schema.core)))
        found.append(Measure(f"{match}_macro", labels, macro=True))
        typed = (f"{match}/{label}:{kind}" for label, kind in schema.classes if kind is not None)
        found += [Measure(row.replace("/", "_"), (row,)) for row in (*labels, *typed)]
    return found


def scored_spans(
    documents: Sequence[Document], predicted: Sequence[Sequence[AnySpan]], schema: Schema
) -> tuple[list[list[AnySpan]], list[list[AnySpan]]]:
    """Return the gold and predicted spans that count: of each document those of labels that it annotates exhaustively.

    Raises:
        ValueError: The two have different numbers of documents.
    """
    sure = [exhaustive(document, schema) for document in documents]
    gold = [_kept(document.spans, labels) for document, labels in zip(documents, sure, strict=True)]
    return gold, [_kept(spans, labels) for spans, labels in zip(predicted, sure, strict=True)]


def _kept(spans: Sequence[AnySpan], labels: Collection[str]) -> list[AnySpan]:
    return [span for span in spans if span.label in labels]


def _counted(
    gold: Sequence[Sequence[AnySpan]],
    predicted: Sequence[Sequence[AnySpan]],
    classes: Sequence[tuple[str, str | None]],
) -> Tally:
    """Count spans by strategy and by class, which is a label with a type, or without one for all of its types."""
    return stacked(
        {
            f"{match}/{label if kind is None else f'{label}:{kind}'}": match_counts(
                match, gold, predicted, partial(_is, label, kind)
            )
            for match in MATCHES
            for label, kind in classes
        }
    )


def _is(label: str, kind: str | None, span: AnySpan) -> bool:
    return span.label == label and kind in (None, span.type)


def match_counts(
    match: str,
    gold: Sequence[Sequence[AnySpan]],
    predicted: Sequence[Sequence[AnySpan]],
    counted: Callable[[AnySpan], bool],
) -> Counts:
    """Count matched, predicted and gold spans of one kind, document by document.

    Args:
        match: A strategy of `score_spans`.
        gold: Gold spans of each document.
        predicted: Predicted spans of each document, in the same order.
        counted: Which spans of both sides count.

    Returns:
        Counts of shape (documents, 3): matched, predicted, gold.

    Raises:
        ValueError: The two have different numbers of documents.
    """
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} gold documents and {len(predicted)} predicted ones")
    counts = np.zeros((len(gold), 3))
    for row, true, guess in zip(counts, gold, predicted, strict=True):
        ours, theirs = (_entities(spans, counted, match == "strict") for spans in (true, guess))
        row[1:] = len(theirs), len(ours)
        if ours and theirs:
            tags = sorted({entity.label for entity in (*ours, *theirs)})
            result, _ = MATCHES[match].evaluate(ours, theirs, tags)
            row[0] = result.correct + 0.5 * result.partial
    return counts


def _entities(spans: Sequence[AnySpan], counted: Callable[[AnySpan], bool], typed: bool) -> list[Entity]:
    # nervaluate counts the end as inclusive.
    return [
        Entity(label=f"{span.label}:{span.type}" if typed else span.label, start=span.start, end=span.end - 1)
        for span in spans
        if counted(span)
    ]
