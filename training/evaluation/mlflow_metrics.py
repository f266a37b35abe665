"""The project's scores as metrics of `mlflow.models.evaluate`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product
from math import nan
from typing import Any

import pandas as pd
from mlflow.models import EvaluationMetric, make_metric

from annotations.coverage import annotation_faults, exhaustive
from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.schema import Schema, load_schema
from inference.prediction import PredictedSpan
from training.evaluation.scores import Scores, score_documents, score_spans

_FORM = "pass a dictionary as returned by Document.to_dict(), or its JSON"
_SPAN_KEYS = {"id", "start", "end", "text", "label", "type", "score"}  # of `PredictedSpan.to_dict`


def extra_metrics(schema: Schema | None = None) -> list[EvaluationMetric]:
    """Return metrics that score predicted spans as `conflict-events evaluate` does.

    For each matching strategy (`strict`, `untyped`, `partial`, `overlap`) there are precision, recall and F1 over all
    labels (`strict_micro_f1`) and over the core labels (`partial_core_f1`), and the mean F1 of the labels
    (`strict_macro_f1`). Each document counts for the labels that it annotates exhaustively; if no document does so
    for any label, all metrics are NaN. An F1 is NaN where nothing is gold and nothing predicted.

    No metric gives scores by row, as MLflow would store the texts with them, and texts of stand-off documents must not
    leave their folder.

    Args:
        schema: The label set; by default the shipped one, `events`. Pass that of the model if it has another.

    Returns:
        Metrics for the argument `extra_metrics`. They require a column `text`, predictions from the model's
        output `spans`, and as targets one document a row in the form of `Document.to_dict()`, as a dictionary or as
        JSON. They raise DataError if a row's target is not such a document, has another text, or has labels that the
        schema lacks.

    Example:
        >>> import json, mlflow, pandas as pd
        >>> from annotations import read_documents
        >>> documents = read_documents("corpus/dev")
        >>> frame = pd.DataFrame(
        ...     {"text": [d.text for d in documents], "gold": [json.dumps(d.to_dict()) for d in documents]}
        ... )
        >>> metrics = extra_metrics()
        >>> [metric.name for metric in metrics][:3]
        ['strict_micro_precision', 'strict_micro_recall', 'strict_micro_f1']
        >>> mlflow.set_tracking_uri("sqlite:///mlflow.db")  # doctest: +SKIP
        >>> found = mlflow.models.evaluate(  # doctest: +SKIP
        ...     "models:/conflict-events/1",
        ...     frame,
        ...     targets="gold",
        ...     predictions="spans",
        ...     evaluators="default",
        ...     extra_metrics=metrics,
        ... )
        >>> print(found.metrics["strict_micro_f1"], found.metrics["partial_core_f1"])  # doctest: +SKIP
    """
    labels = schema or load_schema()

    # Every metric gets the same rows, which are scored once. JSON strings can be compared by a cache.
    @lru_cache(maxsize=1)
    def scored(*columns: tuple[str, ...]) -> dict[str, float]:
        texts, gold, spans = ([json.loads(row) for row in column] for column in columns)
        return _scored(texts, gold, spans, labels)

    names = _figures(score_spans([], [], labels))
    return [
        make_metric(eval_fn=_metric(name, scored), greater_is_better=True, name=name)  # type: ignore[no-untyped-call]
        for name in names
    ]


def _metric(name: str, scored: Callable[..., Mapping[str, float]]) -> Callable[..., float]:
    # MLflow passes the arguments by name.
    def metric(predictions: pd.Series, targets: pd.Series, text: pd.Series) -> float:
        return scored(_json(text), _json(targets), _json(predictions))[name]

    return metric


def _json(values: pd.Series) -> tuple[str, ...]:
    return tuple(json.dumps(value, default=str) for value in values)


def _scored(texts: Sequence[str], gold: Sequence[Any], spans: Sequence[Any], schema: Schema) -> dict[str, float]:
    documents, predicted, faults = [], [], []
    for number, (text, target, found) in enumerate(zip(texts, gold, spans, strict=True)):
        try:
            documents.append(_document(target, text, schema))
            predicted.append(_spans(found))
        except DataError as error:
            faults += [replace(fault, place=f"row {number} {fault.place}".rstrip()) for fault in error.faults]
    DataError.check(faults)
    figures = _figures(score_documents(documents, predicted, schema))
    if any(exhaustive(document, schema) for document in documents):
        return figures
    return dict.fromkeys(figures, nan)


def _document(target: Any, text: str, schema: Schema) -> Document:
    """Read a target, whose text must be the one that was predicted."""
    if isinstance(target, str):
        try:
            target = json.loads(target)
        except json.JSONDecodeError as error:
            raise DataError.of(f"the target is not JSON: {error}", _FORM) from None
    if not isinstance(target, dict):
        raise DataError.of(f"the target is {type(target).__name__}, not a document", _FORM)
    document = Document.from_dict(target)
    faults = annotation_faults(document, schema)
    if document.text != text:
        problem = "the target has another text than the column 'text'"
        faults.append(Fault(problem, "put each document in the row of its own text", document=document.id))
    DataError.check(faults)
    return document


def _spans(found: Any) -> list[PredictedSpan]:
    if not isinstance(found, list) or not all(isinstance(span, dict) and set(span) == _SPAN_KEYS for span in found):
        raise DataError.of("the prediction is not a list of spans", "evaluate with predictions='spans'")
    return [PredictedSpan(**span) for span in found]


def _figures(table: Mapping[str, Scores]) -> dict[str, float]:
    """Return micro, core and macro figures under the names that `extra_metrics` gives them."""
    found = {}
    for way, scores in table.items():
        for part, measure in product(("micro", "core"), ("precision", "recall", "f1")):
            found[f"{way}_{part}_{measure}"] = getattr(getattr(scores, part), measure)
        found[f"{way}_macro_f1"] = scores.macro_f1
    return found
