"""Calibration: the temperature and the outside weight, fitted on development documents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from annotations.document import Document
from inference.backends import Logits
from inference.encoding.subwords import Subwords
from inference.encoding.windows import Window
from inference.tagger import Tagger
from training.evaluation.scores import score_spans
from training.fit.examples import Losses, tag

OUTSIDE_WEIGHTS = (1.0, 0.7, 0.5, 0.35, 0.25)  # of equally good ones, the first is chosen


def calibrate(tagger: Tagger, documents: Sequence[Document]) -> None:
    """Set temperature and outside weight of a tagger.

    Args:
        tagger: The tagger.
        documents: Documents that were not trained on.
    """
    outputs = tagger.logits(document.text for document in documents)
    tagger.temperature = _temperature(tagger, documents, outputs)
    tagger.outside_weight = _outside_weight(tagger, documents, outputs)


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
