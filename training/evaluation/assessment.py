"""Assessment: an evaluation with intervals, slices, cost and the origin of the model; the content of a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from annotations.document import Document
from annotations.formats.texts import TextSource
from inference.manifest import Manifest
from inference.model import Model
from training.evaluation.cost import Cost, measure
from training.evaluation.estimates import Estimate, estimates
from training.evaluation.evaluate import Evaluation, evaluate
from training.evaluation.slices import Mentions, Slice, slices
from training.evaluation.training_overlap import describe_overlap, mentions, training_documents
from training.provenance import data_digest


@dataclass(frozen=True)
class Assessment:
    """What is reported of a model on some data."""

    evaluation: Evaluation  # predictions and counts
    data: Sequence[str]  # names of the data
    digest: str  # SHA-256 of the documents with their annotation
    manifest: Manifest  # the model's manifest: training data, config, learning curve
    # Ids of documents that the model was trained, stopped or calibrated on; None if unknown.
    trained_on: Sequence[str] | None
    seen: Mentions | None  # mentions of its training data; None if they cannot be read any more
    cost: Cost | None  # time and memory; None if not measured

    @cached_property
    def estimates(self) -> Mapping[str, Estimate]:
        """Every measure with its interval."""
        return estimates(self.evaluation.tally, self.evaluation.measures)

    @cached_property
    def slices(self) -> list[tuple[Slice, Estimate]]:
        """Every slice with its F1 and interval."""
        cut = slices(self.evaluation, self.seen)
        return [(part, estimates(part.tally, {"f1": part.measure})["f1"]) for part in cut]

    @cached_property
    def gold_tolls(self) -> tuple[int, int]:
        """Number of events with tolls that annotators counted, and of those with toll spans alone, read by rules."""
        events = [event for document in self.evaluation.documents for event in document.events if event.roles["tolls"]]
        counted = sum(bool(event.toll) for event in events)
        return counted, len(events) - counted

    @property
    def notes(self) -> list[str]:
        """Warnings for readers of the figures."""
        found = []
        if self.trained_on is None or self.trained_on:
            overlap = describe_overlap(self.trained_on, len(self.evaluation.documents))
            found.append(f"The model {overlap}: these scores {'are' if self.trained_on else 'may be'} too high.")
        if self.seen is None:
            found.append("The training data is missing or has changed: there is no slice by mentions seen in it.")
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return everything but texts as plain values. Only `cost` differs from run to run."""
        one = self.evaluation
        return {
            "model": one.model,
            "data": list(self.data),
            "data_digest": self.digest,
            "trained_on": None if self.trained_on is None else list(self.trained_on),
            "notes": self.notes,
            **one.to_dict(),
            "intervals": {name: estimate.to_dict() for name, estimate in self.estimates.items()},
            "slices": [{"slice": s.kind, "value": s.value, "gold": s.gold} | e.to_dict()
                       | {"documents": len(s.documents), "measure": s.measure.name} for s, e in self.slices],
            "toll_errors": [error.to_dict() for error in one.toll_errors],
            "errors": [
                {"document": document.id} | error.to_dict()
                for document, found in zip(one.documents, one.errors, strict=True)
                for error in found
            ],
            "cost": self.cost.to_dict() if self.cost else None,
        }  # fmt: skip


def assess(
    model: Model,
    documents: Sequence[Document],
    data: Sequence[str],
    texts: TextSource,
    known: Sequence[str] | None,
    *,
    cost: bool = True,
    step: Callable[[], object] | None = None,
) -> Assessment:
    """Evaluate a model and collect what is reported of it.

    Args:
        model: A loaded model.
        documents: Gold documents.
        data: Names of where they come from.
        texts: Texts of stand-off documents, if its training data has some.
        known: Ids of documents that it was trained on, as `trained_on` returns them.
        cost: Whether to measure time and memory too.
        step: Called after each document.

    Raises:
        DataError: As `evaluate`.
        CostError: The measuring process failed.
    """
    evaluation = evaluate(model, documents, step)
    training = training_documents(model.manifest, texts)
    return Assessment(
        evaluation,
        data,
        data_digest(documents),
        model.manifest,
        known,
        None if training is None else mentions(training),
        measure(model.folder, [document.text for document in documents]) if cost else None,
    )
