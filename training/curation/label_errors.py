"""Suspected label errors: confident predictions that differ from the annotation, by models not trained on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotations.agreement.disagreements import BOUNDARY, Disagreement, disagreements
from annotations.coverage import exhaustive
from annotations.document import Document, Span
from annotations.errors import DataError
from annotations.schema import load_schema
from inference.prediction import PredictedSpan
from training.config import TrainConfig
from training.fit.split import duplicate_groups, set_aside
from training.fit.untracked import fitted_tagger, predicted_spans

SURE = 0.9  # least score of a predicted span that makes a missing annotation suspect
_DEV_SHARE = 0.1  # of the other folds, for early stopping
_LEAST_FOLDS = 2


@dataclass(frozen=True, slots=True)
class Suspect:
    """A confident prediction that differs from the annotation."""

    found: Disagreement  # the disagreement: the annotation first, then the model
    score: float  # the model's score

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values; `first` is the annotated span, `second` the predicted one."""
        return {**self.found.to_dict(), "score": round(self.score, 4)}


def suspects(
    config: TrainConfig,
    documents: Sequence[Document],
    folds: int,
    report: Callable[[int], None] = lambda _: None,
) -> list[Suspect]:
    """Find suspected label errors by cross-validation.

    The documents are split into folds, with near-duplicates in the same fold. Each fold is predicted by a model that is
    trained on the others, and stopped and calibrated on exhaustively annotated documents of them. A predicted span
    with a score of at least `SURE` is suspect if the document has no span there, or one with another label or type;
    boundary errors are not. Labels that a document does not annotate exhaustively are ignored.

    Args:
        config: The training config; its data is not read.
        documents: Annotated documents.
        folds: Number of folds, and of models.
        report: Called with the number of finished folds.

    Returns:
        The suspects, highest score first.

    Raises:
        DataError: Fewer than two folds, more than documents, or too few documents that are annotated exhaustively.
        EncoderError: The encoder cannot be loaded.
    """
    if not _LEAST_FOLDS <= folds <= len(documents):
        raise DataError.of(
            f"{folds} folds of {len(documents)} documents", "use at least 2, and at most one per document"
        )
    schema = load_schema(config.label_schema)
    found: list[Suspect] = []
    for fold, held_out in enumerate(_folds(documents, folds, config.seed)):
        others = [document for document in documents if document not in held_out]
        whole = [document for document in others if len(exhaustive(document, schema)) == len(schema.labels)]
        _, dev = set_aside(whole, _DEV_SHARE, config.seed)
        train = [document for document in others if document not in dev]
        tagger = fitted_tagger(config, train, dev)
        for document, spans in zip(held_out, predicted_spans(tagger, held_out), strict=True):
            kept = exhaustive(document, tagger.schema)
            found += _of(document, [span for span in spans if span.label in kept])
        report(fold + 1)
    return sorted(found, key=lambda suspect: -suspect.score)


def _folds(documents: Sequence[Document], count: int, seed: int) -> list[list[Document]]:
    """Split documents into folds of about the same size, with near-duplicates in the same fold."""
    groups: dict[int, list[Document]] = {}
    for document, group in zip(documents, duplicate_groups(documents), strict=True):
        groups.setdefault(group, []).append(document)
    order = list(groups.values())
    folds: list[list[Document]] = [[] for _ in range(count)]
    for index in np.random.default_rng(seed).permutation(len(order)):
        min(folds, key=len).extend(order[index])
    return [fold for fold in folds if fold]


def _of(document: Document, predicted: Sequence[PredictedSpan]) -> list[Suspect]:
    scores = {span.id: span.score for span in predicted}
    spans = [Span(span.id, span.start, span.end, span.label, span.type) for span in predicted]
    found = disagreements(document, Document(document.id, document.text, spans))
    return [
        Suspect(one, scores[one.second.id])
        for one in found
        if one.second is not None
        and one.kind != BOUNDARY
        and scores[one.second.id] >= SURE
        and not (one.first is None and _within(one.second, document))
    ]


def _within(span: Span, document: Document) -> bool:
    """Return whether a span overlaps an annotated one with the same label, which is a boundary error."""
    return any(mark.label == span.label and mark.start < span.end and span.start < mark.end for mark in document.spans)
