"""Evaluation: the predictions of a model, as users get them, against gold documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from annotations.coverage import exhaustive, set_faults
from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.schema import Schema
from inference.prediction import Prediction
from inference.tagger import Tagger
from training.evaluation.alignment import Alignment, align_events
from training.evaluation.calibration import Calibration, calibration, event_calibration
from training.evaluation.counts import Counts, Measure, Tally, rounded
from training.evaluation.entities import entity_scores
from training.evaluation.errors import Error, errors
from training.evaluation.events import TollError, event_measures, event_tally, false_alarms, toll_errors
from training.evaluation.relevance import relevance_scores
from training.evaluation.scores import PRIMARY, Scores, label_scores, span_measures, span_tally

# Measures that are logged as metrics; all others are in tables.
LOGGED = ("strict_micro", "partial_core", "event_detection", "event_argument_classification", "event_toll")


@dataclass(frozen=True)
class Evaluation:
    """Predictions of a model and what is computed from them, each figure once."""

    model: str  # name of the model
    documents: Sequence[Document]  # gold documents
    predictions: Sequence[Prediction]  # one for each document, in the same order
    schema: Schema  # the label set

    @cached_property
    def tally(self) -> Tally:
        """Counts of spans and events, document by document."""
        spans = span_tally(self.documents, [prediction.spans for prediction in self.predictions], self.schema)
        events = event_tally(self.documents, self.alignments, self.schema)
        return Tally(spans.rows + events.rows, np.concatenate([spans.counts, events.counts], axis=1))

    @cached_property
    def measures(self) -> Mapping[str, Measure]:
        """The measures of the tally by name."""
        return {measure.name: measure for measure in [*span_measures(self.schema), *event_measures(self.schema)]}

    @cached_property
    def scores(self) -> Mapping[str, Scores]:
        """Scores of spans by strategy: `strict`, `untyped`, `partial`, `overlap`."""
        return label_scores(self.tally, self.schema)

    @cached_property
    def alignments(self) -> Sequence[Alignment]:
        """Gold and predicted events of each document, aligned."""
        pairs = zip(self.documents, self.predictions, strict=True)
        return [align_events(document, prediction, self.schema) for document, prediction in pairs]

    @cached_property
    def errors(self) -> Sequence[Sequence[Error]]:
        """Errors of each document, in order of offset."""
        pairs = zip(self.documents, self.predictions, strict=True)
        return [errors(document, prediction, self.schema) for document, prediction in pairs]

    @cached_property
    def toll_errors(self) -> Sequence[TollError]:
        """Every number of people that is wrong, missing or spurious."""
        pairs = zip(self.documents, self.alignments, strict=True)
        return [error for document, events in pairs for error in toll_errors(document, events, self.schema)]

    @cached_property
    def calibration(self) -> Calibration:
        """Scores of predicted spans against whether they are right."""
        return calibration(self.documents, self.predictions, self.schema)

    @cached_property
    def event_calibration(self) -> Calibration:
        """Scores of predicted events against whether they are right."""
        return event_calibration(self.documents, self.predictions, self.alignments, self.schema)

    @cached_property
    def entities(self) -> Mapping[str, Any] | None:
        """Scores of entities; None if no document has gold entities."""
        return entity_scores(self.documents, self.predictions, self.schema)

    @cached_property
    def relevance(self) -> list[dict[str, Any]]:
        """How many texts with and without an attack pass each least relevance; none if the model knows no relevance."""
        return relevance_scores(self.documents, self.predictions, self.schema)

    @cached_property
    def document_f1(self) -> Counts:
        """F1 of each document on core labels, partial match, shape (documents,); NaN where nothing is gold and nothing
        predicted."""
        return self.measures[PRIMARY].value(self.tally, self.tally.counts)

    def f1(self, name: str) -> float:
        """Return a measure by name; NaN where nothing is gold and nothing predicted."""
        return float(self.measures[name].value(self.tally, self.tally.totals()))

    def to_dict(self) -> dict[str, Any]:
        """Return counts and scores as plain values."""
        rows = (row for row in self.tally.rows if row.startswith("event/") or ":" in row)
        named = {row: self.tally.score(row).to_dict() for row in rows}
        return {
            "documents": len(self.documents),
            **{match: scores.to_dict() for match, scores in self.scores.items()},
            "types": {row: score for row, score in named.items() if not row.startswith("event/")},
            "events": {row.removeprefix("event/"): score for row, score in named.items() if row.startswith("event/")}
            | {"type_macro_f1": rounded(self.f1("event_type_macro"))},
            "false_alarms": dict(zip(("documents", "of"), false_alarms(self.tally), strict=True)),
            "calibration": self.calibration.to_dict(),
            "event_calibration": _of_events(self.event_calibration),
            **({"entities": self.entities} if self.entities else {}),
            **({"relevance": self.relevance} if self.relevance else {}),
        }

    def metrics(self, prefix: str) -> dict[str, float]:
        """Return the main figures, those that are defined, as MLflow metrics: a few, which it shows as one group named
        `prefix`."""
        found = {f"{prefix}/{name}_f1": self.f1(name) for name in LOGGED} | {f"{prefix}/ece": self.calibration.ece}
        return {name: value for name, value in found.items() if not np.isnan(value)}


def _of_events(scores: Calibration) -> dict[str, Any]:
    table = scores.reliability()
    rows = [{"score": rounded(r["score"]), "right": rounded(r["right"]), "events": r["spans"]} for r in table]
    return {"ece": rounded(scores.ece), "reliability": rows}


def evaluate(model: Tagger, documents: Sequence[Document], step: Callable[[], object] | None = None) -> Evaluation:
    """Predict documents and score spans and events, each document on the labels that it annotates exhaustively.

    Args:
        model: A loaded model.
        documents: Gold documents.
        step: Called after each document.

    Raises:
        DataError: There is no document, an id is repeated, a gold span has a label that the model's schema lacks, or
            no label is annotated exhaustively by any document.
    """
    check_gold(documents, model.schema)
    predictions = []
    for prediction in model.predict_stream(document.text for document in documents):
        predictions.append(prediction)
        if step:
            step()
    return Evaluation(model.name, documents, predictions, model.schema)


def check_gold(documents: Sequence[Document], schema: Schema) -> None:
    """Refuse documents that cannot be scored, as described at `evaluate`."""
    if not documents:
        raise DataError.of("there are no documents to evaluate on", "name a file with documents")
    faults = set_faults(documents, schema)
    if not faults and not any(exhaustive(document, schema) for document in documents):
        problem = "no document annotates any label exhaustively, so nothing can be scored"
        faults = [Fault(problem, "name exhaustively annotated data")]
    counts = Counter(document.id for document in documents)
    twice = [name for name, number in counts.items() if number > 1]
    faults += [Fault("occurs twice", "name each set of documents once", document=name) for name in twice]
    DataError.check(faults)


def side_by_side(document: Document, prediction: Prediction) -> dict[str, Any]:
    """Return gold and predicted spans and events of a document by offset, without its text, as logged with a run."""
    named = {role.name for role in prediction.schema.arguments.values() if role.named}
    return {
        "id": document.id,
        "gold": [span.to_dict() for span in document.spans],
        "predicted": [{k: v for k, v in span.to_dict().items() if k != "text"} for span in prediction.spans],
        "events": [
            {key: _wordless(value) if key in named or key == "toll" else value for key, value in event.items()}
            for event in prediction.to_dict()["events"]
        ],
    }


def _wordless(found: Any) -> Any:
    """Return participants or tolls without words of the text."""
    if isinstance(found, list):
        return [_wordless(one) for one in found]
    if isinstance(found, Mapping):
        return {key: _wordless(value) for key, value in found.items() if key not in ("name", "words")}
    return found
