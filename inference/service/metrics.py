"""What the service counts, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from inference.service.asked import Article

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 10, 30, 60)
_TEXTS = (1, 2, 4, 8, 16, 32, 64, 128)


class Metrics:
    """Counters of one service; each has its own registry.

    Example:
        >>> metrics = Metrics(lambda: 3)
        >>> metrics.request("/predict", 200, 0.2)
        >>> b"conflict_events_queue_texts 3.0" in metrics.page()
        True
    """

    def __init__(self, waiting: Callable[[], int]) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        own: Any = {"namespace": "conflict_events", "registry": self.registry}
        self._requests = Counter("requests", "Requests answered.", ["route", "status"], **own)
        self._seconds = Histogram(
            "request_seconds", "From the head of a request to its answer.", ["route"], buckets=_SECONDS, **own
        )
        self._queue = Gauge("queue_texts", "Texts that wait.", **own)
        self._queue.set_function(waiting)
        self._batch = Histogram("batch_texts", "Texts that the model read at once.", buckets=_TEXTS, **own)
        self._texts = Counter("texts", "Texts predicted.", **own)
        self._words = Counter("words", "Words of the texts predicted.", **own)
        self._failures = Counter("failures", "Texts on which the model failed.", **own)
        self._model = Gauge("model_info", "The model that answers.", ["model"], **own)
        self._swaps = Counter("model_refreshes", "Attempts to take a new version of the model.", ["outcome"], **own)
        self._problem = Gauge("model_refresh_problem", "1 while the newest version cannot be used.", **own)

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def batch(self, articles: Sequence[Article]) -> None:
        """Count a batch."""
        self._batch.observe(len(articles))
        self._texts.inc(len(articles))
        self._words.inc(sum(len(article.text.split()) for article in articles))

    def failure(self) -> None:
        """Count a text on which the model failed."""
        self._failures.inc()

    def model(self, name: str) -> None:
        """Note which model answers."""
        self._model.clear()
        self._model.labels(name).set(1)

    def refresh(self, outcome: str) -> None:
        """Count an attempt to take a new version: `swapped` or `refused`."""
        self._swaps.labels(outcome).inc()

    def problem(self, *, there_is_one: bool) -> None:
        """Note whether the newest version cannot be used."""
        self._problem.set(there_is_one)

    def page(self) -> bytes:
        """Return all counts in the text format of Prometheus."""
        return generate_latest(self.registry)
