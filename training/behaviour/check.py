"""Checks of a prediction against an expectation, one sentence per difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from inference.numbers.toll import Toll, describe
from inference.prediction import PredictedEvent, PredictedSpan, Prediction
from training.behaviour.cases import (
    AbsentSpan,
    Bounds,
    Expectation,
    ExpectedEvent,
    ExpectedSpan,
    plain_name,
)
from training.behaviour.slots import occurrences


def differences(expected: Expectation, prediction: Prediction) -> list[str]:
    """Return the differences of a prediction from an expectation with filled slots: what was expected, what was
    predicted."""
    found = [sentence for span in expected.spans for sentence in _missing(span, prediction)]
    found += [sentence for span in expected.absent for sentence in _present(span, prediction)]
    if "events" in expected.model_fields_set:
        found += _event_differences(expected.events, prediction)
    if "attack_types" in expected.model_fields_set:
        wanted, got = sorted(expected.attack_types), sorted(event.attack_type for event in prediction.events)
        if wanted != got:
            found.append(f"expected the attack types {_listed(wanted)}, predicted {_listed(got)}")
    return found


def span_words(span: PredictedSpan) -> str:
    """Return label, type, words and offsets of a span for a message."""
    return f"{_named(span.label, span.type)} {span.text!r} [{span.start}:{span.end}]"


def event_words(event: PredictedEvent) -> str:
    """Return type and first trigger of an event for a message."""
    first = event.triggers[0]
    return f"{event.attack_type} {first.text!r}"


def toll_words(toll: Toll | None) -> str:
    """Return a toll for a message; None is no toll."""
    return describe(toll) if toll else "none"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    Example:
        >>> counted(1, "event"), counted(2, "event")
        ('1 event', '2 events')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _named(label: str | None, kind: str | None) -> str:
    return ":".join(filter(None, [label, kind])) or "span"


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words) or "none"


def _missing(wanted: ExpectedSpan, prediction: Prediction) -> Iterator[str]:
    places = occurrences(prediction.text, wanted.text)
    if wanted.nth:
        places = places[wanted.nth - 1 : wanted.nth]
    over = [span for span in prediction.spans if any(_overlap(span, place) for place in places)]
    for span in over:
        right = span.label == wanted.label and wanted.type in (None, span.type)
        if right and (span.start, span.end) in places:
            return
    which = f" (occurrence {wanted.nth})" if wanted.nth else ""
    got = _listed([span_words(span) for span in over]) if over else "no span there"
    yield f"expected {_named(wanted.label, wanted.type)} {wanted.text!r}{which}, predicted {got}"


def _present(unwanted: AbsentSpan, prediction: Prediction) -> Iterator[str]:
    places = occurrences(prediction.text, unwanted.text) if unwanted.text else [(0, len(prediction.text))]
    found = [
        span_words(span)
        for span in prediction.spans
        if unwanted.label in (None, span.label)
        and unwanted.type in (None, span.type)
        and any(_overlap(span, place) for place in places)
    ]
    if found:
        where = f" on {unwanted.text!r}" if unwanted.text else ""
        yield f"expected no {_named(unwanted.label, unwanted.type)}{where}, predicted {_listed(found)}"


def _overlap(span: PredictedSpan, place: tuple[int, int]) -> bool:
    return span.start < place[1] and place[0] < span.end


def _event_differences(wanted: Sequence[ExpectedEvent], prediction: Prediction) -> list[str]:
    """Compare events in the pairing with the fewest differences."""
    events = prediction.events
    if len(wanted) != len(events):
        number = counted(len(wanted), "event") if wanted else "no attack"
        got = "; ".join(event_words(event) for event in events)
        return [f"expected {number}, predicted {len(events)}: {got}" if got else f"expected {number}, predicted none"]
    if not events:
        return []
    table = [[list(_differences(one, event, prediction)) for event in events] for one in wanted]
    rows, columns = linear_sum_assignment(np.array([[len(found) for found in row] for row in table]))
    return [
        f"expected {want} in event {row + 1}, predicted {got}"
        for row, column in zip(rows, columns, strict=True)
        for want, got in table[row][column]
    ]


def _differences(wanted: ExpectedEvent, event: PredictedEvent, prediction: Prediction) -> Iterator[tuple[str, str]]:
    """Yield what is expected of an event and what was predicted instead."""
    if wanted.attack_type not in (None, event.attack_type):
        yield f"attack_type {wanted.attack_type}", event_words(event)
    for role, words in wanted.roles.items():
        found_as = event.participants.get(role, ())
        names = [who.name for who in found_as]
        # Any of its mentions names a participant.
        known = {plain_name(name) for name in [*names, *(span.text for who in found_as for span in who.spans)]}
        found = names or [span.text for span in event.mentions.get(role, ())]
        lacking = [name for name in words if name not in found and plain_name(name) not in known]
        if lacking:
            yield f"{role} {_listed(lacking)}", _listed(found)
        elif found and not words:
            yield f"no {role}", _listed(found)
    for kind, bounds in wanted.toll.items():
        got = event.reported[kind].toll if kind in event.reported else None
        if not _meets(bounds, got):
            yield f"{kind} {toll_words(_as_toll(bounds))}", toll_words(got)
    for flag, value in wanted.flags.items():
        if event.flags.get(flag) != value:
            yield _flag_words(flag, value), _flag_words(flag, event.flags.get(flag))


def _flag_words(flag: str, value: object) -> str:
    return f"no flag {flag}" if value is None else f"the flag {flag}={value}"


def _as_toll(bounds: Bounds | None) -> Toll | None:
    if bounds is None:
        return None
    low, high = (int(bound) if bound is not None else None for bound in (bounds.min, bounds.max))
    return Toll(low, high, bool(bounds.approximate))


def _meets(bounds: Bounds | None, got: Toll | None) -> bool:
    if bounds is None or got is None:
        return bounds is None and got is None
    same = (bounds.min, bounds.max) == (got.min, got.max)
    return same and bounds.approximate in (None, got.approximate)
