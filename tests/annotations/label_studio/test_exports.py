"""Exports: which annotation of which annotator counts, and what cannot be read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from annotations import DataError, Document, read_documents
from annotations.importers.base import Loss
from annotations.importers.label_studio import read as import_export
from annotations.label_studio.exports import export_tasks, read_export, read_tasks
from annotations.validate import span_faults
from tests.annotations.label_studio.labelled import (
    ATTACK,
    DATA,
    OTHER_ATTACK,
    SCHEMA,
    TEXT,
    choice,
    made,
    plain,
    region,
    relation,
    toll_text,
)
from tests.tiny import documents


def test_annotations_of_all_annotators_are_read_and_nothing_is_left_out_silently() -> None:
    tasks = [
        {"id": 1, "data": DATA, "annotations": [
            made(1, ATTACK, 1), made(2, [region("a", 0, 6, "PERPETRATOR")], 2), made(1, [], 3),
            made({"id": 3, "email": "c@example.org"}, [region("a", 0, 99, "VICTIM")], 4)]},
        {"id": 2, "data": {"document": "d2", "text": TEXT}, "annotations": [made(2, [], 5, was_cancelled=True)]},
        {"id": 3, "data": {"document": "d1", "text": TEXT}, "annotations": []},
    ]  # fmt: skip
    found = read_tasks(tasks, SCHEMA, {1: "a@example.org"}, file="x")
    assert {name: [len(d.spans) for d in docs] for name, docs in found.by_annotator().items()} == {
        "a@example.org": [0],
        "annotator-2": [1],
    }
    assert found.superseded == [("a@example.org", "d1", 1)]
    assert found.skipped == [("annotator-2", "d2")]
    assert found.untouched == ["d2"]
    assert found.doubts == []
    first, second = (str(fault) for fault in found.faults)
    assert first == "x: document 'd1': is in several tasks: 1, 3; delete task 3, which has no annotations"
    assert second.startswith("x: document 'd1': task 1, annotation 4 by c@example.org: region a: has no usable offsets")


def task(number: int, *annotations: dict[str, Any], name: str = "d1") -> dict[str, Any]:
    return {"id": number, "data": {"document": name, "text": TEXT}, "annotations": list(annotations)}


def test_annotations_of_two_tasks_of_one_document_are_read_and_the_newest_of_each_annotator_counts() -> None:
    gao = [region("a", 28, 31, "LOCATION")]
    found = read_tasks([task(4, made("ana", ATTACK, 1), made({"email": "b"}, [], 2)),
                        task(5, made({"email": "c"}, ATTACK, 3), made({"email": "b"}, gao, 4))], SCHEMA)  # fmt: skip
    assert {who: [len(one.spans) for one in made_] for who, made_ in found.by_annotator().items()} == {
        "b": [1],
        "c": [1],
        "unknown-1": [1],
    }
    assert [(one.annotator, one.task, one.number) for one in found.annotations] == [
        ("unknown-1", 4, 1),
        ("b", 5, 4),
        ("c", 5, 3),
    ]
    assert found.superseded == [("b", "d1", 2)]
    assert [str(fault) for fault in found.faults] == [
        "document 'd1': is in several tasks: 4, 5; delete one of the tasks"
    ]


def test_a_document_that_was_annotated_in_one_of_its_tasks_is_not_untouched() -> None:
    found = read_tasks([task(1), task(2, made({"email": "b"}, [], 1)), task(3, name="d2")], SCHEMA)
    assert found.untouched == ["d2"]


def test_annotators_whose_accounts_are_gone_may_be_several() -> None:
    found = read_tasks([task(1, made(None, ATTACK, 7), made(None, [], 8))], SCHEMA)
    assert {who: len(one.spans) for who, (one,) in found.by_annotator().items()} == {"unknown-7": 1, "unknown-8": 0}
    assert found.superseded == []


def test_the_newest_annotation_counts_also_where_it_cannot_be_read() -> None:
    wrong = [region("a", 0, 99, "VICTIM")]
    found = read_tasks([task(1, made({"email": "b"}, wrong, 3), made({"email": "b"}, ATTACK, 2))], SCHEMA)
    assert (found.annotations, found.untouched) == ([], [])
    assert found.superseded == [("b", "d1", 2)]
    assert "task 1, annotation 3 by b: region a: has no usable offsets" in str(found.faults[0])


def test_annotations_without_a_time_count_by_their_number() -> None:
    records = [{"id": number, "completed_by": {"email": "b"}, "result": []} for number in (12, 9, 11)]
    found = read_tasks([task(1, *records)], SCHEMA)
    assert [one.number for one in found.annotations] == [12]
    assert found.superseded == [("b", "d1", 9), ("b", "d1", 11)]


def test_null_in_place_of_a_list_is_none() -> None:
    tasks = [{**task(1, name="d1"), "annotations": None}, task(2, {**made({"email": "b"}, [], 1), "result": None})]
    tasks[1]["data"] = {**DATA, "document": "d2"}
    found = read_tasks(tasks, SCHEMA)
    assert found.untouched == ["d1"]
    assert [(one.document.id, one.document.spans) for one in found.annotations] == [("d2", ())]
    assert found.faults == []


def test_what_is_read_and_is_no_good_training_data_is_doubted() -> None:
    result = [region("a", 12, 24, "VICTIM"), region("b", 17, 24, "TARGET"), region("c", 28, 32, "LOCATION")]
    found = read_tasks([task(1, made({"email": "b"}, result, 1))], SCHEMA, file="x")
    (annotation,) = found.annotations
    assert [fault.problem for fault in found.doubts] == [fault.problem for fault in span_faults(annotation.document)]
    assert [str(fault) for fault in found.doubts] == [
        "x: document 'd1': task 1, annotation 1 by b: span S3 [28:32] 'Gao;': starts or ends with punctuation; "
        "exclude it",
        "x: document 'd1': task 1, annotation 1 by b: spans S1 [12:24] and S2 [17:24]: overlap; keep one of them",
    ]
    assert found.faults == []


def imported(tmp_path: Path, *tasks: dict[str, Any]) -> Any:
    (tmp_path / "export.json").write_text(json.dumps(tasks))
    return import_export(tmp_path / "export.json")


def test_an_export_of_one_annotator_is_imported_and_the_rest_is_a_loss(tmp_path: Path) -> None:
    one, wrong = {"email": "b"}, [region("a", 0, 6, "VICTM")]
    skipped = made(one, [], 5, was_cancelled=True)
    found = imported(tmp_path, task(1, made(one, [], 1), made(one, ATTACK, 2)), task(2, made(one, wrong, 3), name="d2"),
                     task(3, skipped, name="d3"), task(4, name="d4"))  # fmt: skip
    assert [(document.id, len(document.spans)) for document in found.documents] == [("d1", 1)]
    assert found.aligned == {"annotation": 1}
    assert found.losses == (
        Loss("d2", "annotation", "task 2, annotation 3 by b: region a", "unknown label 'VICTM'"),
        Loss("d3", "task", "b", "the annotator skipped it"),
        Loss("d3", "task", "", "nobody has annotated it"),
        Loss("d4", "task", "", "nobody has annotated it"),
        Loss("d1", "annotation", "1", "the annotator made a newer one"),
    )


def test_exported_documents_come_back_with_spans_events_tolls_and_coverage(tmp_path: Path) -> None:
    partly = [replace(one, id=f"p{one.id}", meta={"coverage": {"DATE": "some"}, "x": "y"}) for one in documents(2)]
    given = [*documents(), *read_documents("corpus/dev")[:20], *partly, Document("crlf", "Rain\r\nfell 💥.")]
    found = imported(tmp_path, *export_tasks(given, SCHEMA))
    assert found.losses == ()
    assert [plain(one) for one in found.documents] == [plain(one) for one in given]
    assert [(one.text, dict(one.meta)) for one in found.documents] == [(one.text, dict(one.meta)) for one in given]


def test_predictions_of_a_model_are_no_annotations(tmp_path: Path) -> None:
    (guessed,) = export_tasks(documents(1), SCHEMA)
    guessed["predictions"][0]["model_version"] = "models:/conflict-events/1"
    found = imported(tmp_path, guessed)
    assert found.documents == ()
    assert [loss.reason for loss in found.losses] == ["nobody has annotated it"]


def test_what_was_given_does_not_count_once_somebody_has_annotated(tmp_path: Path) -> None:
    first, second = ({**one, "id": number} for number, one in enumerate(export_tasks(documents(2), SCHEMA), start=1))
    found = imported(tmp_path, {**first, "annotations": [made({"email": "b"}, [], 1)]}, second)
    assert [(one.id, one.spans) for one in found.documents] == [(documents(2)[0].id, ())]
    assert [loss.document for loss in found.losses] == [documents(2)[1].id]


def test_a_task_that_label_studio_made_itself_is_named_after_its_number(tmp_path: Path) -> None:
    times = {"created_at": "2024-05-01T10:00:00Z", "updated_at": "2024-05-01T11:00:00Z"}
    shown = {**ATTACK[0], "origin": "manual"}
    annotation = {**made(1, [shown, *ATTACK[1:]], 31), **times, "lead_time": 4.2, "ground_truth": False,
                  "draft_created_at": None, "prediction": {}, "result_count": 1, "unique_id": "f-1", "project": 3,
                  "parent_prediction": None, "last_action": None, "import_id": None}  # fmt: skip
    task = {"id": 12, "annotations": [annotation], "file_upload": "a.json", "drafts": [], "predictions": [], **times,
            "data": {"text": TEXT, "url": "x"}, "meta": {}, "inner_id": 1, "total_annotations": 1,
            "cancelled_annotations": 0, "comment_authors": [], "project": 3, "updated_by": 1}  # fmt: skip
    found = imported(tmp_path, task)
    assert [(one.id, one.text, len(one.spans), len(one.events)) for one in found.documents] == [("task-12", TEXT, 1, 1)]
    assert found.losses == ()


@pytest.mark.parametrize("predictions", [None, [7], "x", [{"model_version": "given", "result": 5}]])
def test_predictions_of_another_shape_are_a_loss_and_no_crash(tmp_path: Path, predictions: Any) -> None:
    assert imported(tmp_path, {"data": DATA, "predictions": predictions}).documents == ()


def test_an_export_of_several_annotators_is_not_imported_and_what_to_do_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        imported(tmp_path, task(1, made({"email": "b"}, [], 1)), task(2, made({"email": "a"}, [], 2), name="d2"))
    assert str(caught.value) == (
        f"{tmp_path / 'export.json'}: holds the work of 2 annotators: a, b; "
        "merge it with 'annotate adjudicate', which reads exports"
    )


def test_an_export_file_is_read_without_a_server(tmp_path: Path) -> None:
    tasks = export_tasks(documents(4), SCHEMA)
    for number, task in enumerate(tasks, start=1):
        task |= {"id": number, "annotations": [made({"email": "a@b.c"}, task["predictions"][0]["result"], 1)]}
    (tmp_path / "export.json").write_text(json.dumps(tasks))
    found = read_export(tmp_path / "export.json", SCHEMA)
    assert [plain(d) for d in found.by_annotator()["a@b.c"]] == [plain(d) for d in documents(4)]


@pytest.mark.parametrize("content", ["{}", "[1]", '[{"text": "min"}]', "x", "\xff"])
def test_other_files_are_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "export.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(DataError, match=r"export\.json: "):
        read_export(tmp_path / "export.json", SCHEMA)


def test_annotations_without_an_annotator_are_kept_apart() -> None:
    gao, raid = [region("a", 28, 31, "LOCATION")], [*OTHER_ATTACK]
    nameless = [{"result": result} for result in (ATTACK, gao, raid)]
    nobody = [{"id": 7, "completed_by": who, "result": gao} for who in ({}, {"id": None}, {"email": ""}, None)]
    found = read_tasks([task(1, *nameless), task(2, *nobody, name="d2")], SCHEMA)
    assert (found.superseded, found.faults, found.untouched) == ([], [], [])
    assert {who: len(made_) for who, made_ in found.by_annotator().items()} == dict.fromkeys(
        ["unknown-1.1", "unknown-1.2", "unknown-1.3", "unknown-7", "unknown-2.2", "unknown-2.3", "unknown-2.4"], 1
    )


def export() -> list[dict[str, Any]]:
    """An export with one of everything that is read of it."""
    data = {**DATA, "source": TEXT, "sha256": Document("d1", TEXT).sha256, "meta": {"genre": "wire"}}
    who = {"id": 1, "email": "b"}
    result = [*ATTACK, choice("a", "flags", "claimed"), region("v", 17, 24, "VICTIM"), relation("v", "a", "part of")]
    result.append(toll_text("a", "killed", "4"))
    first = made(who, result, 2, was_cancelled=False)
    tasks = [{"id": 1, "data": data, "annotations": [first]}, task(2, made(1, [], 3), name="d2")]
    return list(json.loads(json.dumps(tasks)))  # of its own, to be changed


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in inner for found in places(one, (*path, key)))]


PLACES = [path for path in places(export()) if path]
WRONG = [True, 5, -1, 1.5, 10**30, "x", "", [], [1], [[]], {}, {"x": 1}, None, "\ud800", float("nan"), [None]]
MAY_BE_ANYTHING = {("data", "meta", "genre"), ("to_name",), ("direction",)}  # not read, or kept as it is


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_values_of_a_wrong_type_in_an_export_are_told(tmp_path: Path, path: tuple[Any, ...]) -> None:
    good = {one.document.id: plain(one.document) for one in read_tasks(export(), SCHEMA).annotations}
    for value in WRONG:
        tasks = export()
        at: Any = tasks
        for key in path[:-1]:
            at = at[key]
        kind, at[path[-1]] = type(at[path[-1]]), value
        (tmp_path / "export.json").write_text(json.dumps(tasks), encoding="utf-8")
        try:
            found = read_export(tmp_path / "export.json", SCHEMA)
        except DataError:
            continue
        told = found.faults + found.doubts
        kept = {one.document.id: plain(one.document) for one in found.annotations}
        free = path[1:] in MAY_BE_ANYTHING or path[-1:] in MAY_BE_ANYTHING or value is None or type(value) is kind
        assert told or free or kept == good, (path, value)
        assert len(kept) + len(found.untouched) + len(found.skipped) + len(found.faults) >= 2, (path, value)


def test_a_part_of_an_export_with_a_wrong_type_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    tasks = [*export(), 5, {"id": 4, "data": [1]}, {**task(5, name="d5"), "annotations": {}},
             task(6, {**made(1, [], 6), "was_cancelled": "false"}, 5, name="d6")]  # fmt: skip
    (tmp_path / "export.json").write_text(json.dumps(tasks), encoding="utf-8")
    found = read_export(tmp_path / "export.json", SCHEMA)
    assert [one.document.id for one in found.annotations] == ["d1", "d2"]
    assert [fault.place.split(": key ")[0] for fault in found.faults] == [
        "task 3 of the list", "task 4 of the list", "task 5 of the list",
        "task 6, annotation 1 of its list", "task 6, annotation 2 of its list",
    ]  # fmt: skip
    assert found.untouched == []
