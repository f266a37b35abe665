"""Wikipedia's lists of terrorist incidents: one paragraph an incident, with columns, and no spans.

Spans are weak labels: the words of the columns and the words that go with them are looked for in the text. Each span
has a confidence in `meta["wiki_incidents"]["weak"]`: the estimated share of spans of its rule that are right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from annotations.document import Document
from annotations.importers.base import Imported, Loss, Source
from annotations.importers.drafts import Candidate, Draft, Ledger, finished, resolved
from annotations.importers.records import Record, read_json_lines
from annotations.importers.wiki_incidents.attack_types import attack_types, flags_of
from annotations.importers.wiki_incidents.columns import UNCONFIRMED, Find, locations, perpetrators, tolls, triggers

COVERAGE = {
    "ATTACK": "some",
    "PERPETRATOR": "some",
    "VICTIM": "none",
    "TOLL": "some",
    "WEAPON": "none",
    "TARGET": "none",
    "LOCATION": "some",
    "DATE": "none",
}
KEYS = {"id": str, "text": str, "type": str, "location": str, "perpetrator": str}
COUNTS = ("killed", "injured")
KEPT = ("year", "date", "type", "location", "perpetrator", "killed", "injured")  # columns that go to meta as they are


def read(path: Path) -> Imported:
    """Read a JSON Lines file, or every one in a folder.

    Args:
        path: A file with one incident a line, or a folder.

    Returns:
        A document an incident, and a loss for each column whose value has no place in the text.

    Raises:
        DataError: With every fault found: lines that are no JSON, columns that are missing or of the wrong type, ids
            that stand twice.
    """
    documents: list[Document] = []
    losses: list[Loss] = []
    aligned: Counter[str] = Counter()
    for record in read_json_lines(path, "id", KEYS, _problems):
        ledger = Ledger(record["id"])
        documents.append(_document(record, ledger))
        losses += ledger.losses
        aligned.update(ledger.aligned)
    return Imported(tuple(documents), tuple(losses), dict(aligned))


def _problems(record: Record) -> Iterator[tuple[str, str]]:
    """Yield (place, problem) for counts that are neither null nor a pair of bounds."""
    for name in COUNTS:
        count = record.get(name)
        if name not in record:
            yield name, "is missing"
        elif count is not None and not (
            isinstance(count, dict) and all(type(count.get(k)) is int for k in ("min", "max"))
        ):
            yield name, "is neither null nor an object with the numbers 'min' and 'max'"


def _document(record: Record, ledger: Ledger) -> Document:
    text = record["text"]
    kind, found = triggers(text, attack_types(record["type"]), ledger, record["type"])
    events = [(kind, flags_of(record["type"]))] if kind else []
    event = frozenset([0]) if kind else frozenset()
    fixed = resolved([_candidate(find, event) for find in found], ledger)
    rest = [
        *perpetrators(text, record["perpetrator"], record["location"], ledger),
        *locations(text, record["location"], ledger),
        *(toll for name in COUNTS for toll in tolls(text, name, record[name], ledger)),
    ]
    spans = resolved([_candidate(find, event) for find in rest], ledger, fixed)
    weak = {
        f"S{number}": {"confidence": span.confidence, "reason": span.reason}
        for number, span in enumerate(spans, start=1)
    }
    meta = {"wiki_incidents": {**{name: record.get(name) for name in KEPT}, "weak": weak}}
    return finished(Draft(record["id"], text, events, meta), spans, COVERAGE)


def _candidate(find: Find, event: frozenset[int]) -> Candidate:
    # A figure that the column does not confirm may count attackers, or the dead of another incident.
    event = frozenset() if find.rule is UNCONFIRMED else event
    return Candidate(
        find.start,
        find.end,
        find.label,
        find.type,
        find.kind,
        find.value,
        event,
        find.rule.confidence,
        find.rule.reason,
    )


SOURCE = Source(
    name="wiki_incidents",
    summary="Wikipedia's lists of terrorist incidents: a paragraph each, weak labels from the columns (JSON Lines)",
    coverage=COVERAGE,
    read=read,
)
