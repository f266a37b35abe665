"""Inputs in partitions that are always the same ones."""

from __future__ import annotations

import io
import os
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from inference.engines.job import Job
from inference.inputs import Input, Reader, scan_inputs


def cut(inputs: Iterable[Input], rows: int, count: int) -> Iterator[list[Input]]:
    """Yield partitions of inputs; the last one has all that are left, should there be more than were counted.

    Example:
        >>> found = [Input(name, "") for name in "abcde"]
        >>> [[one.name for one in part] for part in cut(found, 2, 2)]
        [['a', 'b'], ['c', 'd', 'e']]
    """
    rest = iter(inputs)
    for number in range(count):
        yield list(islice(rest, None if number == count - 1 else rows))


class PartitionReader:
    """Reads inputs once, in order, and hands out their partitions to workers, who may ask for them in another order.

    A partition that is wanted is held until it is dropped. One that is asked for again after that, as the worker that
    had it is gone, is read again from the start.
    """

    def __init__(self, job: Job, count: int, wanted: Collection[int]) -> None:
        self._job, self._count = job, count
        self._wanted = set(wanted)
        self._held: dict[int, list[Input]] = {}
        self._start()

    def _start(self) -> None:
        os.chdir(self._job.folder)  # paths, and so the names of texts, are relative to it
        reader = Reader(io.BytesIO(), self._job.columns, self._job.form)
        self._parts = enumerate(cut(scan_inputs(self._job.inputs, reader), self._job.rows, self._count))
        self._next = 0

    def take(self, number: int) -> list[Input]:
        """Return a partition."""
        if number not in self._held and number < self._next:
            self._wanted.add(number)
            self._start()
        while number not in self._held:
            self._next, part = next(self._parts)
            if self._next in self._wanted:
                self._held[self._next] = part
            self._next += 1
        return self._held[number]

    def drop(self, number: int) -> None:
        """Let go of a partition whose results are written."""
        self._held.pop(number, None)
        self._wanted.discard(number)
