"""`conflict-events predict`: texts are read, predicted and written one by one, so that any number fits in memory."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import Annotated, Any, Literal

import typer

from annotations.errors import Fault
from inference.html import page_pieces
from inference.inputs import Input, scan_inputs
from inference.prediction import Prediction
from inference.tagger import Tagger
from training.cli.options import ModelOption, TrackingUri
from training.cli.printable import json_text
from training.cli.tables.predictions import print_prediction
from training.cli.terminal import fail, load_model, out, put, put_json, put_markup

Named = tuple[str, Prediction]
# Each has a writer in `_WRITERS`.
PredictionFormat = Annotated[
    Literal["json", "jsonl", "html", "table"], typer.Option("--format", "-f", help="Output format.")
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
    uri: TrackingUri = None,
) -> None:
    """Find attacks, perpetrators, victims and tolls in texts.

    Example: `conflict-events predict article.txt --format json`
    """
    found = scan_inputs(inputs or ["-"], sys.stdin.buffer)
    chosen = partial(load_model, model, uri, backend=backend, convention=convention, threshold=threshold)
    faults = write_predictions(found, chosen, form)
    if faults:  # after the predictions on the inputs that could be read
        fail([str(fault) for fault in faults])


def write_predictions(inputs: Iterable[Input], load: Callable[[], Tagger], form: str) -> list[Fault]:
    """Predict inputs and write each prediction to standard output as it comes.

    Args:
        inputs: The inputs; read one by one.
        load: Loads the model; not called if no input can be read.
        form: json, jsonl, html or table.

    Returns:
        The faults of the inputs that could not be read.
    """
    faults: list[Fault] = []
    rest = iter(inputs)
    first = list(islice(rest, 2))  # a single input is written as an object in JSON, several as a list
    texts = _readable(chain(first, rest), faults)
    start = list(islice(texts, 1))
    if start or not faults:
        found = _predictions(chain(start, texts), load())
        _WRITERS["object" if form == "json" and len(first) == 1 else form](found)
    return faults


def _readable(inputs: Iterable[Input], faults: list[Fault]) -> Iterator[tuple[str, str]]:
    """Yield name and text of each input that can be read; add the faults of the others to `faults`."""
    for one in inputs:
        faults += one.faults
        if one.text is not None:
            yield one.name, one.text


def _predictions(texts: Iterable[tuple[str, str]], model: Tagger) -> Iterator[Named]:
    """Yield predictions with their names."""
    names: deque[str] = deque()  # of the texts that are read and not yet predicted

    def read() -> Iterator[str]:
        for name, text in texts:
            names.append(name)
            yield text

    for prediction in model.predict_each(read()):
        yield names.popleft(), prediction


def _record(name: str, prediction: Prediction) -> dict[str, Any]:
    return {"id": name} | prediction.to_dict()


def _put_object(found: Iterable[Named]) -> None:
    for name, prediction in found:
        put_json(_record(name, prediction))


def _put_list(found: Iterable[Named]) -> None:
    """Write a list record by record, in the layout of `put_json`."""
    empty = True
    for name, prediction in found:
        # JSON strings hold no line feeds, so every line feed is layout.
        put(("[\n " if empty else ",\n ") + json_text(_record(name, prediction), 1).replace("\n", "\n "))
        empty = False
    put("[]\n" if empty else "\n]\n")


def _put_lines(found: Iterable[Named]) -> None:
    for name, prediction in found:
        put_json(_record(name, prediction), indent=None)


def _put_page(found: Iterable[Named]) -> None:
    for piece in page_pieces(prediction.to_html() for _, prediction in found):
        put_markup(piece)
    put("\n")


def _print_tables(found: Iterable[Named]) -> None:
    for name, prediction in found:
        print_prediction(out, name, prediction)


_WRITERS: dict[str, Callable[[Iterable[Named]], None]] = {
    "object": _put_object,
    "json": _put_list,
    "jsonl": _put_lines,
    "html": _put_page,
    "table": _print_tables,
}
