"""Event measures: detection, attack type, arguments, tolls and flags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from annotations.coverage import exhaustive
from annotations.document import Document
from annotations.schema import TOLLS, TRIGGERS, Schema
from inference.numbers.toll import Toll
from training.evaluation.alignment import Alignment, Attack
from training.evaluation.counts import Measure, Tally

_ROWS = (
    "detection",
    "classification",
    "ceaf",
    "argument_identification",
    "argument_classification",
    "toll",
    "flag",
    "document",
)
_MATCHED, _PREDICTED, _GOLD = range(3)


def event_rows(schema: Schema) -> tuple[str, ...]:
    """Return the rows of an event tally: the eight measures, then each attack type, kind of toll, and role.

    | row | an item is | it matches when |
    |---|---|---|
    | `event/detection` | an event | it is aligned (`alignment.align`) |
    | `event/classification` | an event | it is aligned, and the attack type is right |
    | `event/ceaf` | an event | by its similarity: CEAF-E with φ4 on triggers (Luo 2005) |
    | `event/argument_identification` | a mention of an event | the aligned event has a mention with these offsets |
    | `event/argument_classification` | a mention and its role | and it has the same role |
    | `event/toll` | the number of one kind of an event | min, max and approximate are those of the aligned event |
    | `event/flag` | a flag with its value | the aligned event has it |
    | `event/document` | a document with an event | both sides have one |

    Arguments are counted as by Li et al. (2013), but regardless of the attack type.
    """
    types = (f"event/type:{name}" for name in schema.attack_types)
    kinds = (f"event/toll:{kind}" for kind in schema.toll_kinds)
    roles = (f"event/role:{role}" for role in schema.roles if role != TRIGGERS)
    return (*(f"event/{row}" for row in _ROWS), *types, *kinds, *roles)


def event_measures(schema: Schema) -> list[Measure]:
    """Return the F1 measures of events; `event_type_macro` is the mean over attack types of `event/type:…`."""
    rows = event_rows(schema)
    single = [Measure(row.replace("/", "_"), (row,)) for row in rows]
    types = tuple(row for row in rows if row.startswith("event/type:"))
    return [*single[: len(_ROWS)], Measure("event_type_macro", types, macro=True), *single[len(_ROWS) :]]


def has_events(document: Document, schema: Schema) -> bool:
    """Whether a document's events can be scored: its triggers are annotated exhaustively and grouped into events."""
    marked = any(span.label == schema.trigger for span in document.spans)
    return schema.trigger in exhaustive(document, schema) and bool(document.events or not marked)


def event_tally(documents: Sequence[Document], alignments: Sequence[Alignment], schema: Schema) -> Tally:
    """Count events, arguments, tolls and flags, document by document.

    A document whose events cannot be scored is not counted, nor are arguments of a label that a document does not
    annotate exhaustively. Documents and the alignments of their events are in the same order.
    """
    rows = event_rows(schema)
    counts = np.zeros((len(documents), len(rows), 3))
    at = {row: number for number, row in enumerate(rows)}
    for table, document, events in zip(counts, documents, alignments, strict=True):
        if has_events(document, schema):
            roles = {schema.role(label) for label in exhaustive(document, schema)}
            for row, column, amount in _counted(events, roles):
                table[at[row], column] += amount
    return Tally(rows, counts)


def false_alarms(tally: Tally) -> tuple[int, int]:
    """Return the number of documents without an attack in which one is predicted, and of all without an attack.

    Documents whose events cannot be scored count as having none.
    """
    found = tally.score("event/document")
    return int(found.predicted - found.matched), len(tally.counts) - found.gold


def _counted(events: Alignment, roles: set[str]) -> Iterator[tuple[str, int, float]]:
    sides = (bool(events.gold and events.predicted), bool(events.predicted), bool(events.gold))
    yield from (
        ("event/document", column, 1) for column, has in zip((_MATCHED, _PREDICTED, _GOLD), sides, strict=True) if has
    )
    for attacks, column in ((events.gold, _GOLD), (events.predicted, _PREDICTED)):
        for attack in attacks:
            yield from ((row, column, amount) for row, amount in _items(attack, roles).items())
    for i, j, similarity in events.pairs:
        yield "event/ceaf", _MATCHED, similarity
        shared = _matches(events.gold[i], events.predicted[j], roles)
        yield from ((row, _MATCHED, amount) for row, amount in shared.items())


def _items(attack: Attack, roles: set[str]) -> Counter[str]:
    """Count what an event could match."""
    found = Counter(["event/detection", "event/classification", "event/ceaf", f"event/type:{attack.attack_type}"])
    kept = {(offsets, role) for offsets, role in attack.arguments if role in roles}
    found["event/argument_identification"] = len({offsets for offsets, _ in kept})
    found["event/argument_classification"] = len(kept)
    found.update(f"event/role:{role}" for _, role in kept)
    if TOLLS in roles:
        found["event/toll"] = len(attack.toll)
        found.update(f"event/toll:{kind}" for kind in attack.toll)
    found["event/flag"] = len(attack.flags)
    return found


def _matches(gold: Attack, predicted: Attack, roles: set[str]) -> Counter[str]:
    """Count what two aligned events share."""
    both = Attack(
        gold.id,
        gold.attack_type,
        gold.triggers & predicted.triggers,
        gold.arguments & predicted.arguments,
        {kind: toll for kind, toll in gold.toll.items() if predicted.toll.get(kind) == toll},
        gold.flags & predicted.flags,
    )
    found = _items(both, roles)
    del found["event/ceaf"]
    if gold.attack_type != predicted.attack_type:
        del found["event/classification"], found[f"event/type:{gold.attack_type}"]
    places = [{offsets for offsets, role in attack.arguments if role in roles} for attack in (gold, predicted)]
    found["event/argument_identification"] = len(places[0] & places[1])
    return found


@dataclass(frozen=True, slots=True)
class TollError:
    """A wrong number of people."""

    document: str  # document id
    event: str  # id of the gold event, or of a predicted event that is aligned with none
    kind: str  # kind of toll
    gold: Toll | None  # the gold number, or None
    predicted: Toll | None  # the predicted number, or None
    # Offsets of the figures of both events, of any kind.
    places: frozenset[tuple[int, int]] = field(default=frozenset(), compare=False, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the error as plain values."""
        sides = {
            name: toll.to_dict() if toll else None
            for name, toll in (("gold", self.gold), ("predicted", self.predicted))
        }
        return {"document": self.document, "event": self.event, "kind": self.kind, **sides}


def toll_errors(document: Document, events: Alignment, schema: Schema) -> list[TollError]:
    """Return every toll of a document's events that is wrong, missing or spurious."""
    if not has_events(document, schema) or schema.quantity not in exhaustive(document, schema):
        return []
    partner = events.partner
    none: Mapping[str, Toll] = {}
    pairs = [(gold, events.predicted[partner[i]] if i in partner else None) for i, gold in enumerate(events.gold)]
    sides = [(gold.id, gold.toll, other.toll if other else none, [gold, *([other] if other else [])])
             for gold, other in pairs]  # fmt: skip
    sides += [(one.id, none, one.toll, [one]) for j, one in enumerate(events.predicted) if j not in partner.values()]
    found = []
    for event, gold, predicted, attacks in sides:
        places = frozenset(place for attack in attacks for place, role in attack.arguments if role == TOLLS)
        found += [
            TollError(document.id, event, kind, gold.get(kind), predicted.get(kind), places)
            for kind in dict.fromkeys([*gold, *predicted])
            if gold.get(kind) != predicted.get(kind)
        ]
    return found
