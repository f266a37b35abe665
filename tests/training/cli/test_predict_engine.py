"""`predict --engine`: options, messages and exit codes, with an engine in this process."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest

import inference.engines.on_ray
from tests.helpers import run
from tests.inference.engines.archive import TEXT, archive, articles, plain
from tests.inference.engines.here import Here

TRUE = inference.engines.on_ray.OnRay


class Given(Here):
    """Takes the place of Ray; notes with which options."""

    options: tuple[Any, ...] = ()
    at: int | None = None

    def __init__(self, *options: Any) -> None:
        super().__init__(type(self).at)
        type(self).options = options


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> type[Given]:
    class Fresh(Given):
        pass

    monkeypatch.setattr(inference.engines.on_ray, "OnRay", Fresh)
    return Fresh


@pytest.fixture
def model(tiny_model_folder: Path) -> list[str]:
    return ["--model", str(tiny_model_folder)]


def test_articles_are_predicted_and_faults_told(model: list[str], engine: type[Given], tiny_model_folder: Path) -> None:
    archive(Path("archive"))
    given = ["predict", "archive", *model, "--engine", "ray", "--output", "out"]
    finished = run(*given, "--partition-rows", "5", "--workers", "3", "--address", "auto")
    assert finished.returncode == 1
    assert finished.stdout == ""
    assert engine.options == ("auto", 3)
    errors = [line for line in finished.stderr.splitlines() if line.startswith("error:")]
    assert len(errors) == 6
    assert any(line.startswith("error: archive/d.jsonl:4:") for line in errors)
    assert [one["id"] for one in articles(Path("out"))] == [
        one["id"] for one in plain(Path("archive"), tiny_model_folder)[0]
    ]
    again = run(*given, "--partition-rows", "5")
    assert again.returncode == 1
    assert [line for line in again.stderr.splitlines() if line.startswith("error:")] == errors


def test_options_of_predict_reach_the_model(model: list[str]) -> None:
    Path("a.txt").write_text(TEXT, encoding="utf-8")
    given = ["predict", "a.txt", *model, "--engine", "ray"]
    options = ["--convention", "acled", "--threshold", "0.4", "--date", "2021-03-04", "--min-event-score", "0.9"]
    assert run(*given, *options, "--output", "out").returncode == 0
    (ours,) = articles(Path("out"))
    assert ours["convention"] == "acled"
    assert ours["date"] == "2021-03-04"
    assert all(span["score"] >= 0.4 for span in ours["spans"])
    assert all(event["score"] >= 0.9 for event in ours["events"])


def test_a_stop_says_how_to_go_on(model: list[str], engine: type[Given]) -> None:
    archive(Path("archive"))
    engine.at = 2
    given = ["predict", "archive", *model, "--engine", "ray", "--output", "out", "--partition-rows", "4"]
    finished = run(*given)
    assert finished.returncode == 130
    assert "out has 2 of 4 partitions" in finished.stderr
    engine.at = None
    assert run(*given).returncode == 1
    assert len(articles(Path("out"))) == 9


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--engine", "ray"], "--output"),
        (["--engine", "ray", "-o", "out", "-"], "standard input"),
        (["--engine", "ray", "-o", "deep/er/out", "deep"], "within the input"),
        (["--engine", "ray", "-o", "out", "--format", "csv"], "--format"),
        (["--engine", "ray", "-o", "out", "--spans", "s"], "--spans"),
        (["--engine", "ray", "-o", "out", "--threads", "2"], "--threads"),
        (["--engine", "ray", "-o", "out", "--backend", "cuda"], "--backend"),
        (["--workers", "2"], "--workers needs --engine"),
        (["--address", "auto"], "--address needs --engine"),
        (["--partition-rows", "9"], "--partition-rows needs --engine"),
        (["--output", "."], "'--output'"),
    ],
)
def test_options_that_do_not_go_together_are_refused(words: list[str], said: str, model: list[str]) -> None:
    Path("a.txt").write_text(TEXT, encoding="utf-8")
    Path("deep").mkdir()
    finished = run("predict", "a.txt", *model, *words)
    assert finished.returncode == 2
    assert said in " ".join(finished.stderr.replace("│", " ").split())
    assert not Path("out").exists()


def test_ray_that_is_missing_names_its_extra(model: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference.engines.on_ray, "OnRay", TRUE)
    Path("a.txt").write_text(TEXT, encoding="utf-8")
    true = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".", maxsplit=1)[0] == "ray":
            raise ModuleNotFoundError("No module named 'ray'", name="ray")
        return true(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    finished = run("predict", "a.txt", *model, "--engine", "ray", "--output", "out")
    assert finished.returncode == 1
    assert "conflict-events[ray]" in finished.stderr
