"""Texts through an encoder: the windows of many texts in batches, several at a time in threads, and the words' rows
back."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any, ParamSpec, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from inference.backends import Backend, Logits, batches, padded
from inference.encoding.subwords import Subwords
from inference.encoding.windows import Window, owned, windows

_CHUNK = 8192  # sub-words sorted into batches at once; two such chunks of windows are held
_LEAST = 16  # sub-words that a text counts for at least: one without words takes memory too
Places = npt.NDArray[np.int64]
_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


class Workers:
    """Runs calls on threads; with one thread, at once and in the caller's own.

    Copies in other processes, by pickle or by fork, start threads of their own.

    Args:
        threads: How many; None for as many as the process may use processors.

    Raises:
        ValueError: Less than one.

    Example:
        >>> Workers(2).submit(sum, [1, 2]).result()
        3
    """

    def __init__(self, threads: int | None = None) -> None:
        if threads is not None and (isinstance(threads, bool) or not isinstance(threads, int) or threads < 1):
            raise ValueError(f"threads is {threads!r}; give a whole number from 1 up, or None for all processors")
        self.threads = threads or _processors()
        self._lock = Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._process = 0

    def submit(self, call: Callable[_Given, _Result], *args: _Given.args, **named: _Given.kwargs) -> Future[_Result]:
        """Run a call; its result is in the future, or its error."""
        if self.threads > 1:
            return self._started().submit(call, *args, **named)
        done: Future[_Result] = Future()
        try:
            done.set_result(call(*args, **named))
        except Exception as error:  # noqa: BLE001  (raised where the result is asked for)
            done.set_exception(error)
        return done

    def _started(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._pool is None or self._process != os.getpid():  # threads do not survive a fork
                self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="conflict-events")
                self._process = os.getpid()
            return self._pool

    def __reduce__(self) -> tuple[Any, ...]:
        return Workers, (self.threads,)


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Sink(Protocol):
    """A text that takes the rows of its words as they are computed."""

    pieces: Subwords

    def add(self, logits: Logits) -> None:
        """Take the rows of the next words."""
        ...


AnySink = TypeVar("AnySink", bound=Sink)


@dataclass(frozen=True, slots=True)
class _Task:
    """A window to compute: which text, the ids with special tokens, and the places of the words it is used for."""

    text: int
    ids: list[int]
    places: Places


class Windowed:
    """Runs a backend over texts of any length and number."""

    def __init__(self, tokenizer: Tokenizer, backend: Backend, window: int, overlap: int, threads: int | None) -> None:
        self.backend = backend
        self.before, self.after = special_tokens(tokenizer)
        self._size = window - len(self.before) - len(self.after)
        self._overlap = overlap
        self.workers = Workers(1 if getattr(backend, "pads", True) else threads)

    def windows(self, pieces: Subwords) -> list[Window]:
        """Return the windows of a text."""
        return windows(len(pieces.ids), self._size, self._overlap)

    def read(self, sinks: Iterable[AnySink], *, vectors: bool = False) -> Iterator[AnySink]:
        """Compute the rows of all words of texts, and yield each text that has all of its rows, in order.

        Args:
            sinks: Texts, read as needed: two chunks of windows are held, and no more than one long text is read.
            vectors: Whether the vector of each word follows its logits.
        """
        waiting: deque[AnySink] = deque()
        left: deque[int] = deque()  # windows still to come, of each text that waits
        done = 0  # texts yielded
        for chunk, results in self._computed(self._chunks(sinks, waiting, left), vectors):
            for task, rows in zip(chunk, results, strict=True):
                waiting[task.text - done].add(rows)
                left[task.text - done] -= 1
            while left and not left[0]:
                left.popleft()
                yield waiting.popleft()
                done += 1

    def _chunks(self, sinks: Iterable[AnySink], waiting: deque[AnySink], left: deque[int]) -> Iterator[list[_Task]]:
        """Yield windows that are sorted into batches together; note texts and how many windows each has."""
        most = max(_CHUNK, self._budget())
        chunk: list[_Task] = []
        held = 0
        for number, sink in enumerate(sinks):
            found = self.windows(sink.pieces)
            waiting.append(sink)
            left.append(len(found))
            held += 0 if found else _LEAST
            for window, own in zip(found, owned(found), strict=True):
                task = self._task(number, sink.pieces, window, own)
                held += max(_LEAST, len(task.ids))
                chunk.append(task)
                if held >= most:
                    yield chunk
                    chunk, held = [], 0
            if held >= most:
                yield chunk
                chunk, held = [], 0
        yield chunk

    def _task(self, number: int, pieces: Subwords, window: Window, own: Window) -> _Task:
        ids = [*self.before, *pieces.ids[window.start : window.end].tolist(), *self.after]
        start, end = np.searchsorted(pieces.first, np.array([own.start, own.end], dtype=pieces.first.dtype))
        places = pieces.first[start:end].astype(np.int64) - window.start + len(self.before)
        return _Task(number, ids, places)

    def _budget(self) -> int:
        return int(getattr(self.backend, "budget", _CHUNK))

    def _computed(self, chunks: Iterable[list[_Task]], vectors: bool) -> Iterator[tuple[list[_Task], list[Logits]]]:
        """Yield chunks with their rows; the next chunk is under way meanwhile, if there are threads for it."""
        running: deque[tuple[list[_Task], list[tuple[list[int], Future[list[Logits]]]]]] = deque()
        try:
            for chunk in chunks:
                running.append((chunk, self._start(chunk, vectors)))
                if len(running) > (self.workers.threads > 1):
                    yield _finished(*running.popleft())
            while running:
                yield _finished(*running.popleft())
        finally:  # the caller may stop early
            for _, batch in running:
                for _, future in batch:
                    future.cancel()

    def _start(self, chunk: Sequence[_Task], vectors: bool) -> list[tuple[list[int], Future[list[Logits]]]]:
        pads = bool(getattr(self.backend, "pads", True))
        lengths = [len(task.ids) for task in chunk]
        return [
            (batch, self.workers.submit(_rows, self.backend, [chunk[index] for index in batch], vectors))
            for batch in batches(lengths, self._budget(), pads)
        ]


def _rows(backend: Backend, tasks: Sequence[_Task], vectors: bool) -> list[Logits]:
    """Compute a batch, and return the rows of the words of each window."""
    ids, mask = padded([task.ids for task in tasks])
    outputs = backend.with_vectors(ids, mask) if vectors else (backend(ids, mask),)  # type: ignore[attr-defined]
    return [np.concatenate([output[row, task.places] for output in outputs], axis=1) for row, task in enumerate(tasks)]


def _finished(
    chunk: list[_Task], running: Sequence[tuple[list[int], Future[list[Logits]]]]
) -> tuple[list[_Task], list[Logits]]:
    results: list[Logits] = [np.empty(0, dtype=np.float32)] * len(chunk)
    for batch, future in running:
        for index, rows in zip(batch, future.result(), strict=True):
            results[index] = rows
    return chunk, results


def special_tokens(tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
    """Return the special tokens that a tokenizer adds before and after a text, such as [CLS] and [SEP]."""
    encoding = tokenizer.encode("a")
    inner = [index for index, special in enumerate(encoding.special_tokens_mask) if not special]
    return list(encoding.ids[: inner[0]]), list(encoding.ids[inner[-1] + 1 :])
