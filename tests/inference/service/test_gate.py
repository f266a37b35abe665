"""Keys, ids, the log, other origins, and the headers of the page."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from inference import load
from inference.service.app import _FILES, _PAGE
from inference.service.log import LOGGER, JsonLines
from tests.inference.service.services import Patient, client_of, service_of

KEY = {"Authorization": "Bearer secret-1"}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    yield stream
    LOGGER.removeHandler(handler)


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_key_is_asked_for(tiny_model_folder: Path) -> None:
    with client_of(tiny_model_folder, key="secret-1") as client:
        for path in ("/predict", "/events", "/review"):
            for given in (
                {},
                {"Authorization": "Bearer secret-2"},
                {"Authorization": "secret-1"},
                {"Authorization": "é"},
            ):
                answer = client.post(
                    path, json={"text": "a"}, headers={k: v.encode("latin-1") for k, v in given.items()}
                )
                assert (answer.status_code, answer.json()["error"]["code"]) == (401, "no_key")
                assert answer.headers["www-authenticate"] == "Bearer"
            assert client.post(path, json={"text": "a"}, headers=KEY).status_code == 200
        assert {client.get(path).status_code for path in ("/metrics", "/openapi.json", "/schema", "/nothing")} == {401}
        assert {client.get(path).status_code for path in ("/health", "/ready", *_FILES)} == {200}
        assert client.get("/openapi.json", headers=KEY).json()["security"]


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-1.2:x_Y", True), ("a" * 101, False), ("a b", False), ("a\tb", False)]
)
def test_ids_of_requests_are_kept_if_sane(tiny_model_folder: Path, given: str, kept: bool) -> None:
    with client_of(tiny_model_folder) as client:
        answer = client.post("/predict", json={}, headers={"X-Request-ID": given})
        found = answer.headers["x-request-id"]
        assert answer.json()["request_id"] == found
        assert (found == given) == kept
        assert kept or re.fullmatch("[0-9a-f]{32}", found)


def test_the_log_tells_of_each_request_but_not_what_it_said(tiny_model_folder: Path, log: io.StringIO) -> None:
    model = Patient(load(tiny_model_folder))
    model.go.set()
    with service_of(model) as (client, _):
        client.post("/predict", json={"texts": ["Zanzibar fell", "abc"]}, headers={"X-Request-ID": "r1"})
        client.post("/predict", json={"text": "Zanzibar fell", "x": "Zanzibar"}, headers={"X-Request-ID": "r2"})
        client.post("/predict", json={"text": "Zanzibar fail"}, headers={"X-Request-ID": "r3"})
        client.get("/a%1b[2J")
    told = {line["request_id"]: line for line in lines(log) if line["message"] == "request"}
    assert {"method": "POST", "path": "/predict", "status": 200, "texts": 2, "characters": 16}.items() <= told[
        "r1"
    ].items()
    assert {"status": 422, "error": "unknown_key"}.items() <= told["r2"].items()
    assert {"status": 500, "error": "prediction_failed"}.items() <= told["r3"].items()
    assert float(str(told["r1"]["ms"])) > 0
    (failed,) = [line for line in lines(log) if line["message"] == "prediction failed"]
    assert failed["raised"] == "RuntimeError"
    assert "Zanzibar" not in log.getvalue()
    assert "\x1b" not in log.getvalue()


def test_pages_of_other_origins_may_read_answers_only_if_named(tiny_model_folder: Path) -> None:
    ask = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    with client_of(tiny_model_folder) as client:
        answer = client.options("/predict", headers=ask)
        assert "access-control-allow-origin" not in answer.headers
        assert client.post("/predict", json={"text": ""}).headers["cross-origin-resource-policy"] == "same-origin"
    with client_of(tiny_model_folder, key="secret-1", origins=("https://example.org",)) as client:
        answer = client.options("/predict", headers={**ask, "Access-Control-Request-Headers": "content-type"})
        assert answer.headers["access-control-allow-origin"] == "https://example.org"
        other = client.post("/predict", json={"text": ""}, headers={**KEY, "Origin": "https://other.org"})
        assert "access-control-allow-origin" not in other.headers
        refused = client.post("/predict", json={"text": ""}, headers={"Origin": "https://example.org"})
        assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "https://example.org")


def test_the_page_is_of_this_package_only(tiny_model_folder: Path) -> None:
    with client_of(tiny_model_folder) as client:
        for path in _FILES:
            answer = client.get(path)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
    assert {file.name for file in _PAGE.iterdir()} == {name for name, _ in _FILES.values()}
    for file in _PAGE.iterdir():
        content = file.read_text(encoding="utf-8")
        assert not re.search(
            r"https?://|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|style=", content
        )
        assert not re.search(r"\son[a-z]+=|<script>|<style", content)
