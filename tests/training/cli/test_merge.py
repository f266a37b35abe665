"""`merge`, `evaluate-merge` and `fit-merge`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from inference.incidents import incident_columns, merge
from tests.helpers import run
from tests.inference.incidents.test_merging import ALL, TOLD


@pytest.fixture
def predictions(tmp_path: Path) -> list[str]:
    paths = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    for number, path in enumerate(paths):
        path.write_text("".join(json.dumps(one) + "\n" for one in ALL[number::2]), encoding="utf-8")
    return [str(path) for path in paths]


def test_incidents_are_written_as_json_lines(predictions: list[str], tmp_path: Path):
    output = tmp_path / "incidents.jsonl"
    finished = run("merge", *predictions, "--output", str(output))
    assert (finished.returncode, finished.stdout) == (0, "")
    found = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert found == json.loads(json.dumps([one.to_dict() for one in merge(ALL)]))
    assert run("merge", *predictions).stdout == output.read_text(encoding="utf-8")


def test_a_name_that_ends_in_csv_gives_a_table(predictions: list[str], tmp_path: Path):
    output = tmp_path / "incidents.csv"
    assert run("merge", *predictions, "--output", str(output)).returncode == 0
    content = output.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert len(rows) == len(TOLD)
    assert list(rows[0]) == [column.name for column in incident_columns()]


def test_wrong_files_are_named(predictions: list[str], tmp_path: Path):
    twice = run("merge", predictions[0], predictions[0])
    assert twice.returncode == 1
    assert f"{predictions[0]}:1" in twice.stderr
    assert run("merge", *predictions, "--output", predictions[0]).returncode == 2
    assert run("merge", str(tmp_path / "none.jsonl")).returncode == 1


def test_merging_is_measured(tiny_model_folder: Path, tmp_path: Path):
    file = tmp_path / "reports.jsonl"
    lines = [{"id": f"r{i}", "text": "A bomb hit Gao.", "date": "2020-03-02", "incident": "x"} for i in range(3)]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    finished = run("evaluate-merge", str(file), "--model", str(tiny_model_folder), "--format", "json")
    assert finished.returncode == 0
    found = json.loads(finished.stdout)
    assert set(found) == {"all", "main event", "without texts", "exact"}
    assert found["all"]["pairs"]["gold"] == 3
    assert "3" in run("evaluate-merge", str(file), "--model", str(tiny_model_folder)).stdout


def test_weights_are_learned_and_written(tiny_model_folder: Path, tmp_path: Path):
    reports, stream, weights = (tmp_path / name for name in ("reports.jsonl", "stream.jsonl", "weights.json"))
    reports.write_text(
        '{"id": "a", "text": "A bomb hit Gao.", "date": "2020-03-01", "incident": "i"}\n', encoding="utf-8"
    )
    rows = [
        {"id": f"w{number}", "text": "A bomb hit Gao.", "spans": [], "events": []}
        | {"meta": {"wiki_incidents": {"year": 2016, "date": f"March {number % 28 + 1} 2016"}}}
        for number in range(60)
    ]
    stream.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    words = (str(reports), "--stream", str(stream), "--to", str(weights), "--model", str(tiny_model_folder))
    assert run("fit-merge", *words).returncode == 0
    assert set(json.loads(weights.read_text(encoding="utf-8"))) == {"start", "evidence", "days", "reports"}
