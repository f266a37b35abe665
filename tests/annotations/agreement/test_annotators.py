"""The files that hold the work of each annotator."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from annotations import DataError, Document, read_documents, write_documents
from annotations.agreement.annotators import by_annotator
from annotations.importers.base import Loss, write_losses
from annotations.label_studio.exports import export_tasks
from annotations.label_studio.pulled import save
from tests.annotations.agreement.annotated import (
    FARMERS,
    GAO,
    SCHEMA,
    SHOT,
    document,
    keys,
    tied,
)


def test_data_files_are_the_work_of_the_annotator_they_are_called_after(tmp_path: Path) -> None:
    for who, made in (("ana", document(FARMERS)), ("ben", document())):
        write_documents(tmp_path / f"{who}.jsonl", [made])
    found = by_annotator([str(tmp_path / "ana.jsonl"), str(tmp_path / "ben.jsonl")], SCHEMA)
    assert found == {"ana": [document(FARMERS)], "ben": [document()]}


def test_a_folder_of_pulled_annotations_is_read_without_its_state(tmp_path: Path) -> None:
    save({"ben@example.org": [document()], "ana@example.org": [document(FARMERS)]}, tmp_path, "here")
    (tmp_path / "notes.txt").write_text("not read")
    assert list(by_annotator([str(tmp_path)], SCHEMA)) == ["ana@example.org", "ben@example.org"]


def test_of_a_folder_that_was_pulled_into_what_else_was_written_there_is_not_read(tmp_path: Path) -> None:
    save({"ana": [document(FARMERS)], "ben": [document()]}, tmp_path, "here")
    write_documents(tmp_path / "gold.jsonl", [document(FARMERS)])
    (tmp_path / "open.json").write_text("[]")
    assert by_annotator([str(tmp_path)], SCHEMA) == {"ana": [document(FARMERS)], "ben": [document()]}


def test_an_annotator_whose_file_was_deleted_is_left_out(tmp_path: Path) -> None:
    save({"ana": [document(FARMERS)], "ben": [document()]}, tmp_path, "here")
    (tmp_path / "ben.jsonl").unlink()
    assert list(by_annotator([str(tmp_path)], SCHEMA)) == ["ana"]


def test_of_a_pulled_folder_without_annotators_nothing_is_read(tmp_path: Path) -> None:
    save({}, tmp_path, "here")
    write_documents(tmp_path / "gold.jsonl", [document(FARMERS)])
    with pytest.raises(DataError):
        by_annotator([str(tmp_path)], SCHEMA)


@pytest.mark.parametrize("state", ["{", "[]", '{"ana": {"d1": "0"}}'])
def test_a_damaged_state_of_a_pulled_folder_is_told(tmp_path: Path, state: str) -> None:
    write_documents(tmp_path / "ana.jsonl", [document(FARMERS)])
    (tmp_path / ".pulled.json").write_text(state)
    with pytest.raises(DataError, match=r"\.pulled\.json"):
        by_annotator([str(tmp_path)], SCHEMA)


def test_files_of_losses_are_no_annotations(tmp_path: Path) -> None:
    write_documents(tmp_path / "ana.jsonl", [document(FARMERS)])
    write_losses(tmp_path / "ana.losses.jsonl", [Loss("d1", "tag", "B-PER", "unknown")])
    assert list(by_annotator([str(tmp_path)], SCHEMA)) == ["ana"]


def test_a_named_set_is_the_work_of_its_name() -> None:
    found = by_annotator(["corpus/pass-a"], SCHEMA)
    assert found == {"corpus/pass-a": read_documents("corpus/pass-a")}


def exported(path: Path, **made: Document) -> Path:
    """A Label Studio export of one task that several annotators did."""
    (task,) = export_tasks([replace(next(iter(made.values())), spans=[], events=[])], SCHEMA)
    task |= {"id": 1, "annotations": []}
    for number, (who, one) in enumerate(made.items()):
        result = export_tasks([one], SCHEMA)[0]["predictions"][0]["result"]
        task["annotations"].append({"id": number, "completed_by": {"email": who}, "result": result})
    path.write_text(json.dumps([task]))
    return path


def test_an_export_holds_the_work_of_its_annotators(tmp_path: Path) -> None:
    path = exported(tmp_path / "export.json", ana=document(FARMERS), ben=tied([SHOT, GAO]))
    found = by_annotator([str(path)], SCHEMA)
    assert {who: keys(one.spans) for who, (one,) in found.items()} == {"ana": keys([FARMERS]), "ben": keys([SHOT, GAO])}


def test_what_an_export_holds_and_cannot_be_read_is_told(tmp_path: Path) -> None:
    path = exported(tmp_path / "export.json", ana=document(FARMERS))
    path.write_text(path.read_text().replace('"VICTIM"', '"VICTM"'))
    with pytest.raises(DataError, match=r"by ana: region S1: unknown label 'VICTM'; did you mean 'VICTIM'\?"):
        by_annotator([str(path)], SCHEMA)


def test_a_file_that_is_named_twice_is_told(tmp_path: Path) -> None:
    write_documents(tmp_path / "ana.jsonl", [document()])
    with pytest.raises(DataError) as caught:
        by_annotator([str(tmp_path / "ana.jsonl"), str(tmp_path)], SCHEMA)
    assert str(caught.value) == "document 'd1': is twice in the annotations of ana; name each file once"


def test_a_folder_without_data_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        by_annotator([str(tmp_path)], SCHEMA)
    assert str(caught.value) == f"{tmp_path}: the folder has no .jsonl or .json file; name the files"


@pytest.mark.parametrize("name", ["ana.json", "ana.jsonl"])
def test_a_file_that_is_not_there_is_told(name: str) -> None:
    with pytest.raises(DataError, match=f"^{name}: no such data file"):
        by_annotator([name], SCHEMA)
