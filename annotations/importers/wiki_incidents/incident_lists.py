"""Wikipedia's lists of terrorist incidents: one paragraph an incident, with columns, and no spans.

Spans are weak labels: the values of the columns and related words are searched in the text. Each span has a confidence
in `meta["wiki_incidents"]["weak"]`: the estimated precision of its rule.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from annotations.coverage import NONE, SOME
from annotations.document import Document
from annotations.importers.alignment.candidates import Candidate, Ledger, finished, imported, resolved
from annotations.importers.base import Imported, Source, shipped_schema
from annotations.importers.records import Id, Record, read_records
from annotations.importers.wiki_incidents.attack_types import attack_types, flags_of
from annotations.importers.wiki_incidents.columns import UNCONFIRMED, locations, perpetrators, tolls, triggers
from annotations.io.config_files import Shape

COVERAGE = dict.fromkeys(shipped_schema().labels, NONE) | dict.fromkeys(
    ("ATTACK", "PERPETRATOR", "TOLL", "LOCATION"), SOME
)
COUNTS = ("killed", "injured")
KEPT = ("year", "date", "type", "location", "perpetrator", "killed", "injured")  # columns kept in the meta


class _Count(Shape):
    min: int
    max: int


class _Incident(Shape):
    id: Id
    text: str
    type: str
    location: str
    perpetrator: str
    killed: _Count | None
    injured: _Count | None


def read(path: Path) -> Imported:
    """Read a JSON Lines file, or all of a folder.

    Returns:
        One document an incident, and a loss for each value that is not found in the text.

    Raises:
        DataError: With every fault found: lines that are not JSON, columns that are missing or of a wrong type,
            duplicate ids.
    """
    return imported(read_records(path, "*.jsonl", "id", _Incident), _document)


def _document(record: Record, ledger: Ledger) -> Document:
    text = record["text"]
    kind, found = triggers(text, attack_types(record["type"]), ledger, record["type"])
    events = [(kind, flags_of(record["type"]))] if kind else []
    rest = [
        *perpetrators(text, record["perpetrator"], record["location"], ledger),
        *locations(text, record["location"], ledger),
        *(toll for name in COUNTS for toll in tolls(text, name, record[name], ledger)),
    ]
    if kind:
        found, rest = [[_of_event(candidate) for candidate in group] for group in (found, rest)]
    spans = resolved(rest, ledger, resolved(found, ledger))
    weak = {
        f"S{number}": {"confidence": span.confidence, "reason": span.reason}
        for number, span in enumerate(spans, start=1)
    }
    meta = {"wiki_incidents": {**{name: record.get(name) for name in KEPT}, "weak": weak}}
    return finished(record["id"], text, spans, COVERAGE, meta, events)


def _of_event(candidate: Candidate) -> Candidate:
    # A figure that the column does not confirm may count attackers, or the dead of another incident.
    return candidate if candidate.reason == UNCONFIRMED.reason else replace(candidate, events=frozenset([0]))


SOURCE = Source(
    "Wikipedia's lists of terrorist incidents: a paragraph each, weak labels from the columns (JSON Lines)",
    COVERAGE,
    read,
)
