"""Spans and events of one text while an importer still collects them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from annotations.coverage import declared
from annotations.document import Document, Event, Span
from annotations.importers.base import Loss
from annotations.schema import Schema, load_schema
from annotations.text.words import words

_DROPPED_IN_FRONT = frozenset(
    ["a", "an", "the", "his", "her", "its", "their", "my", "our", "your", "this", "that", "these", "those"]
)
_APOSTROPHES = frozenset("'’`")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span that an importer proposes.

    Args:
        start: Offset of the first character.
        end: Offset behind the last character.
        label: Label of the schema.
        type: Type of that label, if it has types.
        kind: What of the source it stands for, as losses name it.
        value: The value as the source has it.
        events: Numbers of the events it belongs to, counted from 0.
        confidence: Estimated share of such spans that are right; None where the source itself marks them.
        reason: The rule that found it.
    """

    start: int
    end: int
    label: str
    type: str | None = None
    kind: str = ""
    value: str = ""
    events: frozenset[int] = frozenset()
    confidence: float | None = None
    reason: str = ""


@dataclass(slots=True)
class Ledger:
    """What of one document was found and what was lost.

    Args:
        document: Document id.
        losses: What was lost.
        aligned: How much was found, by kind.
    """

    document: str
    losses: list[Loss] = field(default_factory=list)
    aligned: Counter[str] = field(default_factory=Counter)

    def lose(self, kind: str, value: str, reason: str, detail: str = "") -> None:
        """Note a loss."""
        self.losses.append(Loss(self.document, kind, value, reason, detail))


@dataclass(frozen=True, slots=True)
class Draft:
    """A document in the making.

    Args:
        id: Document id.
        text: The text.
        events: Attack type and flags of each event.
        meta: What else is known.
    """

    id: str
    text: str
    events: Sequence[tuple[str, Mapping[str, Any]]] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)


@lru_cache(maxsize=1)
def _schema() -> Schema:
    return load_schema()


@lru_cache(maxsize=64)
def _words(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(words(text))


def trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the whole words of a stretch without the articles, possessives and marks at its edges.

    Args:
        text: The text.
        start: Offset where the stretch begins.
        end: Offset where it ends.

    Returns:
        Offsets, or None if nothing is left.

    Example:
        >>> text = "(the group's)"
        >>> first, last = trimmed(text, 0, len(text))
        >>> text[first:last]
        'group'
    """
    inner = [(a, b) for a, b in _words(text) if start <= a and b <= end]
    while inner and (not text[inner[0][0]].isalnum() or text[slice(*inner[0])].lower() in _DROPPED_IN_FRONT):
        inner.pop(0)
    while inner:
        last, before = inner[-1], inner[-2] if len(inner) > 1 else inner[-1]
        possessive = text[slice(*last)] == "s" and text[slice(*before)] in _APOSTROPHES
        if text[last[0]].isalnum() and not possessive:
            break
        inner.pop()
    return (inner[0][0], inner[-1][1]) if inner else None


def resolved(candidates: Iterable[Candidate], ledger: Ledger, fixed: Sequence[Candidate] = ()) -> list[Candidate]:
    """Keep candidates that do not overlap: of two that do, the longer one, then the one proposed first.

    The same span proposed twice is one span of all the events it was proposed for.

    Args:
        candidates: In order of preference.
        ledger: Where what is not kept is noted.
        fixed: Triggers, which stay whatever overlaps them: an event is nothing without its trigger.

    Returns:
        What is kept, the fixed ones among it, in order of offset. A value of which nothing is kept no longer counts as
        aligned.
    """
    merged: dict[tuple[int, int, str, str | None], Candidate] = {}
    for candidate in candidates:
        key = (candidate.start, candidate.end, candidate.label, candidate.type)
        first = merged.get(key, candidate)
        merged[key] = replace(first, events=first.events | candidate.events)
    kept = list(fixed)
    lost: dict[tuple[str, str], None] = {}  # in order, once each
    for candidate in sorted(merged.values(), key=lambda c: c.start - c.end):
        other = next((k for k in kept if k.start < candidate.end and candidate.start < k.end), None)
        if other is None:
            kept.append(candidate)
        else:
            reason = _clash(candidate, other, fixed)
            ledger.lose(candidate.kind, candidate.value, reason, f"{other.label} {other.value!r}")
            lost[candidate.kind, candidate.value] = None
    for kind, value in lost:
        if ledger.aligned[kind] and not any((k.kind, k.value) == (kind, value) for k in kept):
            ledger.aligned[kind] -= 1
    return sorted(kept, key=lambda c: c.start)


def _clash(candidate: Candidate, other: Candidate, fixed: Sequence[Candidate]) -> str:
    if other in fixed:
        return "overlaps a trigger"
    same = (other.start, other.end) == (candidate.start, candidate.end)
    return "the same words carry another label" if same else "overlaps a longer span"


def finished(draft: Draft, spans: Sequence[Candidate], coverage: Mapping[str, str]) -> Document:
    """Make the document: spans get the ids S1, S2, … in order of offset, events E1, E2, … in theirs.

    Args:
        draft: The document in the making.
        spans: Spans that do not overlap, in order of offset.
        coverage: How far each label is annotated.
    """
    schema = _schema()
    roles: list[dict[str, tuple[str, ...]]] = [{} for _ in draft.events]
    for number, span in enumerate(spans, start=1):
        for event in span.events:
            role = schema.role(span.label)
            roles[event][role] = (*roles[event].get(role, ()), f"S{number}")
    document = Document(
        draft.id,
        draft.text,
        [Span(f"S{number}", s.start, s.end, s.label, s.type) for number, s in enumerate(spans, start=1)],
        [Event(f"E{number + 1}", kind, roles[number], flags) for number, (kind, flags) in enumerate(draft.events)],
        draft.meta,
    )
    return declared(document, coverage)
