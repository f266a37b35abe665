"""`conflict-events predict --engine ray`: articles in partitions, on many processes or machines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Annotated, Literal

import typer

from inference.engines import Folder, Job, Progress, plan, run
from inference.inputs import files_named
from inference.model import Model
from training.cli.bars import facts
from training.cli.terminal import err, fail, stop

EngineOption = Annotated[
    Literal["ray"] | None,
    typer.Option(help="Predict on many processes or machines; --output names a folder, which the run goes on in."),
]
AddressOption = Annotated[
    str | None,
    typer.Option(metavar="ADDR", help="For --engine: a cluster that runs. Default: the processors of this machine."),
]
WorkersOption = Annotated[
    int | None, typer.Option(min=1, help="For --engine: processes with the model. Default: one for each processor.")
]
PartitionOption = Annotated[
    int | None, typer.Option(min=1, help="For --engine: inputs in each file of the results. Default: 2000.")
]
_MOST = 20  # faults that are listed
_EVERY = 10.0  # seconds between lines of progress


@dataclass(frozen=True, slots=True)
class Engine:
    """Where articles are predicted.

    Raises:
        typer.BadParameter: There is no engine for an option.
    """

    name: str | None  # the engine; None: in this process
    address: str | None  # the cluster
    workers: int | None  # processes with the model
    rows: int | None  # inputs in a partition

    def __post_init__(self) -> None:
        given = {"--address": self.address, "--workers": self.workers, "--partition-rows": self.rows}
        for option, value in given.items():
            if value is not None and not self.name:
                raise typer.BadParameter(f"{option} needs --engine ray")

    def check(
        self, inputs: Sequence[str], output: Path | None, form: str, backend: str, others: dict[str, object]
    ) -> Path:
        """Return the folder of the results; `others` are options that do not go with an engine, and what was given for
        them.

        Raises:
            typer.BadParameter: The options do not go with an engine.
        """
        if output is None:
            raise typer.BadParameter("--engine needs --output FOLDER")
        if "-" in inputs:
            raise typer.BadParameter("--engine reads files and folders, not standard input; name some")
        if form not in ("table", "parquet"):
            raise typer.BadParameter("--engine writes Parquet; leave out --format")
        if backend == "cuda":
            raise typer.BadParameter("--engine has a model on each processor; leave out --backend cuda")
        place = output.resolve()
        if around := next((one for one in files_named(inputs) if one == place or one in place.parents), None):
            raise typer.BadParameter(f"{output} is within the input {around}; name a folder outside of it")
        for option, value in others.items():
            if value is not None:
                raise typer.BadParameter(f"--engine does not take {option}; leave it out")
        return output


def predict_on_engine(
    job: Job, load: Callable[[], Model], output: Path, engine: Engine, *, every: bool = False
) -> None:
    """Predict all articles, and exit with 1 if some could not be read."""
    from inference.engines.on_ray import OnRay

    folder = Folder(output)
    model = load()
    record = plan(job, model, folder)
    try:
        totals = run(job, model, folder, record, OnRay(engine.address, engine.workers), _Lines(record.partitions))
    except KeyboardInterrupt:
        done = len(folder.done(record.partitions))
        stop(f"{output} has {done} of {record.partitions} partitions, and the same command goes on from there")
    err.print(f"{output}: {totals.articles} articles, {totals.events} events", highlight=False, soft_wrap=True)
    faults = folder.errors()
    listed = list(islice(faults, None if every else _MOST))
    more = sum(1 for _ in faults)
    if listed:
        fail([*listed, *([f"{more} more; all are in {output / 'errors.jsonl'}"] if more else [])])


class _Lines:
    """Prints on standard error how far the run is, in lines: logs of clusters are no terminals.

    Args:
        partitions: How many partitions there are.
    """

    def __init__(self, partitions: int) -> None:
        self._started = self._told = monotonic()
        self._before = 0
        self._inputs = 0

    def __call__(self, progress: Progress) -> None:
        now = monotonic()
        if not progress.inputs:
            self._before, self._started = progress.done, now
        self._inputs += progress.inputs
        last = progress.done == progress.partitions
        if progress.inputs and not last and now - self._told < _EVERY:
            return
        self._told = now
        fresh = progress.done - self._before
        speed = f"{self._inputs / (now - self._started):.1f} articles a second" if fresh else ""
        left = facts(fresh, progress.partitions - self._before, now - self._started).rpartition(", ")[2]
        told = [f"{progress.done} of {progress.partitions} partitions", *([speed, left] if fresh else [])]
        err.print(", ".join(told), highlight=False, soft_wrap=True)
