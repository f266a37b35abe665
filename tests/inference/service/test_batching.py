"""The queue: batches over requests, turns, limits, clients that leave, and the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path

import pytest

from inference import load
from inference.prediction import Prediction
from inference.service.asked import Article, Asked
from inference.service.batching import Batcher
from inference.service.errors import Refused
from inference.service.settings import Settings
from tests.inference.service.services import SECONDS, Patient, service_of


class Silent:
    """A watcher that is not interested."""

    def batch(self, articles: Sequence[Article]) -> None:
        pass

    def failed(self, error: Exception) -> None:
        pass


def asked(*texts: str) -> Asked:
    return Asked(tuple(map(Article, texts)), many=True)


def words(prediction: Prediction, article: Article) -> str:
    return f"{prediction.model}: {article.text}"


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def model(tiny_model_folder: Path) -> Patient:
    return Patient(load(tiny_model_folder))


@pytest.fixture
def batcher(model: Patient) -> Iterator[Batcher]:
    made = Batcher(Settings(texts=6, queue_texts=6, characters=50, queue_characters=60, batch_characters=4), Silent())
    yield made
    model.go.set()
    made.close(SECONDS)
    assert not made.alive


def test_texts_of_different_requests_take_turns(model: Patient, batcher: Batcher) -> None:
    first = batcher.submit(asked("x"), model, words)
    assert model.started.wait(SECONDS)
    many = batcher.submit(asked("a", "b", "c", "d"), model, words)
    one = batcher.submit(asked("e"), model, words)
    model.go.set()
    assert one.result(SECONDS) == ["patient: e"]
    assert many.result(SECONDS) == [f"patient: {letter}" for letter in "abcd"]
    assert first.result(SECONDS) == ["patient: x"]
    assert model.batches == [["x"], ["a", "e", "b", "c"], ["d"]]  # four characters at a time


def test_a_text_longer_than_a_batch_is_read_alone(model: Patient, batcher: Batcher) -> None:
    batcher.submit(asked("x"), model, words)
    assert model.started.wait(SECONDS)
    found = batcher.submit(asked("a", "long text", "b"), model, words)
    model.go.set()
    assert len(found.result(SECONDS)) == 3
    assert model.batches == [["x"], ["a"], ["long text"], ["b"]]


def test_requests_end_with_the_model_they_began_with(model: Patient, batcher: Batcher) -> None:
    new = Patient(model.model, "new")
    new.go.set()
    batcher.submit(asked("x"), model, words)
    assert model.started.wait(SECONDS)
    jobs = [batcher.submit(asked("a", "b"), one, words) for one in (model, new, model)]
    model.go.set()
    assert [job.result(SECONDS)[1] for job in jobs] == ["patient: b", "new: b", "patient: b"]


def test_a_full_queue_refuses_with_a_time_to_come_back(model: Patient, batcher: Batcher) -> None:
    batcher.submit(asked("x"), model, words)
    assert model.started.wait(SECONDS)
    batcher.submit(asked("a", "b", "c"), model, words)
    for texts in (("a", "b", "c", "d"), ("e" * 50, "f" * 40)):
        with pytest.raises(Refused) as refused:
            batcher.submit(asked(*texts), model, words)
        assert (refused.value.status, refused.value.code) == (429, "queue_full")
        assert refused.value.retry >= 1
    assert not batcher.full
    last = batcher.submit(asked("a", "b", "c"), model, words)
    assert batcher.full
    model.go.set()
    assert len(last.result(SECONDS)) == 3
    assert (batcher.waiting, batcher.full) == (0, False)


def test_who_leaves_is_taken_out_of_the_queue(model: Patient, batcher: Batcher) -> None:
    batcher.submit(asked("x"), model, words)
    assert model.started.wait(SECONDS)
    leaves = batcher.submit(asked("a", "b", "c"), model, words)
    stays = batcher.submit(asked("d"), model, words)
    assert batcher.waiting == 4
    assert leaves.cancel()
    assert batcher.waiting == 1
    model.go.set()
    assert stays.result(SECONDS) == ["patient: d"]
    assert model.batches == [["x"], ["d"]]


def test_who_leaves_while_some_texts_are_read_is_read_no_further(model: Patient, batcher: Batcher) -> None:
    leaves = batcher.submit(asked("abcd", "efgh"), model, words)
    assert model.started.wait(SECONDS)
    assert leaves.cancel()
    model.go.set()
    assert batcher.submit(asked("d"), model, words).result(SECONDS) == ["patient: d"]
    assert model.batches == [["abcd"], ["d"]]
    assert batcher.waiting == 0


def test_a_failure_meets_only_its_own_request(model: Patient, batcher: Batcher) -> None:
    model.go.set()
    good = [batcher.submit(asked(text), model, words) for text in "ab"]
    bad = batcher.submit(asked("c", "fail", "d"), model, words)
    assert isinstance(bad.exception(SECONDS), Refused)
    assert [job.result(SECONDS) for job in good] == [["patient: a"], ["patient: b"]]
    assert batcher.waiting == 0


def test_the_end_finishes_what_is_accepted_and_accepts_no_more(model: Patient, batcher: Batcher) -> None:
    first = batcher.submit(asked("x", "y"), model, words)
    assert model.started.wait(SECONDS)
    batcher.drain()
    with pytest.raises(Refused) as refused:
        batcher.submit(asked("a"), model, words)
    assert (refused.value.status, refused.value.code) == (503, "stopping")
    model.go.set()
    assert first.result(SECONDS) == ["patient: x", "patient: y"]
    until(lambda: not batcher.alive)


def test_the_end_does_not_wait_for_ever(model: Patient, batcher: Batcher) -> None:
    batcher.submit(asked("x"), model, words)
    assert model.started.wait(SECONDS)
    later = batcher.submit(asked("a"), model, words)
    batcher.close(0.05)
    assert isinstance(later.exception(SECONDS), Refused)


def test_requests_that_wait_too_long_are_refused_and_dropped(model: Patient) -> None:
    with service_of(model, answer_seconds=0.1) as (client, service):
        answer = client.post("/predict", json={"texts": ["abc"] * 3})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "timeout")
        assert answer.headers["retry-after"]
        assert service.batcher.waiting == 0
        model.go.set()


def test_a_full_queue_is_refused_over_http_and_not_ready(model: Patient) -> None:
    with service_of(model, texts=2, queue_texts=2) as (client, service), ThreadPoolExecutor(2) as pool:
        first = pool.submit(client.post, "/predict", json={"text": "a"})
        assert model.started.wait(SECONDS)
        second = pool.submit(client.post, "/predict", json={"texts": ["b", "c"]})
        until(lambda: service.batcher.full)
        answer = client.post("/predict", json={"text": "d"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "queue_full")
        assert int(answer.headers["retry-after"]) >= 1
        ready = client.get("/ready")
        assert (ready.status_code, ready.json()["reasons"]) == (503, ["queue_full"])
        assert client.get("/health").status_code == 200
        model.go.set()
        assert (first.result(SECONDS).status_code, second.result(SECONDS).status_code) == (200, 200)
        service.batcher.drain()
        assert client.get("/ready").json()["reasons"][0] == "stopping"
        assert client.post("/predict", json={"text": "d"}).json()["error"]["code"] == "stopping"


def test_a_cancelled_future_is_not_answered(model: Patient, batcher: Batcher) -> None:
    job = batcher.submit(asked("x"), model, words)
    assert model.started.wait(SECONDS)
    job.cancel()
    model.go.set()
    with pytest.raises(CancelledError):
        job.result(SECONDS)
    assert batcher.submit(asked("y"), model, words).result(SECONDS) == ["patient: y"]
