"""Several processes that fit one model: they come to what one process comes to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file

from inference import Model
from tests.tiny import config as tiny_config
from tests.tiny import fit_of
from tests.training.fit.test_checkpoints import stopped_run
from training.config import TrainConfig
from training.evaluation.evaluate import evaluate
from training.fit.distil import SoftTags, soft_loss
from training.fit.loss import informative, token_loss
from training.fit.processes import Processes, launched
from training.run import train

ROOT = Path(__file__).parents[3]
TAGS = 4


@given(rows=st.integers(0, 9), size=st.integers(1, 5))
def test_each_row_is_one_process_s(rows: int, size: int) -> None:
    parts = [Processes(rank, size).part(rows) for rank in range(size)]
    assert sorted(row for part in parts for row in part) == list(range(rows))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@settings(deadline=None)
@given(rows=st.integers(1, 5), size=st.integers(1, 4), seed=st.integers(0, 99))
def test_losses_of_the_parts_add_up(rows: int, size: int, seed: int) -> None:
    torch.manual_seed(seed)
    logits, labels = torch.randn(rows, 6, TAGS), torch.randint(-1, TAGS, (rows, 6))
    labels[labels == -1] = -100
    possible = torch.rand(rows, TAGS) < 0.7
    possible[:, 0] = True
    soft = SoftTags(np.arange(rows + 1) * 2, np.tile(np.int16([1, 3]), rows), np.full((2 * rows, TAGS), 0.25, "f2"))
    subwords, words = int(informative(labels, possible).sum()), soft.words(range(rows))
    hard = whole = 0.0
    for rank in range(size):
        if part := Processes(rank, size).part(rows):
            hard += float(token_loss(logits[part], labels[part], possible[part], subwords))
            whole += float(soft_loss(logits[part], *soft.batch(part, 6).values(), words))
    assert hard == pytest.approx(float(token_loss(logits, labels, possible)), abs=1e-5)
    assert whole == pytest.approx(float(soft_loss(logits, *soft.batch(range(rows), 6).values())), abs=1e-5)


def test_gradients_of_the_parts_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes take turns here; the last one's sum is that of all. One of three has no row of the first batch."""
    config = TrainConfig(**tiny_config(tmp_path, precision="fp32", tokens_per_batch=128, mask_rate=0.3))
    found: dict[int, list[torch.Tensor]] = {}
    for size in (1, 3):
        total: list[Any] = []
        for rank in range(size):
            fit = fit_of(config, tmp_path)
            fit.processes = Processes(rank, size)

            def add_up(_: Processes, parameters: Any, loss: torch.Tensor, total: list[Any] = total) -> float:
                total.append([loss.detach(), *(one.grad.clone() for one in parameters if one.grad is not None)])
                return 0.0

            monkeypatch.setattr(Processes, "add_up", add_up)
            rows = max(fit._plan(0), key=len)
            assert len(rows) == 2
            fit._step(rows, 10)
        found[size] = [torch.stack(column).sum(dim=0) for column in zip(*total, strict=True)]
    for one, many in zip(found[1], found[3], strict=True):
        torch.testing.assert_close(one, many, rtol=1e-4, atol=1e-6)


def test_without_torchrun_there_is_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")  # other launchers set it for purposes of their own
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert launched() == Processes()
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "none")
    assert launched() == Processes(1, 2)


def two_processes(config: TrainConfig, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `train` in two processes that torchrun starts."""
    path = Path(config.output).parent / "run.yaml"
    path.write_text(config.to_yaml(), encoding="utf-8")
    run = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m", "training"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*run, "train", str(path), *words],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        cwd=path.parent,
    )


def weights(config: TrainConfig) -> dict[str, torch.Tensor]:
    (path,) = Path(config.output).glob("*/model/model.safetensors")
    return load_file(path)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_processes_end_where_one_does(tmp_path: Path) -> None:
    """A run of one process that stopped goes on in two."""
    config = TrainConfig(**tiny_config(tmp_path, precision="fp32", epochs=2))
    alone = train(config)
    expected = weights(config)
    again = config.model_copy(update={"output": str(tmp_path / "two" / "runs")})
    Path(again.output).parent.mkdir()
    done = two_processes(again, "--resume", stopped_run(again, 5).name)
    assert done.returncode == 0, done.stderr
    assert 1 <= done.stdout.count("dev F1 strict") <= 2  # one of them reports each of two epochs
    for key, tensor in weights(again).items():
        torch.testing.assert_close(tensor, expected[key], rtol=1e-3, atol=1e-4)
    run_id = next(Path(again.output).glob("*/model")).parent.name
    assert len(list(Path(again.output).glob("*/config.yaml"))) == 1
    model = Model(Path(again.output) / run_id / "model")
    found = evaluate(model, alone.evaluations["dev"].documents).scores
    assert {key: one.to_dict() for key, one in found.items()} == {
        key: one.to_dict() for key, one in alone.evaluations["dev"].scores.items()
    }


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_fault_is_told_once(tmp_path: Path) -> None:
    config = TrainConfig(**tiny_config(tmp_path))
    Path(config.data.train[0]).write_text('{"id": 3}\n', encoding="utf-8")
    done = two_processes(config)
    assert done.returncode != 0
    assert done.stderr.count("train.jsonl, line 1") <= 2  # in a line each for the fault's two problems at most
    assert "Traceback" not in done.stderr.split("torch/distributed")[0]
