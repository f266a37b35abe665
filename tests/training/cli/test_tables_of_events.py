"""`predict --format csv` and `parquet`: files that appear when all is written."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import pandas
import pytest

from annotations import load_schema
from inference import Model
from inference.tables import event_columns, span_columns
from inference.tables.cells import csv_cell
from tests.helpers import run, run_bytes

TEXT = "Gunmen opened fire at a market in Ndoro, killing 12 traders."


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    (folder / "bad.txt").write_bytes(b"\xff")
    (folder / "c.txt").write_text(f"{TEXT}\r\n\r\n“More”: {TEXT} 😀", encoding="utf-8", newline="")
    return folder


def rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def expected(folder: Path, model: Path) -> tuple[list[list[str]], list[list[str]]]:
    """Event rows and span rows, as Python makes them."""
    found = {
        str(one): Model(model).predict(one.read_bytes().decode("utf-8")) for one in sorted(folder.glob("[ac].txt"))
    }
    events = [[csv_cell(v) for v in row.values()] for name, one in found.items() for row in one.to_rows(name)]
    spans = [[csv_cell(v) for v in row.values()] for name, one in found.items() for row in one.to_span_rows(name)]
    return events, spans


def test_csv_on_standard_output(texts: Path, tiny_model_folder: Path) -> None:
    code, out, err = run_bytes("predict", str(texts), "--model", str(tiny_model_folder), "--format", "csv")
    assert (code, b"bad.txt" in err) == (1, True)
    assert out.startswith("\ufeffsource_id,".encode())
    head, *found = rows(out)
    assert head == [column.name for column in event_columns(load_schema())]
    assert found == expected(texts, tiny_model_folder)[0]


def test_csv_in_files_with_spans(texts: Path, tmp_path: Path, tiny_model_folder: Path) -> None:
    given = ("predict", str(texts), "--model", str(tiny_model_folder), "--format", "csv")
    found = run(*given, "--output", "events.csv", "--spans", "spans.csv", cwd=tmp_path)
    assert (found.returncode, found.stdout) == (1, "")
    events, spans = expected(texts, tiny_model_folder)
    assert rows((tmp_path / "events.csv").read_bytes())[1:] == events
    head, *told = rows((tmp_path / "spans.csv").read_bytes())
    assert (head, told) == ([column.name for column in span_columns()], spans)
    assert spans


def test_parquet_has_types(texts: Path, tmp_path: Path, tiny_model_folder: Path) -> None:
    given = ("predict", str(texts), "--model", str(tiny_model_folder), "--format", "parquet")
    run(*given, "--output", "events.parquet", "--spans", "spans.parquet", cwd=tmp_path)
    events, spans = expected(texts, tiny_model_folder)
    frame = pandas.read_parquet(tmp_path / "events.parquet")
    assert list(frame.columns) == [column.name for column in event_columns(load_schema())]
    assert len(frame) == len(events)
    assert pandas.read_parquet(tmp_path / "spans.parquet")["start"].tolist() == [int(row[5]) for row in spans]


@pytest.mark.parametrize("form", ["json", "jsonl", "html", "csv"])
def test_a_file_has_what_standard_output_has(form: str, tmp_path: Path, tiny_model_folder: Path) -> None:
    given = ("predict", TEXT, "--model", str(tiny_model_folder), "--format", form)
    shown = run_bytes(*given)[1]
    assert run_bytes(*given, "--output", str(tmp_path / "made"))[:2] == (0, b"")
    assert (tmp_path / "made").read_bytes() == shown


def test_a_file_stays_as_it_was_if_the_run_fails(tmp_path: Path) -> None:
    (tmp_path / "made.csv").write_text("before")
    given = ("predict", TEXT, "--model", "nowhere", "--format", "csv", "--output", "made.csv")
    assert run(*given, cwd=tmp_path).returncode == 1
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("made.csv", "before")]


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "parquet"),
        ("--format", "table", "--output", "a"),
        ("--format", "json", "--spans", "a"),
        ("--format", "csv", "--output", "a", "--spans", "./a"),
        ("--format", "csv", "--output", "none/a"),
    ],
)
def test_wrong_calls(words: tuple[str, ...], tmp_path: Path) -> None:
    assert run("predict", TEXT, *words, cwd=tmp_path).returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_parquet_without_pyarrow_names_the_extra(
    tmp_path: Path, tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    given = ("predict", TEXT, "--model", str(tiny_model_folder), "--format", "parquet", "--output", "a.parquet")
    found = run(*given, cwd=tmp_path)
    assert (found.returncode, "conflict-events[tables]" in found.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_no_escape_reaches_the_terminal(tiny_model_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "=a\\u001b]0;\\nx", "text": "Gunmen fired."}\n')
    given = ("predict", "a.jsonl", "--model", str(tiny_model_folder), "--format", "csv")
    assert b"\x1b" not in run_bytes(*given, cwd=tmp_path)[1]


def test_an_input_is_not_overwritten(tmp_path: Path, tiny_model_folder: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "Gunmen struck."}\n', encoding="utf-8")
    for words in (("--output", str(source)), ("--spans", str(source))):
        result = run("predict", str(source), "--model", str(tiny_model_folder), "--format", "csv", *words)
        assert (result.returncode, "input" in result.stderr) == (2, True)
    assert source.read_text(encoding="utf-8").startswith("{")
