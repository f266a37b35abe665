"""Suspected label errors: where models that did not learn a document are sure of something else than its marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotations.coverage import exhaustive
from annotations.disagreements import BOUNDARY, Disagreement, disagreements
from annotations.document import Document, Span
from annotations.errors import DataError, Fault
from inference.prediction import PredictedSpan
from training.config import TrainConfig
from training.fitted import fitted_tagger, predicted_spans
from training.split import set_aside

SURE = 0.9  # score of a predicted span from which a document without it is suspected
_DEV_SHARE = 0.1  # of the other folds, to stop on
_LEAST_FOLDS = 2


@dataclass(frozen=True, slots=True)
class Suspect:
    """A place where a model is sure and the marks say otherwise.

    Args:
        found: The disagreement: first the marks, then the model.
        score: The model's score.
    """

    found: Disagreement
    score: float

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values; `first` is the mark, `second` the model's span."""
        return {**self.found.to_dict(), "score": round(self.score, 4)}


def suspects(
    config: TrainConfig,
    documents: Sequence[Document],
    folds: int,
    report: Callable[[int], None] = lambda _: None,
) -> list[Suspect]:
    """Find suspected label errors by cross-validation.

    The documents are parted into folds; a model trained on the other folds predicts each. A predicted span with a score
    of `SURE` is suspect where the document marks nothing there, another label or another type; other edges are not.
    Labels that a document does not annotate exhaustively are left out.

    Args:
        config: The config that is trained by; its data is not read.
        documents: Annotated documents.
        folds: Number of folds, and of models.
        report: Called with the number of folds that are done.

    Returns:
        The surest first.

    Raises:
        DataError: Fewer than two folds, or more than documents.
        EncoderError: The encoder cannot be loaded.
    """
    if not _LEAST_FOLDS <= folds <= len(documents):
        raise DataError([Fault(f"{folds} folds of {len(documents)} documents", "take 2 or more, up to the documents")])
    order = np.random.default_rng(config.seed).permutation(len(documents))
    found: list[Suspect] = []
    for fold in range(folds):
        held_out = [documents[i] for i in order[fold::folds]]
        ids = {document.id for document in held_out}
        train, dev = set_aside([d for d in documents if d.id not in ids], _DEV_SHARE, config.seed)
        tagger = fitted_tagger(config, train, dev)
        for document, spans in zip(held_out, predicted_spans(tagger, held_out), strict=True):
            kept = exhaustive(document, tagger.schema)
            found += _of(document, [span for span in spans if span.label in kept])
        report(fold + 1)
    return sorted(found, key=lambda suspect: -suspect.score)


def _of(document: Document, predicted: Sequence[PredictedSpan]) -> list[Suspect]:
    scores = {span.id: span.score for span in predicted}
    spans = [Span(span.id, span.start, span.end, span.label, span.type) for span in predicted]
    found = disagreements(document, Document(document.id, document.text, spans))
    return [
        Suspect(one, scores[one.second.id])
        for one in found
        if one.second is not None and one.kind != BOUNDARY and scores[one.second.id] >= SURE
    ]
