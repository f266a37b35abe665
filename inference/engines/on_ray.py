"""Ray Data as the engine: a pool of actors, each with the model on one thread, and partitions that stream through them.

The inputs are read once, by an actor beside the caller, so workers need neither the files nor a shared file system; the
caller writes the results. An actor that dies is started again, and its partition predicted again.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from typing import Any

from annotations.errors import ExplainedError
from annotations.installed import lacking
from inference.engines.folder import Record
from inference.engines.job import Job, Packed, PartitionReader, unpacked
from inference.engines.made import Made, Tables, make

_STORE = 256_000_000  # bytes of memory that results wait in on this machine, before workers wait too
# Of a Ray that is started here, unless they are set already.
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",  # its C++ part warns of what Ray Data does
    "RAY_worker_niceness": "0",  # else any other program on the machine goes first
}


class RayError(ExplainedError):
    """Ray cannot be used, or a run on it failed."""


@dataclass(frozen=True, slots=True)
class OnRay:
    """Predicts partitions on Ray."""

    # A cluster that runs, such as `10.0.0.1:6379` or `auto`; None to use the processors of this machine.
    address: str | None = None
    workers: int | None = None  # processes with a model; None: one for each processor

    def __call__(self, job: Job, model: Packed, record: Record, wanted: Collection[int]) -> Iterator[Made]:
        """Yield the results of partitions as they are made.

        Raises:
            RayError: Ray cannot be reached, or a worker failed in a way that trying again does not help.
            ImportError: Ray is not installed.
        """
        with _started(self) as ray:
            workers = min(len(wanted), self.workers or int(ray.cluster_resources().get("CPU", 1)))
            reader = _reader(ray, job, record.partitions, wanted)
            given = {"job": job, "model": ray.put(model), "kinds": record.kinds, "reader": reader}
            parts = ray.data.from_items([{"number": number} for number in wanted], override_num_blocks=len(wanted))
            made = parts.map_batches(
                _Worker,
                batch_size=None,
                batch_format="pyarrow",
                concurrency=workers,
                num_cpus=1,
                fn_constructor_kwargs=given,
            )
            try:
                for batch in made.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
                    for row in batch.to_pylist():
                        yield Made(**row)
                        reader.drop.remote(row["number"])
            except ray.exceptions.RayError as error:
                raise _failure(error) from error


class _Worker:
    """An actor that predicts partitions."""

    def __init__(self, job: Job, model: Any, kinds: dict[str, str], reader: Any) -> None:
        import ray

        self._job, self._reader = job, reader
        self._model = unpacked(ray.get(model))
        self._tables = Tables(self._model.schema, kinds)

    def __call__(self, batch: Any) -> Any:
        """Return the results of the partitions in a batch, as a table."""
        import pyarrow
        import ray

        rows = []
        for number in batch["number"].to_pylist():
            part = ray.get(self._reader.take.remote(number))
            rows.append(astuple(make(number, part, self._model, self._job, self._tables)))
        kinds = (pyarrow.int64(), *[pyarrow.large_binary()] * 3, pyarrow.int64(), pyarrow.int64())
        columns = [pyarrow.array(column, kind) for column, kind in zip(zip(*rows, strict=True), kinds, strict=True)]
        return pyarrow.Table.from_arrays(columns, [field.name for field in fields(Made)])


def _reader(ray: Any, job: Job, partitions: int, wanted: Collection[int]) -> Any:
    """Start the actor that reads, on the machine of the caller, where the files are."""
    here = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
        ray.get_runtime_context().get_node_id(), soft=False
    )
    actor = ray.remote(PartitionReader).options(
        num_cpus=0, max_restarts=-1, max_task_retries=-1, scheduling_strategy=here
    )
    return actor.remote(job, partitions, wanted)


@contextmanager
def _started(given: OnRay) -> Iterator[Any]:
    """Yield Ray, connected to a cluster, or with workers on this machine that end with the block."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    if given.address:
        os.environ.setdefault("RAY_gcs_server_port_wait_time_s", "3")  # tries to connect, of some seconds each
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise lacking(error, "--engine ray", "ray") from error
    scratch = tempfile.mkdtemp(prefix="ce-")  # short, as paths of sockets must be
    try:
        _connect(ray, given, scratch)
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = context.print_on_execution_start = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        yield ray
    finally:
        ray.shutdown()
        shutil.rmtree(scratch, ignore_errors=True)


def _connect(ray: Any, given: OnRay, scratch: str) -> None:
    own = {"num_cpus": given.workers, "object_store_memory": _STORE, "include_dashboard": False, "_temp_dir": scratch}
    before = signal.getsignal(signal.SIGTERM)
    try:
        with _hushed():
            options = {} if given.address else own
            ray.init(given.address or "local", log_to_driver=False, logging_level=logging.ERROR, **options)
    except Exception as error:  # Ray raises many kinds
        told = (str(error).splitlines() or [type(error).__name__])[0]
        remedy = "check --address" if given.address else "try again when the machine is less busy"
        raise RayError(f"Ray cannot be used: {told:.300}; {remedy}") from error
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)  # Ray would exit at once


@contextmanager
def _hushed() -> Iterator[None]:
    """Keep what Ray's C++ part writes on standard error while it starts, such as at which level it will log."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _failure(error: Exception) -> RayError:
    """Return what went wrong in a worker: the end of its own stack trace, which Ray puts before its own."""
    own = str(error).split("\n\nThe above exception", maxsplit=1)[0].strip()
    told = (own.splitlines() or [type(error).__name__])[-1]
    return RayError(f"a worker failed: {told:.300}; what is done is kept, and the same command goes on from there")
