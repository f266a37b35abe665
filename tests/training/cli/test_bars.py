"""The bar of `predict`: on a terminal alone, apart from the predictions, and right in its count."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from annotations import write_documents
from inference import Model
from inference.inputs import Reader, count_inputs, scan_inputs
from tests.helpers import run
from tests.tiny import documents
from training.behaviour.run import behave, read_cases
from training.cli.bars import Steps, bar, facts
from training.evaluation.evaluate import evaluate


def reader() -> Reader:
    return Reader(io.BytesIO(b"x"))


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, content in (("a", b"Rain."), ("bad", b"\xff"), ("c", b"Gunmen fired.")):
        (folder / f"{name}.txt").write_bytes(content)
    (folder / "gone.txt").symlink_to("nowhere")
    (tmp_path / "lines.jsonl").write_text('{"text": "a"}\n\n{"text": 1}\n{"text": "b"}\n')
    (tmp_path / "empty").mkdir()
    return tmp_path


def test_the_count_is_that_of_texts_and_faults(texts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(texts)
    for given in (["articles"], ["lines.jsonl"], ["empty"], ["none.txt"], ["Some text."], ["-"], ["articles/bad.txt"]):
        assert count_inputs(given, reader()) == len(list(scan_inputs(given, reader()))), given
    assert count_inputs(["articles", "lines.jsonl", "-"], reader()) == 8


def test_the_bar_counts_and_is_taken_away() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with bar(console, 3) as steps:
        for _ in range(3):
            steps.step()
    assert "3/3 texts" in console.file.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("done", "seconds", "shown"), [(0, 5.0, ""), (1, 0.0, ""), (4, 2.0, "2.0 texts a second, 0:03 left")]
)
def test_facts(done: int, seconds: float, shown: str) -> None:
    assert facts(done, 10, seconds) == shown


def test_what_was_done_before_says_nothing_of_the_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 100.0, 102.0])
    monkeypatch.setattr("training.cli.bars.monotonic", lambda: next(now))
    shown: list[tuple[int, str]] = []
    steps = Steps(12, "texts", lambda done, facts: shown.append((done, facts)))
    steps.skip(8)
    steps.step()
    assert shown == [(8, ""), (9, "0.5 texts a second, 0:06 left")]


def test_each_document_and_each_case_is_a_step(tiny_model_folder: Path) -> None:
    model, done = Model(tiny_model_folder), []
    evaluate(model, documents(5), lambda: done.append("document"))
    cases = read_cases()[:2]
    behave(model, cases, lambda: done.append("case"))
    assert done == ["document"] * 5 + ["case"] * sum(len(one.cases) for one in cases)


@pytest.mark.parametrize(
    "words",
    [
        ("evaluate", "{model}", "gold.jsonl", "--no-cost", "--no-track"),
        ("compare", "{model}", "{model}", "-d", "gold.jsonl", "--no-cost", "--no-track", "--contaminated"),
        ("behave", "{model}", "-c", "numbers"),
        ("data", "import", "texts", "texts.jsonl", "made.jsonl"),
    ],
)
def test_a_bar_is_on_a_terminal_alone(
    words: tuple[str, ...], tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_documents("gold.jsonl", documents(3))
    Path("texts.jsonl").write_text('{"id": "a", "text": "Rain fell."}')
    given = [word.format(model=tiny_model_folder) for word in words]
    if given[0] == "behave":
        given[-1] = read_cases()[0].name
    shown = run(*given)
    assert "\x1b" not in shown.stderr
    monkeypatch.setattr("training.cli.bars.err", Console(file=(file := io.StringIO()), force_terminal=True, width=100))
    again = run(*given)
    assert (again.returncode, again.stdout) == (0, shown.stdout)
    assert "importing" in file.getvalue() or "a second" in file.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("terminal", [True, False])
def test_the_bar_is_on_the_terminal_and_predictions_are_in_the_pipe(
    terminal: bool, texts: Path, tiny_model_folder: Path
) -> None:
    ours, theirs = pty.openpty() if terminal else os.pipe()
    words = ["predict", str(texts / "articles"), "--model", str(tiny_model_folder), "--format", "jsonl"]
    found = subprocess.Popen(
        [sys.executable, "-m", "training", *words],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # a terminal that is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert found.stdout is not None
    assert len(found.stdout.read().splitlines()) == 2
    assert found.wait() == 1
    assert (b"4/4 texts" in shown) == terminal
    assert shown.rstrip().count(b"bad.txt") == shown.rstrip().count(b"gone.txt") == 1
