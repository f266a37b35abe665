"""Drafts: events being built from spans, by rules or by a learned linker, and how they become predicted events."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from annotations.schema import TRIGGERS, Schema
from annotations.text.sentences import Sentences
from inference.entities.spelling import name_key
from inference.events.account import account_of
from inference.events.participants import participants
from inference.events.wording import GENERIC
from inference.prediction import PredictedEvent, PredictedSpan

REMEMBERED = 50  # events, and names of each, that a trigger is compared with


@dataclass(slots=True)
class Draft:
    """An event being built: its triggers, its other spans by role, their names, and votes for its type."""

    triggers: list[PredictedSpan] = field(default_factory=list)
    roles: dict[str, list[PredictedSpan]] = field(default_factory=dict)
    names: dict[str, deque[str]] = field(default_factory=dict)
    votes: dict[str, float] = field(default_factory=dict)
    unit: int = 0
    score: float | None = None  # the probability that it is real, if a linker gives one

    def add_trigger(self, trigger: PredictedSpan, unit: int = 0) -> None:
        """Add a trigger; words for an attack of any type count less for the type."""
        self.triggers.append(trigger)
        self.unit = unit
        weight = 0.3 if GENERIC.fullmatch(trigger.text) else 1.0
        self.votes[str(trigger.type)] = self.votes.get(str(trigger.type), 0.0) + weight * trigger.score

    def add(self, role: str, span: PredictedSpan) -> None:
        """Add another span."""
        self.roles.setdefault(role, []).append(span)
        names = self.names.setdefault(role, deque(maxlen=REMEMBERED))
        key = name_key(span.text)
        if key not in names:
            names.append(key)

    @property
    def type(self) -> str:
        """The type with the most votes."""
        return max(self.votes, key=lambda kind: self.votes[kind])


def drawn_of(drafts: Sequence[Draft], spans: Sequence[PredictedSpan]) -> list[frozenset[int]]:
    """Return, for each span, the numbers of the drafts it is in."""
    found: dict[str, set[int]] = {}
    for number, draft in enumerate(drafts):
        for span in [*draft.triggers, *chain.from_iterable(draft.roles.values())]:
            found.setdefault(span.id, set()).add(number)
    return [frozenset(found.get(span.id, ())) for span in spans]


def finish(sentences: Sentences, schema: Schema, draft: Draft, event_id: str, convention: str) -> PredictedEvent:
    """Turn a draft into an event, with the draft's spans: its type, participants, tolls, flags and attribution."""
    definition = schema.attack_types.get(draft.type)
    spans = {TRIGGERS: draft.triggers, **draft.roles}
    account = account_of(sentences, schema, draft.type, spans, convention)
    return PredictedEvent(
        id=event_id,
        attack_type=draft.type,
        score=max(trigger.score for trigger in draft.triggers) if draft.score is None else draft.score,
        triggers=tuple(draft.triggers),
        participants={
            role.name: participants(draft.roles.get(role.name, []), role)
            for role in schema.arguments.values()
            if role.named
        },
        toll=account.toll,
        mentions={
            role.name: tuple(draft.roles.get(role.name, [])) for role in schema.arguments.values() if not role.named
        },
        flags=account.flags,
        attribution=account.attribution,
        codes={book: getattr(definition, book, None) for book in schema.code_books},
    )
