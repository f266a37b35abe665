"""Long predictions that stop: what is kept, and that going on ends in the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import training.cli.prediction_run
from annotations import load_schema
from annotations.errors import Fault
from inference import Model
from inference.inputs import Input
from tests.helpers import run, run_process
from training.cli.bars import Steps
from training.cli.prediction_journal import ResumeError
from training.cli.prediction_run import Settings, write_predictions
from training.cli.prediction_target import Target

TEXT = "Gunmen opened fire at a market in Ndoro, killing 12 traders."
COUNT = 11


@pytest.fixture(scope="module")
def model(tiny_model_folder: Path) -> Model:
    return Model(tiny_model_folder)


@pytest.fixture(autouse=True)
def _small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training.cli.prediction_run, "_TEXTS", 3)


def inputs(stop: int = COUNT, *, changed: int | None = None) -> Iterator[Input]:
    """Texts with and without events, and a fault; interrupted before the one with the number `stop`."""
    for number in range(COUNT):
        if number == stop:
            raise KeyboardInterrupt
        text = "Rain." if number % 3 == 0 else f"{TEXT} {number} “é”"
        yield Input(f"t{number}", "other" if number == changed else text, source={"n": number})
        if number == 5:
            yield Input("bad", None, (Fault("is broken"),))


def target(form: str, *, resume: bool = False) -> Target:
    return Target(form, Path("made"), Path("spans") if form == "csv" else None, {"n": "integer"}, resume)


def files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(Path().iterdir())}


def whole(form: str, model: Model) -> dict[str, bytes]:
    """The files of a run that nothing stops; they are taken away."""
    write_predictions(inputs(), lambda: model, target(form))
    made = files()
    for name in made:
        Path(name).unlink()
    return made


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize("stops", [(1,), (2, 3), (4, 4, 5), (7, 10), (3, 6, 9)])
def test_work_that_stops_ends_in_the_same_bytes(form: str, stops: tuple[int, ...], model: Model) -> None:
    expected = whole(form, model)
    for number, stop in enumerate(stops):
        with pytest.raises(KeyboardInterrupt):
            write_predictions(inputs(stop), lambda: model, target(form, resume=number > 0))
        assert "made" not in files()
    outcome = write_predictions(inputs(), lambda: model, target(form, resume=True))
    assert files() == expected
    assert [fault.problem for fault in outcome.faults.first] == ["is broken"]


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize("after", [1, 4, 5])
def test_a_stop_within_a_group_leaves_whole_texts(
    form: str, after: int, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = whole(form, model)

    class Stopping(Steps):
        def step(self) -> None:
            nonlocal after
            after -= 1
            if not after:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_predictions(inputs(), lambda: model, target(form), steps=Stopping())
    for name, content in files().items():
        if name.endswith(".part"):
            assert expected[name.removesuffix(".part")].startswith(content)
            assert content.endswith(b"\n")
    write_predictions(inputs(), lambda: model, target(form, resume=True))
    assert files() == expected


def test_a_torn_end_is_cut(model: Model) -> None:
    expected = whole("jsonl", model)
    with pytest.raises(KeyboardInterrupt):
        write_predictions(inputs(7), lambda: model, target("jsonl"))
    with Path("made.part").open("ab") as stream:
        stream.write(b'{"id": "t')  # as after a loss of power
    write_predictions(inputs(), lambda: model, target("jsonl", resume=True))
    assert files() == expected


def test_texts_that_are_done_are_not_predicted_again(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_predictions(inputs(7), lambda: model, target("csv"))
    read: list[str] = []
    predict = model.predict_stream
    monkeypatch.setattr(
        model, "predict_stream", lambda texts, **given: predict((read.append(one) or one for one in texts), **given)
    )
    write_predictions(inputs(), lambda: model, target("csv", resume=True))
    assert len(read) == COUNT - 6


def test_nothing_is_kept_of_work_that_stops_at_once(model: Model) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_predictions(inputs(2), lambda: model, target("csv"))
    assert files() == {}


def stopped(model: Model, form: str = "jsonl") -> None:
    with pytest.raises(KeyboardInterrupt):
        write_predictions(inputs(8), lambda: model, target(form))


def test_what_is_left_is_neither_replaced_nor_forgotten(model: Model) -> None:
    stopped(model)
    left = files()
    with pytest.raises(ResumeError, match="--resume"):
        write_predictions(inputs(), lambda: model, target("jsonl"))
    assert files() == left


@pytest.mark.parametrize(
    "settings",
    [
        Settings(min_event_score=0.5),
        Settings(read={"input format": "csv"}),
    ],
)
def test_other_settings_are_refused(settings: Settings, model: Model) -> None:
    stopped(model)
    left = files()
    with pytest.raises(ResumeError, match=next(iter(settings.read), "least score")):
        write_predictions(inputs(), lambda: model, target("jsonl", resume=True), settings)
    assert files() == left


@pytest.mark.parametrize("options", [{"name": "other"}, {"threshold": 0.5}, {"convention": "acled"}])
def test_another_model_or_its_options_are_refused(
    options: dict[str, object], model: Model, tiny_model_folder: Path
) -> None:
    stopped(model)
    other = Model(tiny_model_folder, **options)  # type: ignore[arg-type]
    with pytest.raises(ResumeError):
        write_predictions(inputs(), lambda: other, target("jsonl", resume=True))


def test_other_columns_are_refused(model: Model) -> None:
    stopped(model, "csv")
    with pytest.raises(ResumeError, match="columns"):
        write_predictions(inputs(), lambda: model, Target("csv", Path("made"), Path("spans"), {"m": "text"}, True))


@pytest.mark.parametrize("changed", [0, 3, 5])
def test_other_inputs_are_refused(changed: int, model: Model) -> None:
    stopped(model)
    with pytest.raises(ResumeError, match="inputs"):
        write_predictions(inputs(changed=changed), lambda: model, target("jsonl", resume=True))


def test_fewer_inputs_are_refused(model: Model) -> None:
    stopped(model)
    with pytest.raises(ResumeError, match="inputs"):
        write_predictions([*inputs()][:4], lambda: model, target("jsonl", resume=True))


@pytest.mark.parametrize("gone", ["made.journal", "spans.part"])
def test_a_missing_file_is_told(gone: str, model: Model) -> None:
    stopped(model, "csv")
    Path(gone).unlink()
    with pytest.raises(ResumeError, match=gone):
        write_predictions(inputs(), lambda: model, target("csv", resume=True))


def test_without_anything_left_work_starts(model: Model) -> None:
    expected = whole("csv", model)
    write_predictions(inputs(), lambda: model, target("csv", resume=True))
    assert files() == expected


def test_resume_needs_a_format_that_is_kept(tiny_model_folder: Path) -> None:
    for words in (("-f", "json", "-o", "a"), ("-f", "jsonl"), ("-f", "jsonl", "-o", "-"), ("-f", "html", "-o", "a")):
        assert run("predict", TEXT, "-m", str(tiny_model_folder), "--resume", *words).returncode == 2


def test_a_dash_is_standard_output(tiny_model_folder: Path) -> None:
    found = run("predict", TEXT, "-m", str(tiny_model_folder), "-f", "jsonl", "-o", "-")
    assert json.loads(found.stdout)["id"] == "text"
    assert files() == {}


def test_the_table_has_the_columns_of_the_schema_and_then_those_of_the_input(model: Model) -> None:
    write_predictions(inputs(), lambda: model, target("csv"))
    head = Path("made").read_text(encoding="utf-8-sig").splitlines()[0].split(",")
    assert head[0] == "source_id"
    assert head[-1] == "n"
    assert len(load_schema().labels) < len(head)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_process_that_is_stopped_can_go_on(
    kind: signal.Signals, form: str, tmp_path: Path, tiny_model_folder: Path
) -> None:
    lines = [json.dumps({"id": n, "text": f"{TEXT} {n}", "n": n}) for n in range(800)]
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    words = ["predict", "in.jsonl", "-m", str(tiny_model_folder), "-f", form, "--output"]
    assert run_process(*words, "whole", cwd=tmp_path).returncode == 0
    command = [sys.executable, "-m", "training", *words, "made"]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have let the tests ignore it
    running = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE)
    signal.signal(signal.SIGINT, before)
    journal = tmp_path / "made.journal"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (journal.exists() and json.loads(journal.read_text())["texts"] >= 128):
        time.sleep(0.01)
    os.kill(running.pid, kind)
    _, told = running.communicate(timeout=60)
    assert running.returncode == 130
    assert b"--resume" in told
    assert not (tmp_path / "made").exists()
    assert (tmp_path / "made.part").read_bytes().endswith(b"\n")
    assert run_process(*words, "made", cwd=tmp_path).returncode == 1
    assert run_process(*words, "made", "--resume", cwd=tmp_path).returncode == 0
    assert (tmp_path / "made").read_bytes() == (tmp_path / "whole").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "made", "whole"]
