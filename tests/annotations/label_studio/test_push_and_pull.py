"""Push and pull with a stand-in for the server's client."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from annotations import DataError, Document, Span
from annotations.label_studio import server
from annotations.label_studio.server import PreAnnotation, Project, Pushed, ServerError
from tests.annotations.label_studio.labelled import ATTACK, OTHER_ATTACK, SCHEMA, TEXT, made, region, toll_text
from tests.tiny import documents


class _Record(SimpleNamespace):
    """What the client of the server makes of an answer."""

    def model_dump(self) -> dict[str, Any]:
        return vars(self)


class _Server:
    """Stands in for the client of a server: holds one project's tasks, and notes what it is told to do."""

    def __init__(self, *titles: str) -> None:
        self.tasks_: list[_Record] = []
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.titles = list(titles)
        self.projects = SimpleNamespace(
            list=lambda: [_Record(id=number, title=title) for number, title in enumerate(self.titles, start=1)],
            create=self._create,
            update=lambda _, **given: self.told.append(("update", given)),
            import_tasks=self._import,
        )
        self.tasks = SimpleNamespace(list=lambda **_: self.tasks_)
        self.users = SimpleNamespace(list=lambda: [_Record(id=1, email="a@example.org")])
        self.predictions = SimpleNamespace(create=self._predict, delete=self._delete)

    def _create(self, **given: Any) -> _Record:
        self.told.append(("create", {key: given[key] for key in ("title", "maximum_annotations")}))
        return _Record(id=1)

    def _import(self, _: int, request: list[dict[str, Any]]) -> None:
        for one in json.loads(json.dumps(request)):
            found = [{**prediction, "id": 100 + len(self.tasks_)} for prediction in one["predictions"]]
            record = _Record(id=len(self.tasks_) + 1, data=one["data"], annotations=None, predictions=found, more=1)
            self.tasks_.append(record)

    def _predict(self, task: int, **given: Any) -> None:
        self.told.append(("predict", {"task": task, "model": given["model_version"]}))
        self.tasks_[task - 1].predictions.append({**json.loads(json.dumps(given)), "id": 100 + task})

    def _delete(self, number: int) -> None:
        self.told.append(("delete", {"prediction": number}))
        for one in self.tasks_:
            one.predictions[:] = [prediction for prediction in one.predictions if prediction["id"] != number]


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> _Server:
    made_ = _Server()
    monkeypatch.setattr(server, "_client", lambda *_: made_)
    return made_


def project() -> Project:
    return Project("way", SCHEMA, "http://there/", "key")


def predicted_by(model: str, *made_: Document) -> list[PreAnnotation]:
    return [PreAnnotation(document, {}, model) for document in made_]


def test_a_push_that_is_repeated_does_only_what_was_left(there: _Server) -> None:
    way, made_ = project(), documents(3)
    assert way.unpredicted(made_, "m1") == made_
    assert way.push(made_[:2], predicted_by("m1", made_[0])) == Pushed(created=2, present=0, predictions=1)
    assert way.unpredicted(made_, "m1") == made_[1:]
    assert way.unpredicted(made_, "m2") == made_
    assert way.push(made_, predicted_by("m1", *made_)) == Pushed(created=1, present=2, predictions=2)
    assert way.push(made_, predicted_by("m1", *made_)) == Pushed(created=0, present=3, predictions=0)
    assert [one.data["document"] for one in there.tasks_] == [one.id for one in made_]
    assert way.unpredicted(made_, "m1") == []


def test_a_prediction_that_has_changed_takes_the_place_of_the_one_of_its_version(there: _Server) -> None:
    (document,) = documents(1)
    way = project()
    way.push([document], predicted_by("m1", document))
    there.told.clear()
    changed = replace(document, spans=document.spans[:1], events=[])
    assert way.push([document], predicted_by("m1", changed)).predictions == 1
    assert way.push([document], predicted_by("m2", document)).predictions == 1
    assert [given for what, given in there.told if what in ("delete", "predict")] == [
        {"prediction": 100},
        {"task": 1, "model": "m1"},
        {"task": 1, "model": "m2"},
    ]
    assert [one["model_version"] for one in there.tasks_[0].predictions] == ["m1", "m2"]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (None, None, [("create", {"title": "way", "maximum_annotations": 1})]),
        (3, None, [("create", {"title": "way", "maximum_annotations": 3})]),
        (
            None,
            2,
            [("create", {"title": "way", "maximum_annotations": 1}), ("update", {"maximum_annotations": 2})],
        ),
    ],
)
def test_how_many_annotate_a_task_stays_as_it_is_unless_it_is_given(
    there: _Server, first: int | None, second: int | None, told: list[tuple[str, dict[str, Any]]]
) -> None:
    way = project()
    way.push(documents(1), annotators=first)
    way.push(documents(2), annotators=second)
    assert there.told == told


def test_a_document_with_the_text_of_another_task_or_another_text_is_refused_and_nothing_is_sent(
    there: _Server,
) -> None:
    one, two, three = documents(3)
    way = project()
    way.push([one, two])
    there.told.clear()
    wrong = [replace(one, id="new"), replace(two, text=two.text + " More."), three]
    with pytest.raises(DataError) as caught:
        way.push(wrong, predicted_by("m1", three), annotators=2)
    assert [str(fault) for fault in caught.value.faults] == [
        f"document 'new': has the same text as '{one.id}', which is already a task; omit it, or give it that id",
        f"document '{two.id}': is already task 2, with another text; push it with another id, or delete the task",
    ]
    assert (len(there.tasks_), there.told) == (2, [])


def test_a_prediction_that_breaks_the_schema_is_refused_before_a_project_is_made(there: _Server) -> None:
    (document,) = documents(1)
    wrong = Document(document.id, document.text, [Span("S1", 0, 6, "VICTM")])
    with pytest.raises(DataError, match="unknown label 'VICTM'"):
        project().push([document], predicted_by("m1", wrong))
    assert (there.told, there.tasks_) == ([], [])


def test_a_page_that_lacks_a_field_is_answered_with_what_to_do(there: _Server, monkeypatch: pytest.MonkeyPatch) -> None:
    from label_studio_sdk.core.api_error import ApiError  # the library takes seconds to import

    def refuse(*_: Any, **__: Any) -> None:
        body = {"validation_errors": ["Region 2: 'from_name' 'killed_toll' not found in configuration"]}
        raise ApiError(status_code=400, body=body)

    monkeypatch.setattr(there.projects, "import_tasks", refuse)
    with pytest.raises(ServerError, match=r"killed_toll.*annotate interface"):
        project().push(documents(1), predicted_by("m1", *documents(1)))


def test_a_pull_reads_all_annotators_and_tells_where_faults_are(there: _Server) -> None:
    way = project()
    way.push([Document("d1", TEXT)])
    there.tasks_[0].annotations = [made(1, ATTACK, 1), made(2, [region("a", 0, 99, "VICTIM")], 2)]
    found = way.pull()
    assert way.origin == "http://there project 'way'"
    assert list(found.by_annotator()) == ["a@example.org"]
    assert [str(fault).split(": ")[:3] for fault in found.faults] == [
        [way.origin, "document 'd1'", "task 1, annotation 2 by annotator-2"]
    ]


def test_tolls_that_cannot_be_read_are_all_told_with_task_attack_and_text(there: _Server) -> None:
    way = project()
    way.push([Document("d1", TEXT)])
    wrong = [toll_text("a", "killed", "four"), toll_text("b", "killed", "5..3"), toll_text("b", "injured", "about 2")]
    elsewhere = [region("v", 17, 24, "VICTIM"), toll_text("v", "killed", "44")]
    there.tasks_[0].annotations = [made(1, [*ATTACK, *OTHER_ATTACK, *wrong, *elsewhere], 1)]
    found = way.pull()
    assert found.annotations == []
    for fault, told in zip(
        found.faults,
        (["region a", "shot", "'four'"], ["region b", "raid", "'5..3'"], ["region b", "raid", "'about 2'"],
         ["region v", "farmers", "'44'"]),
        strict=True,
    ):  # fmt: skip
        assert all(word in str(fault) for word in ["'d1'", "task 1", *told])


def test_tasks_of_others_on_a_server_are_no_documents(there: _Server) -> None:
    given = documents(1)
    there.titles.append("way")
    project().push(given)
    for data in ({"text": "x"}, {"document": None}, {"document": ["d"], "sha256": [1]}, {"sha256": {}}):
        there.tasks_.append(_Record(id=90, data=data, annotations=None, predictions=None))
    pushed = project().push([*given, Document("None", "Shells fell.")])
    assert (pushed.created, pushed.present) == (1, 1)
    assert project().status().tasks == 6
