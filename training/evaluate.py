"""Evaluation: a model against gold documents, through the predict that users call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotations.coverage import annotation_faults, exhaustive
from annotations.document import Document
from annotations.errors import DataError, Fault
from inference.prediction import Prediction
from inference.tagger import Tagger
from training.scores import Scores, score_documents


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Outcome of an evaluation.

    Args:
        documents: Number of documents.
        scores: Scores by strategy: `strict`, `partial`, `overlap`.
        predictions: One for each document, in the order given.
    """

    documents: int
    scores: Mapping[str, Scores]
    predictions: Sequence[Prediction]

    def to_dict(self) -> dict[str, Any]:
        """Return counts and scores as plain values."""
        return {"documents": self.documents} | {name: scores.to_dict() for name, scores in self.scores.items()}

    def metrics(self, prefix: str) -> dict[str, float]:
        """Return micro, core, macro and per-label figures under flat names, as MLflow metrics."""
        found = {}
        for name, scores in self.scores.items():
            found[f"{prefix}_{name}_macro_f1"] = scores.macro_f1
            parts = {"micro": scores.micro, "core": scores.core, **scores.labels}
            for part, score in parts.items():
                for measure in ("precision", "recall", "f1"):
                    found[f"{prefix}_{name}_{part}_{measure}"] = getattr(score, measure)
        return found


def evaluate(model: Tagger, documents: Sequence[Document]) -> Evaluation:
    """Predict documents and score the spans, each document on the labels that it annotates exhaustively.

    Args:
        model: A loaded model.
        documents: Gold documents.

    Raises:
        DataError: There is no document, a gold span has a label that the model's schema lacks, or no label is annotated
            exhaustively by any document.
    """
    if not documents:
        raise DataError([Fault("there are no documents to evaluate on", "name a file that holds some")])
    faults = [fault for document in documents for fault in annotation_faults(document, model.schema)]
    if not faults and not any(exhaustive(document, model.schema) for document in documents):
        problem = "no document annotates any label exhaustively, so nothing can be scored"
        faults = [Fault(problem, "name exhaustively annotated data")]
    if faults:
        raise DataError(faults)
    predictions = model.predict([document.text for document in documents])
    scores = score_documents(documents, [prediction.spans for prediction in predictions], model.schema)
    return Evaluation(len(documents), scores, predictions)


def side_by_side(document: Document, prediction: Prediction) -> dict[str, Any]:
    """Return gold and predicted spans of a document by offset, without its text, as kept beside a run."""
    return {
        "id": document.id,
        "gold": [span.to_dict() for span in document.spans],
        "predicted": [{k: v for k, v in span.to_dict().items() if k != "text"} for span in prediction.spans],
        "events": prediction.to_dict()["events"],
    }
