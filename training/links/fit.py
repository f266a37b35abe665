"""A linker for a model: learned from gold events, its thresholds fitted on development data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from annotations.document import Document
from annotations.schema import Schema
from inference.encoding.subwords import span_vectors
from inference.events.confidence import evidence
from inference.events.drafts import finish
from inference.events.groups import Rated, clusters_of
from inference.events.linker import Linker, LinkSettings, Vectors, draw
from inference.prediction import PredictedSpan, Prediction
from inference.tagger import Tagger
from training.config import LinksConfig
from training.evaluation.counts import zero_if_undefined
from training.evaluation.evaluate import Evaluation
from training.evaluation.events import has_events
from training.fit.calibrate import fit_weights
from training.links.examples import example_of, facts_of, gold_spans
from training.links.network import PairScorer, TorchScorer, learn

JOIN = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)
SEVERAL = (0.4, 0.5, 0.6, 0.7)
LEAST = (0.1, 0.2, 0.3, 0.4, 0.5)
KEPT = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3)  # higher ones gain little, and lose reports that only one sentence tells
_MEASURES = ("event_detection", "event_classification", "event_argument_classification", "event_toll")


@dataclass(frozen=True, slots=True)
class Learned:
    """A learned linker: the scorer, its thresholds, and the number of documents and pairs it was learned from."""

    scorer: PairScorer
    settings: LinkSettings
    documents: int
    pairs: int


@dataclass(frozen=True, slots=True)
class _Marked:
    """A document with spans, gold or predicted, and their vectors."""

    document: Document
    spans: Sequence[PredictedSpan]
    vectors: Vectors


def _drawn(documents: Sequence[Document], schema: Schema, most: int | None, seed: int) -> list[Document]:
    """Return at most so many documents with events, in their order; the others are not held."""

    def known() -> Iterator[Document]:
        return (one for one in documents if schema.trigger and one.events and has_events(one, schema))

    if most is None:
        return list(known())
    count = sum(1 for _ in known())
    if count <= most:
        return list(known())
    chosen = set(np.random.default_rng(seed).choice(count, most, replace=False).tolist())
    return [one for number, one in enumerate(known()) if number in chosen]


def fit_linker(
    tagger: Tagger,
    train: Sequence[Document],
    dev: Sequence[Document],
    config: LinksConfig,
    *,
    seed: int,
    report: Callable[[str], None] = lambda _: None,
) -> Learned | None:
    """Learn to link spans to events.

    Pairs of gold spans are learned from, and pairs of the spans that the tagger finds, so that the linker knows the
    errors it will meet. The thresholds are those with the best events from the spans found in the dev documents.

    Args:
        tagger: A calibrated tagger whose backend gives vectors.
        train: Documents with gold events.
        dev: Documents to fit thresholds on.
        config: How it is learned.
        seed: Seed of everything random.
        report: Called with a line of text when a longer task starts.

    Returns:
        The linker; None if no training document has events that can be learned from, or `config.epochs` is 0.
    """
    schema = tagger.schema
    known = _drawn(train, schema, config.documents, seed) if config.epochs else []
    if not known:
        return None
    report(f"reading the spans of {len(known)} documents to learn links")
    examples = [
        example_of(one.document, one.spans, one.vectors, schema) for pair in marked(tagger, known) for one in pair
    ]
    examples = [example for example in examples if len(example.facts.triggers)]
    if not examples:
        return None
    report("learning which spans belong to one event")
    scorer = learn(examples, epochs=config.epochs, learning_rate=config.learning_rate, seed=seed)
    report("fitting the thresholds of links")
    scored = [document for document in dev if has_events(document, schema)]
    settings = fit_settings(Linker(TorchScorer(scorer), LinkSettings()), tagger, scored)
    pairs = sum(len(example.same.first) + len(example.belongs.first) for example in examples)
    return Learned(scorer, settings, len(known), pairs)


def marked(tagger: Tagger, documents: Sequence[Document]) -> Iterator[tuple[_Marked, _Marked]]:
    """Yield each document with its gold spans, and with the spans that a tagger finds."""
    outputs = tagger.outputs(document.text for document in documents)
    for document, (pieces, logits, vectors) in zip(documents, outputs, strict=True):
        both = (gold_spans(document), tagger.decode(document.text, pieces, logits))
        gold, found = (
            _Marked(document, spans, span_vectors(pieces, vectors, [(span.start, span.end) for span in spans]))
            for spans in both
        )
        yield gold, found


def fit_settings(linker: Linker, tagger: Tagger, documents: Sequence[Document]) -> LinkSettings:
    """Return the thresholds with the best events from the spans that a tagger finds; without documents, the usual ones.

    The mean F1 of events found, types, arguments and tolls decides: first on the threshold of joining triggers, then
    on those of arguments. Then the weights of the confidence of events are fitted, and the score below which they are
    left out.
    """
    best = LinkSettings()
    if not documents:
        return best
    found = [one for _, one in marked(tagger, documents)]
    rated = [linker.rate(facts_of(one.document.text, one.spans, tagger.schema), one.vectors) for one in found]

    def score(settings: LinkSettings) -> float:
        events = linked(found, rated, settings, tagger.schema)
        return sum(zero_if_undefined(events.f1(name)) for name in _MEASURES)

    best = max((replace(best, join=join) for join in JOIN), key=score)
    pairs = [(several, least) for several in SEVERAL for least in LEAST if least <= several]
    choices = [replace(best, several=several, least=least) for several, least in pairs]
    best = max(choices, key=score)
    best = replace(best, event=_event_weights(linked(found, rated, best, tagger.schema), rated, best))
    return max((replace(best, kept=kept) for kept in KEPT), key=score)


def _event_weights(events: Evaluation, rated: Sequence[Rated], settings: LinkSettings) -> tuple[float, ...]:
    """Fit the confidence of events on whether they are gold events with the right type."""
    rows: list[list[float]] = []
    right: list[bool] = []
    for aligned, pairs in zip(events.alignments, rated, strict=True):
        rows += evidence(pairs, clusters_of(pairs, settings.join), draw(pairs, settings))
        same = {j for i, j, _ in aligned.pairs if aligned.gold[i].attack_type == aligned.predicted[j].attack_type}
        right += [number in same for number in range(len(aligned.predicted))]
    return fit_weights(rows, right)


def linked(found: Iterable[_Marked], rated: Iterable[Rated], settings: LinkSettings, schema: Schema) -> Evaluation:
    """Score the events that thresholds give documents with spans, whose rated pairs are in the same order."""
    documents, predictions = [], []
    for one, pairs in zip(found, rated, strict=True):
        facts = pairs.facts
        events = [
            finish(facts.sentences, schema, draft, f"E{number}", "range")
            for number, draft in enumerate(draw(pairs, settings), start=1)
            if draft.score is None or draft.score >= settings.kept
        ]
        documents.append(one.document)
        predictions.append(Prediction(one.document.text, one.spans, events, "links", 1, schema))
    return Evaluation("links", documents, predictions, schema)
