"""Event table: the gold events of a document, each followed by the predicted events aligned with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annotations.coverage import exhaustive
from annotations.document import Document, Event
from annotations.schema import Schema
from inference.numbers.toll import Toll, describe
from inference.prediction import Prediction
from training.evaluation.alignment import Alignment, Attack
from training.evaluation.events import has_events

GOLD = "gold"


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event of one side, in words."""

    side: str  # `gold`, or the name of a version
    id: str  # its id; empty if the side has no such event
    attack_type: str = ""  # its type and flags
    type_wrong: bool = False  # whether the type differs from that of the gold event
    roles: Mapping[str, str] | None = None  # mentions by role, for roles with a table heading
    tolls: Sequence[tuple[str, str, bool]] = ()  # kind, number, and whether it is wrong; includes missing numbers
    note: str = ""  # a note, such as that the event is not in gold


@dataclass(frozen=True, slots=True)
class _Side:
    """One side: its events with offsets and numbers, and mentions by span id."""

    name: str
    events: Sequence[Event]
    attacks: Sequence[Attack]
    mentions: Mapping[str, str]
    shown: Sequence[str]

    def row(self, number: int, gold: Attack | None, tolls_scored: bool, note: str = "") -> EventRow:
        event, attack = self.events[number], self.attacks[number]
        flags = [name if value is True else str(value) for name, value in event.flags.items()]
        return EventRow(
            self.name,
            event.id,
            ", ".join([event.attack_type, *flags]),
            gold is not None and gold.attack_type != attack.attack_type,
            {role: _listed([self.mentions[key] for key in event.roles[role]]) for role in self.shown},
            list(_tolls(attack.toll, gold.toll if gold and tolls_scored else attack.toll)),
            note,
        )


def event_groups(
    document: Document, versions: Mapping[str, tuple[Prediction, Alignment]], schema: Schema
) -> list[list[EventRow]]:
    """Return a document's events: each gold event with the predicted ones aligned with it, then the spurious ones.

    Args:
        document: A gold document.
        versions: Prediction of its text and alignment of its events, by name of the version; at least one.
        schema: The label set.
    """
    scored, tolls = has_events(document, schema), schema.quantity in exhaustive(document, schema)
    shown = [role.name for role in schema.arguments.values() if role.heading]
    mentions = {span.id: document.mention(span) for span in document.spans}
    attacks = next(iter(versions.values()))[1].gold
    gold = _Side(GOLD, document.events, attacks, mentions, shown)
    groups = [[gold.row(number, None, tolls)] for number in range(len(gold.events))]
    for name, (prediction, events) in versions.items():
        side = _Side(
            name,
            [event.to_event() for event in prediction.events],
            events.predicted,
            {span.id: span.text for span in prediction.spans},
            shown,
        )
        partner = events.partner
        for i, attack in enumerate(gold.attacks):
            found = side.row(partner[i], attack, tolls) if i in partner else EventRow(name, "", note="not found")
            groups[i].append(found)
        note = "not in gold" if scored else "events are not annotated here"
        groups += [[side.row(j, None, tolls, note)] for j in range(len(side.events)) if j not in partner.values()]
    return groups


def _tolls(own: Mapping[str, Toll], gold: Mapping[str, Toll]) -> list[tuple[str, str, bool]]:
    return [
        (kind, describe(own[kind]) if kind in own else "none", own.get(kind) != gold.get(kind))
        for kind in dict.fromkeys([*gold, *own])
    ]


def _listed(mentions: Sequence[str]) -> str:
    """List each mention once, ignoring case."""
    first: dict[str, str] = {}
    for mention in mentions:
        first.setdefault(mention.casefold(), mention)
    return ", ".join(first.values())
