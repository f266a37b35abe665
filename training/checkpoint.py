"""Checkpoints: all that a run needs to go on as if nothing had happened."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from annotations.files import write_text

FOLDER = "checkpoint"
BEST = "best.safetensors"


@dataclass(slots=True)
class State:
    """Where a run is.

    Args:
        epoch: Epoch under way.
        batch: Batches done in it.
        step: Optimiser steps done since the start.
        loss: Sum of the losses of this epoch's batches.
        history: One row for each finished epoch.
        best: Best dev F1 so far; -1 before the first epoch ends.
        since_best: Finished epochs since then.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    loss: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)
    best: float = -1.0
    since_best: int = 0


def save(folder: Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer, state: State) -> None:
    """Write a checkpoint beside the old one, then take its place, so that a kill at any time leaves one whole.

    Randomness needs no saving: batches and hidden sub-words follow from seed, epoch and batch number.
    """
    new = folder / f"{FOLDER}.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    save_file(_tensors(model), new / "model.safetensors")
    save_file(_optimizer_tensors(optimizer), new / "optimizer.safetensors")
    write_text(new / "state.json", json.dumps(asdict(state)))
    old, current = folder / f"{FOLDER}.old", folder / FOLDER
    shutil.rmtree(old, ignore_errors=True)
    if current.exists():
        current.rename(old)
    new.rename(current)
    shutil.rmtree(old, ignore_errors=True)


def find(folder: Path) -> Path | None:
    """Return the newest whole checkpoint of a run, or None."""
    # A kill between the two renames leaves only the old one and the new one, both whole.
    for name in (FOLDER, f"{FOLDER}.new", f"{FOLDER}.old"):
        if (folder / name / "state.json").is_file():
            return folder / name
    return None


def restore(checkpoint: Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> State:
    """Put model and optimiser back to where a checkpoint left them."""
    model.load_state_dict(load_file(checkpoint / "model.safetensors"))
    values: dict[int, dict[str, Any]] = {}
    for key, tensor in load_file(checkpoint / "optimizer.safetensors").items():
        number, name = key.split(".", 1)
        values.setdefault(int(number), {})[name] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": values})
    return State(**json.loads((checkpoint / "state.json").read_text(encoding="utf-8")))


def _tensors(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().cpu().contiguous().clone() for name, tensor in model.state_dict().items()}


def _optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    return {
        f"{number}.{name}": torch.as_tensor(value).detach().cpu().contiguous().clone()
        for number, values in optimizer.state_dict()["state"].items()
        for name, value in values.items()
    }


def save_best(folder: Path, model: torch.nn.Module) -> None:
    """Keep the weights of the best epoch so far."""
    temporary = folder / f"{BEST}.new"
    save_file(_tensors(model), temporary)
    temporary.replace(folder / BEST)


def restore_best(folder: Path, model: torch.nn.Module) -> None:
    """Load the weights of the best epoch."""
    model.load_state_dict(load_file(folder / BEST))
