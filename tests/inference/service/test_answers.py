"""What the service answers: the same as the model, in every form."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations import Document, load_schema
from annotations.validate import document_faults, span_edges
from inference import Model, PredictedSpan, load
from inference.service.asked import Article
from inference.service.review import document_of
from inference.tables.cells import MARK
from tests.inference.service.services import PLAIN, TEXT, client_of, service_of
from tests.tiny import documents


@pytest.fixture(scope="module")
def client(tiny_model_folder: Path) -> Iterator[TestClient]:
    with client_of(tiny_model_folder) as made:
        yield made


@pytest.fixture(scope="module")
def model(tiny_model_folder: Path) -> Model:
    return load(tiny_model_folder)


@pytest.mark.parametrize("date", [None, "2021-03-04"])
def test_a_text_is_predicted_as_by_the_model(client: TestClient, model: Model, date: str | None) -> None:
    answer = client.post("/predict", json={"text": TEXT, "date": date})
    assert answer.status_code == 200
    assert answer.json() == model.predict(TEXT, date).to_dict()
    assert answer.json()["spans"]
    assert answer.headers["x-model"] == model.name


def test_many_texts_are_answered_in_their_order(client: TestClient, model: Model) -> None:
    texts = [TEXT, {"text": PLAIN, "id": "p", "date": "2021-03-04"}, "", {"text": PLAIN}]
    found = client.post("/predict", json={"texts": texts, "date": "2020-01-05"}).json()["predictions"]
    assert [one.pop("id", None) for one in found] == [None, "p", None, None]
    days = ["2020-01-05", "2021-03-04", "2020-01-05", "2020-01-05"]
    wanted = [model.predict(text, day).to_dict() for text, day in zip([TEXT, PLAIN, "", PLAIN], days, strict=True)]
    assert found == wanted


def test_requests_at_once_are_answered_as_one_by_one(client: TestClient, model: Model) -> None:
    texts = [f"{PLAIN} {word}." for word in "abcdefgh"] + [TEXT, ""] + [one.text for one in documents(6)]
    with ThreadPoolExecutor(len(texts)) as pool:
        found = list(pool.map(lambda text: client.post("/predict", json={"text": text}).json(), texts))
    assert found == [model.predict(text).to_dict() for text in texts]


def test_doubtful_events_can_be_left_out(client: TestClient, model: Model) -> None:
    scores = sorted(event.score for event in model.predict(TEXT).events)
    least = scores[-1]
    answer = client.post("/predict", json={"text": TEXT, "min_event_score": least}).json()
    assert answer == model.predict(TEXT, min_event_score=least).to_dict()
    assert 0 < len(answer["events"]) <= len(scores)


def test_events_are_rows_in_json_and_csv(client: TestClient, model: Model) -> None:
    body = {"texts": [{"text": TEXT, "id": "a"}, "", {"text": PLAIN, "id": "b"}]}
    rows = client.post("/events", json=body).json()["rows"]
    assert rows == [*model.predict(TEXT).to_rows("a"), *model.predict(PLAIN).to_rows("b")]
    assert rows
    table = client.post("/events", json=body, headers={"Accept": "text/csv"})
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.startswith(MARK)
    read = list(csv.DictReader(io.StringIO(table.text.removeprefix(MARK))))
    assert [row["event_id"] for row in read] == [row["event_id"] for row in rows]
    assert list(read[0]) == list(rows[0])


def test_a_text_without_events_has_a_head_of_csv_only(client: TestClient) -> None:
    table = client.post("/events", json={"text": ""}, headers={"Accept": "text/csv, application/json;q=0.1"})
    assert len(table.text.splitlines()) == 1
    assert client.post("/events", json={"text": ""}).json() == {"rows": []}


def test_a_review_holds_a_valid_document(client: TestClient, model: Model) -> None:
    answer = client.post("/review", json={"text": TEXT, "date": "2021-03-04", "id": "x1"}).json()
    document = Document.from_dict(answer["document"])
    assert (document.id, document.text, document.meta["date"]) == ("x1", TEXT, "2021-03-04")
    assert document_faults(document, load_schema()) == []
    assert answer["prediction"] == model.predict(TEXT, "2021-03-04").to_dict()
    assert {event["id"] for event in answer["prediction"]["events"]} >= {event.id for event in document.events}
    assert set(answer["cells"]) >= {event.id for event in document.events}
    starts, ends = span_edges(TEXT)
    assert ({one for one, _ in answer["words"]}, {end for _, end in answer["words"]}) == (starts, ends)


def test_the_label_set_is_told(client: TestClient) -> None:
    answer = client.get("/schema").json()
    assert set(answer["labels"]) == set(load_schema().labels)
    assert answer["labels"]["ATTACK"]["role"] == "triggers"


def test_state_is_told(client: TestClient, model: Model) -> None:
    assert client.get("/health").json() == {"alive": True}
    ready = client.get("/ready")
    assert (ready.status_code, ready.json()["model"], ready.json()["queue"]["waiting"]) == (200, model.name, 0)
    client.post("/predict", json={"texts": ["one two three", "four five"]})
    counts = client.get("/metrics").text
    assert 'conflict_events_requests_total{route="/predict",status="200"}' in counts
    assert f'conflict_events_model_info{{model="{model.name}"}} 1.0' in counts
    for name in ("queue_texts", "batch_texts_count", "texts_total", "words_total", "request_seconds_bucket"):
        assert f"\nconflict_events_{name}" in counts


def test_the_api_is_described_with_examples_and_refusals(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    assert {"/predict", "/events", "/review", "/health", "/ready", "/metrics", "/schema"} == set(described["paths"])
    for path in ("/predict", "/events", "/review"):
        operation = described["paths"][path]["post"]
        assert {"200", "400", "401", "408", "413", "415", "422", "429", "500", "503"} <= set(operation["responses"])
        for example in operation["requestBody"]["content"]["application/json"]["examples"].values():
            assert client.post(path, json=example["value"]).status_code == 200
    known = described["components"]["schemas"]
    assert known["SpanAnswer"]["required"] == list(PredictedSpan("S1", 0, 1, "a", "VICTIM", None, 1.0).to_dict())
    for name in json.dumps(described).split('"#/components/schemas/')[1:]:
        assert name.split('"')[0] in known


def test_the_api_shows_the_limits_in_force(model: Model) -> None:
    limits = {"body_bytes": 4321, "queue_texts": 19, "texts": 19, "answer_seconds": 7.5, "body_seconds": 3.5}
    with service_of(model, **limits) as (client, _):
        told = client.get("/openapi.json").json()["paths"]["/predict"]["post"]["responses"]
    shown = {
        status: told[status]["content"]["application/json"]["example"]["error"]
        for status in ("408", "413", "429", "503")
    }
    assert {status: error["limit"] for status, error in shown.items()} == {
        "408": 3.5,
        "413": 4321,
        "429": 19,
        "503": 7.5,
    }
    assert "4,321" in shown["413"]["message"]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["attack", "killed", "12", "U.S.", "(", ",", ".", "’s", "rebels", "\u200b", "\n"])))
def test_any_prediction_becomes_a_valid_document(model: Model, pieces: list[str]) -> None:
    text = " ".join(pieces)
    made = document_of(model.predict([text])[0], Article(text))  # a text alone could be the path of a file
    assert document_faults(made, load_schema()) == []
