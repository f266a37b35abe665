"""Threads that compute batches beside each other."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, ParamSpec, TypeVar

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
