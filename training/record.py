"""What a run leaves in MLflow for people and for other commands: its name, figures, tables and descriptions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import mlflow

from annotations.document import Document
from annotations.formats.jsonl import holds_texts
from annotations.schema import Schema
from inference.manifest import Manifest
from training.config import TrainConfig
from training.evaluation.assessment import Assessment
from training.evaluation.counts import figure, rounded, title, zero_if_undefined
from training.evaluation.evaluate import Evaluation, side_by_side
from training.evaluation.training_overlap import mentions
from training.provenance import config_digest, data_digest
from training.reports import run_plots
from training.reports.page import evaluation_page
from training.store.registry import list_versions, score

# What a run draws by epoch; a table has the other columns of the history. MLflow shows groups in the order of the
# alphabet: curve, dev, test.
_CURVES = {"loss": "curve/loss", "dev_strict_f1": "curve/dev_strict_f1", "dev_partial_f1": "curve/dev_partial_f1"}
NOTE = "mlflow.note.content"  # the tag that MLflow shows as the description of a run
_COLUMNS = {
    "strict_micro": "spans, strict",
    "partial_micro": "spans, partial",
    "partial_core": "core labels, partial",
    "event_detection": "events found",
    "event_argument_classification": "arguments, role right",
    "event_toll": "numbers right",
}
_START = "Models that read text with the labels"  # of descriptions that a run may write anew
_FIGURES = "All figures: `dev_measures.json`, by label: `dev_labels.json`."
_MOST = 20  # versions in the table of a registered model
_UNTOLD = ("seed", "output", "tracking")  # the name has the seed; the others do not change the result
_LONGEST, _LONGEST_VALUE = 80, 24


def log_epoch(row: Mapping[str, float]) -> None:
    """Log an epoch for the learning curve: its loss, and F1 on dev."""
    mlflow.log_metrics({_CURVES[name]: row[name] for name in _CURVES}, step=int(row["epoch"]))


def log_results(
    config: TrainConfig,
    manifest: Manifest,
    splits: Mapping[str, Sequence[Document]],
    evaluations: Mapping[str, Evaluation],
) -> None:
    """Log what a run has come to: the main figures as metrics, and everything in tables and files."""
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


def describe_run(config: TrainConfig, commit: str | None, evaluations: Mapping[str, Evaluation]) -> str:
    """Return the description of a run: its scores, and what it learned from."""
    head = ["F1 on", "documents", *_COLUMNS.values()]
    rows = [
        [name, str(len(one.documents)), *(figure(one.f1(measure)) for measure in _COLUMNS)]
        for name, one in evaluations.items()
    ]
    facts = {
        "encoder": config.encoder,
        "labels": config.label_schema,
        "learned from": ", ".join(config.data.train),
        "seed": str(config.seed),
        "commit": (commit or "not known")[:12],
    }
    told = "; ".join(f"{name} {value}" for name, value in facts.items())
    # First in a few words: a table of MLflow shows only these.
    short = ", ".join(f"{name} {figure(one.f1('strict_micro'))}" for name, one in evaluations.items())
    return f"Strict F1: {short}.\n\n{_table(head, rows)}\n\n{told}. {_FIGURES}\n"


def describe_version(name: str, number: str, run: str) -> str:
    """Return the description of a version: that of its run, and how to use it."""
    use = f"`conflict-events predict article.txt --model {name}/{number}`"
    option = "" if name == "conflict-events" else f" --name {name}"
    return f"{run}\nUse it: {use}. Make it the default: `conflict-events promote {number}{option} --reason …`\n"


def log_descriptions(name: str | None, number: str | None, run_id: str, run: str, schema: Schema) -> None:
    """Describe a run and its version, and list the versions in the description of the registered model.

    A description that somebody wrote for the registered model stays. Without a version, only the run is described.
    """
    client = mlflow.MlflowClient()
    client.set_tag(run_id, NOTE, run)
    if name is None or number is None:
        return
    client.update_model_version(name, number, describe_version(name, number, run))
    before = client.get_registered_model(name).description or ""
    if not before or before.startswith(_START):
        client.update_registered_model(name, _describe_model(name, schema))


def _describe_model(name: str, schema: Schema) -> str:
    keys = [f"{use}_{match}_f1" for use in ("dev", "test") for match in ("strict", "partial")]
    head = ["version", "registered", *(key.removesuffix("_f1").replace("_", " ") + " F1" for key in keys)]
    rows = []
    for one in list_versions(name)[:_MOST]:
        figures = (score(one.tags.get(key)) for key in keys)
        rows.append([str(one.number), f"{one.created:%Y-%m-%d}", *(figure(f) for f in figures)])
    about = f"{_START} {', '.join(schema.labels)} ({schema.name}). The version with the alias `champion` answers."
    return f"{about}\n\n{_table(head, rows)}\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def run_name(config: str | Path, seed: int, changes: Sequence[str] = ()) -> str:
    """Return the name of a run, by its config, its seed and the `key=value` texts that change the config.

    Example:
        >>> run_name("configs/default.yaml", 13), run_name("default", 29, ["seed=29", "fit.epochs=3"])
        ('default-13', 'default-29 epochs=3')
    """
    told = []
    for change in changes:
        key, _, value = change.partition("=")
        if key.split(".")[0] not in _UNTOLD:
            told.append(f"{key.split('.')[-1]}={_cut(value.strip(), _LONGEST_VALUE)}")
    return _cut(" ".join([f"{Path(config).stem}-{seed}", *told]), _LONGEST)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
