"""Alignment: which predicted event corresponds to which gold event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from annotations.document import Document, Event
from annotations.schema import Schema
from inference.events.tolls import read_tolls
from inference.numbers.toll import Toll
from inference.prediction import Prediction

Offsets = tuple[int, int]
_HINT = 1e-3  # weight of arguments and type, which decide between equal triggers


@dataclass(frozen=True, slots=True)
class Attack:
    """An event, gold or predicted, in the form that is compared."""

    id: str  # its id
    attack_type: str  # its type
    triggers: frozenset[Offsets]  # offsets of its triggers
    arguments: frozenset[tuple[Offsets, str]]  # offsets and role of its other mentions
    toll: Mapping[str, Toll]  # number by kind
    flags: frozenset[str]  # flags as `name=value`


@dataclass(frozen=True, slots=True)
class Alignment:
    """The events of a document, gold and predicted, one to one."""

    gold: Sequence[Attack]  # gold events
    predicted: Sequence[Attack]  # predicted events
    pairs: Sequence[tuple[int, int, float]]  # index of the gold event, index of the predicted one, similarity above 0

    @property
    def partner(self) -> dict[int, int]:
        """Index of the aligned predicted event by index of the gold event."""
        return {i: j for i, j, _ in self.pairs}


def align_events(document: Document, prediction: Prediction, schema: Schema) -> Alignment:
    """Align the events of a prediction with those of its gold document."""
    gold, predicted = gold_attacks(document, schema), predicted_attacks(prediction)
    return Alignment(gold, predicted, align(gold, predicted))


def gold_attacks(document: Document, schema: Schema) -> list[Attack]:
    """Return a document's events with the tolls that annotators counted; where an event has none, they are computed
    from its gold spans by the rules that read predicted ones."""
    spans = {span.id: span for span in document.spans}
    offsets = {key: (span.start, span.end) for key, span in spans.items()}
    found = []
    for event in document.events:
        tolls = read_tolls(document.text, [spans[key] for key in event.roles["tolls"]], schema)
        # A predicted event keeps only the toll spans that its numbers were read from; a gold one is treated alike.
        read = tuple(span.id for toll in tolls.values() for span in toll.spans)
        numbers = event.toll or {kind: toll.toll for kind, toll in tolls.items()}
        found.append(_attack(replace(event, roles={**event.roles, "tolls": read}), offsets, numbers))
    return found


def predicted_attacks(prediction: Prediction) -> list[Attack]:
    """Return a prediction's events."""
    offsets = {span.id: (span.start, span.end) for span in prediction.spans}
    return [
        _attack(event.to_event(), offsets, {kind: toll.toll for kind, toll in event.reported.items()})
        for event in prediction.events
    ]


def _attack(event: Event, offsets: Mapping[str, Offsets], tolls: Mapping[str, Toll]) -> Attack:
    return Attack(
        event.id,
        event.attack_type,
        frozenset(offsets[key] for key in event.roles["triggers"]),
        frozenset((offsets[key], role) for role, keys in event.roles.items() for key in keys if role != "triggers"),
        dict(tolls),
        frozenset(f"{name}={value}" for name, value in event.flags.items()),
    )


def align(gold: Sequence[Attack], predicted: Sequence[Attack]) -> list[tuple[int, int, float]]:
    """Align the events of a document one to one so that the sum of their similarities is largest (Kuhn–Munkres; CEAF-E
    of Luo 2005).

    Similarity is the Dice coefficient of the triggers; two triggers are the same if they overlap. Ties are decided by
    arguments and type. An event without triggers, which some sources have, is compared by its arguments.

    Returns:
        Index of the gold event, index of the predicted one, similarity above 0.
    """
    if not gold or not predicted:
        return []
    table = np.array([[_similarity(a, b) for b in predicted] for a in gold])
    hints = np.array(
        [[_shared(_places(a), _places(b)) + (a.attack_type == b.attack_type) for b in predicted] for a in gold]
    )
    rows, columns = linear_sum_assignment(table + _HINT * hints, maximize=True)
    return [(int(i), int(j), float(table[i, j])) for i, j in zip(rows, columns, strict=True) if table[i, j] > 0]


def _similarity(gold: Attack, predicted: Attack) -> float:
    if not gold.triggers:
        return _shared(_places(gold), _places(predicted))
    return _shared(gold.triggers, predicted.triggers)


def _places(attack: Attack) -> frozenset[Offsets]:
    return frozenset(offsets for offsets, _ in attack.arguments)


def _shared(some: frozenset[Offsets], others: frozenset[Offsets]) -> float:
    """Dice coefficient of two sets of spans; spans that overlap are the same."""
    if not some or not others:
        return 0.0
    here = sum(any(a[0] < b[1] and b[0] < a[1] for b in others) for a in some)
    there = sum(any(a[0] < b[1] and b[0] < a[1] for b in some) for a in others)
    return (here + there) / (len(some) + len(others))
