"""Memory of a process and all that it started, over time."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

_EVERY = 2.0  # seconds


def held() -> float:
    """Return the memory of this process and all under it in MB; what several of them share counts once in all."""
    me = psutil.Process(os.getpid())
    return sum(_share(one) for one in (me, *me.children(recursive=True))) / 1e6


def _share(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:  # it has ended meanwhile
        return 0


@contextmanager
def watched() -> Iterator[list[tuple[float, float]]]:
    """Yield a list that grows while the block runs: seconds since its start, and MB."""
    found: list[tuple[float, float]] = []
    ended = threading.Event()
    began = time.perf_counter()

    def watch() -> None:
        while not ended.wait(_EVERY):
            found.append((time.perf_counter() - began, held()))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()
