"""Descriptions in Markdown, as MLflow shows them with a run, a version and a registered model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan, nan

import mlflow

from annotations.schema import Schema
from training.config import TrainConfig
from training.evaluation.evaluate import Evaluation
from training.store.registry import list_versions, score

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


def describe_run(config: TrainConfig, commit: str | None, evaluations: Mapping[str, Evaluation]) -> str:
    """Return the description of a run: its scores, and what it learned from.

    Args:
        config: The run's config.
        commit: The commit of the code; None if it is not known.
        evaluations: Evaluations by use.
    """
    head = ["F1 on", "documents", *_COLUMNS.values()]
    rows = [
        [name, str(len(one.documents)), *(_figure(one.f1(measure)) for measure in _COLUMNS)]
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
    short = ", ".join(f"{name} {_figure(one.f1('strict_micro'))}" for name, one in evaluations.items())
    return f"Strict F1: {short}.\n\n{_table(head, rows)}\n\n{told}. {_FIGURES}\n"


def describe_version(name: str, number: str, run: str) -> str:
    """Return the description of a version: that of its run, and how to use it.

    Args:
        name: Name of the registered model.
        number: Number of the version.
        run: The description of its run.
    """
    use = f"`conflict-events predict article.txt --model {name}/{number}`"
    option = "" if name == "conflict-events" else f" --name {name}"
    return f"{run}\nUse it: {use}. Make it the default: `conflict-events promote {number}{option} --reason …`\n"


def log_descriptions(name: str | None, number: str | None, run_id: str, run: str, schema: Schema) -> None:
    """Describe a run and its version, and list the versions in the description of the registered model.

    A description that somebody wrote for the registered model stays.

    Args:
        name: Name of the registered model; None if the run registers nothing.
        number: Number of the version; None if there is none.
        run_id: The run.
        run: Its description.
        schema: The label set.
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
        rows.append([str(one.number), f"{one.created:%Y-%m-%d}", *(_figure(nan if f is None else f) for f in figures)])
    about = f"{_START} {', '.join(schema.labels)} ({schema.name}). The version with the alias `champion` answers."
    return f"{about}\n\n{_table(head, rows)}\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _figure(value: float) -> str:
    return "–" if isnan(value) else f"{value:.3f}"
