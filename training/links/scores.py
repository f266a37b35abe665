"""Scores of linking alone: events from gold spans, by rules and by the linker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any

from annotations.document import Document
from inference.events.linking import assemble
from inference.prediction import Prediction
from inference.tagger import Tagger
from training.evaluation.counts import rounded
from training.evaluation.evaluate import Evaluation, check_gold
from training.evaluation.events import has_events
from training.links.examples import gold_spans
from training.links.fit import marked

MEASURES = {
    "arguments": "event_argument_classification",
    "events": "event_detection",
    "types": "event_classification",
    "tolls": "event_toll",
}
TRIGGER_PAIRS = "trigger_pairs"


def link_scores(model: Tagger, documents: Sequence[Document]) -> dict[str, dict[str, Any]]:
    """Score how gold spans are linked to events: by rules, and by the model's linker if it has one.

    Args:
        model: A loaded model.
        documents: Gold documents; those whose events cannot be scored are left out.

    Returns:
        By `rules` and `linker`, F1 of `trigger_pairs` (pairs of triggers of one event), of `arguments` (a mention and
        its role in the aligned event), and of events, types and tolls as at `training.evaluation.events.event_rows`.

    Raises:
        DataError: The documents cannot be scored (`training.evaluation.evaluate.evaluate`).
    """
    check_gold(documents, model.schema)
    scored = [document for document in documents if has_events(document, model.schema)]
    found = {"rules": _events(model, scored, by_rules=True)}
    if model.linker is not None and model.vector_size:
        found["linker"] = _events(model, scored, by_rules=False)
    return {name: _scores(evaluation) for name, evaluation in found.items()}


def _events(model: Tagger, documents: Sequence[Document], *, by_rules: bool) -> Evaluation:
    """Link the gold spans of documents."""
    spans = [gold_spans(document) for document in documents]
    vectors = [None] * len(documents) if by_rules else [gold.vectors for gold, _ in marked(model, documents)]
    predictions = [
        Prediction(
            document.text,
            given,
            assemble(document.text, given, model.schema, linker=model.linker, vectors=known),
            model.name,
            1,
            model.schema,
        )
        for document, given, known in zip(documents, spans, vectors, strict=True)
    ]
    return Evaluation(model.name, documents, predictions, model.schema)


def _scores(evaluation: Evaluation) -> dict[str, Any]:
    gold = _pairs([event.roles["triggers"] for event in document.events] for document in evaluation.documents)
    found = _pairs(
        [event.to_event().roles["triggers"] for event in prediction.events] for prediction in evaluation.predictions
    )
    total = len(gold) + len(found)
    pairs = 2 * len(gold & found) / total if total else float("nan")
    return {TRIGGER_PAIRS: rounded(pairs)} | {
        name: rounded(evaluation.f1(measure)) for name, measure in MEASURES.items()
    }


def _pairs(documents: Iterable[Iterable[Iterable[str]]]) -> set[tuple[int, str, str]]:
    """Return the pairs of triggers of one event: number of the document, and their ids."""
    return {
        (number, *pair)
        for number, events in enumerate(documents)
        for triggers in events
        for pair in combinations(sorted(triggers), 2)
    }
