"""What a run over many articles does: inputs in partitions that are always the same ones, how they are read, a model as
bytes, and what results depend on."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from annotations.installed import installed_version
from inference.dates import Day
from inference.inputs import Columns, Input, Reader, scan_inputs
from inference.model import Model

ROWS = 2000  # inputs in a partition


@dataclass(frozen=True, slots=True)
class Job:
    """A run over many articles.

    Raises:
        ValueError: No inputs in a partition.
    """

    inputs: Sequence[str]  # as for `inference.inputs.scan_inputs`, without standard input
    folder: Path  # the working folder, to which the paths of inputs are relative
    columns: Columns = field(default_factory=Columns)  # the columns of tables that are not found by their names
    form: str = ""  # how files named by themselves are read; empty: by their ending
    day: Day | None = None  # the day of the texts that have none of their own
    # Other arguments of `Model.predict_stream`: `min_event_score`, `min_relevance`, `geo`.
    options: Mapping[str, Any] = field(default_factory=dict)
    rows: int = ROWS  # inputs in a partition

    def __post_init__(self) -> None:
        if self.rows < 1:
            raise ValueError(f"a partition of {self.rows} inputs holds none; give a number from 1 up")

    def told(self, model: Model, state: str) -> dict[str, Any]:
        """Return all that results depend on, by the words for it in messages.

        Args:
            model: The model.
            state: Tells whether inputs are the same (`inference.inputs.state_of`).
        """
        return {
            "model": model.name,
            "manifest of the model": hashlib.sha256((model.folder / "manifest.json").read_bytes()).hexdigest(),
            "version of conflict-events": installed_version(),
            "inputs": list(self.inputs),
            "state of the inputs": state,
            "columns of inputs": [self.columns.text, self.columns.id, self.columns.title, self.columns.date],
            "input format": self.form,
            "rows of a partition": self.rows,
            "date": self.day.isoformat() if self.day else None,
            "convention": model.convention,
            "thresholds": dict(model.thresholds),
            "options": dict(self.options),
        }


@dataclass(frozen=True, slots=True)
class Packed:
    """The files of a model folder, and how it was loaded."""

    files: Mapping[str, bytes]
    options: Mapping[str, Any]


def packed(model: Model) -> Packed:
    """Return the files of a model, which were checked when it was loaded, to be loaded on one thread."""
    files = {name: (model.folder / name).read_bytes() for name in ("manifest.json", *model.manifest.files)}
    options = {"name": model.name, "convention": model.convention, "threshold": dict(model.thresholds)}
    return Packed(files, {"backend": model.backend, **options})


def unpacked(given: Packed) -> Model:
    """Load a packed model; its files are checked again, and are gone when it is loaded."""
    with tempfile.TemporaryDirectory(prefix="conflict-events-") as name:
        for file, content in given.files.items():
            path = Path(name) / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return Model(name, threads=1, **given.options)


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
