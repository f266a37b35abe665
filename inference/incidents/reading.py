"""Reads predictions from the files that `predict --format jsonl` writes."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from annotations.errors import DataError, Fault
from annotations.io.json_text import json_lines
from inference.dates import as_date
from inference.inputs import read_inputs

_REMEDY = "write predictions with 'conflict-events predict … --format jsonl'"
_KEYS = ("id", "attack_type", "score", "triggers", "toll", "flags")


def read_predictions(paths: Sequence[Path], texts: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Read predictions, one by one.

    Args:
        paths: Files of JSON Lines.
        texts: The inputs that were predicted on: files, folders. Without them, a prediction has no text.

    Yields:
        Predictions, with their text under `text` if it is at hand.

    Raises:
        DataError: A line is not a prediction, or two have the same id.
    """
    found = dict(read_inputs(texts, io.BytesIO()))
    seen: dict[str, tuple[str, int]] = {}
    for path in paths:
        for line in json_lines(path):
            faults = line.faults or tuple(_faults(line.record or {}, str(path), line.number))
            if faults or line.record is None:
                raise DataError(faults)
            record, name = line.record, str(line.record["id"])
            if name in seen:
                where = "{}:{}".format(*seen[name])
                problem = f"is the id of the prediction in {where}, too"
                raise DataError.of(problem, "give each article its own id", str(path), line.number, name)
            seen[name] = str(path), line.number
            text = found.pop(name, None)
            yield record if text is None else record | {"text": text}


def _faults(record: Mapping[str, Any], file: str, line: int) -> Iterator[Fault]:
    name = record.get("id")
    if not isinstance(name, str | int) or isinstance(name, bool) or name == "":
        yield Fault("has no id", _REMEDY, file, line)
        return
    document = str(name)
    if not _is_prediction(record):
        yield Fault("is not a prediction with spans and events", _REMEDY, file, line, document)
    try:
        as_date(record.get("date"))
    except (TypeError, ValueError):
        problem = f"has the date {record['date']!r:.40}, which is not one"
        yield Fault(problem, "write it like 2021-03-04, or omit it", file, line, document)


def _is_prediction(record: Mapping[str, Any]) -> bool:
    spans, events = record.get("spans"), record.get("events")
    if not isinstance(spans, list) or not isinstance(events, list):
        return False
    if not all(isinstance(span, dict) and _is_span(span) for span in spans):
        return False
    ids = {span["id"] for span in spans}
    return all(isinstance(event, dict) and _is_event(event, ids) for event in events)


def _is_span(span: Mapping[str, Any]) -> bool:
    return (
        isinstance(span.get("id"), str)
        and isinstance(span.get("text"), str)
        and all(isinstance(span.get(key), int) for key in ("start", "end"))
    )


def _is_event(event: Mapping[str, Any], spans: set[str]) -> bool:
    if not all(key in event for key in _KEYS) or not isinstance(event["toll"], dict):
        return False
    used = [*event["triggers"], *event.get("targets", ()), *event.get("locations", ())]
    return bool(event["triggers"]) and all(isinstance(i, str) and i in spans for i in used)
