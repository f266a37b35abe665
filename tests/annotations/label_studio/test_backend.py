"""The model as a backend of Label Studio: requests, answers, and what is wrong with a request."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from annotations.label_studio.tasks import regions, task_data
from inference import load
from inference.label_studio import backend, pre_annotation
from tests.annotations.label_studio.labelled import SCHEMA, TEXT
from tests.tiny import documents


def test_predictions_become_pre_annotations(tiny_model_folder: Path) -> None:
    model = load(tiny_model_folder)
    for document in documents(3):
        found = pre_annotation(document, model.predict(document.text))
        assert len(found.document.spans) == len(found.scores)
        items = regions(found.document, SCHEMA, found.scores)
        assert [i["score"] for i in items if i["type"] == "labels" and "~" not in i["id"]] == [
            round(score, 4) for score in found.scores.values()
        ]


def test_the_backend_answers_as_the_labelling_server_asks(tiny_model_folder: Path) -> None:
    model = load(tiny_model_folder)
    with TestClient(backend(model)) as client:
        assert client.get("/health").json()["status"] == "UP"
        assert client.post("/setup", json={"project": "1", "schema": "<View/>"}).json() == {"model_version": model.name}
        assert client.post("/webhook", json={"action": "START_TRAINING"}).status_code == 200
        tasks = [{"id": n, "data": task_data(document)} for n, document in enumerate(documents(2))]
        (first, second) = client.post("/predict", json={"tasks": tasks, "params": {}}).json()["results"]
        assert first["model_version"] == second["model_version"] == model.name
        made = pre_annotation(documents(1)[0], model.predict(documents(1)[0].text))
        assert first["result"] == json.loads(json.dumps(regions(made.document, SCHEMA, made.scores)))
        bad = client.post("/predict", json={"tasks": [{"id": 1, "data": {"image": "x.png"}}]})
        assert bad.status_code == 422
        assert "task has no 'document' and 'text'" in bad.json()["detail"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("", "request"),
        ("x", "request"),
        ("\xff", "request"),
        ("[" * 100_000, "request"),
        ("9" * 5000, "request"),
        ("NaN", "tasks"),
        ("[NaN]", "tasks"),
        ('"\\ud800"', "tasks"),
        ("{}", "tasks"),
        ('{"tasks": {}}', "tasks"),
        ('{"tasks": [1]}', r"tasks\[0\]"),
        ('{"tasks": [NaN, null]}', r"tasks\[1\]"),
        ('{"tasks": [{"data": [1]}]}', r"tasks\[0\]: key data"),
        ('{"tasks": [{"id": 7, "data": null}]}', r"tasks\[0\] \(id 7\): key data"),
        ('{"tasks": [{"id": "\\ud800"}]}', r"tasks\[0\] \(id '\\ud800'\): key data"),
        ('{"tasks": [{"data": {"document": "d1", "text": 5}}]}', r"tasks\[0\]: key data\.text"),
        ('{"tasks": [{"data": {"document": ["d1"], "text": "x"}}]}', r"tasks\[0\]: key data\.document"),
        ('{"tasks": [{"data": {"document": "d1", "text": "x", "meta": [1]}}]}', r"tasks\[0\]: key data\.meta"),
        ('{"tasks": [{"data": {"document": "d1", "text": "\\ud800"}}]}', r"tasks\[0\]: offset 0"),
        ('{"tasks": [{"id": 7, "data": {"$undefined$": "Gunmen"}}]}', r"tasks\[0\] \(id 7\)"),
    ],
)
def test_the_backend_tells_what_is_wrong_with_a_request(tiny_model_folder: Path, body: str, place: str) -> None:
    with TestClient(backend(load(tiny_model_folder))) as client:
        answer = client.post("/predict", content=body.encode("latin-1"))
    assert answer.status_code == 422
    assert re.search(place, answer.json()["detail"])


def test_a_task_that_cannot_be_used_is_named_and_the_others_are_answered(tiny_model_folder: Path) -> None:
    model, told = load(tiny_model_folder), list[str]()
    good = [{"id": number, "data": task_data(document)} for number, document in enumerate(documents(2))]
    bad = [{"id": 71, "data": {"$undefined$": TEXT}}, {"id": 72, "data": [1]}, 5]
    with TestClient(backend(model, told.append)) as client:
        answer = client.post("/predict", json={"tasks": [good[0], *bad, good[1]]})
        alone = client.post("/predict", json={"tasks": good}).json()["results"]
        none = client.post("/predict", json={"tasks": []})
    first, *others, last = answer.json()["results"]
    assert answer.status_code == 200
    assert [first, last] == alone
    assert [sorted(other) for other in others] == [["error", "model_version"]] * 3  # no result: none is to be kept
    for text in (told, [other["error"] for other in others]):
        assert [name in line for name, line in zip(("id 71", "id 72", "tasks[3]"), text, strict=True)] == [True] * 3
    assert (none.status_code, none.json()) == (200, {"results": []})
