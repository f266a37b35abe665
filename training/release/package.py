"""The model that is shipped in the package: a small copy of a trained model, checked against it, and its card."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from annotations.document import Document
from annotations.errors import ExplainedError
from inference.contents import read_json
from inference.manifest import FILE, Manifest, write_manifest
from inference.model import Model
from training.behaviour.run import Behaviour
from training.evaluation.counts import MAIN, figure, title, zero_if_undefined
from training.evaluation.evaluate import Evaluation, evaluate
from training.evaluation.events import false_alarms
from training.fit.compress import compress
from training.fit.fast import has_fast_form, write_fast
from training.reports.render import render

LARGEST = 48_000_000  # bytes of a released model: it is part of a wheel and of the repository
MOST_LOST = 0.003  # strict F1 on core labels that the copy may lose, on any set
MOST_EVENTS_LOST = 0.01  # F1 of attacks found, or of their arguments; sets have fewer of them than spans
_MEASURES = ("strict_core", "event_detection", "event_argument_classification")
_ONNX, _WEIGHTS, _CONFIG = "model.onnx", "model.safetensors", "config.json"


class ReleaseError(ExplainedError, RuntimeError):
    """A model that cannot be released."""


@dataclass(frozen=True, slots=True)
class Parity:
    """F1 of a model and of its small copy, on one set."""

    data: str  # name of the set
    measure: str  # name of the measure: strict F1 on core labels, attacks found, or arguments found with their role
    parent: float  # F1 of the model
    copy: float  # F1 of the copy

    @property
    def lost(self) -> float:
        """How much F1 the copy has lost."""
        return self.parent - self.copy

    @property
    def allowed(self) -> float:
        """How much it may lose."""
        return MOST_EVENTS_LOST if self.measure.startswith("event_") else MOST_LOST


@dataclass(frozen=True, slots=True)
class Release:
    """A released model: its folder, its size in bytes, its evaluations by set, and what the small copy has lost."""

    folder: Path
    size: int
    evaluations: Mapping[str, Evaluation]
    parity: Sequence[Parity]


def release(model: Model, sets: Mapping[str, Sequence[Document]], target: Path) -> Release:
    """Write a small copy of a model and check that it predicts the same.

    Args:
        model: A trained model with its weights.
        sets: Documents to compare the two on, by name of the set.
        target: The folder of the released model; an older one is replaced.

    Raises:
        ReleaseError: The model has no weights, the copy is too large, or it loses more than `MOST_LOST` on spans or
            `MOST_EVENTS_LOST` on events of a set; the released model before it stays.
    """
    if not (model.folder / _WEIGHTS).is_file():
        raise ReleaseError(f"{model.folder} has no {_WEIGHTS}; release the model of a training run")
    made = target.with_name(f"{target.name}.partial")
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    for path in model.folder.iterdir():
        if path.name not in (FILE, _ONNX, _WEIGHTS):
            shutil.copy(path, made / path.name)
    _write_small(model.folder, made / _ONNX)
    write_manifest(made, model.manifest)
    evaluations, parity = _compared(model, Model(made, convention="range"), sets)
    scores = {
        name: {match: round(zero_if_undefined(found.core.f1), 4) for match, found in one.scores.items()}
        for name, one in evaluations.items()
    }
    write_manifest(made, replace(model.manifest, scores={**model.manifest.scores, "released_core_f1": scores}))
    size = sum(path.stat().st_size for path in made.iterdir())
    if size > LARGEST:
        raise ReleaseError(f"the copy in {made} has {size:,} bytes, allowed are {LARGEST:,}; use a smaller encoder")
    _replace(made, target)
    return Release(target, size, evaluations, parity)


def _write_small(folder: Path, target: Path) -> None:
    """Write the ONNX file of the copy: the fast form if the encoder has one, else the same graph with small weights."""
    from safetensors.numpy import load_file

    state, config = load_file(folder / _WEIGHTS), read_json(folder / _CONFIG)
    if has_fast_form(config):
        write_fast(target, state, config)
    else:
        compress(folder / _ONNX, target, state)


def _compared(
    model: Model, copy: Model, sets: Mapping[str, Sequence[Document]]
) -> tuple[dict[str, Evaluation], list[Parity]]:
    evaluations = {name: evaluate(copy, documents) for name, documents in sets.items()}
    parity = []
    for name, found in evaluations.items():
        parent = evaluate(model, sets[name])
        figures = ((one, zero_if_undefined(parent.f1(one)), zero_if_undefined(found.f1(one))) for one in _MEASURES)
        parity += [Parity(name, *row) for row in figures]
    for one in parity:
        if one.lost > one.allowed:
            raise ReleaseError(
                f"the copy in {copy.folder} has F1 {one.copy:.4f} on {one.data} ({title(one.measure)}), the model "
                f"{one.parent:.4f}; at most {one.allowed} may be lost"
            )
    return evaluations, parity


def _replace(made: Path, target: Path) -> None:
    old = target.with_name(f"{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    made.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def model_card(release: Release, manifest: Manifest, behaviour: Behaviour) -> str:
    """Return the card of a released model in Markdown, with its results on the behaviour cases.

    Raises:
        ReleaseError: The manifest does not say how the model was trained.
    """
    lacking = [key for key in ("run", "commit", "config", "epochs", "train_texts") if key not in manifest.training]
    if lacking:
        raise ReleaseError(f"the manifest of {manifest.name} lacks {lacking[0]}; release the model of a training run")
    thresholds = ", ".join(f"{label} {value:g}" for label, value in manifest.thresholds.items())
    return render(
        "model_card.md",
        name=manifest.name,
        training=manifest.training,
        parents=manifest.training.get("continued_from", ()),
        thresholds=thresholds or "none",
        linked=bool(manifest.links),
        size=release.size,
        fast=has_fast_form(read_json(release.folder / "config.json")),
        sets=release.evaluations,
        labels=list(next(iter(release.evaluations.values())).schema.labels),
        measures=[(name, title(name)) for name in MAIN["Events"]],
        alarms={name: false_alarms(one.tally) for name, one in release.evaluations.items()},
        parity=[(one, title(one.measure)) for one in release.parity],
        behaviour=behaviour,
        f=figure,
    )
