"""What the service refuses: with a status, a code and the place, and never with an error of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from inference import load
from inference.service.asked import read_asked
from inference.service.errors import Refused
from inference.service.settings import SettingError, Settings
from tests.inference.service.services import PLAIN, Patient, client_of, service_of

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def client(tiny_model_folder: Path) -> Iterator[TestClient]:
    with client_of(tiny_model_folder, texts=3, characters=1000, queue_characters=1500, body_bytes=10_000) as made:
        yield made


@pytest.mark.parametrize(
    ("body", "status", "code", "place"),
    [
        (b"", 400, "not_json", "line 1, column 1"),
        (b"{", 400, "not_json", "line 1, column 2"),
        (b"\xff", 400, "not_json", "byte 0"),
        (b"[" * 5000, 400, "not_json", None),
        (b'{"text": NaN}', 400, "not_json", None),
        (b'{"text": "a", "text": "b"}', 400, "not_json", None),
        (b'{"text": "a\x00"}', 400, "not_json", "line 1, column 12"),
        (b'{"text": "a", "date": ' + b"9" * 5000 + b"}", 400, "not_json", None),
        (b'{"text": ' + b"[" * 150 + b"]" * 150 + b"}", 400, "not_json", None),
        (b'{"text": "\\ud800"}', 422, "not_text", "key 'text', offset 0"),
        (b'{"texts": ["ok", "\\ud800"]}', 422, "not_text", None),
        (b'{"text": "ab\\u0000"}', 422, "not_text", "text"),
        (b'{"texts": ["a", {"text": "b", "id": "\\u0000"}]}', 422, "not_text", "texts[1].id"),
        (b"[]", 422, "wrong_type", None),
        (b'"text"', 422, "wrong_type", None),
        (b"null", 422, "wrong_type", None),
        (b"{}", 422, "wrong_type", "text"),
        (b'{"text": 7}', 422, "wrong_type", "text"),
        (b'{"text": null}', 422, "wrong_type", "text"),
        (b'{"text": ["a"]}', 422, "wrong_type", "text"),
        (b'{"texts": "a"}', 422, "wrong_type", "texts"),
        (b'{"texts": []}', 422, "wrong_type", "texts"),
        (b'{"texts": ["a", 7]}', 422, "wrong_type", "texts[1]"),
        (b'{"texts": ["a", null]}', 422, "wrong_type", "texts[1]"),
        (b'{"texts": [{"text": 1}]}', 422, "wrong_type", "texts[0].text"),
        (b'{"texts": [{"id": "x"}]}', 422, "wrong_type", "texts[0].text"),
        (b'{"texts": [{"text": "a", "id": ""}]}', 422, "wrong_type", "texts[0].id"),
        (b'{"texts": [{"text": "a", "dat": "x"}]}', 422, "unknown_key", "texts[0].dat"),
        (b'{"text": "a", "texts": ["a"]}', 422, "unknown_key", "text"),
        (b'{"txt": "a", "text": "b"}', 422, "unknown_key", "txt"),
        (b'{"text": "a", "min_event_score": 2}', 422, "wrong_type", "min_event_score"),
        (b'{"text": "a", "min_event_score": "1"}', 422, "wrong_type", "min_event_score"),
        (b'{"text": "a", "date": "yesterday"}', 422, "not_a_date", "date"),
        (b'{"text": "a", "date": "2021-02-30"}', 422, "not_a_date", "date"),
        (b'{"text": "a", "date": 20210304}', 422, "wrong_type", "date"),
        (b'{"texts": [{"text": "a", "date": "x"}]}', 422, "not_a_date", "texts[0].date"),
        (b'{"texts": ["a", "b", "c", "d"]}', 422, "too_many_texts", "texts"),
        (json.dumps({"texts": ["a", "b" * 1001]}).encode(), 422, "text_too_long", "texts[1]"),
        (json.dumps({"text": "b" * 1001}).encode(), 422, "text_too_long", "text"),
        (json.dumps({"texts": ["b" * 900] * 2}).encode(), 422, "too_many_characters", "texts"),
    ],
)
def test_wrong_bodies_are_refused_with_their_place(
    client: TestClient, body: bytes, status: int, code: str, place: str | None
) -> None:
    answer = client.post("/predict", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    if place is not None:
        assert answer.json()["error"]["place"] == place
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("code", ["too_many_texts", "text_too_long", "too_many_characters", "body_too_large"])
def test_refusals_name_the_limit(client: TestClient, code: str) -> None:
    bodies = {
        "too_many_texts": ({"texts": ["a"] * 4}, 3),
        "text_too_long": ({"text": "b" * 1001}, 1000),
        "too_many_characters": ({"texts": ["b" * 800] * 2}, 1500),
        "body_too_large": ({"text": "b" * 11_000}, 10_000),
    }
    body, limit = bodies[code]
    error = client.post("/predict", json=body).json()["error"]
    assert (error["code"], error["limit"]) == (code, limit)


def test_what_is_at_a_limit_is_answered(client: TestClient) -> None:
    assert client.post("/predict", json={"texts": ["b" * 500] * 3}).status_code == 200
    assert client.post("/predict", json={"text": "b" * 1000}).status_code == 200


def test_large_bodies_are_refused_without_a_length_too(client: TestClient) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"text": "'
        for _ in range(12):
            yield b"b" * 1000

    for content in (pieces(), b"b" * 12_000, b"b" * 60_000):
        answer = client.post("/predict", content=content, headers=JSON)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
    assert answer.headers["connection"] == "close"  # the largest is not even read


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": ""},
        {**JSON, "content-encoding": "gzip"},
    ],
)
def test_other_kinds_of_content_are_refused(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/predict", content=b'{"text": "a"}', headers=headers).status_code == 415


def test_other_addresses_and_methods_are_refused(client: TestClient) -> None:
    assert client.get("/nothing").json()["error"]["code"] == "no_such_address"
    assert client.post("/predict/", json={"text": "a"}).status_code == 404
    answer = client.get("/predict")
    assert (answer.status_code, answer.json()["error"]["code"], answer.headers["allow"]) == (
        405,
        "wrong_method",
        "POST",
    )
    assert client.post("/review", json={"texts": ["a"]}).json()["error"]["place"] == "texts"


_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "id", "date", "x"]), inner),
    max_leaves=8,
)
_BODIES = st.dictionaries(st.sampled_from(["text", "texts", "date", "id", "min_event_score", "x"]), _VALUES)


@settings(max_examples=300)
@given(st.binary(max_size=40) | (_VALUES | _BODIES).map(lambda value: json.dumps(value).encode()))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    try:
        asked = read_asked(body, Settings())
    except Refused as refusal:
        status = refusal.status
        refusal.response()
    else:
        status = 200 if all(isinstance(article.text, str) for article in asked.articles) else 500
    assert status < 500


def test_a_text_on_which_the_model_fails_spoils_no_other_request(tiny_model_folder: Path) -> None:
    model = Patient(load(tiny_model_folder))
    model.go.set()
    with service_of(model) as (client, _):
        answer = client.post("/predict", json={"texts": ["fine", "fail"]})
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, "prediction_failed")
        assert "cannot read" not in answer.text
        assert client.post("/predict", json={"text": PLAIN}).status_code == 200
        assert "conflict_events_failures_total 1.0" in client.get("/metrics").text


@pytest.mark.parametrize("wrong", [{"texts": 0}, {"answer_seconds": -1.0}, {"texts": 9, "queue_texts": 8}])
def test_limits_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match=next(iter(wrong))):
        Settings(**wrong)
