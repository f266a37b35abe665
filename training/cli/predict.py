"""`conflict-events predict`."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import astuple
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from inference.dates import Day, as_date
from inference.engines.job import ROWS, Job
from inference.inputs import Columns, Reader, count_inputs, files_named, other_columns, scan_inputs
from training.cli.bars import Steps, shown_bar
from training.cli.options import (
    BackendOption,
    ConventionOption,
    DateColumn,
    IdColumn,
    InputFormat,
    ListAll,
    ModelOption,
    TextColumn,
    ThresholdOption,
    TitleColumn,
    TrackingUri,
    writable,
)
from training.cli.predict_engine import (
    AddressOption,
    Engine,
    EngineOption,
    PartitionOption,
    WorkersOption,
    predict_on_engine,
)
from training.cli.prediction_journal import part_of
from training.cli.prediction_run import Outcome, Settings, write_predictions
from training.cli.prediction_target import TABLES, PredictionFormat, Target
from training.cli.terminal import MORE, err, fail, load_model, out, stop, warn


def predict(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            help="Texts, files and folders of them: plain text, HTML, CSV, TSV, Parquet, JSON, JSON Lines. '-' or "
            "nothing: standard input."
        ),
    ] = None,
    model: ModelOption = None,
    form: PredictionFormat = "table",
    backend: BackendOption = "onnx",
    convention: ConventionOption = None,
    threshold: ThresholdOption = None,
    min_event_score: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Leave out events with a lower score; their spans stay. Default: fitted with the model; 0: none.",
        ),
    ] = None,
    min_relevance: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Find nothing in texts that report an attack with a lower probability."),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD",
            help="Day of the texts that have none of their own, from which 'Monday' and 'last month' are counted.",
        ),
    ] = None,
    text_column: TextColumn = None,
    id_column: IdColumn = None,
    title_column: TitleColumn = None,
    date_column: DateColumn = None,
    input_format: InputFormat = None,
    geo: Annotated[
        bool, typer.Option("--geo", help="Look up country, region and coordinates of events; needs the extra geo.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Write to this file; until all is done, to FILE.part. '-' or nothing: standard output. A folder with "
            "--engine.",
        ),
    ] = None,
    spans: Annotated[
        Path | None,
        typer.Option(callback=writable, help="For csv and parquet: write a table of all spans to this file too."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where the same command stopped, with what FILE.part has.")
    ] = False,
    every: ListAll = False,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Processors that the backend onnx uses. Default: all that there are.")
    ] = None,
    engine: EngineOption = None,
    address: AddressOption = None,
    workers: WorkersOption = None,
    partition_rows: PartitionOption = None,
    uri: TrackingUri = None,
) -> None:
    """Find attacks, perpetrators, victims and tolls in texts.

    Example: `conflict-events predict articles/ --format csv --output events.csv`
    """
    err.lists_all = every
    given = inputs or ["-"]
    output = None if output == Path("-") else output
    columns = Columns(text_column, id_column, title_column, date_column)
    options = {"backend": backend, "convention": convention, "threshold": threshold, "threads": threads}
    chosen = partial(load_model, model, uri, **options)
    on = Engine(engine, address, workers, partition_rows)
    if engine:
        folder = on.check(given, output, form, backend, {"--spans": spans, "--threads": threads})
        wanted = {"min_event_score": min_event_score, "min_relevance": min_relevance, "geo": geo}
        job = Job(given, Path.cwd(), columns, input_format or "", _day(date), wanted, partition_rows or ROWS)
        with _told_to_end():
            predict_on_engine(job, chosen, folder, on, every=every)
        return
    _writable(output)
    target = Target(form, output, spans, resume=resume)
    settings = Settings(
        _day(date),
        min_event_score,
        min_relevance,
        geo,
        {"columns of inputs": list(astuple(columns)), "input format": input_format},
    )
    if taken := files_named(given) & target.files():
        raise typer.BadParameter(f"{taken.pop()} is also an input; write to another file")
    reader = Reader(sys.stdin.buffer, columns, input_format or "", target.files())
    if form in TABLES:
        target = Target(form, output, spans, other_columns(given, reader), resume)
    found = scan_inputs(given, reader)
    with _stopped(target), _progress(given, reader, target) as steps:
        outcome = write_predictions(found, chosen, target, settings, steps, every=every)
    _report(outcome)


def _writable(output: Path | None) -> None:
    try:
        writable(output)
    except typer.BadParameter as error:
        raise typer.BadParameter(error.message, param_hint="'--output' / '-o'") from None


def _report(outcome: Outcome) -> None:
    """List what could not be read, after the predictions on the rest."""
    if outcome.left_out:
        more = outcome.left_out_count - len(outcome.left_out)
        shown = ", ".join(outcome.left_out) + (f" and {more} more ({MORE})" if more else "")
        warn(f"left out, as files of their kind are not read: {shown}")
    if outcome.faults:
        fail(outcome.faults.messages(MORE))


@contextmanager
def _stopped(target: Target) -> Iterator[None]:
    """When the work is interrupted or told to end, say how to go on, and exit with 130."""
    try:
        with _told_to_end():
            yield
    except KeyboardInterrupt:
        part = part_of(target.output) if target.kept and target.output else None
        if part and part.exists():
            stop(f"{part} has what is done, and the same command with --resume goes on from there")
        stop("before all was done")


@contextmanager
def _told_to_end() -> Iterator[None]:
    """Take SIGTERM as an interrupt."""
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, signal.default_int_handler) if main else None
    try:
        yield
    finally:
        if main:
            signal.signal(signal.SIGTERM, before)


def _progress(inputs: Sequence[str], reader: Reader, target: Target) -> AbstractContextManager[Steps]:
    """Show a bar for several texts on a terminal, unless the predictions are shown there too."""
    counted = err.is_terminal and (target.output is not None or not out.is_terminal)
    return shown_bar(count_inputs(inputs, reader) if counted else 0)


def _day(given: str | None) -> Day | None:
    try:
        return as_date(given)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--date") from None
