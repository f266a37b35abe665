"""Assessment: an evaluation with intervals, slices, cost and where the model comes from; what a report shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from annotations.document import Document
from annotations.formats.standoff import TextSource
from inference.manifest import Manifest
from inference.model import Model
from training.evaluation.cost import Cost, measure
from training.evaluation.errors import errors
from training.evaluation.estimates import Estimate, estimates
from training.evaluation.evaluate import Evaluation, evaluate
from training.evaluation.events import TollError, toll_errors
from training.evaluation.slices import Mentions, Slice, slices
from training.evaluation.training_overlap import mentions, told_of, trained_on, training_documents
from training.provenance import data_digest


@dataclass(frozen=True)
class Assessment:
    """All that is told of a model on some data.

    Args:
        evaluation: Predictions and counts.
        data: Names of the data.
        digest: SHA-256 of the documents with their annotation.
        manifest: The model's manifest: training data, config, learning curve.
        trained_on: Ids of documents that the model was trained, stopped or calibrated on; None where it does not tell.
        seen: Mentions of its training data; None where that cannot be read any more.
        cost: Time and memory; None where it was not measured.
    """

    evaluation: Evaluation
    data: Sequence[str]
    digest: str
    manifest: Manifest
    trained_on: Sequence[str] | None
    seen: Mentions | None
    cost: Cost | None

    @cached_property
    def estimates(self) -> Mapping[str, Estimate]:
        """Every measure with its interval."""
        return estimates(self.evaluation.tally, self.evaluation.measures)

    @cached_property
    def slices(self) -> list[tuple[Slice, Estimate]]:
        """Every slice with its F1 and interval."""
        one = self.evaluation
        cut = slices(one.documents, one.predictions, one.tally, list(one.measures.values()), one.schema, self.seen)
        return [(part, estimates(part.tally, {"f1": part.measure})["f1"]) for part in cut]

    @cached_property
    def gold_tolls(self) -> tuple[int, int]:
        """How many events have tolls that annotators counted, and how many have toll spans alone, which rules read."""
        events = [event for document in self.evaluation.documents for event in document.events if event.roles["tolls"]]
        counted = sum(bool(event.toll) for event in events)
        return counted, len(events) - counted

    @cached_property
    def toll_errors(self) -> list[TollError]:
        """Every number of people that is wrong, missing or invented."""
        one = self.evaluation
        pairs = zip(one.documents, one.predictions, strict=True)
        return [error for pair in pairs for error in toll_errors(*pair, one.schema)]

    def _errors(self) -> list[dict[str, Any]]:
        one = self.evaluation
        return [
            {"document": document.id} | error.to_dict()
            for document, prediction in zip(one.documents, one.predictions, strict=True)
            for error in errors(document, prediction, one.schema)
        ]

    @property
    def notes(self) -> list[str]:
        """What a reader must know of the numbers."""
        found = []
        if self.trained_on is None or self.trained_on:
            told = told_of(self.trained_on, len(self.evaluation.documents))
            found.append(f"The model {told}: these scores {'say' if self.trained_on else 'may say'} little.")
        if self.seen is None:
            found.append("The training data cannot be read here as it was, so mentions seen in it are not told apart.")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return everything but texts as plain values. Only `cost` differs from run to run."""
        return {
            "model": self.evaluation.model,
            "data": list(self.data),
            "data_digest": self.digest,
            "trained_on": None if self.trained_on is None else list(self.trained_on),
            "notes": self.notes,
            **self.evaluation.to_dict(),
            "intervals": {name: estimate.to_dict() for name, estimate in self.estimates.items()},
            "slices": [{"slice": s.kind, "value": s.value, "gold": s.gold} | e.to_dict()
                       | {"documents": len(s.documents), "measure": s.measure.name} for s, e in self.slices],
            "toll_errors": [error.to_dict() for error in self.toll_errors],
            "errors": self._errors(),
            "cost": self.cost.to_dict() if self.cost else None,
        }  # fmt: skip


def assess(
    model: Model, documents: Sequence[Document], data: Sequence[str], texts: TextSource, *, cost: bool = True
) -> Assessment:
    """Evaluate a model and put together what is told of it.

    Args:
        model: A loaded model.
        documents: Gold documents.
        data: Names of where they come from.
        texts: Texts of stand-off documents, should its training data have some.
        cost: Whether to measure time and memory too.

    Raises:
        DataError: As `evaluate`.
        CostError: The measuring process failed.
    """
    evaluation = evaluate(model, documents)
    training = training_documents(model.manifest, texts)
    return Assessment(
        evaluation,
        data,
        data_digest(documents),
        model.manifest,
        trained_on(model.manifest, documents, texts),
        None if training is None else mentions(training),
        measure(model.folder, [document.text for document in documents]) if cost else None,
    )
