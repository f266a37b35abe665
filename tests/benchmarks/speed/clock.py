"""Clocks: works that take turns, so that what else the machine does slows all of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np


@dataclass(frozen=True, slots=True)
class Timing:
    """Medians of one work: seconds on the clock, and seconds of processor time."""

    wall: float
    processor: float


def take_turns(works: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, Timing]:
    """Run each work once to warm up and then so many times, one after the other."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for turn in range(repeats + 1):
        for name, work in works.items():
            wall, processor = time.perf_counter(), time.process_time()
            work()
            if turn:
                found[name].append((time.perf_counter() - wall, time.process_time() - processor))
    return {name: Timing(*(median(column) for column in zip(*rows, strict=True))) for name, rows in found.items()}


def latencies(call: Callable[[str], object], texts: Sequence[str]) -> tuple[float, float, float]:
    """Return the milliseconds on the clock within which half, 95 % and 99 % of single texts are done."""
    call(texts[0])
    found = []
    for text in texts:
        began = time.perf_counter()
        call(text)
        found.append(1000 * (time.perf_counter() - began))
    half, most, nearly_all = np.percentile(found, [50, 95, 99])
    return float(half), float(most), float(nearly_all)
