"""Rows of the event table and of the span table, from a prediction as `to_dict()` returns it; rows as a data frame."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from annotations.installed import imported
from annotations.schema import Schema
from annotations.text.reading import Reading, read
from annotations.text.sentences import Sentences, sentences_of
from inference.tables.columns import JOIN, Cell, Column, Told, event_columns, span_columns

Row = dict[str, Cell]
# Types with a missing value, so that an empty cell is never 0 or False.
_TYPES = {"text": "string", "date": "datetime64[s]", "integer": "Int64", "number": "Float64", "boolean": "boolean"}
EXTRA = "tables"
_GAP = " … "  # between sentences with others between them
_HASH = 12  # hexadecimal digits: two of a million texts share an id with a probability of 0.2 %


def event_rows(source_id: str, text: str, record: Mapping[str, Any], schema: Schema) -> list[Row]:
    """Return one row for each event.

    Returns:
        Rows in order of first mention, each with every column.
    """
    if not record["events"]:
        return []
    columns = event_columns(schema)
    spans = {span["id"]: span for span in record["spans"]}
    words = {name: span["text"] for name, span in spans.items()}
    ids = event_ids(text, record)
    reading = read(text)
    sentences = sentences_of(reading)
    rows = []
    for event in record["events"]:
        notes = _notes(reading, sentences, [spans[i] for i in span_ids(event, schema)])
        told = Told(source_id, ids[event["id"]], record, event, words, notes)
        rows.append({column.name: column.value(told) for column in columns})
    return rows


def span_rows(source_id: str, text: str, record: Mapping[str, Any], schema: Schema) -> list[Row]:
    """Return one row for each span; arguments as for `event_rows`."""
    ids = event_ids(text, record)
    events: dict[str, list[str]] = {}
    for event in record["events"]:
        for span_id in span_ids(event, schema):
            events.setdefault(span_id, []).append(ids[event["id"]])
    rows = []
    for span in record["spans"]:
        values = {
            **span,
            "source_id": source_id,
            "span_id": span["id"],
            "event_id": JOIN.join(dict.fromkeys(events.get(span["id"], ()))) or None,
            "confidence": span["score"],
            "model": record["model"],
        }
        rows.append({column.name: column.value(values) for column in span_columns()})
    return rows


def event_ids(text: str, record: Mapping[str, Any]) -> dict[str, str]:
    """Return the id of each event in tables, by its id in the prediction.

    Example:
        >>> event_ids("A blast.", {"spans": [{"id": "S1", "start": 2}], "events": [{"id": "E1", "triggers": ["S1"]}]})
        {'E1': 'dcfa5f5896b39-2'}
    """
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()[:_HASH]
    starts = {span["id"]: span["start"] for span in record["spans"]}
    # The letter in front keeps spreadsheets from reading digits only as a number.
    return {event["id"]: f"d{digest}-{min(starts[i] for i in event['triggers'])}" for event in record["events"]}


def span_ids(event: Mapping[str, Any], schema: Schema) -> Iterator[str]:
    """Yield the ids of all spans of an event."""
    yield from event["triggers"]
    for role in schema.arguments.values():
        for item in event.get(role.name, ()):
            yield from item["spans"] if role.named else [item]
    for toll in event["toll"].values():
        yield from toll["spans"]


def _notes(reading: Reading, sentences: Sentences, spans: list[Mapping[str, Any]]) -> str:
    """Return the sentences that have a span of the event, in order."""
    numbers = sorted({sentences.index(reading.find(span["start"], span["end"])[0]) for span in spans})
    pieces, last = [], None
    for number in numbers:
        start, end = sentences.bounds(number)
        if last is not None:
            pieces.append(" " if number == last + 1 else _GAP)
        pieces.append(" ".join(reading.text[start:end].split()))
        last = number
    return "".join(pieces)


def frame(rows: Iterable[Row], columns: Sequence[Column]) -> Any:
    """Return rows as a data frame with every column, also if there are no rows.

    Raises:
        ImportError: pandas is not installed.
    """
    pandas, held = imported("pandas", "a data frame", EXTRA), list(rows)
    return pandas.DataFrame(
        {column.name: pandas.array([row[column.name] for row in held], dtype=_TYPES[column.kind]) for column in columns}
    )
