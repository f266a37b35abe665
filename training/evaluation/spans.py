"""Span measures: every matching strategy by label and by type, document by document."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from annotations.document import Document
from annotations.schema import Schema
from training.evaluation.counts import Measure, Tally, stacked
from training.evaluation.scores import MATCHES, HasSpan, match_counts, scored_spans

PRIMARY = "partial_core"  # the measure that decides between versions


def span_tally(documents: Sequence[Document], predicted: Sequence[Sequence[HasSpan]], schema: Schema) -> Tally:
    """Count spans by strategy and label, and by strategy and type.

    In a row of a type, such as `overlap/TOLL:killed`, only spans of that type count on both sides: there the type has
    to be right under every strategy.

    Args:
        documents: Gold documents; each counts for the labels that it annotates exhaustively.
        predicted: Predicted spans of each, in the same order.
        schema: The label set.
    """
    gold, found = scored_spans(documents, predicted, schema)
    names = [(label, None) for label in schema.labels] + [pair for pair in schema.classes if pair[1] is not None]
    return stacked(
        {
            f"{match}/{name if kind is None else f'{name}:{kind}'}": match_counts(
                match, gold, found, partial(_is, name, kind)
            )
            for match in MATCHES
            for name, kind in names
        }
    )


def _is(label: str, kind: str | None, span: HasSpan) -> bool:
    return span.label == label and kind in (None, span.type)


def span_measures(schema: Schema) -> list[Measure]:
    """Return the F1 measures of spans: for each strategy micro, core and macro, then each label, then each type."""
    found = []
    for match in MATCHES:
        labels = tuple(f"{match}/{label}" for label in schema.labels)
        found.append(Measure(f"{match}_micro", labels))
        found.append(Measure(f"{match}_core", tuple(f"{match}/{label}" for label in schema.core)))
        found.append(Measure(f"{match}_macro", labels, macro=True))
        found += [Measure(row.replace("/", "_"), (row,)) for row in labels]
        typed = (f"{match}/{label}:{kind}" for label, kind in schema.classes if kind is not None)
        found += [Measure(row.replace("/", "_"), (row,)) for row in typed]
    return found
