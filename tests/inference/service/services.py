"""Services for tests: on the tiny model, and on one that waits until it is told to answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from inference import load
from inference.prediction import Prediction
from inference.service.app import Service, build_app
from inference.service.served import Served, Source
from inference.service.settings import Settings
from inference.tagger import Tagger

TEXT = "Gunmen 😀 opened fire 🇲🇱 at a market in Ndoro.\r\nThey killed at least 12 traders.\r\n\r\nRebels fled."
PLAIN = "Rebels abducted seven nurses from a clinic in Kesra on Friday."
SECONDS = 20  # that a test waits for what must happen


def served(model: Any) -> Served:
    return Served(Source(lambda: "fixed", lambda _address: model))


@contextmanager
def service_of(model: Any, **settings: Any) -> Iterator[tuple[TestClient, Service]]:
    service = Service(served(model), Settings(**settings))
    with TestClient(build_app(service), raise_server_exceptions=False) as client:
        yield client, service


@contextmanager
def client_of(folder: Path, **settings: Any) -> Iterator[TestClient]:
    with service_of(load(folder), **settings) as (client, _):
        yield client


class Patient:
    """A model that answers when `go` is set, remembers its batches, and fails on texts with the word 'fail'."""

    def __init__(self, model: Tagger, name: str = "patient") -> None:
        self.model, self.name, self.schema = model, name, model.schema
        self.least_event_score = model.least_event_score
        self.go, self.started = threading.Event(), threading.Event()
        self.batches: list[list[str]] = []

    def predict(self, texts: str | Sequence[str], dates: Any = None, **settings: Any) -> Any:
        if isinstance(texts, str):  # the trial when it is loaded
            return self.model.predict(texts)
        self.started.set()
        assert self.go.wait(SECONDS)
        if any("fail" in text for text in texts):
            raise RuntimeError(f"cannot read {texts}")
        self.batches.append(list(texts))
        found: list[Prediction] = self.model.predict(texts, dates, **settings)
        return [replace(prediction, model=self.name) for prediction in found]
