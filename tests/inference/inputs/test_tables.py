"""Tables and records as inputs: columns by name, rows that cannot be used, and what is kept beside the text."""

from __future__ import annotations

import csv
import datetime
import io
import json
from pathlib import Path

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from inference.inputs import Columns, Input, Reader, count_inputs, other_columns, scan_inputs
from inference.inputs.rows import read_rows

DAY = datetime.date(2021, 3, 4)
CELLS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\ufeff"), max_size=12)


def scan(*inputs: str | Path, stdin: bytes = b"", columns: Columns | None = None, form: str = "") -> list[Input]:
    return list(scan_inputs([str(item) for item in inputs], Reader(io.BytesIO(stdin), columns or Columns(), form)))


def texts(found: list[Input]) -> list[tuple[str, str]]:
    return [(one.name, one.text) for one in found if one.text is not None]


def places(found: list[Input]) -> list[tuple[str, int, str]]:
    return [(Path(fault.file).name, fault.line, fault.place) for one in found for fault in one.faults]


def write(folder: Path, name: str, content: str) -> Path:
    (folder / name).write_bytes(content.encode())
    return folder / name


def test_columns_are_found_by_their_names_and_the_others_are_kept(tmp_path: Path) -> None:
    path = write(
        tmp_path, "a.csv", "Article-ID,Headline,Full text,DATE,country\r\nx7,Blast,A bomb.,2021-03-04,Mali\r\n"
    )
    (found,) = scan(path)
    assert (found.name, found.text, found.date, found.made) == ("x7", "Blast\n\nA bomb.", DAY, True)
    assert found.source == {"Headline": "Blast", "DATE": "2021-03-04", "country": "Mali"}


def test_line_ends_and_quotes_of_a_cell_stay_as_they_are(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'text,n\r\n"Gunmen\r\nsaid ""no"".\n\nRain, \t",1\r\nSnow fell.,2')
    assert texts(scan(path)) == [(f"{path}:2", 'Gunmen\r\nsaid "no".\n\nRain, \t'), (f"{path}:6", "Snow fell.")]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_separator_of_a_table_is_that_of_its_head(tmp_path: Path, mark: str) -> None:
    path = write(tmp_path, "a.csv", f"\ufeffid{mark}text\n1{mark}Rain fell\n")
    assert texts(scan(path)) == [("1", "Rain fell")]


@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5))
def test_cells_come_back_as_they_were_written(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerows([("text", "other"), *(("T" + one, "O" + other) for one, other in rows)])
    found = scan(tmp_path / "a.csv")
    assert [(one.text, one.source["other"]) for one in found] == [("T" + one, "O" + other) for one, other in rows]


def test_every_bad_row_is_told_with_its_line_and_the_others_are_read(tmp_path: Path) -> None:
    rows = ["text,date", ",2021-03-04", "Rain.,04/03/2021", "one", '"a"b,', "Snow.,", "", '"two\nlines",x,y', "Hail.,"]
    path = write(tmp_path, "a.csv", "\n".join(rows))
    (tmp_path / "b.csv").write_bytes(b"text\nRain fell\n\xff\nSnow fell\n")
    found = scan(path, tmp_path / "b.csv")
    assert [text for _, text in texts(found)] == ["Snow.", "Hail.", "Rain fell", "Snow fell"]
    assert places(found) == [("a.csv", line, "") for line in (2, 3, 4, 5, 8)] + [("b.csv", 3, "")]
    assert found[-1].name.endswith("b.csv:4")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", ""),
        ("a.csv", "\n \n"),
        ("a.csv", "text,id\n"),
        ("a.csv", "text,text\nx y,\n"),
        ("a.tsv", "id;text\n1;x y\n"),
        ("a.json", "[]"),
        ("a.json", "5"),
        ("a.json", "[{"),
        ("a.jsonl", "\n"),
        ("a.parquet", "PAR1"),
        ("a.txt", " \n"),
        ("a.csv", "text,body\nx,y\n"),
        ("a.csv", "words\nx\n"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_once(tmp_path: Path, name: str, content: str) -> None:
    (found,) = scan(write(tmp_path, name, content))
    assert (found.text, [fault.file for fault in found.faults]) == (None, [str(tmp_path / name)])


@pytest.mark.parametrize("role", ["text", "id", "title", "date"])
def test_of_several_columns_the_user_chooses(tmp_path: Path, role: str) -> None:
    names = {"text": "body", "id": "uid", "title": "headline", "date": "published"}
    base = {"text": "Rain fell", "id": "1", "title": "Rain", "date": "2021-03-04"}
    extra = {"body": "Snow fell", "uid": "2", "headline": "Snow", "published": "2021-03-05"}[names[role]]
    record = base | {names[role]: extra}
    table = write(tmp_path, "a.csv", f"{','.join(record)}\n{','.join(record.values())}\n")
    lines = write(tmp_path, "a.jsonl", json.dumps(record))
    for path in (table, lines):
        (refused,) = scan(path)
        assert f"--{role}-column" in refused.faults[0].remedy
        (chosen,) = scan(path, columns=Columns(**{role: names[role]}))
        got = {"text": chosen.text, "id": chosen.name, "title": chosen.text, "date": str(chosen.date)}[role]
        assert extra in str(got)
        if role != "text":
            (none,) = scan(path, columns=Columns(**{role: ""}))
            left = {"id": none.name == f"{path}:{none.line}", "title": none.text == "Rain fell", "date": not none.date}
            assert left[role]


def test_a_named_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    table = write(tmp_path, "a.csv", "text,when\nRain fell,2021-03-04\n")
    (found,) = scan(table, columns=Columns(date="wen"))
    assert "'when'" in found.faults[0].remedy
    lines = write(tmp_path, "a.jsonl", '{"text": "Rain fell", "when": "2021-03-04"}\n{"text": "Snow fell"}\n')
    assert [one.date for one in scan(lines, columns=Columns(date="when"))] == [DAY, None]
    assert [one.text for one in scan(lines, columns=Columns(date="wen"))] == ["Rain fell", "Snow fell", None]


@pytest.mark.parametrize(
    "content",
    [
        '[{"id": 1, "body": "Rain fell"}, {"id": 2, "body": "Snow fell"}]',
        '{"count": 2, "items": [{"id": 1, "body": "Rain fell"}, {"id": 2, "body": "Snow fell"}]}',
    ],
)
def test_json_may_be_a_list_or_an_object_with_one(tmp_path: Path, content: str) -> None:
    assert texts(scan(write(tmp_path, "a.json", content))) == [("1", "Rain fell"), ("2", "Snow fell")]


def test_json_may_be_one_record_also_with_a_list(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", '{"text": "Rain fell", "spans": [{"id": "S1"}], "meta": {"a": 1}}')
    (found,) = scan(path)
    assert (found.name, found.text, found.source) == (
        f"{path}:1", "Rain fell", {"spans": [{"id": "S1"}], "meta": {"a": 1}},
    )  # fmt: skip


def test_a_record_of_a_list_that_is_none_is_told_with_its_number(tmp_path: Path) -> None:
    found = scan(write(tmp_path, "a.json", '[{"text": "Rain fell"}, 5, {"text": 5}, {"text": "Snow fell"}]'))
    assert len(texts(found)) == 2
    assert places(found) == [("a.json", 0, "row 2"), ("a.json", 0, "row 3")]


def parquet_table(path: Path) -> Path:
    columns = {
        "text": ["Rain fell", None, "Snow fell"],
        "id": [7, 8, 9],
        "date": pyarrow.array([DAY, DAY, None], pyarrow.date32()),
        "seen": pyarrow.array([datetime.datetime(2021, 3, 4, 5), None, None], pyarrow.timestamp("us")),
        "share": [0.5, 0.5, float("nan")],
        "tags": [["a"], [], None],
    }
    parquet.write_table(pyarrow.table(columns), path)
    return path


def test_parquet_is_read_with_its_types(tmp_path: Path) -> None:
    path = parquet_table(tmp_path / "a.parquet")
    found = scan(path)
    assert texts(found) == [("7", "Rain fell"), ("9", "Snow fell")]
    assert places(found) == [("a.parquet", 0, "row 2")]
    assert (found[0].date, found[2].date) == (DAY, None)
    assert found[0].source == {"date": "2021-03-04", "seen": "2021-03-04T05:00:00", "share": 0.5, "tags": ["a"]}
    assert found[2].source["share"] is None
    kinds = other_columns([str(path)], Reader(io.BytesIO()))
    assert kinds == {"date": "date", "seen": "text", "share": "number", "tags": "text"}


def test_rows_are_read_when_they_are_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotations.io.decoding._HEAD", 4)
    path = write(tmp_path, "a.csv", "text\nRain fell\n")
    rows = read_rows(path, "csv").rows
    assert next(rows).record == {"text": "Rain fell"}
    with path.open("a") as stream:
        stream.write("Snow fell\n")
    assert [row.record for row in rows] == [{"text": "Snow fell"}]


def test_other_columns_of_all_inputs_with_their_kinds(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", "id,text,country,n\n1,Rain fell,Mali,3\n")
    write(
        tmp_path,
        "b.jsonl",
        '{"text": "Rain", "n": 3, "m": 3, "ok": true, "id": 5}\n{"text": "b", "m": 0.5, "l": [1]}\n',
    )
    write(tmp_path, "c.jsonl", '{"words": "Rain", "lost": 1}\nbroken\n')
    found = other_columns([str(tmp_path)], Reader(io.BytesIO()))
    assert found == {"country": "text", "n": "text", "m": "number", "ok": "boolean", "l": "text"}


def test_standard_input_is_text_unless_its_format_is_named() -> None:
    content = b"id,text,n\n1,Rain fell,3\n2,,4\n"
    assert texts(scan("-", stdin=content)) == [("stdin", content.decode())]
    reader = Reader(io.BytesIO(content), form="csv")
    assert other_columns(["-"], reader) == {"n": "text"}
    assert count_inputs(["-"], reader) == 2
    found = list(scan_inputs(["-"], reader))
    assert texts(found) == [("1", "Rain fell")]
    assert places(found) == [("stdin", 3, "")]


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Blast in Gao", "A bomb.", "Blast in Gao\n\nA bomb."),
        ("Blast in Gao", "BLAST IN  GAO\nA bomb.", None),
        ("Blast", "Blasts shook Gao.", "Blast\n\nBlasts shook Gao."),
        (" ", "A bomb.", None),
        (5, "A bomb.", None),
    ],
)
def test_a_title_stands_before_the_text_once(tmp_path: Path, title: object, text: str, expected: str | None) -> None:
    (found,) = scan(write(tmp_path, "a.jsonl", json.dumps({"title": title, "text": text})))
    assert (found.text, found.made) == (expected or text, expected is not None)
