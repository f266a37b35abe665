"""An engine in this process: what the engines have in common is tested with it, without Ray."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from inference.engines.folder import Record
from inference.engines.job import Job, Packed, PartitionReader, unpacked
from inference.engines.made import Made, Tables, make


@dataclass
class Here:
    """Predicts partitions, the last one first; interrupted before so many are made."""

    stop: int | None = None
    made: list[int] = field(default_factory=list)

    def __call__(self, job: Job, model: Packed, record: Record, wanted: Collection[int]) -> Iterator[Made]:
        loaded = unpacked(model)
        tables = Tables(loaded.schema, record.kinds)
        reader = PartitionReader(job, record.partitions, wanted)
        for number in sorted(wanted, reverse=True):
            if len(self.made) == self.stop:
                raise KeyboardInterrupt
            self.made.append(number)
            yield replace(make(number, reader.take(number), loaded, job, tables), process=1)
            reader.drop(number)
