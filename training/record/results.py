"""Figures, tables, plots and predictions of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import mlflow

from annotations.document import Document
from annotations.formats.jsonl import holds_texts
from inference.manifest import Manifest
from training.config import TrainConfig
from training.evaluation.assessment import Assessment
from training.evaluation.counts import rounded, zero_if_undefined
from training.evaluation.evaluate import Evaluation, side_by_side
from training.evaluation.measure_names import title
from training.evaluation.training_overlap import mentions
from training.provenance import config_digest, data_digest
from training.reports import run_plots
from training.reports.page import evaluation_page

# What a run draws by epoch; a table has the other columns of the history. MLflow shows groups in the order of the
# alphabet: curve, dev, test.
_CURVES = {"loss": "curve/loss", "dev_strict_f1": "curve/dev_strict_f1", "dev_partial_f1": "curve/dev_partial_f1"}


def log_epoch(row: Mapping[str, float]) -> None:
    """Log an epoch for the learning curve: its loss, and F1 on dev."""
    mlflow.log_metrics({_CURVES[name]: row[name] for name in _CURVES}, step=int(row["epoch"]))


def log_results(
    config: TrainConfig,
    manifest: Manifest,
    splits: Mapping[str, Sequence[Document]],
    evaluations: Mapping[str, Evaluation],
) -> None:
    """Log what a run has come to: the main figures as metrics, and everything in tables and files.

    Args:
        config: The run's config.
        manifest: The manifest of its model.
        splits: Documents by use.
        evaluations: Evaluations by use.
    """
    history = manifest.training["history"]
    mlflow.log_figure(run_plots.learning_curve(history), "learning_curve.png")
    _log_table({key: [row.get(key) for row in history] for key in history[0]}, "epochs.json")
    seen = mentions(splits["train"])
    for name, evaluation in evaluations.items():
        mlflow.log_metrics(evaluation.metrics(name))
        _log_table(label_table(evaluation), f"{name}_labels.json")
        _log_table(measure_table(evaluation), f"{name}_measures.json")
        mlflow.log_figure(run_plots.label_bars(evaluation.scores, name), f"{name}_labels.png")
        documents = splits[name]
        used = [document.id for document in documents] if name == "dev" else []
        sources = config.data.files(name) or config.data.train  # of which dev and test can be a share
        assessment = Assessment(evaluation, sources, data_digest(documents), manifest, used, seen, None)
        mlflow.log_dict(assessment.to_dict(), f"{name}_scores.json")
        if name == "test":
            mlflow.log_text(evaluation_page(assessment, texts=all(map(holds_texts, sources))), "test_report.html")
        pairs = zip(documents, evaluation.predictions, strict=True)
        lines = [json.dumps(side_by_side(document, prediction)) for document, prediction in pairs]
        mlflow.log_text("\n".join(lines) + "\n", f"{name}_predictions.jsonl")


def _log_table(table: dict[str, list[Any]], name: str) -> None:
    """Log a table once: for a resumed run, MLflow would append the same table again."""
    run = mlflow.active_run()
    if run is not None and name not in {item.path for item in mlflow.MlflowClient().list_artifacts(run.info.run_id)}:
        mlflow.log_table(table, name)


def label_table(evaluation: Evaluation) -> dict[str, list[Any]]:
    """Return the per-label scores as columns, one row per label and strategy."""
    rows = [
        {"label": label, "match": name, **score.to_dict()}
        for name, scores in evaluation.scores.items()
        for label, score in scores.labels.items()
    ]
    return {key: [row[key] for row in rows] for key in rows[0]}


def measure_table(evaluation: Evaluation) -> dict[str, list[Any]]:
    """Return the F1 of every measure of spans and events as columns, one row per measure."""
    names = list(evaluation.measures)
    return {
        "measure": names,
        "meaning": [title(name) for name in names],
        "f1": [rounded(evaluation.f1(name)) for name in names],
    }


def version_tags(
    config: TrainConfig, splits: Mapping[str, Sequence[Document]], evaluations: Mapping[str, Evaluation]
) -> dict[str, Any]:
    """Return the tags of a version: F1 by use, in short and by match, and the digests of config and training data."""
    strict = {name: zero_if_undefined(one.scores["strict"].micro.f1) for name, one in evaluations.items()}
    tags: dict[str, Any] = {"F1": ", ".join(f"{name} {value:.3f}" for name, value in strict.items())}
    for name, evaluation in evaluations.items():
        for match in ("strict", "partial"):
            tags[f"{name}_{match}_f1"] = round(zero_if_undefined(evaluation.scores[match].micro.f1), 4)
        tags[f"{name}_partial_core_f1"] = round(zero_if_undefined(evaluation.scores["partial"].core.f1), 4)
    return {**tags, "config_digest": config_digest(config), "data_digest": data_digest(splits["train"])}
