"""Texts and sentences without annotations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from annotations.coverage import exhaustive
from annotations.errors import DataError
from annotations.importers.registry import source
from annotations.schema import load_schema

SCHEMA = load_schema()


def lines(path: Path, *records: object) -> Path:
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return path


def test_a_line_is_a_document_in_which_no_label_is_annotated(tmp_path: Path) -> None:
    path = lines(tmp_path / "wire.jsonl", {"id": "a", "text": "Quiet in Gao. \n", "coded": 3}, {"id": "b", "text": "x"})
    first, second = source("texts").load(path, SCHEMA).documents
    assert (first.id, first.text, second.text) == ("a", "Quiet in Gao.", "x")
    assert exhaustive(first, SCHEMA) == frozenset()


def test_twelve_sentences_are_a_passage_and_files_are_not_joined(tmp_path: Path) -> None:
    lines(tmp_path / "day.jsonl", *({"id": str(n), "text": f"Line {n}."} for n in range(13)))
    lines(tmp_path / "night.jsonl", {"id": "0", "text": "Late."})
    found = source("sentences").load(tmp_path, SCHEMA).documents
    assert [document.id for document in found] == ["day-passage-0000", "day-passage-0001", "night-passage-0000"]
    assert found[0].text == " ".join(f"Line {n}." for n in range(12))
    assert [document.text for document in found[1:]] == ["Line 12.", "Late."]


@pytest.mark.parametrize("name", ["texts", "sentences"])
def test_every_fault_is_reported_with_its_line(tmp_path: Path, name: str) -> None:
    path = lines(tmp_path / "bad.jsonl", {"id": "a"}, {"id": "b", "text": "fine"}, {"id": "b", "text": "again"})
    with pytest.raises(DataError) as caught:
        source(name).load(path, SCHEMA)
    assert [(fault.line, fault.document) for fault in caught.value.faults] == [(1, "a"), (3, "b")]
