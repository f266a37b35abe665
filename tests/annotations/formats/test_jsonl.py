"""Data sets on disk: what is written is read back, and a bad file is reported whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import DataError, Document, Event, Span, read_documents, write_documents
from annotations.formats.jsonl import NAMED, find_data, scan

AWKWARD = [
    "🧨",
    "👩‍🚒",
    "\r\n",
    "\r",
    "\n",
    "\u2028",
    "\u2029",
    "\x85",
    "\x00",
    "\x1e",
    "e\u0301",
    "\ufeff",
    "\u202e",
    '"',
    "\\",
    "حريق",
    "שריפה",
]
TEXTS = st.lists(st.sampled_from(AWKWARD) | st.text(max_size=4), max_size=12).map("".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


@st.composite
def stored_documents(draw: st.DrawFn, number: int) -> Document:
    """A sound document with any text, any spans (also overlapping ones), an event and any meta."""
    text = draw(TEXTS)
    starts = draw(st.lists(st.integers(0, len(text) - 1), max_size=3)) if text else []
    pairs = [(start, draw(st.integers(start + 1, len(text)))) for start in starts]
    kinds = st.none() | st.sampled_from(["bombing", "killed"])
    spans = [Span(f"S{i}", a, b, draw(st.sampled_from("XYZ")), draw(kinds)) for i, (a, b) in enumerate(pairs)]
    events = [Event("E1", "bombing", {"triggers": tuple(span.id for span in spans)}, {"stage": draw(VALUES)})]
    return Document(f"{draw(st.text(max_size=2))}{number}", text, spans, events, {"note": draw(VALUES)})


@given(st.tuples(*(stored_documents(number) for number in range(2))))
def test_documents_survive_writing_and_reading(tmp_path: Path, documents: tuple[Document, ...]) -> None:
    path = tmp_path / "any.jsonl"
    write_documents(path, documents)
    assert read_documents(path) == sorted(documents, key=lambda d: d.id)
    assert path.read_bytes().count(b"\n") == len(documents)


def lines(path: Path, *records: Any) -> Path:
    """Write one record a line: as JSON, or as it is if it is bytes."""
    content = [r if isinstance(r, bytes) else json.dumps(r).encode() for r in records]
    path.write_bytes(b"\n".join(content) + b"\n")
    return path


def test_text_is_stored_readably_and_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "set.jsonl"
    write_documents(path, [Document("d1", "Überfall in Žižkov")])
    assert "Überfall in Žižkov" in path.read_text(encoding="utf-8")


def raising(document: Document) -> Iterator[Document]:
    yield document
    raise RuntimeError("the source broke off")


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({1, 2}, "document 'd2': cannot be written as JSON: .*set"),
        (float("nan"), "document 'd2': cannot be written as JSON: .*not JSON compliant"),
        ("\udc80", "document 'd2': key 'meta'.'odd', offset 0"),
    ],
)
def test_meta_that_json_cannot_hold_leaves_the_old_file_alone(tmp_path: Path, bad: Any, message: str) -> None:
    path = tmp_path / "set.jsonl"
    write_documents(path, [Document("old", "As it was.")])
    with pytest.raises(DataError, match=message):
        write_documents(path, [Document("d1", "Fine."), Document("d2", "Not so fine.", meta={"odd": bad})])
    assert [document.id for document in read_documents(path)] == ["old"]
    assert list(tmp_path.iterdir()) == [path]


def test_a_source_that_breaks_off_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    write_documents(path, [Document("old", "As it was.")])
    with pytest.raises(RuntimeError, match="broke off"):
        write_documents(path, raising(Document("d1", "Fine.")))
    assert [document.id for document in read_documents(path)] == ["old"]
    assert list(tmp_path.iterdir()) == [path]


def test_blank_lines_and_crlf_line_ends_are_read_over(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_bytes(b'\r\n{"id": "d1", "text": "One."}\r\n  \n{"id": "d2", "text": "Two."}')
    assert [line.number for line in scan(path)] == [2, 4]
    assert [document.text for document in read_documents(path)] == ["One.", "Two."]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"id": "d2", "text": ', "column 22: is not JSON"),
        (b'{"id": "d2", "text": "\xff"}', "is not UTF-8 at byte 22"),
        (b'["d2"]', "is list, not an object"),
        (b'{"id": "d1", "text": "Again."}', "document 'd1': .* line 1"),
        (b'{"id": "d2", "text": "\\ud800"}', "document 'd2': key 'text', offset 0"),
    ],
)
def test_a_bad_line_is_reported_with_file_and_line(tmp_path: Path, line: bytes, message: str) -> None:
    path = lines(tmp_path / "set.jsonl", {"id": "d1", "text": "Fine."}, line)
    with pytest.raises(DataError, match=rf"set\.jsonl:2: {message}"):
        read_documents(path)


def test_faults_of_all_lines_are_reported_and_sound_lines_still_scanned(tmp_path: Path) -> None:
    path = lines(tmp_path / "set.jsonl", b"{", {"id": "d1", "text": "Fine."}, {"id": "d2"}, {"id": "", "text": ""})
    assert [line.document.id for line in scan(path) if line.document] == ["d1"]
    with pytest.raises(DataError) as caught:
        read_documents(path)
    assert [fault.line for fault in caught.value.faults] == [1, 3, 4]


def test_a_data_set_goes_by_name_or_path(tmp_path: Path) -> None:
    path = lines(tmp_path / "set.jsonl", {"id": "d1", "text": ""})
    assert find_data(path) == path
    assert find_data("articles") == NAMED["articles"]


def test_a_mistyped_data_set_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(DataError, match=r"corpus/tarin: no such data file .*; did you mean 'corpus/train'"):
        read_documents("corpus/tarin")
