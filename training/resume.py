"""Resuming a run: only with the config, the data and the teachers that it was started with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from annotations.errors import ExplainedError
from annotations.io.writing import write_text
from inference.manifest import FILE, sha256_of
from training.config import TrainConfig, load_config
from training.fit.prepare import Prepared
from training.provenance import data_digest
from training.store import tracking

CONFIG = "config.yaml"  # a run folder with it can be resumed
DATA = "data.json"  # digests of data and schema
DONE = "done"  # written last


class ResumeError(ExplainedError, ValueError):
    """A run that cannot be resumed."""


def check_resumable(config: TrainConfig, run_id: str, model: str) -> None:
    """Refuse to resume a run that is not there, has ended, or was started with another config or other teachers.

    Args:
        config: The config to go on with.
        run_id: The run.
        model: Name of the model folder in the run's folder, for the message.

    Raises:
        ResumeError: The message says what is different.
        TrackingError: The store cannot be used.
    """
    output = Path(config.output)
    stored = output / run_id / CONFIG
    if not stored.is_file():
        known = sorted(path.parent.name for path in output.glob(f"*/{CONFIG}"))
        raise ResumeError(f"no run {run_id!r} in {output}; runs there: {', '.join(known) or 'none'}")
    # A run that stopped after its own end but before MLflow's is resumed: only the latter is left to do.
    if (output / run_id / DONE).is_file() and tracking.has_finished(config, run_id):
        raise ResumeError(f"run {run_id} has ended, its model is in {output / run_id / model}; start a new run")
    before, now = load_config(stored).flat(), config.flat()
    changed = [
        f"{key}: {before.get(key)} -> {now.get(key)}" for key in {**before, **now} if before.get(key) != now.get(key)
    ]
    if changed:
        raise ResumeError(
            f"run {run_id} was started with another config ({'; '.join(changed)}); resume it with {stored}"
        )
    check_same_data(config, run_id, _distilled(config))  # before the teachers are asked, which takes long


def digests(config: TrainConfig, prepared: Prepared) -> dict[str, str]:
    """Return the digests of all that a run depends on besides its config."""
    found = {f"{name} data": data_digest(documents) for name, documents in prepared.splits.items()}
    schema = hashlib.sha256(prepared.schema.to_yaml().encode()).hexdigest()
    return {**found, "schema": schema, **_distilled(config)}


def _distilled(config: TrainConfig) -> dict[str, str]:
    """Return the digests of other models, whose manifests have the hash of every file, and of texts for teachers."""
    teachers = {f"teacher {name}": Path(name) / FILE for name in config.distil.teachers}
    averaged = {f"averaged {name}": Path(name) / FILE for name in config.average_with}
    files = teachers | averaged | {f"texts {name}": Path(name) for name in config.distil.texts}
    return {name: sha256_of(path) if path.is_file() else "missing" for name, path in files.items()}


def keep_digests(config: TrainConfig, run_id: str, found: Mapping[str, str]) -> None:
    """Write the digests of a run, to compare them when it is resumed."""
    write_text(Path(config.output) / run_id / DATA, json.dumps(found, indent=1) + "\n")


def check_same_data(config: TrainConfig, run_id: str, now: Mapping[str, str]) -> None:
    """Refuse to resume a run with other data; `now` is what `digests` returns.

    Raises:
        ResumeError: The data or the schema has changed, or its digests are missing or damaged.
    """
    stored = Path(config.output) / run_id / DATA
    if not stored.is_file():
        raise ResumeError(f"run {run_id} has no {stored}, so its data cannot be compared; start a new run")
    try:
        before: Mapping[str, str] = json.loads(stored.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ResumeError(f"{stored} is damaged ({error}), so its data cannot be compared; start a new run") from None
    changed = [name for name, digest in now.items() if before.get(name) != digest]
    if changed:
        raise ResumeError(
            f"run {run_id} was started with other content of: {', '.join(changed)}; put it back, or start a new run"
        )
