"""Runs on a true Ray with two workers: a worker that is killed, and a run that is interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from inference import Model
from inference.engines import Folder, Job, Progress, plan, run
from inference.engines.on_ray import OnRay, RayError
from tests.inference.engines.archive import TEXT, archive, files, rows
from tests.inference.engines.here import Here

pytest.importorskip("ray", reason="the extra ray is not installed")
pytestmark = pytest.mark.slow

COUNT, ROWS = 300, 25
PARTITIONS = 13  # with the 16 inputs of the archive


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Many articles, two of which cannot be read, and a small archive."""
    folder = tmp_path_factory.mktemp("wire")
    lines = [{"id": f"w{n}", "text": f"{TEXT} {TEXT} {n}", "n": n} for n in range(COUNT)]
    lines[7]["text"] = lines[COUNT - 1]["text"] = None
    (folder / "wire.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    archive(folder / "archive")
    return folder


def job(wire: Path, rows: int = ROWS) -> Job:
    return Job([f"file://{wire}/wire.jsonl", "archive"], wire, rows=rows)


@pytest.fixture(scope="module")
def expected(wire: Path, tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of one process, partition by partition; they are those of plain `predict`, see `test_run.py`."""
    folder = Folder(tmp_path_factory.mktemp("expected") / "out")
    before = Path.cwd()
    os.chdir(wire)
    try:
        model = Model(tiny_model_folder)
        run(job(wire), model, folder, plan(job(wire), model, folder), Here(), lambda _: None)
    finally:
        os.chdir(before)
    return folder.path


def test_a_worker_that_is_killed_changes_nothing(
    wire: Path, expected: Path, tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(wire)
    killed: list[int] = []
    workers: set[int] = set()

    def report(progress: Progress) -> None:
        if progress.process:
            workers.add(progress.process)
        if progress.process and not killed and progress.done < progress.partitions // 2:
            killed.append(progress.process)
            os.kill(progress.process, signal.SIGKILL)

    model, folder = Model(tiny_model_folder), Folder(tmp_path / "out")
    run(job(wire), model, folder, plan(job(wire), model, folder), OnRay(workers=2), report)
    assert killed
    assert len(workers) == 3  # two, and the one that took the place of the killed one
    assert os.getpid() not in workers
    assert files(tmp_path / "out") == files(expected)


def test_a_run_that_is_interrupted_goes_on(wire: Path, expected: Path, tiny_model_folder: Path, tmp_path: Path) -> None:
    given = [f"file://{wire}/wire.jsonl", "archive", "--model", str(tiny_model_folder), "--engine", "ray"]
    # One worker: two may be through all partitions before a signal arrives.
    words = [*given, "--output", str(tmp_path / "out"), "--partition-rows", str(ROWS), "--workers", "1"]
    command = [sys.executable, "-m", "training", "predict", *words]
    root = str(Path(__file__).parents[3])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    made = 0
    for sent in (signal.SIGINT, signal.SIGTERM):
        before, made = made, _stopped(command, wire, environment, tmp_path / "out" / "articles", sent)
        assert before < made < len(list((expected / "articles").iterdir()))
    finished = subprocess.run(command, cwd=wire, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 1, finished.stderr
    assert finished.stderr.splitlines()[1].startswith(f"{made} of {PARTITIONS} partitions")
    assert files(tmp_path / "out") == files(expected)
    assert len(rows(tmp_path / "out", "articles")) == COUNT - 2 + 9


def _stopped(command: list[str], folder: Path, environment: dict[str, str], files: Path, sent: signal.Signals) -> int:
    """Start a run and stop it when it has written one partition more; return how many there are."""

    def made() -> int:
        return len(list(files.glob("part-*")))

    before = made()
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as running:
        while running.poll() is None and made() == before:
            time.sleep(0.05)
        running.send_signal(sent)
        told = running.communicate(timeout=120)[1]
    assert running.returncode == 130, told
    assert f"{made()} of {PARTITIONS} partitions, and the same command" in told
    return made()


def test_a_fault_of_the_model_ends_the_run_with_its_message(
    wire: Path, tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(wire)
    asked = replace(job(wire), options={"min_relevance": 0.5})  # the tiny model knows no relevance
    model, folder = Model(tiny_model_folder), Folder(tmp_path / "out")
    with pytest.raises(RayError, match="min_relevance"):
        run(asked, model, folder, plan(asked, model, folder), OnRay(workers=1), lambda _: None)
