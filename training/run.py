"""A training run from config to registered version."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow

from annotations.document import Document
from annotations.errors import ExplainedError
from annotations.formats.jsonl import holds_texts
from annotations.io.writing import write_text
from inference.manifest import Manifest, ModelError, read_manifest
from inference.model import Model
from training import provenance
from training.config import TrainConfig, load_config
from training.evaluation.assessment import Assessment
from training.evaluation.counts import zero_if_undefined
from training.evaluation.evaluate import Evaluation, evaluate, side_by_side
from training.evaluation.scores import Scores
from training.evaluation.training_overlap import mentions
from training.fit import checkpoint
from training.fit.calibrate import calibrate
from training.fit.checkpoint import State
from training.fit.encoders import training_before
from training.fit.export import export_model
from training.fit.loop import Fit
from training.fit.prepare import Prepared, new_model, prepare
from training.library_output import quiet_libraries
from training.links.folder import link_folder
from training.reports import run_plots
from training.reports.page import evaluation_page
from training.store import registry, tracking

_CONFIG = "config.yaml"  # a run folder with it can be resumed
_DATA = "data.json"  # digests of data and schema
_MODEL = "model"
_DONE = "done"  # written last


class ResumeError(ExplainedError, ValueError):
    """A run that cannot be resumed."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """Callbacks that report the progress of a run; each does nothing by default.

    Args:
        prepared: Called before the first step with the run's id, the config and the prepared data.
        step: Called after each step with the state, the number of steps in all epochs, and the estimated seconds left.
        epoch: Called after each epoch with its row and the dev scores.
        stage: Called with a line of text when a longer task starts.
        note: Called with a line of text to keep on screen, such as a damaged checkpoint.
    """

    prepared: Callable[[str, TrainConfig, Prepared], None] = lambda *_: None
    step: Callable[[State, int, float], None] = lambda *_: None
    epoch: Callable[[dict[str, float], dict[str, Scores]], None] = lambda *_: None
    stage: Callable[[str], None] = lambda *_: None
    note: Callable[[str], None] = lambda *_: None


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a run: its id, the model folder, the registered version and the evaluations by split."""

    run_id: str
    folder: Path
    version: str | None
    evaluations: Mapping[str, Evaluation]


def train(config: TrainConfig, *, resume: str | None = None, watcher: Watcher | None = None) -> Result:
    """Train, calibrate, export, score, track and register a model.

    Args:
        config: The config.
        resume: Id of a stopped run. It continues from its last checkpoint, or from its exported model, and ends with
            the same metrics as an uninterrupted run.
        watcher: Callbacks that report progress.

    Returns:
        The run's id, model, version and evaluations.

    Raises:
        DataError: A fault in config or data.
        EncoderError: The encoder cannot be loaded.
        ResumeError: There is no such run, it has ended, or it had another config, schema or other data.
        TrackingError: MLflow cannot be used, or the run to resume is still running.
    """
    with quiet_libraries():
        return _train(config, resume, watcher or Watcher())


def _train(config: TrainConfig, resume: str | None, watcher: Watcher) -> Result:
    if resume:
        _check_resumable(config, resume)
    prepared = prepare(config)
    digests = _digests(prepared)
    if resume:
        _check_same_data(config, resume, digests)
    with tracking.tracked_run(config, resume) as run:
        run_id = run.info.run_id
        folder = Path(config.output) / run_id
        folder.mkdir(parents=True, exist_ok=True)
        if not resume:
            tracking.log_start(config, prepared.splits, _facts(config, prepared))
            write_text(folder / _DATA, json.dumps(digests, indent=1) + "\n")
            write_text(folder / _CONFIG, config.to_yaml())
        watcher.prepared(run_id, config, prepared)
        model = _exported(folder)
        if model is None:
            fit = _fit(config, prepared, folder, watcher, bool(resume))
            watcher.stage("exporting and checking the model")
            model = _export(config, prepared, fit, folder, run_id)
        if model.linker is None:
            train, dev = prepared.splits["train"], prepared.splits["dev"]
            model = link_folder(model, train, dev, config.links, seed=config.seed, report=watcher.stage) or model
        watcher.stage("scoring through the exported model")
        evaluations = {
            name: evaluate(model, docs) for name, docs in prepared.splits.items() if name != "train" and docs
        }
        _log_results(config, model.manifest, prepared.splits, evaluations)
        watcher.stage("logging and registering the model")
        version = _registered(config, run_id) if resume else None
        if version is None:
            tags = _version_tags(config, prepared, evaluations)
            version = registry.log_model(model.folder, config.tracking.register_as, tags)
        checkpoint.remove(folder)  # no longer needed, and several times the size of the model
        write_text(folder / _DONE, f"{version or ''}\n")
    return Result(run_id, model.folder, version, evaluations)


def _check_resumable(config: TrainConfig, run_id: str) -> None:
    output = Path(config.output)
    stored = output / run_id / _CONFIG
    if not stored.is_file():
        known = sorted(path.parent.name for path in output.glob(f"*/{_CONFIG}"))
        raise ResumeError(f"no run {run_id!r} in {output}; runs there: {', '.join(known) or 'none'}")
    # A run that stopped after its own end but before MLflow's is resumed: only the latter is left to do.
    if (output / run_id / _DONE).is_file() and tracking.has_finished(config, run_id):
        raise ResumeError(f"run {run_id} has ended, its model is in {output / run_id / _MODEL}; start a new run")
    before, now = load_config(stored).flat(), config.flat()
    changed = [
        f"{key}: {before.get(key)} -> {now.get(key)}" for key in {**before, **now} if before.get(key) != now.get(key)
    ]
    if changed:
        raise ResumeError(
            f"run {run_id} was started with another config ({'; '.join(changed)}); resume it with {stored}"
        )


def _digests(prepared: Prepared) -> dict[str, str]:
    found = {f"{name} data": provenance.data_digest(documents) for name, documents in prepared.splits.items()}
    return found | {"schema": hashlib.sha256(prepared.schema.to_yaml().encode()).hexdigest()}


def _check_same_data(config: TrainConfig, run_id: str, now: Mapping[str, str]) -> None:
    stored = Path(config.output) / run_id / _DATA
    if not stored.is_file():
        raise ResumeError(f"run {run_id} has no {stored}, so its data cannot be compared; start a new run")
    try:
        before = json.loads(stored.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ResumeError(f"{stored} is damaged ({error}), so its data cannot be compared; start a new run") from None
    changed = [name for name, digest in now.items() if before.get(name) != digest]
    if changed:
        raise ResumeError(
            f"run {run_id} was started with other content of: {', '.join(changed)}; put it back, or start a new run"
        )


def _exported(folder: Path) -> Model | None:
    """Return the model of a run that stopped after its export; None if there is none or it is incomplete."""
    try:
        return Model(folder / _MODEL)
    except ModelError:
        return None


def _registered(config: TrainConfig, run_id: str) -> str | None:
    """Return the version that a run registered before it stopped."""
    if config.tracking.register_as is None:
        return None
    found = [v.number for v in registry.list_versions(config.tracking.register_as) if v.run_id == run_id]
    return str(found[0]) if found else None


def _facts(config: TrainConfig, prepared: Prepared) -> dict[str, Any]:
    return {
        "windows": len(prepared.examples),
        "subwords": sum(len(ids) for ids in prepared.examples["input_ids"]),
        "documents": {name: len(documents) for name, documents in prepared.splits.items()},
        "gold_spans": prepared.losses.to_dict(),
        "encoder": config.encoder,
        **({"unannotated_texts": len(prepared.others)} if prepared.others else {}),
    }


def _fit(config: TrainConfig, prepared: Prepared, folder: Path, watcher: Watcher, resume: bool) -> Fit:
    def on_epoch(row: dict[str, float], scores: dict[str, Scores]) -> None:
        step = int(row["epoch"])
        metrics = {name: value for name, value in row.items() if name != "epoch"}
        for label, score in scores["partial"].labels.items():
            metrics[f"epoch_partial_{label}_f1"] = zero_if_undefined(score.f1)
        mlflow.log_metrics(metrics, step=step)
        watcher.epoch(row, scores)

    fit = Fit(
        config,
        model=new_model(config, prepared.schema),
        tokenizer=prepared.tokenizer,
        schema=prepared.schema,
        examples=prepared.examples,
        dev=prepared.splits["dev"],
        folder=folder,
        weights=prepared.weights,
        soft=prepared.soft,
        on_step=watcher.step,
        on_epoch=on_epoch,
    )
    mlflow.log_param("precision", fit.precision)
    if resume:
        for line in fit.resume():
            watcher.note(line)
    fit.run()
    return fit


def _export(config: TrainConfig, prepared: Prepared, fit: Fit, folder: Path, run_id: str) -> Model:
    calibrate(fit.tagger, prepared.splits["dev"])
    scores = {name: round(zero_if_undefined(found.micro.f1), 4) for name, found in fit.score().items()}
    manifest = Manifest(
        name=f"conflict-events-{run_id[:8]}",
        window=config.data.window,
        overlap=config.data.overlap,
        temperature=fit.tagger.temperature,
        convention=config.convention,
        outside_weight=fit.tagger.outside_weight,
        thresholds=fit.tagger.thresholds,
        relevance=list(fit.tagger.relevance),
        training=_provenance(config, prepared, fit, run_id),
        scores={"dev_micro_f1": scores},
    )
    target = folder / _MODEL
    for rest in (target, folder / f"{_MODEL}.partial"):  # an unfinished export or a damaged model
        shutil.rmtree(rest, ignore_errors=True)
    export_model(
        target,
        model=fit.model,
        tokenizer=prepared.tokenizer,
        auto_tokenizer=prepared.auto_tokenizer,
        schema=prepared.schema,
        manifest=manifest,
    )
    return Model(target)


def _provenance(config: TrainConfig, prepared: Prepared, fit: Fit, run_id: str) -> dict[str, Any]:
    earlier = training_before(config.encoder)
    read_before = [earlier, *(read_manifest(Path(teacher)).training for teacher in config.distil.teachers)]
    unannotated = len(prepared.others) + int(earlier.get("unannotated_texts", 0))
    runs = [*earlier.get("continued_from", ()), *([earlier["run"]] if "run" in earlier else [])]
    return {
        "run": run_id,
        "commit": provenance.git_commit(),
        "config": {key: value for key, value in config.to_dict().items() if key not in ("tracking", "output")},
        "config_digest": provenance.config_digest(config),
        "data_digest": {name: provenance.data_digest(docs) for name, docs in prepared.splits.items() if docs},
        # Texts of the training data, so that nobody evaluates on them by accident.
        # What the encoder, if it is a model of this package, and the teachers read before counts too.
        **{
            f"{name}_texts": sorted(
                {document.sha256 for document in (*prepared.splits[name], *others)}.union(
                    *(known.get(f"{name}_texts", ()) for known in read_before)
                )
            )
            for name, others in (("train", prepared.others), ("dev", ()))
        },
        **({"unannotated_texts": unannotated} if unannotated else {}),
        **({"continued_from": runs} if runs else {}),
        "gold_spans": {"total": prepared.losses.total, "lost": prepared.losses.count},
        "epochs": fit.state.epoch,
        "history": fit.state.history,
        "precision": fit.precision,
        "packages": {
            name: found
            for name, found in provenance.package_versions().items()
            if name in ("torch", "transformers", "tokenizers", "onnxruntime", "numpy", "conflict-events")
        },
    }


def _log_results(
    config: TrainConfig,
    manifest: Manifest,
    splits: Mapping[str, Sequence[Document]],
    evaluations: Mapping[str, Evaluation],
) -> None:
    mlflow.log_figure(run_plots.learning_curve(manifest.training["history"]), "learning_curve.png")
    seen = mentions(splits["train"])
    for name, evaluation in evaluations.items():
        mlflow.log_metrics(evaluation.metrics(name))
        _log_table(label_table(evaluation), f"{name}_labels.json")
        mlflow.log_figure(run_plots.label_bars(evaluation.scores, name), f"{name}_labels.png")
        documents = splits[name]
        used = [document.id for document in documents] if name == "dev" else []
        sources = config.data.files(name) or config.data.train  # of which dev and test can be a share
        assessment = Assessment(evaluation, sources, provenance.data_digest(documents), manifest, used, seen, None)
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


def _version_tags(config: TrainConfig, prepared: Prepared, evaluations: Mapping[str, Evaluation]) -> dict[str, Any]:
    tags: dict[str, Any] = {
        "config_digest": provenance.config_digest(config),
        "data_digest": provenance.data_digest(prepared.splits["train"]),
    }
    for name, evaluation in evaluations.items():
        for match in ("strict", "partial"):
            tags[f"{name}_{match}_f1"] = round(zero_if_undefined(evaluation.scores[match].micro.f1), 4)
        tags[f"{name}_partial_core_f1"] = round(zero_if_undefined(evaluation.scores["partial"].core.f1), 4)
    return tags
