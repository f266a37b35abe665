"""Runs that are killed in processes of their own, and gone on with."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import mlflow
import pytest
import yaml

from inference import load
from tests.registered import stored_config as tiny_config
from training.config import TrainConfig
from training.run import ResumeError, train
from training.store.registry import list_versions
from training.store.tracking import tracked_run


def _start(config_file: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "training", "train", str(config_file)]
    return subprocess.Popen(
        command, cwd=config_file.parent, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def _wait_for(folder: Path, pattern: str, process: subprocess.Popen[str], seconds: float = 120) -> Path:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = sorted(folder.glob(pattern))
        if found:
            return found[0]
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        time.sleep(0.02)
    raise AssertionError(f"no {pattern} in {folder} after {seconds} s")


@pytest.mark.slow
def test_killed_run_goes_on_to_the_metrics_of_an_undisturbed_one(tmp_path: Path) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    results = []
    for folder in (undisturbed, killed):
        folder.mkdir()
        settings = tiny_config(tmp_path, epochs=6, patience=6) | {
            "output": str(folder / "runs"),
            "tracking": {"uri": f"sqlite:///{folder / 'mlflow.db'}"},
        }
        (folder / "mine.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    process = _start(killed / "mine.yaml")
    _wait_for(killed, "runs/*/checkpoint/state.json", process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    run_id = next(killed.glob("runs/*/config.yaml")).parent.name
    client = mlflow.MlflowClient(f"sqlite:///{killed / 'mlflow.db'}")
    assert client.get_run(run_id).info.status == "RUNNING"  # nobody could say otherwise
    for folder, resume in ((undisturbed, None), (killed, run_id)):
        config = TrainConfig(**yaml.safe_load((folder / "mine.yaml").read_text(encoding="utf-8")))
        results.append(train(config, resume=resume))
    histories = [load(result.folder).manifest.training["history"] for result in results]
    for first, second in zip(*histories, strict=True):
        assert {k: v for k, v in first.items() if k != "seconds"} == {k: v for k, v in second.items() if k != "seconds"}
    assert results[0].evaluations["dev"].to_dict() == results[1].evaluations["dev"].to_dict()
    assert client.get_run(run_id).info.status == "FINISHED"


@pytest.mark.slow
def test_next_run_ends_a_killed_one_as_failed(tmp_path: Path) -> None:
    settings = tiny_config(tmp_path)
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    process = _start(tmp_path / "mine.yaml")
    config_file = _wait_for(tmp_path, "runs/*/config.yaml", process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    train(TrainConfig(**settings))
    client = mlflow.MlflowClient(settings["tracking"]["uri"])
    assert client.get_run(config_file.parent.name).info.status == "FAILED"


# What a killed run had done, and where in the code it is killed: before a call of the name.
KILLS = {
    "nothing but its config": "training.fit.loop.Fit.run",
    "exported, not renamed": "training.fit.export.write_manifest",
    "exported": "training.run.log_results",
    "results logged": "training.store.registry.log_model",
    "registered": "training.fit.checkpoint.remove",
    "checkpoints removed": "training.run.checkpoint_gone",
    "done": "mlflow.end_run",
}
_KILLED = """
import os, signal, sys
from pathlib import Path
from unittest import mock
import yaml
import training.run
from training.config import TrainConfig

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

name = sys.argv[2]
if name == "training.run.checkpoint_gone":
    real = training.run.write_text
    patch = mock.patch("training.run.write_text", lambda p, t: die() if p.name == "done" else real(p, t))
else:
    patch = mock.patch(name, die)
with patch:
    training.run.train(TrainConfig(**yaml.safe_load(Path(sys.argv[1]).read_text())))
"""


@pytest.mark.slow
@pytest.mark.parametrize("done", sorted(KILLS))
def test_a_run_that_is_killed_at_any_point_is_gone_on_with_to_its_end(done: str, tmp_path: Path) -> None:
    settings = tiny_config(tmp_path, epochs=1)
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    command = [sys.executable, "-c", _KILLED, str(tmp_path / "mine.yaml"), KILLS[done]]
    killed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    run_id = next(tmp_path.glob("runs/*/config.yaml")).parent.name
    client = mlflow.MlflowClient(settings["tracking"]["uri"])
    assert client.get_run(run_id).info.status == "RUNNING"
    registered = KILLS[done] in ("training.fit.checkpoint.remove", "training.run.checkpoint_gone", "mlflow.end_run")
    config = TrainConfig(**settings)
    with tracked_run(config, None):  # the next run of anybody ends it, as what it is
        assert client.get_run(run_id).info.status == ("FINISHED" if registered else "FAILED")
    client.update_run(run_id, "RUNNING")  # and had nobody trained meanwhile
    result = train(config, resume=run_id)
    assert (result.run_id, result.version) == (run_id, "1")
    assert client.get_run(run_id).info.status == "FINISHED"
    assert sorted(path.name for path in result.folder.parent.iterdir()) == ["config.yaml", "data.json", "done", "model"]
    (version,) = list_versions("conflict-events")
    assert {"config_digest", "dev_strict_f1"} <= set(version.tags)
    with pytest.raises(ResumeError, match="has ended"):
        train(config, resume=run_id)
    table = mlflow.load_table("dev_labels.json", run_ids=[run_id])
    assert not table.duplicated(["label", "match"]).any()
