"""Batches over requests: one thread takes the texts that wait and gives them to the model together.

Texts of different requests take turns, so that a request with many texts does not hold up one with a single text. A
text is predicted with the model that served when its request was accepted.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Protocol

from inference.prediction import Prediction
from inference.service.asked import Article, Asked
from inference.service.errors import Refused, queue_full
from inference.service.settings import Settings
from inference.tagger import Tagger

Render = Callable[[Prediction, Article], str]
_LONGEST_RETRY = 60
_REMEMBERED = 0.8  # weight of the past in the rate of reading


class Watcher(Protocol):
    """Told what the worker does, for metrics and the log."""

    def batch(self, articles: Sequence[Article]) -> None:
        """A batch was predicted."""

    def failed(self, error: Exception) -> None:
        """A text could not be predicted."""


@dataclass(eq=False)
class Job:
    """An accepted request: its texts, and the pieces of its answer in the same order."""

    asked: Asked
    model: Tagger
    render: Render
    future: Future[list[str]] = field(default_factory=Future)
    taken: int = 0
    pieces: dict[int, str] = field(default_factory=dict)

    @property
    def rest(self) -> Sequence[Article]:
        """The articles that still wait."""
        return self.asked.articles[self.taken :]


Turn = tuple[Job, int]  # a job and the number of one of its articles


class Batcher:
    """The queue and its worker."""

    def __init__(self, settings: Settings, watcher: Watcher) -> None:
        self._settings = settings
        self._watcher = watcher
        self._jobs: deque[Job] = deque()  # with texts that wait
        self._open: set[Job] = set()  # without an answer
        self._changed = threading.Condition(threading.RLock())
        self._texts = self._characters = 0
        self._rate = 0.0  # characters a second
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="batches", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Texts that wait."""
        return self._texts

    @property
    def full(self) -> bool:
        """Whether no further text fits."""
        return self._texts >= self._settings.queue_texts or self._characters >= self._settings.queue_characters

    @property
    def alive(self) -> bool:
        """Whether the worker works."""
        return self._thread.is_alive()

    @property
    def draining(self) -> bool:
        """Whether no further request is accepted."""
        return self._closed

    def submit(self, asked: Asked, model: Tagger, render: Render) -> Future[list[str]]:
        """Accept a request.

        Returns:
            The pieces of the answer. Who cancels it takes the texts that still wait out of the queue.

        Raises:
            Refused: 429 if the queue is full, 503 if the service stops.
        """
        job = Job(asked, model, render)
        count, size = len(asked.articles), asked.characters
        with self._changed:
            if self._closed:
                raise Refused(503, "stopping", "the service stops; try another one", retry=1)
            over = self._texts + count > self._settings.queue_texts
            if over or self._characters + size > self._settings.queue_characters:
                limit = self._settings.queue_texts if over else self._settings.queue_characters
                raise queue_full(self._texts, limit, self._retry())
            self._jobs.append(job)
            self._open.add(job)
            self._count(asked.articles, 1)
            self._changed.notify()
        job.future.add_done_callback(lambda _: self._forget(job))
        return job.future

    def drain(self) -> None:
        """Accept no further request; those accepted are finished."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def abandon(self) -> None:
        """Refuse what is accepted and has no answer yet."""
        with self._changed:
            left = list(self._open)
        for job in left:
            self._settle(job, Refused(503, "stopping", "the service has stopped; try another one", retry=1))

    def close(self, seconds: float) -> None:
        """Finish what is accepted, for a limited time; the rest is refused."""
        self.drain()
        self._thread.join(seconds)
        self.abandon()

    def _retry(self) -> int:
        """Seconds in which half of the queue is read at the present rate."""
        seconds = self._characters / 2 / self._rate if self._rate else 1
        return max(1, min(_LONGEST_RETRY, math.ceil(seconds)))

    def _count(self, articles: Sequence[Article], sign: int) -> None:
        self._texts += sign * len(articles)
        self._characters += sign * sum(len(article.text) for article in articles)

    def _forget(self, job: Job) -> None:
        """Take a job that has its answer, or whose client has left, out of the queue."""
        with self._changed:
            self._open.discard(job)
            if job in self._jobs:
                self._jobs.remove(job)
                self._count(job.rest, -1)

    def _work(self) -> None:
        while turns := self._take():
            start = time.perf_counter()
            self._predict(turns)
            size = sum(len(job.asked.articles[number].text) for job, number in turns)
            rate = size / (time.perf_counter() - start)
            self._rate = _REMEMBERED * self._rate + (1 - _REMEMBERED) * rate if self._rate else rate

    def _take(self) -> list[Turn]:
        """Wait for texts and return those of the next batch; none if the service has stopped."""
        with self._changed:
            while not self._jobs:
                if self._closed:
                    return []
                self._changed.wait()
            # A batch that is not full waits for the texts of clients that just got their answers.
            end = time.monotonic() + self._settings.batch_seconds
            while self._characters < self._settings.batch_characters and not self._closed:
                if (left := end - time.monotonic()) <= 0:
                    break
                self._changed.wait(left)
            return self._next_turns() if self._jobs else self._take()

    def _next_turns(self) -> list[Turn]:
        turns: list[Turn] = []
        size, model = 0, self._jobs[0].model
        later: list[Job] = []  # of another model
        while self._jobs:
            job = self._jobs.popleft()
            article = job.rest[0]
            if job.model is not model:
                later.append(job)
                continue
            if turns and size + len(article.text) > self._settings.batch_characters:
                self._jobs.appendleft(job)
                break
            turns.append((job, job.taken))
            size += len(article.text)
            job.taken += 1
            self._count([article], -1)
            if job.rest:
                self._jobs.append(job)
        self._jobs.extendleft(reversed(later))
        return turns

    def _predict(self, turns: Sequence[Turn]) -> None:
        articles = [job.asked.articles[number] for job, number in turns]
        model = turns[0][0].model
        try:
            found = model.predict([one.text for one in articles], [one.date for one in articles], min_event_score=0)
        except Exception as error:  # noqa: BLE001 - whatever it is, other requests go on
            if len(turns) > 1:  # only the request of the text that fails is refused
                for turn in turns:
                    self._predict([turn])
            else:
                self._fail(turns[0][0], error)
            return
        for turn, prediction in zip(turns, found, strict=True):
            self._render(turn, prediction)
        self._watcher.batch(articles)

    def _render(self, turn: Turn, prediction: Prediction) -> None:
        job, number = turn
        if job.future.done():
            return
        asked = job.asked.min_event_score
        least = job.model.least_event_score if asked is None else asked
        kept = replace(prediction, events=[event for event in prediction.events if event.score >= least])
        try:
            job.pieces[number] = job.render(kept, job.asked.articles[number])
        except Exception as error:  # noqa: BLE001
            self._fail(job, error)
            return
        if len(job.pieces) == len(job.asked.articles):
            self._settle(job, [job.pieces[index] for index in range(len(job.pieces))])

    def _fail(self, job: Job, error: Exception) -> None:
        self._watcher.failed(error)
        message = "the model failed on a text of this request; the log says why"
        self._settle(job, Refused(500, "prediction_failed", message))

    def _settle(self, job: Job, outcome: list[str] | Refused) -> None:
        """Give a job its answer, unless it has one, or nobody waits for it."""
        with self._changed:  # at the end, the worker and who abandons jobs may both want to
            if job.future.done() or not job.future.set_running_or_notify_cancel():
                return
            if isinstance(outcome, Refused):
                job.future.set_exception(outcome)
            else:
                job.future.set_result(outcome)
