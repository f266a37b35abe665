"""`conflict-events predict`: texts are read, predicted and written one by one, so that any number fits in memory."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from annotations.errors import Fault
from annotations.schema import Schema
from inference.dates import Day, as_date
from inference.html import page_pieces
from inference.inputs import Input, count_inputs, files_named, scan_inputs
from inference.prediction import Prediction
from inference.tagger import Tagger
from training.cli.options import ModelOption, TrackingUri, writable
from training.cli.prediction_files import TABLES, Named, text_sink
from training.cli.prediction_progress import Step, bar, no_step
from training.cli.printable import json_text, markup_text
from training.cli.tables.predictions import print_prediction
from training.cli.terminal import err, fail, load_model, out

# Each but `table` has a writer in `_TEXTS` or `TABLES`.
PredictionFormat = Annotated[
    Literal["table", "json", "jsonl", "html", "csv", "parquet", "xlsx"],
    typer.Option("--format", "-f", help="Output format; csv, parquet and xlsx have one row for each event."),
]


def predict(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            help="Texts, files, folders of .txt files, or JSON Lines with a key 'text'. '-' or nothing: standard input."
        ),
    ] = None,
    model: ModelOption = None,
    form: PredictionFormat = "table",
    backend: Annotated[
        Literal["onnx", "torch", "cuda"], typer.Option(help="Library that runs the model; cuda is torch on a GPU.")
    ] = "onnx",
    convention: Annotated[
        Literal["range", "acled", "isaf"] | None,
        typer.Option(help="How vague numbers such as 'dozens' are read. Default: as the model's config says."),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Leave out spans with a lower score. Default: as the model was calibrated."),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option(
            metavar="YYYY-MM-DD",
            help="Day of the texts, from which 'Monday' and 'last month' are counted. A key 'date' in JSON Lines comes "
            "first.",
        ),
    ] = None,
    geo: Annotated[
        bool, typer.Option("--geo", help="Look up country, region and coordinates of events; needs the extra geo.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", callback=writable, help="Write to this file, once all is done. Default: standard output."
        ),
    ] = None,
    spans: Annotated[
        Path | None,
        typer.Option(callback=writable, help="For csv and parquet: write a table of all spans to this file too."),
    ] = None,
    uri: TrackingUri = None,
) -> None:
    """Find attacks, perpetrators, victims and tolls in texts.

    Example: `conflict-events predict article.txt --format json`
    """
    target = Target(form, output, spans)
    day = _day(date)
    given = inputs or ["-"]
    if taken := files_named(given) & {path.resolve() for path in (output, spans) if path}:
        raise typer.BadParameter(f"{taken.pop()} is also an input; write to another file")
    found = scan_inputs(given, sys.stdin.buffer)
    chosen = partial(load_model, model, uri, backend=backend, convention=convention, threshold=threshold)
    with _progress(given, target) as step:
        faults = write_predictions(found, chosen, target, day, step, geo=geo)
    if faults:  # after the predictions on the inputs that could be read
        fail([str(fault) for fault in faults])


@dataclass(frozen=True, slots=True)
class Target:
    """Where predictions are written to.

    Args:
        form: The format.
        output: The file; None for standard output.
        spans: The file of the table of spans, for formats that are tables.

    Raises:
        typer.BadParameter: The format cannot be written there.
    """

    form: str
    output: Path | None = None
    spans: Path | None = None

    def __post_init__(self) -> None:
        if self.spans and self.form == "xlsx":
            raise typer.BadParameter("--format xlsx has a sheet of spans; leave out --spans")
        if self.spans and self.form not in TABLES:
            raise typer.BadParameter(f"--spans needs --format {' or '.join(TABLES)}")
        if self.spans and self.output and self.spans.resolve() == self.output.resolve():
            raise typer.BadParameter("--spans and --output name the same file; name two")
        if self.output and self.form == "table":
            raise typer.BadParameter("--output needs another --format; table is for the terminal")
        if self.form in ("parquet", "xlsx") and not self.output:
            raise typer.BadParameter(f"--format {self.form} needs --output FILE")


@contextmanager
def _progress(inputs: Sequence[str], target: Target) -> Iterator[Step]:
    """Show a bar for several texts on a terminal, unless the predictions are shown there too."""
    count = count_inputs(inputs) if err.is_terminal and (target.output or not out.is_terminal) else 0
    if count <= 1:
        yield no_step
        return
    with bar(err, count) as step:
        yield step


def _day(given: str | None) -> Day | None:
    try:
        return as_date(given)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def write_predictions(
    inputs: Iterable[Input],
    load: Callable[[], Tagger],
    target: Target,
    day: Day | None = None,
    step: Step = no_step,
    *,
    geo: bool = False,
) -> list[Fault]:
    """Predict inputs and write each prediction as it comes.

    Args:
        inputs: The inputs; read one by one.
        load: Loads the model; not called if no input can be read.
        target: Format and files. A file is replaced when all predictions are written.
        day: The day of the texts that have none of their own.
        step: Called after each text and each fault.
        geo: Whether to look up where events were.

    Returns:
        The faults of the inputs that could not be read.
    """
    faults: list[Fault] = []
    rest = iter(inputs)
    first = list(islice(rest, 2))  # a single input is written as an object in JSON, several as a list
    texts = _readable(chain(first, rest), faults, step)
    start = list(islice(texts, 1))
    if start or not faults:
        model = load()
        predicted = _predictions(chain(start, texts), model, day, step)
        if geo:
            predicted = ((name, prediction.located()) for name, prediction in predicted)
        _write(predicted, target, model.schema, single=len(first) == 1)
    return faults


def _write(found: Iterable[Named], target: Target, schema: Schema, *, single: bool) -> None:
    if target.form == "table":
        for name, prediction in found:
            print_prediction(out, name, prediction)
    elif target.form in TABLES:
        TABLES[target.form](found, schema, target.output, target.spans)
    else:
        pieces = _TEXTS["object" if target.form == "json" and single else target.form](found)
        with text_sink(target.output) as put_piece:
            for piece in pieces:
                put_piece(piece)


def _readable(inputs: Iterable[Input], faults: list[Fault], step: Step) -> Iterator[Input]:
    """Yield each input that can be read; add the faults of the others to `faults`."""
    for one in inputs:
        faults += one.faults
        if one.text is None:
            step()
        else:
            yield one


def _predictions(inputs: Iterable[Input], model: Tagger, day: Day | None, step: Step) -> Iterator[Named]:
    """Yield predictions with their names."""
    waiting: deque[tuple[str, Day | None]] = deque()  # texts that are read and not yet predicted

    def read() -> Iterator[str]:
        for one in inputs:
            waiting.append((one.name, one.date or day))
            yield one.text or ""

    for prediction in model.predict_each(read()):
        name, own_day = waiting.popleft()
        yield name, prediction if own_day is None else prediction.dated(own_day)
        step()


def _record(name: str, prediction: Prediction) -> dict[str, Any]:
    return {"id": name} | prediction.to_dict()


def _object(found: Iterable[Named]) -> Iterator[str]:
    for name, prediction in found:
        yield json_text(_record(name, prediction), 1) + "\n"


def _list(found: Iterable[Named]) -> Iterator[str]:
    """Yield a list record by record, in the layout of `json_text`."""
    empty = True
    for name, prediction in found:
        # JSON strings hold no line feeds, so every line feed is layout.
        yield ("[\n " if empty else ",\n ") + json_text(_record(name, prediction), 1).replace("\n", "\n ")
        empty = False
    yield "[]\n" if empty else "\n]\n"


def _lines(found: Iterable[Named]) -> Iterator[str]:
    for name, prediction in found:
        yield json_text(_record(name, prediction)) + "\n"


def _page(found: Iterable[Named]) -> Iterator[str]:
    yield from map(markup_text, page_pieces(prediction.to_html() for _, prediction in found))
    yield "\n"


_TEXTS: dict[str, Callable[[Iterable[Named]], Iterator[str]]] = {
    "object": _object,
    "json": _list,
    "jsonl": _lines,
    "html": _page,
}
