"""Exports in every format, and the commands that export and import."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from annotations import DataError, Document, Event, Span, read_documents, write_documents
from annotations.export import export
from annotations.formats.texts import TextSource
from annotations.importers.conll import NO_BEGIN, UNKNOWN, write
from annotations.label_studio.results import read_result
from annotations.quantity import Toll
from tests.annotations.importers.conll import (
    FARMERS,
    SCHEMA,
    TEXT,
    exported,
    keys,
)
from tests.helpers import run
from tests.tiny import documents


def test_an_unknown_format_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        exported("jsnl", documents(1), tmp_path / "x")
    assert str(caught.value) == "unknown format 'jsnl'; did you mean 'jsonl'?"
    assert list(tmp_path.iterdir()) == []


def test_json_lines_hold_everything(tmp_path: Path) -> None:
    assert exported("jsonl", documents(4), tmp_path / "all.jsonl") == []
    assert read_documents(tmp_path / "all.jsonl") == documents(4)


def test_standoff_documents_and_their_texts_hold_everything(tmp_path: Path) -> None:
    made = [*documents(3), Document("wire/7 a", "\r\nRain.\r\n🔥")]
    assert exported("standoff", made, tmp_path / "all.jsonl", tmp_path / "texts") == []
    assert made[0].text not in (tmp_path / "all.jsonl").read_text()
    assert read_documents(tmp_path / "all.jsonl", TextSource(tmp_path / "texts")) == made


def test_a_text_that_standoff_documents_cannot_hold_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        exported("standoff", [Document("d1", "Rain.\n")], tmp_path / "all.jsonl", tmp_path / "texts")
    assert str(caught.value) == "document 'd1': ends in white space, which stand-off texts do not keep; strip it"
    assert not (tmp_path / "all.jsonl").exists()


def test_standoff_documents_need_a_folder_for_their_texts(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        exported("standoff", documents(1), tmp_path / "all.jsonl")
    assert str(caught.value) == "stand-off documents need a folder for their texts; give one with --texts-to"


def test_standoff_texts_of_two_documents_never_share_a_file(tmp_path: Path) -> None:
    made = [Document("a/b", "Rain."), Document("a b", "Sun.")]
    with pytest.raises(DataError, match=r"two ids .*; use letters, digits, '-', '_'"):
        exported("standoff", made, tmp_path / "all.jsonl", tmp_path / "texts")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["standoff", "conll"])
def test_two_documents_with_one_id_are_refused_where_one_would_take_the_place_of_the_other(
    tmp_path: Path, form: str
) -> None:
    made = [Document(name, text) for name, text in (("d1", "Rain."), ("d2", "Sun."), ("d1", "Wind."), ("d2", "Fog."))]
    with pytest.raises(DataError) as caught:
        exported(form, made, tmp_path / "all", tmp_path / "texts")
    assert [str(fault) for fault in caught.value.faults] == [
        "document 'd1': is the id of two documents; rename one of them",
        "document 'd2': is the id of two documents; rename one of them",
    ]
    assert list(tmp_path.iterdir()) == []


def test_label_studio_tasks_hold_spans_and_events_as_predictions(tmp_path: Path) -> None:
    assert exported("label-studio", documents(3), tmp_path / "tasks.json") == []
    tasks = json.loads((tmp_path / "tasks.json").read_text())
    found = [read_result(task["data"], task["predictions"][0]["result"], SCHEMA) for task in tasks]
    assert [(one.text, keys(one), len(one.events)) for one in found] == [
        (one.text, keys(one), len(one.events)) for one in documents(3)
    ]


def test_events_that_label_studio_cannot_show_are_told_and_their_spans_are_shown(tmp_path: Path) -> None:
    made = [
        Document(name, TEXT, [FARMERS], [Event(event, "bombing", {"victims": ("S1",)})])
        for name, event in (("d1", "E7"), ("d2", "E1"))
    ]
    assert exported("label-studio", made, tmp_path / "tasks.json") == [
        "2 events have no trigger and cannot be shown, such as d1 E7"
    ]
    for task in json.loads((tmp_path / "tasks.json").read_text()):
        found = read_result(task["data"], task["predictions"][0]["result"], SCHEMA)
        assert (keys(found), found.events) == (keys(made[0]), ())


def test_a_label_that_the_labelling_page_lacks_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"document 'd1': span S1 .*: unknown label 'VICTM'; did you mean 'VICTIM'"):
        exported("label-studio", [Document("d1", TEXT, [replace(FARMERS, label="VICTM")])], tmp_path / "tasks.json")
    assert list(tmp_path.iterdir()) == []


def test_conll_tells_how_many_events_it_does_not_hold(tmp_path: Path) -> None:
    target = tmp_path / "all.conll"
    assert exported("conll", documents(4), target) == [f"CoNLL has no events: 3 are not in {target}"]
    assert target.read_text() == write(documents(4))


def test_conll_tells_how_many_counted_tolls_it_does_not_hold(tmp_path: Path) -> None:
    tolls = {"killed": Toll(4, 4), "injured": Toll(2, None)}
    made = Document("d1", TEXT, [FARMERS], [Event("E1", "bombing", {"victims": ("S1",)}, toll=tolls)])
    notes = exported("conll", [made, replace(made, id="d2")], tmp_path / "all.conll")
    assert [note for note in notes if "tolls: 4 " in note] == notes[1:]


@pytest.mark.parametrize("form", ["jsonl", "standoff"])
def test_tolls_are_in_our_own_formats(form: str, tmp_path: Path) -> None:
    toll = {"killed": Toll(None, 50, True)}
    made = Document("d1", TEXT, [FARMERS], [Event("E1", "bombing", {"victims": ("S1",)}, toll=toll)])
    target = tmp_path / "all.jsonl"
    assert export(form, [made], target, SCHEMA, tmp_path / "texts") == []
    assert read_documents(target, TextSource(tmp_path / "texts")) == [made]


def test_conll_has_nothing_to_tell_where_it_holds_everything(tmp_path: Path) -> None:
    assert exported("conll", [Document("d1", TEXT, [FARMERS])], tmp_path / "all.conll") == []


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ([Span("S1", 2, 6, "PERPETRATOR")], "span S1 [2:6] 'nmen': starts or ends within a word; mark whole words"),
        ([Span("S1", 0, 3, "PERPETRATOR")], "span S1 [0:3] 'Gun': starts or ends within a word; mark whole words"),
        ([Span("S1", 0, 7, "PERPETRATOR")], "span S1 [0:7] 'Gunmen ': starts or ends with white space; exclude it"),
        (
            [Span("S1", 12, 24, "VICTIM"), Span("S2", 17, 24, "TARGET")],
            "spans S1 [12:24] and S2 [17:24]: overlap; keep one of them",
        ),
    ],
    ids=["begins within a word", "ends within a word", "ends in a blank", "overlaps"],
)
def test_spans_that_conll_cannot_hold_are_told_and_nothing_is_written(
    tmp_path: Path, spans: list[Span], message: str
) -> None:
    made = [Document("d1", TEXT, [FARMERS]), *(Document(name, TEXT, spans) for name in ("d2", "d3"))]
    with pytest.raises(DataError) as caught:
        exported("conll", made, tmp_path / "all.conll")
    assert [str(fault) for fault in caught.value.faults] == [
        f"document 'd2': {message}",
        f"document 'd3': {message}",
    ]
    assert list(tmp_path.iterdir()) == []


def test_conll_tells_that_it_does_not_hold_the_coverage(tmp_path: Path) -> None:
    whole = Document("d2", TEXT, [FARMERS])
    part = replace(whole, id="d1", meta={"coverage": {"DATE": "some"}})
    target = tmp_path / "all.conll"
    (note,) = exported("conll", [part, whole], target)
    assert f"1 documents in {target}" in note


def test_the_commands_bring_spans_to_conll_and_back(tmp_path: Path) -> None:
    write_documents(tmp_path / "mine.jsonl", documents(4))
    out = run("data", "export", "conll", "mine.jsonl", "--to", "mine.conll", cwd=tmp_path)
    assert (out.returncode, out.stdout) == (0, "4 documents written to mine.conll\n")
    assert out.stderr == "warning: CoNLL has no events: 3 are not in mine.conll\n"
    home = run("data", "import", "conll", "mine.conll", "back.jsonl", cwd=tmp_path)
    assert home.returncode == 0, home.stderr
    assert home.stdout.endswith(
        "4 documents written to back.jsonl\n0 losses listed in back.losses.jsonl\n"
    )  # fmt: skip
    assert [(d.id, keys(d)) for d in read_documents(tmp_path / "back.jsonl")] == [(d.id, keys(d)) for d in documents(4)]


def test_the_command_import_shows_counts_and_lists_each_loss(tmp_path: Path) -> None:
    (tmp_path / "odd.conll").write_text("-DOCSTART- d1\na I-DATE\nb B-PER\nc B-DATE\n")
    result = run("data", "import", "conll", "odd.conll", "odd.jsonl", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    rows = [[cell.strip() for cell in line.strip("│ ").split("│")] for line in result.stdout.splitlines()]
    assert ["DATE", "2", "some"] in rows
    assert ["mention", "2"] in rows
    assert ["tag", "", "1", UNKNOWN] in rows
    assert "2 losses listed in odd.losses.jsonl" in result.stdout
    assert [json.loads(line) for line in (tmp_path / "odd.losses.jsonl").read_text().splitlines()] == [
        {"document": "d1", "kind": "tag", "value": "B-PER", "reason": UNKNOWN, "detail": "offset 2"},
        {"document": "d1", "kind": "tag", "value": "I-DATE", "reason": NO_BEGIN, "detail": "offset 0"},
    ]


def test_the_command_import_shows_how_far_the_documents_mark_a_label(tmp_path: Path) -> None:
    (tmp_path / "odd.conll").write_text("-DOCSTART- d1\na B-VICTIM:men\n-DOCSTART- d2\nb B-VICTIM\n")
    result = run("data", "import", "conll", "odd.conll", "odd.jsonl", cwd=tmp_path)
    rows = [[cell.strip() for cell in line.strip("│ ").split("│")] for line in result.stdout.splitlines()]
    assert ["VICTIM", "1", "all in 1, some in 1"] in rows


def test_the_command_import_tells_every_fault_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.conll").write_text("Rain\nsun O\nwind\n")
    result = run("data", "import", "conll", "bad.conll", "bad.jsonl", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        "error: bad.conll:1: has one column; write a word and its tag\n"
        "error: bad.conll:3: has one column; write a word and its tag\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["bad.conll"]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["import", "conl", "."], "unknown source 'conl'; did you mean 'conll'?"),
        (["import", "conll", "gone.conll"], "gone.conll: no such file or folder; check the path"),
        (["import", "conll", "."], ".: cannot be read: Is a directory; check the path"),
    ],
)
def test_the_command_import_answers_a_mistake_with_a_message(tmp_path: Path, command: list[str], message: str) -> None:
    result = run("data", *command, "back.jsonl", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (1, f"error: {message}\n")


def test_the_command_export_writes_standoff_documents_and_their_texts(tmp_path: Path) -> None:
    write_documents(tmp_path / "mine.jsonl", documents(2))
    words_ = ["data", "export", "standoff", "mine.jsonl", "--to", "s.jsonl"]
    refused = run(*words_, cwd=tmp_path)
    assert refused.returncode == 1
    assert refused.stderr.startswith("error: stand-off documents need a folder for their texts; give one with --texts")
    result = run(*words_, "--texts-to", "texts", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "2 documents written to s.jsonl\n")
    assert read_documents(tmp_path / "s.jsonl", TextSource(tmp_path / "texts")) == documents(2)


def test_the_command_export_writes_all_files_into_one(tmp_path: Path) -> None:
    for name, found in (("a", documents(4)[:1]), ("b", documents(4)[1:])):
        write_documents(tmp_path / f"{name}.jsonl", found)
    result = run("data", "export", "label-studio", "a.jsonl", "b.jsonl", "--to", "t.json", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "4 documents written to t.json\n")
    tasks = json.loads((tmp_path / "t.json").read_text())
    assert [task["data"]["document"] for task in tasks] == [one.id for one in documents(4)]


def test_the_command_export_answers_an_unknown_format(tmp_path: Path) -> None:
    result = run("data", "export", "conl", "corpus/dev", "--to", "x", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (1, "error: unknown format 'conl'; did you mean 'conll'?\n")
