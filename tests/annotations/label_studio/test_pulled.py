"""Files of pulled annotations: newer local work is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from annotations import DataError, Document, Span, read_documents, write_documents
from annotations.label_studio.pulled import pulled_files, save
from tests.annotations.label_studio.labelled import TEXT


def labelled(document: Document, label: str) -> Document:
    return replace(document, spans=[Span("S1", 0, 6, label)], events=[])


def test_pulled_documents_do_not_overwrite_newer_local_work(tmp_path: Path) -> None:
    document = Document("d1", TEXT)
    one, two, local = (labelled(document, label) for label in ("PERPETRATOR", "VICTIM", "TARGET"))
    path = tmp_path / "a@b.c.jsonl"

    def pull(remote: Document, overwrite: bool = False) -> Mapping[str, list[tuple[str, str]]]:
        saved = save({"a@b.c": [remote]}, tmp_path, "here", overwrite=overwrite)
        return {name: value for name in saved.__dataclass_fields__ if (value := getattr(saved, name))}

    name = [("a@b.c", "d1")]
    assert pull(one) == {"new": name}
    assert pull(one) == {"unchanged": name}
    assert pull(two) == {"updated": name}
    path.write_text(json.dumps(local.to_dict()) + "\n")
    assert pull(two) == {"kept": name}
    assert read_documents(path) == [local]
    assert pull(one) == {"conflicts": name}
    assert read_documents(path) == [local]
    assert pull(one, overwrite=True) == {"conflicts": name}
    assert read_documents(path) == [one]


def test_a_damaged_state_file_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / ".pulled.json").write_text("{")
    with pytest.raises(DataError, match="delete it; local changes then count as newer"):
        save({"a": [Document("d1", TEXT)]}, tmp_path, "here")
    assert not (tmp_path / "a.jsonl").exists()


@pytest.mark.parametrize("state", ["[]", "{}", '{"a": {"d1": "0"}}', '{"origin": "here", "annotators": {"a": 1}}'])
def test_a_state_file_of_another_form_is_told(tmp_path: Path, state: str) -> None:
    (tmp_path / ".pulled.json").write_text(state)
    with pytest.raises(DataError, match="delete it; local changes then count as newer"):
        save({"a": [Document("d1", TEXT)]}, tmp_path, "here")
    assert [path.name for path in tmp_path.iterdir()] == [".pulled.json"]


def test_a_folder_belongs_to_the_project_that_was_pulled_first(tmp_path: Path) -> None:
    save({"a": [Document("d1", TEXT)]}, tmp_path, "http://one project 'p'")
    state = (tmp_path / ".pulled.json").read_text()
    assert {key: list(value) for key, value in json.loads(state)["annotators"].items()} == {"a": ["d1"]}
    assert json.loads(state)["origin"] == "http://one project 'p'"
    with pytest.raises(DataError) as caught:
        save({"b": [Document("d1", TEXT)]}, tmp_path, "http://two project 'p'")
    assert str(caught.value) == (
        f"{tmp_path}: was pulled from http://one project 'p', not from http://two project 'p'; pull into another folder"
    )
    assert (tmp_path / ".pulled.json").read_text() == state
    assert not (tmp_path / "b.jsonl").exists()


def test_what_was_pulled_and_is_on_the_server_no_more_stays_and_is_told(tmp_path: Path) -> None:
    both = [Document("d1", TEXT), Document("d2", TEXT)]
    assert save({"a": both, "b": both}, tmp_path, "here").gone == []
    for _ in range(2):
        assert save({"a": both[:1]}, tmp_path, "here").gone == [("a", "d2"), ("b", "d1"), ("b", "d2")]
    assert read_documents(tmp_path / "a.jsonl") == read_documents(tmp_path / "b.jsonl") == both


def test_annotators_whose_files_would_have_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="annotators 'a/b' and 'a b' would share a file; rename one on the server"):
        save({"a/b": [Document("d1", TEXT)], "a b": [Document("d1", TEXT)]}, tmp_path, "here")
    assert list(tmp_path.iterdir()) == []
    save({"a/b": [Document("d1", TEXT)]}, tmp_path, "here")
    with pytest.raises(DataError, match="annotators 'a/b' and 'a b' would share a file"):
        save({"a b": [Document("d1", TEXT)]}, tmp_path, "here")


def test_files_of_annotators_are_those_that_were_pulled(tmp_path: Path) -> None:
    assert pulled_files(tmp_path) is None
    save({"b/x": [Document("d1", TEXT)], "a": [Document("d1", TEXT)]}, tmp_path, "here")
    write_documents(tmp_path / "gold.jsonl", [Document("d1", TEXT)])
    assert pulled_files(tmp_path) == [tmp_path / "a.jsonl", tmp_path / "b_x.jsonl"]
