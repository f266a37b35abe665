"""Calibration: temperature, outside weight, thresholds and relevance, fitted on development documents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize, minimize_scalar
from scipy.special import logsumexp

from annotations.coverage import exhaustive
from annotations.document import Document
from inference.backends import Logits
from inference.decode import softmax
from inference.encoding.subwords import Subwords
from inference.encoding.windows import Window
from inference.relevance import Relevance, trigger_columns
from inference.tagger import Tagger
from training.evaluation.counts import zero_if_undefined
from training.evaluation.scores import score_spans
from training.fit.examples import Losses, tag

OUTSIDE_WEIGHTS = (1.0, 0.7, 0.5, 0.35, 0.25)  # of equally good ones, the first is chosen
THRESHOLDS = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
_PENALTY = 1.0  # on the squares of the weights
_FEWEST = 20  # examples with either answer, below which nothing is fitted


def calibrate(tagger: Tagger, documents: Sequence[Document]) -> None:
    """Set temperature, outside weight, thresholds and weights of relevance of a tagger, on documents not trained on."""
    outputs = tagger.logits(document.text for document in documents)
    tagger.temperature = _temperature(tagger, documents, outputs)
    tagger.thresholds = {}
    tagger.outside_weight = _outside_weight(tagger, documents, outputs)
    tagger.thresholds = _thresholds(tagger, documents, outputs)
    tagger.relevance = _relevance(tagger, documents, outputs)


def _temperature(tagger: Tagger, documents: Sequence[Document], outputs: Sequence[tuple[Subwords, Logits]]) -> float:
    """Return the temperature between 0.5 and 5 that maximises the likelihood of the words' gold tags (Guo et al. 2017,
    "On Calibration of Modern Neural Networks")."""
    logits = np.concatenate([found for _, found in outputs]).astype(np.float64)
    gold = np.concatenate([_gold(d, pieces, tagger) for d, (pieces, _) in zip(documents, outputs, strict=True)])
    if not len(gold):
        return 1.0

    def loss(temperature: float) -> float:
        scaled = logits / temperature
        return float(np.mean(logsumexp(scaled, axis=1) - scaled[np.arange(len(gold)), gold]))

    return float(minimize_scalar(loss, bounds=(0.5, 5.0), method="bounded").x)


def _gold(document: Document, pieces: Subwords, tagger: Tagger) -> npt.NDArray[np.int64]:
    tags = tag(document, pieces, tagger.schema, [Window(0, len(pieces.ids))], Losses())
    return np.asarray([tags[first] for first in pieces.first], dtype=np.int64)


def _outside_weight(tagger: Tagger, documents: Sequence[Document], outputs: Sequence[tuple[Subwords, Logits]]) -> float:
    """Return the weight of O with the best partial-match micro F1; of several, the one nearest to 1."""
    gold = [document.spans for document in documents]

    def f1(weight: float) -> float:
        tagger.outside_weight = weight
        found = [tagger.decode(d.text, *output) for d, output in zip(documents, outputs, strict=True)]
        return score_spans(gold, found, tagger.schema)["partial"].micro.f1

    return max(OUTSIDE_WEIGHTS, key=f1)


def _thresholds(
    tagger: Tagger, documents: Sequence[Document], outputs: Sequence[tuple[Subwords, Logits]]
) -> dict[str, float]:
    """Return for each label the threshold with the best partial-match F1; of several, the lowest."""
    gold = [document.spans for document in documents]
    found = [tagger.decode(d.text, *output) for d, output in zip(documents, outputs, strict=True)]
    scores = {}
    for threshold in THRESHOLDS:
        kept = [[span for span in spans if span.score >= threshold] for spans in found]
        scores[threshold] = score_spans(gold, kept, tagger.schema)["partial"].labels

    def best(label: str) -> float:
        return max(THRESHOLDS, key=lambda threshold: zero_if_undefined(scores[threshold][label].f1))

    return {label: threshold for label in tagger.schema.labels if (threshold := best(label))}


def _relevance(
    tagger: Tagger, documents: Sequence[Document], outputs: Sequence[tuple[Subwords, Logits]]
) -> tuple[float, ...]:
    """Return the weights of the probability that a text reports an attack; none if there are too few examples."""
    trigger = tagger.schema.trigger
    rows: list[list[float]] = []
    answers: list[bool] = []
    for document, (_, logits) in zip(documents, outputs, strict=True):
        if trigger not in exhaustive(document, tagger.schema):
            continue
        found = Relevance(trigger_columns(tagger.schema))
        found.add(softmax(logits, tagger.temperature))
        rows.append(found.evidence())
        answers.append(any(span.label == trigger for span in document.spans))
    return fit_weights(rows, answers)


def fit_weights(rows: Sequence[Sequence[float]], right: Sequence[bool]) -> tuple[float, ...]:
    """Fit a logistic model of a yes-or-no answer.

    Args:
        rows: Evidence of each example; the first column is 1.
        right: The answer for each.

    Returns:
        A weight for each column; none if there are too few examples with either answer.
    """
    if min(sum(right), len(right) - sum(right)) < _FEWEST:
        return ()
    table, answers = np.asarray(rows), np.where(right, 1.0, -1.0)

    def loss(weights: npt.NDArray[np.float64]) -> float:
        return float(np.logaddexp(0, -answers * (table @ weights)).sum() + _PENALTY * (weights[1:] ** 2).sum() / 2)

    found = minimize(loss, np.zeros(table.shape[1]), method="L-BFGS-B").x
    return tuple(round(float(weight), 4) for weight in found)
