"""`conflict-events predict`: texts are read, predicted and written one after the other, however many there are."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any

from annotations.errors import Fault
from inference.html import page_pieces
from inference.inputs import Input
from inference.prediction import Prediction
from inference.tagger import Tagger
from training.cli.printable import json_text
from training.cli.terminal import out, put, put_json, put_markup

Named = tuple[str, Prediction]


def write_predictions(inputs: Iterable[Input], load: Callable[[], Tagger], form: str) -> list[Fault]:
    """Predict inputs and write each prediction to standard output as it comes.

    Args:
        inputs: What to predict on; read as it is needed.
        load: Loads the model; not called where no input can be read.
        form: json, jsonl, html or table.

    Returns:
        What is wrong with the inputs that could not be read.
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
    """Yield name and text of what can be read; add what is wrong with the rest to the faults."""
    for one in inputs:
        faults += one.faults
        if one.text is not None:
            yield one.name, one.text


def _predictions(texts: Iterable[tuple[str, str]], model: Tagger) -> Iterator[Named]:
    """Yield predictions with their names."""
    names: deque[str] = deque()  # of the texts that were read and not yet predicted

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
    """Write a list as `put_json` would, record by record."""
    empty = True
    for name, prediction in found:
        # No line feed stands within a string of JSON, so all of them are its layout.
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
    from training.cli.tables.predictions import print_prediction

    for name, prediction in found:
        print_prediction(out, name, prediction)


_WRITERS: dict[str, Callable[[Iterable[Named]], None]] = {
    "object": _put_object,
    "json": _put_list,
    "jsonl": _put_lines,
    "html": _put_page,
    "table": _print_tables,
}
