"""Tracking of evaluations: metrics, tables, JSON and the page in a separate MLflow run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import mlflow
import pandas as pd

from training.evaluation.assessment import Assessment
from training.evaluation.compare import VersionComparison
from training.library_output import quiet_libraries
from training.provenance import git_commit
from training.store.opening import open_store
from training.store.tracking import dataset, store_errors

EXPERIMENT = "conflict-events-evaluations"
PAGE = "report.html"
_LONGEST = 250  # characters of a run's name in MLflow's tables


def log_assessment(uri: str, assessment: Assessment, page: str) -> str:
    """Log an assessment to a tracking store.

    Args:
        uri: Address of the store.
        assessment: The assessment of the model.
        page: Its report.

    Returns:
        Id of the run.

    Raises:
        TrackingError: MLflow cannot be used.
    """
    metrics = assessment.evaluation.metrics("eval")
    if assessment.cost:
        metrics |= {f"cost/{name}": float(value) for name, value in assessment.cost.to_dict().items()}
    content = assessment.to_dict()
    tables = {
        "intervals.json": [{"measure": name, **found} for name, found in content["intervals"].items()],
        "slices.json": content["slices"],
    }
    model = assessment.evaluation.model
    tags = {"evaluated_model": model, "evaluated_run": assessment.manifest.training.get("run", "")}
    with _run(uri, f"{model} on {', '.join(assessment.data)}", assessment) as run:
        _log(run, tags, metrics, tables, content, page)
    return str(run.info.run_id)


def log_comparison(
    uri: str, comparisons: Sequence[VersionComparison], assessments: Sequence[Assessment], page: str
) -> str:
    """Log comparisons with one baseline to a tracking store.

    Args:
        uri: Address of the store.
        comparisons: One for each candidate.
        assessments: Of the baseline, then of each candidate.
        page: Their report.

    Returns:
        Id of the run.

    Raises:
        TrackingError: MLflow cannot be used.
    """
    metrics: dict[str, float] = {}
    for number, comparison in enumerate(comparisons, start=1):
        row = comparison.primary.to_dict()
        chosen = {name: row[name] for name in ("difference", "low", "high", "p")}
        metrics |= {f"compare/{number}_{name}": value for name, value in chosen.items() if value is not None}
    rows = [
        {"second": comparison.second.model, "table": table, **row.to_dict()}
        for comparison in comparisons
        for table in ("overall", "labels", "types", "slices")
        for row in getattr(comparison, table)
    ]
    content = {"comparisons": [comparison.to_dict() for comparison in comparisons]}
    names = [assessment.evaluation.model for assessment in assessments]
    tags = {"compared_models": json.dumps(names), "verdict": " ".join(one.verdict for one in comparisons)}
    with _run(uri, f"{', '.join(names[1:])} against {names[0]}", assessments[0]) as run:
        _log(run, tags, metrics, {"differences.json": rows}, content, page)
    return str(run.info.run_id)


@contextmanager
def _run(uri: str, name: str, assessment: Assessment) -> Iterator[mlflow.ActiveRun]:
    with store_errors(uri, "; pass --no-track to skip logging"), quiet_libraries():
        open_store(uri, EXPERIMENT, make=False)
        with mlflow.start_run(run_name=name[:_LONGEST]) as run:
            tags = {"data": ", ".join(assessment.data), "data_digest": assessment.digest}
            mlflow.set_tags(tags | {"commit": git_commit() or ""})
            data = dataset(assessment.evaluation.documents, assessment.data, "evaluation")
            mlflow.log_input(data, context="evaluation")
            yield run


def _log(
    run: mlflow.ActiveRun,
    tags: Mapping[str, str],
    metrics: Mapping[str, float],
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
    content: Mapping[str, Any],
    page: str,
) -> None:
    mlflow.set_tags(dict(tags))
    mlflow.log_metrics(dict(metrics), run_id=run.info.run_id)
    for file, rows in tables.items():
        mlflow.log_table(pd.DataFrame(rows), file)
    mlflow.log_dict(dict(content), "report.json")
    mlflow.log_text(page, PAGE)
