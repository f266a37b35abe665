"""A training run from config to registered version."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow

from annotations.formats.jsonl import holds_texts
from annotations.io.writing import write_text
from inference.addresses import REGISTERED_NAME
from inference.manifest import Manifest, ModelError, read_manifest
from inference.model import Model
from training import provenance
from training.config import SHIPPED_SCHEMA, TrainConfig
from training.evaluation.counts import zero_if_undefined
from training.evaluation.evaluate import Evaluation, evaluate
from training.evaluation.scores import Scores
from training.fit import checkpoint
from training.fit.calibrate import calibrate
from training.fit.checkpoint import State
from training.fit.encoders import training_before
from training.fit.examples import lengths
from training.fit.export import export_model
from training.fit.loop import Fit
from training.fit.prepare import Prepared, prepare
from training.fit.processes import Processes, joined, others_end
from training.fit.starting import new_model
from training.library_output import quiet_libraries
from training.links.folder import link_folder
from training.record import describe_run, log_descriptions, log_epoch, log_results, run_name, version_tags
from training.release.promotion import first_champion
from training.resume import CONFIG, DONE, ResumeError, check_resumable, check_same_data, digests, keep_digests
from training.store import registry, tracking

__all__ = ["Result", "ResumeError", "Watcher", "train"]

_MODEL = "model"
_EXAMPLE = 300  # characters of an input example at most


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
    """What a run has come to.

    Args:
        run_id: Its id.
        folder: The model folder.
        name: Name of the registered model; None if nothing was to be registered.
        version: The registered version; None if nothing was registered.
        champion: Whether the version has become champion, as the first of its name.
        evaluations: Evaluations by split.
        empty: Whether the model finds no span on dev, and was not registered for that.
    """

    run_id: str
    folder: Path
    name: str | None
    version: str | None
    champion: bool
    evaluations: Mapping[str, Evaluation]
    empty: bool = False


def train(
    config: TrainConfig,
    *,
    name: str | None = None,
    resume: str | None = None,
    allow_empty: bool = False,
    watcher: Watcher | None = None,
) -> Result:
    """Train, calibrate, export, score, track and register a model.

    The first version of a registered model becomes its champion; later ones have to be promoted. Of the processes that
    torchrun starts, the first one calls this, and the others `follow`.

    Args:
        config: The config.
        name: Name of a new run in MLflow; by default label set and seed.
        resume: Id of a stopped run. It continues from its last checkpoint, or from its exported model, and ends with
            the same metrics as an uninterrupted run.
        allow_empty: Register a model that finds no span on dev too. Without it such a run is tracked, its model folder
            stays, and it can be resumed with this option.
        watcher: Callbacks that report progress.

    Returns:
        The run's id, model, version and evaluations.

    Raises:
        DataError: A fault in config or data.
        EncoderError: The encoder cannot be loaded.
        ResumeError: There is no such run, it has ended, or it had another config, schema, teachers or other data.
        TrackingError: MLflow cannot be used, or the run to resume is still running.
    """
    named = name or run_name(config.label_schema, config.seed)
    with quiet_libraries(), joined() as processes:
        return _train(config, named, resume, allow_empty, watcher or Watcher(), processes)


def follow(config: TrainConfig, resume: str | None = None) -> None:
    """Take part in the fitting of a run whose first process calls `train` with this config, and resumes this run;
    nothing is written or reported.

    Raises:
        ProcessesError: The processes cannot be connected, another one has ended, or this one does not find the
            checkpoint of the first.
    """
    with quiet_libraries(), joined() as processes, others_end():
        processes.tell(0)  # data is checked and kept
        prepared = prepare(config)
        if processes.tell(0):
            _fit(config, prepared, Path(config.output) / (resume or ""), Watcher(), bool(resume), processes)


def _train(
    config: TrainConfig,
    name: str,
    resume: str | None,
    allow_empty: bool,
    watcher: Watcher,
    processes: Processes,
) -> Result:
    if resume:
        check_resumable(config, resume, _MODEL)
    register_as = config.registered_name()
    prepared = prepare(config)
    found = digests(config, prepared)
    if resume:
        check_same_data(config, resume, found)
    processes.tell(0)
    with tracking.tracked_run(config, resume, name) as run:
        run_id = run.info.run_id
        folder = Path(config.output) / run_id
        folder.mkdir(parents=True, exist_ok=True)
        if not resume:
            tracking.log_start(config, prepared.splits, _facts(config, prepared))
            keep_digests(config, run_id, found)
            write_text(folder / CONFIG, config.to_yaml())
        watcher.prepared(run_id, config, prepared)
        model = _exported(folder)
        processes.tell(model is None)
        if model is None:
            fit = _fit(config, prepared, folder, watcher, bool(resume), processes)
            watcher.stage("exporting and checking the model")
            model = _export(config, prepared, fit, folder, run_id)
        if model.linker is None:
            train, dev = prepared.splits["train"], prepared.splits["dev"]
            model = link_folder(model, train, dev, config.links, seed=config.seed, report=watcher.stage) or model
        watcher.stage("scoring through the exported model")
        evaluations = {
            name: evaluate(model, docs) for name, docs in prepared.splits.items() if name != "train" and docs
        }
        log_results(config, model.manifest, prepared.splits, evaluations)
        watcher.stage("logging and registering the model")
        found_any = any(prediction.spans for prediction in evaluations["dev"].predictions)
        empty = register_as is not None and not (found_any or allow_empty)
        version = _register(config, prepared, model, register_as, run_id, evaluations) if not empty else None
        description = describe_run(config, provenance.git_commit(), evaluations)
        log_descriptions(register_as, version, run_id, description, prepared.schema)
        champion = bool(register_as and version and first_champion(register_as, version))
        checkpoint.remove(folder)  # no longer needed, and several times the size of the model
        if not empty:  # such a run can be resumed, to register its model after all
            write_text(folder / DONE, f"{version or ''}\n")
    return Result(run_id, model.folder, register_as, version, champion, evaluations, empty)


def _register(
    config: TrainConfig,
    prepared: Prepared,
    model: Model,
    register_as: str | None,
    run_id: str,
    evaluations: Mapping[str, Evaluation],
) -> str | None:
    """Log and register a model, unless the run did so before it stopped; return its version, if there is one."""
    if register_as:
        for version in registry.list_versions(register_as):
            if version.run_id == run_id:
                return str(version.number)
    tags = version_tags(config, prepared.splits, evaluations)
    example = None
    if prepared.schema.name != SHIPPED_SCHEMA and all(map(holds_texts, config.data.train)):
        example = prepared.splits["train"][0].text.strip().split("\n")[0][:_EXAMPLE]
    return registry.log_model(model.folder, register_as, tags, example)


def _exported(folder: Path) -> Model | None:
    """Return the model of a run that stopped after its export; None if there is none or it is incomplete."""
    try:
        return Model(folder / _MODEL)
    except ModelError:
        return None


def _facts(config: TrainConfig, prepared: Prepared) -> dict[str, Any]:
    return {
        "windows": len(prepared.examples),
        "subwords": sum(lengths(prepared.examples)),
        "documents": {name: len(documents) for name, documents in prepared.splits.items()},
        "gold_spans": prepared.losses.to_dict(),
        "encoder": config.encoder,
        **({"unannotated_texts": len(prepared.others)} if prepared.others else {}),
    }


def _fit(
    config: TrainConfig, prepared: Prepared, folder: Path, watcher: Watcher, resume: bool, processes: Processes
) -> Fit:
    def on_epoch(row: dict[str, float], scores: dict[str, Scores]) -> None:
        log_epoch(row)
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
        processes=processes,
        on_step=watcher.step,
        on_epoch=on_epoch,
    )
    if processes.first:
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
        name=f"{config.registered_name() or REGISTERED_NAME}-{run_id[:8]}",
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
    averaged = [training_before(name) for name in config.average_with]
    read_before = [earlier, *averaged, *(read_manifest(Path(teacher)).training for teacher in config.distil.teachers)]
    unannotated = len(prepared.others) + int(earlier.get("unannotated_texts", 0))
    began = [earlier, *averaged]
    runs = [run for one in began for run in (*one.get("continued_from", ()), *([one["run"]] if "run" in one else []))]
    return {
        "run": run_id,
        "commit": provenance.git_commit(),
        "config": {key: value for key, value in config.to_dict().items() if key not in ("tracking", "output")},
        "config_digest": provenance.config_digest(config),
        "data_digest": {name: provenance.data_digest(docs) for name, docs in prepared.splits.items() if docs},
        "documents": {name: len(docs) for name, docs in prepared.splits.items() if docs},
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
