"""The work of `conflict-events predict`: texts are read, predicted and written one by one, so that any number fits in
memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from annotations.errors import SHOWN, Told
from annotations.schema import Schema
from inference.dates import Day
from inference.html import page_pieces
from inference.inputs import Input
from inference.tables import event_columns
from inference.tables.other_columns import OtherColumns
from inference.tagger import Tagger
from training.cli.bars import Steps
from training.cli.prediction_files import (
    Csv,
    JsonLines,
    Predicted,
    Tables,
    text_sink,
    write_lines,
    write_parquet,
    write_xlsx,
)
from training.cli.prediction_journal import Parts
from training.cli.prediction_target import Target
from training.cli.printable import json_text, markup_text, printable
from training.cli.tables.predictions import print_prediction
from training.cli.terminal import out

_TEXTS, _CHARACTERS = 64, 1_000_000  # that a model is given at once


@dataclass(slots=True)
class Outcome:
    """What could not be done."""

    # Whether each fault and each file left out is kept; else the first ones, and the number of the others.
    every: bool = False
    faults: Told = field(init=False)  # the faults of inputs that could not be read
    left_out: list[str] = field(default_factory=list)  # the first files of folders that are of no kind that is read
    left_out_count: int = 0  # the number of all such files

    def __post_init__(self) -> None:
        self.faults = Told(self.every)

    def add(self, one: Input) -> None:
        """Note an input without a text."""
        self.faults.add(one.faults)
        if not one.faults:
            self.left_out_count += 1
            if self.every or len(self.left_out) < SHOWN:
                self.left_out.append(one.name)


@dataclass(frozen=True, slots=True)
class Settings:
    """How texts are predicted."""

    day: Day | None = None  # the day of the texts that have none of their own
    min_event_score: float | None = None  # events with a lower score are left out
    min_relevance: float | None = None  # texts with a lower probability of reporting an attack have no result
    geo: bool = False  # whether to look up where events were
    # What decides how inputs are read, as values of JSON; work does not go on with other values.
    read: Mapping[str, Any] = field(default_factory=dict)

    def told(self, model: Tagger, columns: Sequence[str], target: Target) -> dict[str, Any]:
        """Return all that results depend on beside the texts, by the words for it in messages."""
        folder = getattr(model, "folder", None)
        manifest = (folder / "manifest.json").read_bytes() if folder else b""
        return {
            "model": model.name,
            "manifest of the model": hashlib.sha256(manifest).hexdigest(),
            "format": target.form,
            "files": len(target.paths),
            "columns": list(columns),
            "convention": model.convention,
            "thresholds": dict(model.thresholds),
            "least score of an event": self.min_event_score,
            "least relevance": self.min_relevance,
            "geo": self.geo,
            "date": self.day.isoformat() if self.day else None,
            **self.read,
        }


def write_predictions(
    inputs: Iterable[Input],
    load: Callable[[], Tagger],
    target: Target,
    settings: Settings | None = None,
    steps: Steps | None = None,
    *,
    every: bool = False,
) -> Outcome:
    """Predict inputs and write each prediction as it comes.

    Args:
        inputs: The inputs; read one by one.
        load: Loads the model; not called if no input can be read.
        target: Format and files. A file is replaced when all predictions are written.
        settings: How texts are predicted.
        steps: Counts each text and each fault.
        every: Whether all faults are kept, and not only the first ones.

    Returns:
        What could not be read.

    Raises:
        ResumeError: The work is to go on where it stopped, and cannot.
    """
    outcome, steps, settings = Outcome(every), steps or Steps(), settings or Settings()
    rest = iter(inputs)
    first = list(islice(rest, 2))  # a single input is written as an object in JSON, several as a list
    texts = _readable(chain(first, rest), outcome, steps)
    start = list(islice(texts, 1))
    if not start and outcome.faults:
        return outcome
    groups = _groups(chain(start, texts))
    model = load()
    if target.kept:
        _write_parts(groups, model, target, settings, steps)
    else:
        found = (one for group in groups for one in _predicted(group, model, settings, steps))
        _write(found, target, model.schema, single=len(first) == 1)
    return outcome


def _write_parts(
    groups: Iterable[Sequence[Input]], model: Tagger, target: Target, settings: Settings, steps: Steps
) -> None:
    """Write results as they come to files that an interrupted run can go on with."""
    lines = _lines(target, model.schema)
    head = lines.head()
    paths = [path for path in target.paths if path]
    parts = Parts(paths, settings.told(model, head, target), resume=target.resume)
    with parts.opened():
        if parts.fresh:
            parts.put(head)
            parts.mark()
        for group in groups:
            if parts.skip(group):
                steps.skip(len(group))
                continue
            for one in _predicted(group, model, settings, steps):
                parts.put(lines.lines(one))
                parts.count()
            parts.mark()


def _write(found: Iterable[Predicted], target: Target, schema: Schema, *, single: bool) -> None:
    if target.form == "table":
        for one in found:
            print_prediction(out, one.given.name, one.prediction)
    elif target.form == "parquet":
        write_parquet(found, _tables(target, schema), [path for path in target.paths if path])
    elif target.form == "xlsx" and target.output:
        write_xlsx(found, _tables(target, schema), target.output)
    elif target.form in ("csv", "jsonl"):
        write_lines(found, _lines(target, schema), target.paths)
    else:
        with text_sink(target.output) as put_piece:
            for piece in _PIECES["object" if target.form == "json" and single else target.form](found):
                put_piece(piece)


def _lines(target: Target, schema: Schema) -> JsonLines:
    return JsonLines() if target.form == "jsonl" else Csv(_tables(target, schema))


def _tables(target: Target, schema: Schema) -> Tables:
    return Tables(
        schema, OtherColumns(target.others, event_columns(schema)), spans=bool(target.spans) or target.form == "xlsx"
    )


def _readable(inputs: Iterable[Input], outcome: Outcome, steps: Steps) -> Iterator[Input]:
    """Yield each input that can be read; note the others."""
    for one in inputs:
        if one.text is None:
            outcome.add(one)
            steps.step()
        else:
            yield one


def _groups(inputs: Iterable[Input]) -> Iterator[list[Input]]:
    """Yield inputs that are predicted together; always the same ones, see `prediction_journal.py`."""
    group: list[Input] = []
    size = 0
    for one in inputs:
        group.append(one)
        size += len(one.text or "")
        if len(group) == _TEXTS or size > _CHARACTERS:
            yield group
            group, size = [], 0
    if group:
        yield group


def _predicted(group: Sequence[Input], model: Tagger, settings: Settings, steps: Steps) -> Iterator[Predicted]:
    dates = [one.date or settings.day for one in group]
    texts = (one.text or "" for one in group)
    found = model.predict_stream(
        texts,
        dates=dates,
        min_event_score=settings.min_event_score,
        min_relevance=settings.min_relevance,
        geo=settings.geo,
    )
    for one, prediction in zip(group, found, strict=True):
        yield Predicted(one, prediction)
        steps.step()


def _object(found: Iterable[Predicted]) -> Iterator[str]:
    for one in found:
        yield json_text(one.record(), 1) + "\n"


def _list(found: Iterable[Predicted]) -> Iterator[str]:
    """Yield a list record by record, in the layout of `json_text`."""
    empty = True
    for one in found:
        # JSON strings hold no line feeds, so every line feed is layout.
        yield ("[\n " if empty else ",\n ") + json_text(one.record(), 1).replace("\n", "\n ")
        empty = False
    yield "[]\n" if empty else "\n]\n"


def _page(found: Iterable[Predicted]) -> Iterator[str]:
    rest = ((one.given.name, one.prediction) for one in found)
    for first in rest:
        pieces = page_pieces(chain(iter([first]), rest), first[1].schema)  # all have the schema of the first
        del first  # an iterator that ends, and this, let go of what is written
        yield from map(markup_text, pieces)


def _marked(found: Iterable[Predicted]) -> Iterator[str]:
    for one in found:
        # A name of several lines would not fit on one.
        yield printable(one.prediction.to_inline(" ".join(one.given.name.split()) or "text"))


_PIECES: dict[str, Callable[[Iterable[Predicted]], Iterator[str]]] = {
    "object": _object,
    "json": _list,
    "html": _page,
    "inline": _marked,
}
