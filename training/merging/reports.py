"""Reports on known incidents: articles of which one knows which tell of the same attack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotations.errors import DataError, Fault
from annotations.formats.jsonl import read_documents
from annotations.io.json_text import json_lines
from inference.dates import Day, as_date, resolve
from inference.tagger import Tagger
from training.evaluation.incidents import columns


@dataclass(frozen=True, slots=True)
class KnownReport:
    """An article and the incident that its first told attack is."""

    id: str  # its id
    text: str  # its text
    date: Day | None  # its day
    incident: str  # id of the incident


def read_reports(path: Path) -> list[KnownReport]:
    """Read JSON Lines with the keys id, text, date and incident.

    Raises:
        DataError: A line has no id, text or incident, or its date is not one; with all faults.
    """
    found: list[KnownReport] = []
    faults: list[Fault] = []
    for line in json_lines(path):
        record: Mapping[str, Any] = line.record or {}
        values = [record.get(key) for key in ("id", "text", "incident")]
        if line.faults:
            faults += line.faults
        elif not all(isinstance(value, str) and value for value in values):
            remedy = "give it all three, as strings"
            faults.append(Fault("lacks an id, a text or an incident", remedy, str(path), line.number))
        else:
            try:
                found.append(KnownReport(record["id"], record["text"], as_date(record.get("date")), record["incident"]))
            except (TypeError, ValueError) as error:
                faults.append(Fault(str(error), "write it like 2021-03-04", str(path), line.number, record["id"]))
    if faults or not found:
        raise DataError(faults or [Fault("has no reports", "name another file", str(path))])
    return found


def read_stream(path: Path, year: int | None = None) -> list[KnownReport]:
    """Read incidents, of one year if it is given, as `data import wiki-incidents` writes them: each is another attack,
    of a known day."""
    found = []
    for document in read_documents(path):
        row = columns(document)
        words = str(row.get("date") or "")
        day = resolve(words if str(row.get("year")) in words else f"{words} {row.get('year')}")
        if day and (year is None or row.get("year") == year):
            found.append(KnownReport(document.id, document.text, day.start, document.id))
    return found


def predicted(reports: Sequence[KnownReport], model: Tagger) -> list[dict[str, Any]]:
    """Return the predictions of a model as `merge` takes them, with the texts."""
    found = model.predict([report.text for report in reports])
    return [
        {"id": report.id, "text": report.text} | (one.dated(report.date) if report.date else one).to_dict()
        for report, one in zip(reports, found, strict=True)
    ]


def main_events(predictions: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return predictions with only the event that is told first; those without an event are left out."""
    return [{**one, "events": one["events"][:1]} for one in predictions if one["events"]]


def without_texts(predictions: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return predictions without the texts."""
    return [{key: value for key, value in one.items() if key != "text"} for one in predictions]
