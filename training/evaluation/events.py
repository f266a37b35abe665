"""Event measures: attacks found, typed, filled with arguments, tolls and flags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotations.coverage import exhaustive
from annotations.document import Document
from annotations.schema import TOLLS, TRIGGERS, Schema
from inference.numbers.toll import Toll
from inference.prediction import Prediction
from training.evaluation.alignment import Attack, align, gold_attacks, predicted_attacks
from training.evaluation.counts import Measure, Tally

_ROWS = ("detection", "classification", "ceaf", "argument_identification", "argument_classification", "toll", "flag")
_MATCHED, _PREDICTED, _GOLD = range(3)


def event_rows(schema: Schema) -> tuple[str, ...]:
    """Return the rows of an event tally: the seven measures, then each attack type, kind of toll, and role.

    | row | an item is | it matches when |
    |---|---|---|
    | `event/detection` | an event | it is aligned (`alignment.align`) |
    | `event/classification` | an event | it is aligned, and the attack type is right |
    | `event/ceaf` | an event | by its similarity: CEAF-E with φ4 on triggers (Luo 2005) |
    | `event/argument_identification` | a mention of an event | the aligned event has a mention with these offsets |
    | `event/argument_classification` | a mention and its role | and it has the same role |
    | `event/toll` | the number of one kind of an event | min, max and approximate are those of the aligned event |
    | `event/flag` | a flag with its value | the aligned event has it |

    Arguments are counted as Li et al. (2013) do, but whatever the attack type, which `event/classification` tells.
    """
    types = (f"event/type:{name}" for name in schema.attack_types)
    kinds = (f"event/toll:{kind}" for kind in schema.toll_kinds)
    roles = (f"event/role:{role}" for role in _roles(schema))
    return (*(f"event/{row}" for row in _ROWS), *types, *kinds, *roles)


def event_measures(schema: Schema) -> list[Measure]:
    """Return the F1 measures of events; `event_type_macro` is the mean over attack types of `event/type:…`."""
    rows = event_rows(schema)
    single = [Measure(row.replace("/", "_"), (row,)) for row in rows]
    types = tuple(row for row in rows if row.startswith("event/type:"))
    return [*single[: len(_ROWS)], Measure("event_type_macro", types, macro=True), *single[len(_ROWS) :]]


def _roles(schema: Schema) -> tuple[str, ...]:
    return tuple(role for role in schema.roles if role != TRIGGERS)


def has_events(document: Document, schema: Schema) -> bool:
    """Whether a document's events can be scored: its triggers are annotated exhaustively, and put into events."""
    marked = any(span.label == schema.trigger for span in document.spans)
    return schema.trigger in exhaustive(document, schema) and bool(document.events or not marked)


def event_tally(documents: Sequence[Document], predictions: Sequence[Prediction], schema: Schema) -> Tally:
    """Count events, arguments, tolls and flags, document by document.

    A document whose events cannot be scored counts nothing, and neither do arguments of a label that a document does
    not annotate exhaustively.

    Args:
        documents: Gold documents.
        predictions: One for each, in the same order.
        schema: The label set.
    """
    rows = event_rows(schema)
    counts = np.zeros((len(documents), len(rows), 3))
    at = {row: number for number, row in enumerate(rows)}
    for table, document, prediction in zip(counts, documents, predictions, strict=True):
        if has_events(document, schema):
            for row, column, amount in _counted(document, prediction, schema):
                table[at[row], column] += amount
    return Tally(rows, counts)


def _counted(document: Document, prediction: Prediction, schema: Schema) -> Iterator[tuple[str, int, float]]:
    roles = {schema.role(label) for label in exhaustive(document, schema)}
    gold, predicted = gold_attacks(document, schema), predicted_attacks(prediction)
    for attacks, column in ((gold, _GOLD), (predicted, _PREDICTED)):
        for attack in attacks:
            yield from ((row, column, amount) for row, amount in _items(attack, roles).items())
    for i, j, similarity in align(gold, predicted):
        yield "event/ceaf", _MATCHED, similarity
        yield from ((row, _MATCHED, amount) for row, amount in _matches(gold[i], predicted[j], roles).items())


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
    """Count what two aligned events share: detection, and what is the same in both."""
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
    """A number of people that a prediction has wrong.

    Args:
        document: Document id.
        event: Id of the gold event; of the predicted one where no gold event is aligned with it.
        kind: Kind of toll.
        gold: The right number; None where the text gives none.
        predicted: The number predicted; None where none was.
    """

    document: str
    event: str
    kind: str
    gold: Toll | None
    predicted: Toll | None

    def to_dict(self) -> dict[str, Any]:
        """Return the error as plain values."""
        sides = {
            name: toll.to_dict() if toll else None
            for name, toll in (("gold", self.gold), ("predicted", self.predicted))
        }
        return {"document": self.document, "event": self.event, "kind": self.kind, **sides}


def toll_errors(document: Document, prediction: Prediction, schema: Schema) -> list[TollError]:
    """Return every toll of a document's events that is wrong, missing or invented."""
    if not has_events(document, schema) or schema.quantity not in exhaustive(document, schema):
        return []
    gold, predicted = gold_attacks(document, schema), predicted_attacks(prediction)
    partner = {i: j for i, j, _ in align(gold, predicted)}
    pairs: list[tuple[Attack | None, Attack | None]] = [
        (attack, predicted[partner[i]] if i in partner else None) for i, attack in enumerate(gold)
    ]
    pairs += [(None, attack) for j, attack in enumerate(predicted) if j not in partner.values()]
    found = []
    for true, guess in pairs:
        known = true or guess
        if known is None:
            continue
        numbers = [attack.toll if attack else {} for attack in (true, guess)]
        for kind in dict.fromkeys([*numbers[0], *numbers[1]]):
            sides = numbers[0].get(kind), numbers[1].get(kind)
            if sides[0] != sides[1]:
                found.append(TollError(document.id, known.id, kind, *sides))
    return found
