"""Inline markup: what people write is what the documents say, and the other way round."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import DataError, Document, Event, Span, load_schema
from annotations.formats.inline import parse, read_folder, render, write_folder
from annotations.quantity import Toll
from tests.helpers import TOLLS

SCHEMA = load_schema()
PIECES = [
    "{",
    "}",
    "|",
    "\\",
    "---",
    "\n",
    "\r\n",
    "\u2028",
    "\x85",
    " ",
    "raid",
    "{Gunmen|VICTIM|E1}",
    "E1: bombing",
    "id: x",
    "🧨",
    "e\u0301",
    "نار",
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=15).map("".join)
FLAGS = st.fixed_dictionaries(
    {}, optional={"suicide": st.just(True), "stage": st.sampled_from(["attempted", "threatened"])}
)
HEADS = st.dictionaries(
    st.sampled_from(["genre", "country", "source"]), st.text("abc: |{}-", max_size=6).map(str.strip)
)


@st.composite
def writable_documents(draw: st.DrawFn) -> Document:
    """Any text that markup can hold, with any spans that do not overlap, tied to any events."""
    text = draw(TEXTS).strip("\n")
    types = draw(st.lists(st.sampled_from(list(SCHEMA.attack_types)), max_size=3))
    names = [f"E{number}" for number, _ in enumerate(types, start=1)]
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans: list[Span] = []
    roles: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in names}
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        label, kind = draw(st.sampled_from(SCHEMA.classes))
        tied = draw(st.sets(st.sampled_from(names))) if names else set()
        if label == SCHEMA.trigger and tied:  # a trigger has the type of one of its events
            kind = types[names.index(draw(st.sampled_from(sorted(tied))))]
        spans.append(Span(f"S{len(spans) + 1}", start, end, label, kind))
        for name in tied:
            role = SCHEMA.role(label)
            roles[name][role] = (*roles[name].get(role, ()), spans[-1].id)
    events = [Event(name, kind, roles[name], draw(FLAGS), draw(TOLLS)) for name, kind in zip(names, types, strict=True)]
    return Document("any-1", text, spans, events, draw(HEADS))


@given(writable_documents())
def test_what_is_rendered_is_parsed_back(document: Document) -> None:
    assert parse(render(document, SCHEMA), SCHEMA) == document


@given(st.lists(st.sampled_from(["---", "----", "\\---", "x", ""]), min_size=1).map("\n".join))
def test_lines_of_dashes_do_not_end_a_text(text: str) -> None:
    document = Document("d1", text.strip("\n"))
    assert parse(render(document, SCHEMA), SCHEMA) == document


def marked(text: str, events: str = "", head: str = "id: d1\n") -> str:
    return f"{head}---\n{text}\n---\n{events}"


def test_marks_become_spans_and_events() -> None:
    document = parse(
        marked(
            "{Herders|PERPETRATOR|E1} {stoned|ATTACK|E1} a {ferry|TARGET|E1, E2}; {two|TOLL:injured} were hurt.",
            "E1: unarmed_assault; claimed; stage=attempted\nE2: hijacking\n",
            "id: d1\nsource: note: by hand\n",
        ),
        SCHEMA,
    )
    assert document.text == "Herders stoned a ferry; two were hurt."
    assert [(document.mention(span), span.label, span.type) for span in document.spans] == [
        ("Herders", "PERPETRATOR", None),
        ("stoned", "ATTACK", "unarmed_assault"),
        ("ferry", "TARGET", None),
        ("two", "TOLL", "injured"),
    ]
    assert document.events == (
        Event(
            "E1",
            "unarmed_assault",
            {"perpetrators": ("S1",), "triggers": ("S2",), "targets": ("S3",)},
            {"claimed": True, "stage": "attempted"},
        ),
        Event("E2", "hijacking", {"targets": ("S3",)}),
    )
    assert document.meta == {"source": "note: by hand"}


def test_a_toll_of_a_kind_that_markup_cannot_hold_is_refused() -> None:
    event = Event("E7", "bombing", toll={"killed": Toll(1, 1), "lost-at-sea": Toll(2, 2)})
    with pytest.raises(DataError, match="E7"):
        render(Document("d1", "Calm.", events=[event]), SCHEMA)


def test_a_file_without_an_id_is_called_after_its_name() -> None:
    assert parse(marked("All calm.", head=""), SCHEMA, "folder/calm.txt").id == "calm"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id: d1\n---\nNo events follow.", "f.txt: has 2 parts"),
        (marked("Calm.", head="id: d1\ngenre wire\n"), "line 'genre wire' is not 'key: value'"),
        (marked("{Mob|PERPETRATER}"), "unknown label 'PERPETRATER'; did you mean 'PERPETRATOR'"),
        (marked("{Mob|PERPETRATOR|E2}", "E1: bombing"), "names event 'E2', which is not listed; known are: E1"),
        (marked("{Mob|PERPETRATOR"), "stray '{'"),
        (marked("A brace} too many"), "stray '}'"),
        (marked("{Mob|PERPETRATOR|E-1}"), "stray '{'"),
        (marked("A backslash\\"), r"stray '\\\\'"),
        (marked("Calm.", "E1 bombing"), "event line 'E1 bombing' cannot be read; write 'E1: type"),
        (marked("Calm.", "E1: bombing; claimd"), "event E1: unknown flag or toll 'claimd'; did you mean 'claimed'"),
        (marked("Calm.", "E1: bombing\nE1: shelling"), "event E1: is listed twice"),
    ],
)
def test_markup_that_cannot_be_understood_is_refused(content: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parse(content, SCHEMA, "f.txt")


def test_every_fault_of_a_file_is_reported_at_once() -> None:
    content = marked("{Mob|PERPETRATER} {beat|ATTACK|E9} a {clerk", "E1: bombing; claimd\nE2", "genre\n")
    with pytest.raises(DataError) as caught:
        parse(content, SCHEMA, "f.txt")
    words = ["genre", "claimd", "E2", "PERPETRATER", "E9", "stray"]
    assert len(caught.value.faults) == len(words)
    assert all(word in fault.problem for word, fault in zip(words, caught.value.faults, strict=True))
    assert {fault.file for fault in caught.value.faults} == {"f.txt"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"text": "\nAn empty line first"}, "empty line"),
        ({"text": "A line end last\n"}, "empty line"),
        ({"spans": [Span("S1", 0, 4, "VICTIM"), Span("S2", 3, 7, "VICTIM")]}, "overlapping spans"),
        ({"id": "two\nlines"}, "does not fit on a line 'key: value'"),
        ({"id": " "}, "does not fit on a line"),
        ({"meta": {"note": "first\ngenre: second"}}, "does not fit on a line"),
        ({"meta": {"note": " edge"}}, "does not fit on a line"),
        ({"meta": {"no:te": "a"}}, "does not fit on a line"),
        ({"meta": {"id": "other"}}, "does not fit on a line"),
    ],
)
def test_a_document_that_markup_cannot_say_is_refused(changes: dict[str, Any], message: str) -> None:
    document = Document(**{"id": "d1", "text": "Crowds fled.", **changes})
    with pytest.raises(DataError, match=message):
        render(document, SCHEMA)


@pytest.mark.parametrize("text", ["Shots.\r\nThen none.\rThen more.", "Rule\n---\r\nbelow", "Plain"])
def test_line_ends_in_a_text_survive_a_folder(tmp_path: Path, text: str) -> None:
    document = Document("d1", text, [Span("S1", len(text) - 5, len(text), "VICTIM")])
    assert write_folder(tmp_path, [document], SCHEMA) == [tmp_path / "d1.txt"]
    assert read_folder(tmp_path, SCHEMA) == [document]


def test_a_file_that_an_editor_wrote_with_crlf_is_read_with_lf(tmp_path: Path) -> None:
    (tmp_path / "d1.txt").write_bytes(b"id: d1\r\n---\r\nA {mob|PERPETRATOR}\r\ncame.\r\n---\r\n")
    [document] = read_folder(tmp_path, SCHEMA)
    assert document.text == "A mob\ncame."


def test_faults_of_all_files_in_a_folder_are_reported(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    contents: dict[str, Callable[[], bytes]] = {
        "a.txt": lambda: b"no rule",
        "b.txt": lambda: "id: b\n---\nZürich\n---\n".encode("latin-1"),
        "deep/c.txt": lambda: marked("{x|VICTM}").encode(),
        "notes.md": lambda: b"not markup at all",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content())
    with pytest.raises(DataError, match="is not UTF-8") as caught:
        read_folder(tmp_path, SCHEMA)
    assert [fault.file for fault in caught.value.faults] == [str(tmp_path / n) for n in contents if n != "notes.md"]
