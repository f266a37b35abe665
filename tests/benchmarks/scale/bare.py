"""The model alone: texts through it in plain processes with one thread each, and nothing read or written."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from itertools import cycle, islice

from inference import Model
from inference.loading import RELEASED


def bare_speed(texts: Sequence[str], workers: int, each: int) -> float:
    """Return how many articles a second so many processes predict beside each other, without their start.

    Args:
        texts: The texts.
        workers: Processes.
        each: Articles for each of them.
    """
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(workers)
    with context.Pool(workers, _begin, (ready,)) as pool:
        times = pool.starmap(_predict, [(list(islice(cycle(texts), each)),)] * workers, chunksize=1)
    return each * workers / max(times)


def _begin(ready: object) -> None:
    global _model, _ready
    _model, _ready = Model(RELEASED, threads=1), ready


def _predict(texts: list[str]) -> float:
    for _ in _model.predict_stream(texts[:50]):
        pass
    _ready.wait()  # type: ignore[attr-defined]
    began = time.perf_counter()
    for _ in _model.predict_stream(texts):
        pass
    return time.perf_counter() - began


def forward_share(texts: Sequence[str]) -> float:
    """Return the share of the time that the network takes; the rest is words, spans, events and tolls."""
    model = Model(RELEASED, threads=1)
    backend = model._windowed.backend
    spent = 0.0

    class Timed:
        pads, budget, vector_size = False, backend.budget, backend.vector_size  # type: ignore[attr-defined]

        def with_vectors(self, ids: object, mask: object) -> object:
            nonlocal spent
            began = time.perf_counter()
            found = backend.with_vectors(ids, mask)  # type: ignore[attr-defined]
            spent += time.perf_counter() - began
            return found

    model._windowed.backend = Timed()  # type: ignore[assignment]
    began = time.perf_counter()
    for _ in model.predict_stream(texts):
        pass
    return spent / (time.perf_counter() - began)
