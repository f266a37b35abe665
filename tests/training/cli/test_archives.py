"""`predict` on archives: mixed folders into one table, what is kept beside the text, and what is told at the end."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas
import pytest

from annotations import load_schema
from inference import Model
from inference.tables import event_columns
from tests.helpers import run, run_bytes

TEXT = "Gunmen opened fire at a market in Ndoro, killing 12 traders."


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT)
    (folder / "b.csv").write_text(f'id,title,body,country,notes\nc1,Shooting,"{TEXT}",Mali,=1+1\nc2,,,Mali,\n')
    (folder / "c.jsonl").write_text(json.dumps({"id": 7, "text": TEXT, "words": 9, "tags": ["x"]}) + "\n{broken\n")
    (folder / "d.pdf").write_bytes(b"%PDF")
    return folder


def test_a_mixed_folder_becomes_one_table(archive: Path, tiny_model_folder: Path) -> None:
    code, out, err = run_bytes("predict", "archive", "-m", str(tiny_model_folder), "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(out.decode("utf-8-sig"), newline="")))
    own = [column.name for column in event_columns(load_schema())]
    assert list(rows[0]) == [*own, "title", "source_country", "source_notes", "words", "tags"]
    kept = {row["source_id"]: (row["source_country"], row["source_notes"], row["words"], row["tags"]) for row in rows}
    assert kept == {"archive/a.txt": ("",) * 4, "c1": ("Mali", "'=1+1", "", ""), "7": ("", "", "9", '["x"]')}
    assert code == 1
    told = err.decode().splitlines()
    assert [
        ("d.pdf" in line, "b.csv:3" in line, "c.jsonl:2" in line).index(True)
        for line in told
        if not line.startswith("model: ")
    ] == [0, 1, 2]


def test_json_lines_have_the_source_and_the_text_that_offsets_count(archive: Path, tiny_model_folder: Path) -> None:
    found = run("predict", "archive", "-m", str(tiny_model_folder), "-f", "jsonl", "--output", "out.jsonl")
    assert found.returncode == 1
    records = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    by_id = {record["id"]: record for record in records}
    assert by_id["archive/a.txt"].keys() == {"id", "model", "windows", "convention", "spans", "events", "entities"}
    assert by_id["7"]["source"] == {"words": 9, "tags": ["x"]}
    titled = by_id["c1"]
    assert titled["source"] == {"title": "Shooting", "country": "Mali", "notes": "=1+1"}
    assert titled["text"] == f"Shooting\n\n{TEXT}"
    assert all(titled["text"][span["start"] : span["end"]] == span["text"] for span in titled["spans"])


def test_parquet_keeps_the_types_of_other_columns(archive: Path, tiny_model_folder: Path) -> None:
    run("predict", "archive", "-m", str(tiny_model_folder), "-f", "parquet", "-o", "events.parquet")
    frame = pandas.read_parquet("events.parquet").set_index("source_id")
    assert frame.loc["7", "words"].tolist()[0] == 9
    assert frame["words"].dtype.kind == "f"  # an integer with cells that are empty, as pandas reads it
    assert set(frame.loc["c1", "source_country"]) == {"Mali"}


@pytest.mark.parametrize(("every", "count"), [(False, 22), (True, 30)])
def test_many_faults_are_capped(every: bool, count: int, tiny_model_folder: Path) -> None:
    Path("a.csv").write_text("text,n\n" + ",1\n" * 30 + "Rain fell,1\n")
    found = run(
        "predict", "a.csv", "-m", str(tiny_model_folder), "-f", "jsonl", *(["--all"] if every else []), stdin=""
    )
    assert (found.returncode, len(found.stdout.splitlines()), found.stderr.count("error: ")) == (1, 1, count)
    assert ("10 more" in found.stderr) == (not every)


def test_columns_are_named_on_the_command_line(tiny_model_folder: Path) -> None:
    Path("a.csv").write_text("Story,Key,Head,When\nRain fell,k1,Rain today,2021-03-04\n")
    columns = ["--text-column", "Story", "--id-column", "Key", "--title-column", "Head", "--date-column", "When"]
    found = run("predict", "a.csv", "-m", str(tiny_model_folder), "-f", "jsonl", *columns)
    record = json.loads(found.stdout)
    assert (record["id"], record["date"], record["text"]) == ("k1", "2021-03-04", "Rain today\n\nRain fell")


def test_standard_input_as_a_table(tiny_model_folder: Path) -> None:
    words = ["predict", "-", "--input-format", "csv", "-m", str(tiny_model_folder), "-f", "csv"]
    found = run(*words, stdin=f'text,country\n"{TEXT}",Mali\n')
    head, *rows = csv.reader(io.StringIO(found.stdout))
    assert (head[-1], {row[-1] for row in rows}) == ("source_country", {"Mali"})


def test_events_below_a_score_are_left_out(tiny_model_folder: Path) -> None:
    scores = sorted(event.score for event in Model(tiny_model_folder).predict(f"{TEXT} A bomb exploded.").events)
    words = ["predict", f"{TEXT} A bomb exploded.", "-m", str(tiny_model_folder), "-f", "jsonl", "--min-event-score"]
    kept = json.loads(run(*words, str(scores[-1])).stdout)["events"]
    assert len(kept) == scores.count(scores[-1]) < len(scores)
    assert run(*words, "2").returncode == 2


def test_a_mistyped_folder_is_refused(tiny_model_folder: Path) -> None:
    found = run("predict", "artcles", "-m", str(tiny_model_folder))
    assert (found.returncode, found.stdout, "artcles" in found.stderr) == (1, "", True)


def test_an_output_in_the_folder_is_no_input(archive: Path, tiny_model_folder: Path) -> None:
    (archive / "c.jsonl").unlink()
    (archive / "b.csv").unlink()
    words = ["predict", "archive", "-m", str(tiny_model_folder), "-f", "csv", "-o", "archive/events.csv"]
    assert [run(*words).returncode for _ in range(2)] == [0, 0]


def test_missing_texts_are_capped_and_all_are_listed_if_wanted() -> None:
    for words in (("data", "stats", "news/dev"), ("evaluate", "x", "news/dev")):
        found = run(*words)
        assert (found.returncode, len(found.stderr.splitlines())) == (1, 6)
        assert "--all" in found.stderr.splitlines()[-1]
    assert len(run("data", "validate", "news/dev").stderr.splitlines()) == 6
    assert len(run("data", "validate", "news/dev", "--all").stderr.splitlines()) > 100
