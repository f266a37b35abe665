"""An engine in this process: what the engines have in common is tested with it, without Ray."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from inference.engines.folder import Record
from inference.engines.job import Job, Packed, PartitionReader, unpacked
from inference.engines.made import Tables, make
from inference.engines.run import Result


@dataclass
class Here:
    """Predicts partitions, the last one first; interrupted before so many are made."""

    stop: int | None = None
    made: list[int] = field(default_factory=list)

    def __call__(self, job: Job, model: Packed, record: Record, wanted: Collection[int]) -> Iterator[Result]:
        loaded = unpacked(model)
        tables = Tables(loaded.schema, record.kinds)
        reader = PartitionReader(job, record.partitions, wanted)
        for number in sorted(wanted, reverse=True):
            if len(self.made) == self.stop:
                raise KeyboardInterrupt
            self.made.append(number)
            yield Result(number, make(reader.take(number), loaded, job, tables), 1)
            reader.drop(number)
