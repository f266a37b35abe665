"""Scores of relevance: which texts pass as reports of an attack, by the least relevance asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from annotations.coverage import exhaustive
from annotations.document import Document
from annotations.schema import Schema
from inference.prediction import Prediction
from training.evaluation.counts import rounded

LEAST = (0.3, 0.5, 0.7, 0.8, 0.9)


def relevance_scores(
    documents: Sequence[Document], predictions: Sequence[Prediction], schema: Schema
) -> list[dict[str, Any]]:
    """Return for each least relevance the share of texts with an attack, and of those without one, that pass.

    Gold documents and predictions are in the same order; documents without exhaustive triggers are left out.

    Returns:
        Rows with `least`, `with_attack`, `without_attack` (shares that pass; None where there are no such texts), and
        `texts`, the number of each; none if the model knows no relevance.
    """
    found = [
        (prediction.relevance, any(span.label == schema.trigger for span in document.spans))
        for document, prediction in zip(documents, predictions, strict=True)
        if prediction.relevance is not None and schema.trigger in exhaustive(document, schema)
    ]
    if not found:
        return []
    attacks = [score for score, attack in found if attack]
    others = [score for score, attack in found if not attack]
    return [
        {
            "least": least,
            "with_attack": _share(attacks, least),
            "without_attack": _share(others, least),
            "texts": [len(attacks), len(others)],
        }
        for least in LEAST
    ]


def _share(scores: Sequence[float], least: float) -> float | None:
    return rounded(sum(score >= least for score in scores) / len(scores)) if scores else None
