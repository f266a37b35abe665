"""Checkpoints: what a kill or damage leaves of them, and where a run goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.tiny import config as tiny_config
from training.config import TrainConfig
from training.fit import checkpoint
from training.fit.checkpoint import BEST, FOLDERS, CheckpointError, State, restore, save, save_best
from training.run import Watcher, train

CURRENT, NEW, OLD = FOLDERS


class _StopError(Exception):
    pass


def small(value: float = 0.0) -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    """A model after one step of its optimiser, with its weights set to a value."""
    model = torch.nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    put(model, value)
    return model, optimizer


def put(model: torch.nn.Module, value: float) -> None:
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(value)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def two_checkpoints(folder: Path) -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    """Checkpoints of step 1 and of step 2, each with best weights of its own."""
    model, optimizer = small()
    for step in (1, 2):
        put(model, step)
        save_best(folder, model)
        save(folder, model, optimizer, State(step=step, best=step / 10, history=[{"loss": 1 / 3}]))
    return model, optimizer


NAMES = ["model.safetensors", "optimizer.safetensors", "state.json", BEST]


@pytest.mark.parametrize("damage", [cut, flip, empty, Path.unlink])
@pytest.mark.parametrize("name", NAMES)
def test_damaged_checkpoint_gives_way_to_the_one_before(
    name: str, damage: Callable[[Path], None], tmp_path: Path
) -> None:
    model, optimizer = two_checkpoints(tmp_path)
    damage(tmp_path / CURRENT / name)
    put(model, 7)
    state, problems = restore(tmp_path, model, optimizer)
    assert state == State(step=1, best=0.1, history=[{"loss": 1 / 3}])
    assert float(model.weight.detach().mean()) == 1.0
    assert float(load_file(tmp_path / BEST)["weight"].mean()) == 1.0
    (problem,) = problems
    assert f"{tmp_path / CURRENT} is damaged" in problem
    damage(tmp_path / OLD / name)
    put(model, 7)
    state, problems = restore(tmp_path, model, optimizer)
    assert (state, len(problems)) == (None, 2)
    assert float(model.weight.detach().mean()) == 7.0  # nothing of a damaged one is loaded


@pytest.mark.parametrize(
    "content", ["3", "[]", "null", "{}", '{"digest": 1}', "[" * 100_000, '{"state": {}, "files": {}, "digest": ""}']
)
def test_state_that_is_none_is_damage(content: str, tmp_path: Path) -> None:
    model, optimizer = two_checkpoints(tmp_path)
    (tmp_path / CURRENT / "state.json").write_text(content, encoding="utf-8")
    state, problems = restore(tmp_path, model, optimizer)
    assert state is not None
    assert (state.step, len(problems)) == (1, 1)


@pytest.mark.parametrize("key", ["step", "epoch", "best", "history"])
def test_changed_state_is_damage(key: str, tmp_path: Path) -> None:
    model, optimizer = two_checkpoints(tmp_path)
    path = tmp_path / CURRENT / "state.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["state"][key] = 5
    path.write_text(json.dumps(content), encoding="utf-8")
    state, _ = restore(tmp_path, model, optimizer)
    assert state is not None
    assert state.step == 1


def test_without_a_checkpoint_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert restore(tmp_path, *small()) == (None, [])
    save_best(tmp_path, small()[0])
    assert restore(tmp_path, *small()) == (None, [])


def test_best_weights_go_with_their_checkpoint(tmp_path: Path) -> None:
    model, optimizer = two_checkpoints(tmp_path)
    put(model, 3)
    save_best(tmp_path, model)  # and then the run is killed, before its state knows
    state, problems = restore(tmp_path, model, optimizer)
    assert state is not None
    assert (state.step, problems) == (2, [])
    assert float(load_file(tmp_path / BEST)["weight"].mean()) == 2.0


def test_best_weights_are_copied_where_a_file_has_one_name_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    test_best_weights_go_with_their_checkpoint(tmp_path)


def test_whole_checkpoint_of_another_model_is_refused(tmp_path: Path) -> None:
    two_checkpoints(tmp_path)
    other = torch.nn.Linear(4, 2)
    with pytest.raises(CheckpointError, match="another model"):
        restore(tmp_path, other, torch.optim.AdamW(other.parameters()))


@pytest.mark.parametrize("call", range(12))
def test_a_kill_while_saving_leaves_a_whole_checkpoint(
    call: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every call that changes the disk is the last one once."""
    model, optimizer = two_checkpoints(tmp_path)
    calls = 0

    def stopping(real: Callable[..., Any]) -> Callable[..., Any]:
        def stop(*words: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls > call:
                raise _StopError
            return real(*words, **named)

        return stop

    with monkeypatch.context() as patch:
        for name in ("save_file", "write_text", "_link"):
            patch.setattr(checkpoint, name, stopping(getattr(checkpoint, name)))
        patch.setattr(checkpoint.shutil, "rmtree", stopping(checkpoint.shutil.rmtree))
        patch.setattr(Path, "rename", stopping(Path.rename))
        patch.setattr(Path, "mkdir", stopping(Path.mkdir))
        put(model, 3)
        try:
            save(tmp_path, model, optimizer, State(step=3))
        except _StopError:
            pass
        else:
            assert call >= 9
    state, problems = restore(tmp_path, model, optimizer)
    assert state is not None
    assert (state.step in (2, 3), problems) == (True, [])
    assert float(model.weight.detach().mean()) == state.step
    save(tmp_path, model, optimizer, State(step=4))
    again, _ = restore(tmp_path, model, optimizer)
    assert again == State(step=4)


def stopped_run(config: TrainConfig, step: int) -> Path:
    """A run that stopped at a step; its folder."""

    def on_step(state: State, total: int, left: float) -> None:
        if state.step == step:
            raise _StopError

    with pytest.raises(_StopError):
        train(config, watcher=Watcher(step=on_step))
    return next(Path(config.output).glob("*/config.yaml")).parent


@pytest.mark.slow
@pytest.mark.parametrize("both", [False, True])
def test_run_resumed_behind_damage_ends_as_an_undisturbed_one(both: bool, tmp_path: Path) -> None:
    config = TrainConfig(**tiny_config(tmp_path, epochs=2))
    folder = stopped_run(config, 5)
    cut(folder / CURRENT / "optimizer.safetensors")
    if both:
        cut(folder / OLD / "state.json")
    notes: list[str] = []
    steps: list[int] = []
    watcher = Watcher(note=notes.append, step=lambda state, *_: steps.append(state.step))
    resumed = train(config, resume=folder.name, watcher=watcher)
    assert len(notes) == 1 + both
    assert all(str(folder / "checkpoint") in note for note in notes)
    assert steps[0] == (1 if both else 4)
    undisturbed = train(config.model_copy(update={"output": str(tmp_path / "again")}))
    assert resumed.evaluations["dev"].to_dict() == undisturbed.evaluations["dev"].to_dict()
