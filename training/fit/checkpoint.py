"""Checkpoints: everything that a run needs to continue as if it had never stopped."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from annotations.errors import ExplainedError
from annotations.io.writing import write_text
from inference.manifest import sha256_of
from training.provenance import json_digest

FOLDERS = ("checkpoint", "checkpoint.new", "checkpoint.old")  # in the order of reading
MODEL, OPTIMIZER, STATE = "model.safetensors", "optimizer.safetensors", "state.json"
BEST = "best.safetensors"


class CheckpointError(ExplainedError, ValueError):
    """A checkpoint that cannot be resumed."""


@dataclass(slots=True)
class State:
    """The progress of a run."""

    epoch: int = 0  # current epoch, from 0
    batch: int = 0  # batches done in this epoch
    step: int = 0  # optimiser steps done in total
    loss: float = 0.0  # sum of the losses in this epoch
    history: list[dict[str, float]] = field(default_factory=list)  # one row per finished epoch
    best: float = -1.0  # best dev F1 so far; -1 before the first epoch ends
    since_best: int = 0  # epochs since the best one


def save(folder: Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer, state: State) -> None:
    """Write a checkpoint next to the old one, then rename it, so that one is complete whenever the run is killed.

    The previous one is kept, in case this one gets damaged. Random states are not needed: batches and masked sub-words
    depend only on seed, epoch and batch number.
    """
    current, new, old = (folder / name for name in FOLDERS)
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    save_file(_tensors(model), new / MODEL)
    save_file(_optimizer_tensors(optimizer), new / OPTIMIZER)
    if (folder / BEST).exists():
        _link(folder / BEST, new / BEST)
    files = {path.name: sha256_of(path) for path in sorted(new.iterdir())}
    content = {"state": asdict(state), "files": files}
    write_text(new / STATE, json.dumps({**content, "digest": json_digest(content)}))  # last: makes it complete
    if current.exists():
        shutil.rmtree(old, ignore_errors=True)
        current.rename(old)
    new.rename(current)


def _link(source: Path, target: Path) -> None:
    """Hard-link a file, or copy it if the file system has no links; the best weights are replaced by renaming, so the
    link keeps its content."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def restore(
    folder: Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer, *, best: bool = True
) -> tuple[State | None, list[str]]:
    """Restore model and optimiser from the newest complete checkpoint of a run.

    Args:
        folder: The run's folder.
        model: The model.
        optimizer: Its optimiser.
        best: Put the best weights back too; of several processes that restore one run, the first does.

    Returns:
        The state, or None if there is no complete checkpoint; and a message for each damaged one.

    Raises:
        CheckpointError: A complete checkpoint belongs to another model.
    """
    problems = []
    # A run killed between two renames has no current one; a new one is complete as soon as it has its state.
    for path in (folder / name for name in FOLDERS if (folder / name).is_dir()):
        try:
            state = _checked(path)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            if not path.name.endswith(".new"):  # else it was not finished, and the previous one is valid
                problems.append(f"the checkpoint {path} is damaged ({error})")
            continue
        _load(path, model, optimizer)
        if best:
            (folder / BEST).unlink(missing_ok=True)
            if (path / BEST).exists():
                _link(path / BEST, folder / BEST)
        return state, problems
    return None, problems


def _checked(path: Path) -> State:
    """Return the state of a checkpoint, after checking that its files are unchanged."""
    content = json.loads((path / STATE).read_text(encoding="utf-8"))
    if content.pop("digest") != json_digest(content):
        raise ValueError(f"{STATE} was changed")
    for name, digest in content["files"].items():
        if sha256_of(path / name) != digest:
            raise ValueError(f"{name} was cut or changed")
    return State(**content["state"])


def _load(path: Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    values: dict[int, dict[str, Any]] = {}
    for key, tensor in load_file(path / OPTIMIZER).items():
        number, name = key.split(".", 1)
        values.setdefault(int(number), {})[name] = tensor
    try:
        model.load_state_dict(load_file(path / MODEL))
        optimizer.load_state_dict({**optimizer.state_dict(), "state": values})
    except (RuntimeError, ValueError, KeyError) as error:
        first = str(error).splitlines()[0]
        raise CheckpointError(f"the checkpoint {path} belongs to another model: {first}; start a new run") from error


def remove(folder: Path) -> None:
    """Remove the checkpoints of a finished run."""
    for name in FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in (BEST, f"{BEST}.new"):
        (folder / name).unlink(missing_ok=True)


def _tensors(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().cpu().contiguous().clone() for name, tensor in model.state_dict().items()}


def _optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    return {
        f"{number}.{name}": torch.as_tensor(value).detach().cpu().contiguous().clone()
        for number, values in optimizer.state_dict()["state"].items()
        for name, value in values.items()
    }


def save_best(folder: Path, model: torch.nn.Module) -> None:
    """Save the weights of the best epoch so far."""
    temporary = folder / f"{BEST}.new"
    save_file(_tensors(model), temporary)
    temporary.replace(folder / BEST)


def restore_best(folder: Path, model: torch.nn.Module) -> None:
    """Load the weights of the best epoch."""
    model.load_state_dict(load_file(folder / BEST))
