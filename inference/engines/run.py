"""A run over many articles: which partitions are left, and their results into the folder."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from math import ceil

from inference.engines.folder import Folder, Record
from inference.engines.job import Job, Packed, packed
from inference.engines.made import Made
from inference.inputs import Reader, count_inputs, other_columns, state_of
from inference.model import Model

# Yields the results of the partitions that are left, in any order.
Engine = Callable[[Job, Packed, Record, Collection[int]], Iterator[Made]]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    partitions: int  # how many partitions there are
    done: int  # how many of them are done
    inputs: int = 0  # inputs of the partition that has just been written; 0 at the start
    process: int = 0  # the process that made it


@dataclass(frozen=True, slots=True)
class Totals:
    """What the folder of a run holds at its end: articles and events."""

    articles: int
    events: int


def plan(job: Job, model: Model, folder: Folder) -> Record:
    """Return what a run does; an earlier run of the same job is gone on with.

    Raises:
        FolderError: The folder has the results of another job.
    """
    reader = Reader(io.BytesIO(), job.columns, job.form)
    settings = job.told(model, state_of(job.inputs, reader))
    before = folder.record(settings)
    if before:
        return before
    count = max(1, ceil(count_inputs(job.inputs, reader) / job.rows))
    record = Record(settings, count, other_columns(job.inputs, reader))
    folder.begin(record)
    return record


def run(
    job: Job, model: Model, folder: Folder, record: Record, engine: Engine, report: Callable[[Progress], None]
) -> Totals:
    """Predict all partitions that are left, and write each when it is done."""
    done = folder.done(record.partitions)
    report(Progress(record.partitions, len(done)))
    left = sorted(set(range(record.partitions)) - set(done))
    finished = len(done)
    if left:
        for made in engine(job, packed(model), record, left):
            folder.put(made)
            finished += 1
            report(Progress(record.partitions, finished, made.count, made.process))
    folder.gather_errors(record.partitions)
    return Totals(folder.rows("articles", record.partitions), folder.rows("events", record.partitions))
