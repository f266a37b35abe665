"""From the spans that a source proposes to a document: no two spans overlap, and every loss is noted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from annotations.coverage import declared
from annotations.document import Document, Event, Span
from annotations.importers.alignment.places import Place, overlap
from annotations.importers.base import Imported, Loss, shipped_schema

Record = TypeVar("Record")
Key = tuple[int, int, str, str | None]  # start, end, label, type of a span


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span that an importer proposes."""

    start: int  # offset of the first character
    end: int  # offset behind the last character
    label: str  # label of the schema
    type: str | None = None  # type of that label, if it has types
    kind: str = ""  # the field of the source it comes from, as losses name it
    value: str = ""  # the value of that field
    events: frozenset[int] = frozenset()  # numbers of its events, counted from 0
    # Estimated precision of the rule that found it; None where the source itself marks spans.
    confidence: float | None = None
    reason: str = ""  # the rule that found it

    @property
    def place(self) -> Place:
        """Its offsets."""
        return self.start, self.end

    @property
    def key(self) -> Key:
        """What makes two candidates the same span."""
        return self.start, self.end, self.label, self.type


@dataclass(slots=True)
class Ledger:
    """What was aligned and what was lost in one document."""

    document: str  # document id
    losses: list[Loss] = field(default_factory=list)  # what was lost
    aligned: Counter[str] = field(default_factory=Counter)  # number of values found in the text, by kind
    # Values that the text spells differently, with their first spelling there.
    read_as: dict[str, str] = field(default_factory=dict)

    def lose(self, kind: str, value: str, reason: str, detail: str = "") -> None:
        """Note a loss."""
        self.losses.append(Loss(self.document, kind, value, reason, detail))


def without_overlaps(
    candidates: Iterable[Candidate], fixed: Sequence[Candidate] = ()
) -> tuple[list[Candidate], list[tuple[Candidate, Candidate]]]:
    """Choose candidates that do not overlap: the longest first, of equally long ones the one proposed first.

    A span that is proposed several times becomes one span of all its events.

    Args:
        candidates: In order of preference.
        fixed: Candidates that are always kept.

    Returns:
        The candidates that are kept, in order of offset; and the rejected ones, each with the one it overlaps.
    """
    merged: dict[Key, Candidate] = {}
    for candidate in candidates:
        first = merged.get(candidate.key, candidate)
        merged[candidate.key] = replace(first, events=first.events | candidate.events)
    kept = list(fixed)
    rejected = []
    for candidate in sorted(merged.values(), key=lambda c: c.start - c.end):
        other = next((k for k in kept if overlap(k.place, candidate.place)), None)
        if other is None:
            kept.append(candidate)
        else:
            rejected.append((candidate, other))
    return sorted(kept, key=lambda c: c.start), rejected


def resolved(candidates: Iterable[Candidate], ledger: Ledger, fixed: Sequence[Candidate] = ()) -> list[Candidate]:
    """Keep candidates that do not overlap and note the others as losses.

    Args:
        candidates: In order of preference.
        ledger: Where losses are noted. A value of which nothing is kept no longer counts as aligned.
        fixed: Triggers, which are always kept, as an event needs its trigger.

    Returns:
        What is kept, the triggers included, in order of offset.
    """
    kept, rejected = without_overlaps(candidates, fixed)
    for candidate, other in rejected:
        longer = "another label marks the same words" if other.place == candidate.place else "overlaps a longer span"
        reason = "overlaps a trigger" if other in fixed else longer
        ledger.lose(candidate.kind, candidate.value, reason, f"{other.label} {other.value!r}")
    left = {(candidate.kind, candidate.value) for candidate in kept}
    for kind, _ in {(candidate.kind, candidate.value) for candidate, _ in rejected} - left:
        if ledger.aligned[kind]:
            ledger.aligned[kind] -= 1
    return kept


def finished(
    name: str,
    text: str,
    spans: Sequence[Candidate],
    coverage: Mapping[str, str],
    meta: Mapping[str, Any],
    kinds: Sequence[tuple[str, Mapping[str, Any]]] = (),
) -> Document:
    """Make a document. Spans get the ids S1, S2, … in order of offset, events E1, E2, … in the order given.

    Args:
        name: Its id.
        text: Its text.
        spans: Spans that do not overlap, in order of offset.
        coverage: How far each label is annotated.
        meta: Other fields of the source.
        kinds: Attack type and flags of each event.
    """
    schema = shipped_schema()
    roles: list[dict[str, tuple[str, ...]]] = [{} for _ in kinds]
    for number, span in enumerate(spans, start=1):
        for event in span.events:
            role = schema.role(span.label)
            roles[event][role] = (*roles[event].get(role, ()), f"S{number}")
    marked = [Span(f"S{number}", *span.key) for number, span in enumerate(spans, start=1)]
    events = [Event(f"E{number + 1}", kind, roles[number], flags) for number, (kind, flags) in enumerate(kinds)]
    return declared(Document(name, text, marked, events, meta), coverage)


def imported(
    records: Mapping[str, Record], build: Callable[[Record, Ledger], Document], losses: Iterable[Loss] = ()
) -> Imported:
    """Make a document of each record, and collect what was aligned and lost in all of them."""
    ledgers = {name: Ledger(name) for name in records}
    documents = tuple(build(record, ledgers[name]) for name, record in records.items())
    aligned: Counter[str] = Counter()
    for ledger in ledgers.values():
        aligned.update(ledger.aligned)
    return Imported(documents, (*losses, *(loss for one in ledgers.values() for loss in one.losses)), dict(aligned))
