"""Predictions of any number of texts: read, predicted and written one after the other."""

from __future__ import annotations

import gc
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import annotations.io.decoding
import inference.windowed
from annotations.errors import Fault
from annotations.io.decoding import byte_lines
from annotations.io.json_text import json_lines
from inference import Model, Prediction
from inference.backends import OnnxBackend
from inference.inputs import Input, Reader, scan_inputs
from tests.helpers import run
from training.cli.prediction_run import write_predictions
from training.cli.prediction_target import Target
from training.cli.printable import json_text

TEXT = "Gunmen opened fire at a market in Ndoro, killing 12 traders."
HELD = 4  # short texts in these tests


@pytest.fixture(scope="module")
def model(tiny_model_folder: Path) -> Model:
    return Model(tiny_model_folder)


@pytest.fixture
def _few_objects() -> Iterator[None]:
    """Let the collector look only at what a test makes, not at the millions of objects of the libraries."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def _few_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference.windowed, "_CHUNK", 1)
    monkeypatch.setattr(OnnxBackend, "budget", HELD * 16 // 2)


def inputs(count: int, alive: list[int] | None = None) -> Iterator[Input]:
    """Short texts; before each one, note how many predictions are alive."""
    for number in range(count):
        if alive is not None:
            gc.collect()
            alive.append(sum(type(one) is Prediction for one in gc.get_objects()))
        yield Input(f"t{number}", f"Gunmen fired {number}.")


@pytest.mark.usefixtures("_few_windows")
@pytest.mark.parametrize("text", ["fire", ""])
def test_texts_are_read_only_some_ahead(model: Model, text: str) -> None:
    taken = 0

    def texts() -> Iterator[str]:
        nonlocal taken
        for _ in range(30):
            taken += 1
            yield text

    ahead = [taken - done for done, _ in enumerate(model.predict_stream(texts()), start=1)]
    assert len(ahead) == 30
    assert max(ahead) <= HELD


def test_predicting_each_equals_predicting_a_list(model: Model) -> None:
    texts = [TEXT * 5, "", "Rain.", TEXT]
    assert list(model.predict_stream(iter(texts))) == model.predict(texts)


@pytest.mark.usefixtures("_few_windows", "_few_objects")
@pytest.mark.parametrize("form", ["json", "jsonl", "html", "inline", "table", "csv"])
def test_written_predictions_are_let_go(model: Model, form: str, capfd: pytest.CaptureFixture[str]) -> None:
    alive: list[int] = []
    assert write_predictions(inputs(30, alive), lambda: model, Target(form)).faults.first == []
    assert max(alive) - alive[0] <= 1
    assert capfd.readouterr().out


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_list_written_piece_by_piece_is_the_same_json(
    model: Model, count: int, capfd: pytest.CaptureFixture[str]
) -> None:
    write_predictions(inputs(count), lambda: model, Target("json"))
    records = [{"id": one.name} | model.predict(one.text or "").to_dict() for one in inputs(count)]
    assert capfd.readouterr().out == json_text(records[0] if count == 1 else records, 1) + "\n"


def test_a_single_text_beside_a_fault_is_a_list(model: Model, capfd: pytest.CaptureFixture[str]) -> None:
    bad = Input("b", None, (Fault("is broken"),))
    assert write_predictions([bad, *inputs(1)], lambda: model, Target("json")).faults.first == [Fault("is broken")]
    assert len(json.loads(capfd.readouterr().out)) == 1


def test_no_model_is_loaded_where_nothing_can_be_read(capfd: pytest.CaptureFixture[str]) -> None:
    def load() -> Model:
        raise AssertionError

    bad = [Input(name, None, (Fault(f"{name} is broken"),)) for name in "abc"]
    assert [fault.problem[0] for fault in write_predictions(bad, load, Target("jsonl")).faults.first] == ["a", "b", "c"]
    assert capfd.readouterr().out == ""


def test_all_bad_files_are_named_at_the_end(tmp_path: Path, tiny_model_folder: Path) -> None:
    for name, content in (("a", b"\xff1"), ("b", b"Rain."), ("c", b"\xff2"), ("d", b"Snow.")):
        (tmp_path / f"{name}.txt").write_bytes(content)
    found = run("predict", ".", "--model", str(tiny_model_folder), "--format", "jsonl", cwd=tmp_path)
    assert found.returncode == 1
    assert [json.loads(line)["id"] for line in found.stdout.splitlines()] == ["b.txt", "d.txt"]
    named = [line for line in found.stderr.splitlines() if line != "model: tiny"]
    assert ["a.txt" in line or "c.txt" in line for line in named] == [True, True]


def test_inputs_are_read_when_they_are_needed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "b.txt").write_text("two")
    found = scan_inputs(["a.txt", "b.txt"], Reader(io.BytesIO()))
    assert next(found).text == "one"
    (tmp_path / "b.txt").write_text("changed")
    assert next(found).text == "changed"


def test_lines_are_read_when_they_are_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotations.io.decoding, "_HEAD", 4)
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "one"}\n')
    found = json_lines(path)
    assert next(found).record == {"text": "one"}
    with path.open("a") as stream:
        stream.write('{"text": "two"}\n')
    assert [line.record for line in found] == [{"text": "two"}]


@given(content=st.lists(st.sampled_from([b"\n", b"\r", b"{}", b"ab"])).map(b"".join), head=st.integers(0, 12))
def test_lines_of_a_file_are_its_parts_between_line_feeds(tmp_path: Path, content: bytes, head: int) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(annotations.io.decoding, "_HEAD", head)
        assert list(byte_lines(path)) == content.removesuffix(b"\n").split(b"\n")
