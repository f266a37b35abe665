"""The model card of a released model, written from what was measured."""

from __future__ import annotations

import math

from inference.manifest import Manifest
from training.behaviour.run import Behaviour
from training.evaluation.events import false_alarms
from training.evaluation.measure_names import MAIN, title
from training.release.package import Release, ReleaseError
from training.reports.render import render


def model_card(release: Release, manifest: Manifest, behaviour: Behaviour) -> str:
    """Return the card in Markdown.

    Args:
        release: The released model and its evaluations.
        manifest: Its manifest.
        behaviour: Its results on the behaviour cases.

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
        sets=release.evaluations,
        labels=list(next(iter(release.evaluations.values())).schema.labels),
        measures=[(name, title(name)) for name in MAIN["Events"]],
        alarms={name: false_alarms(one.tally) for name, one in release.evaluations.items()},
        parity=[(one, title(one.measure)) for one in release.parity],
        behaviour=behaviour,
        f=_figure,
    )


def _figure(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"
