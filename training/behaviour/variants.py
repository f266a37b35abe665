"""Differences between the predictions of two variants of a text, besides the filled words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inference.numbers.toll import Toll
from inference.prediction import PredictedEvent, PredictedSpan, Prediction
from training.behaviour.check import counted, event_words, span_words, toll_words
from training.behaviour.slots import Filled, exact_number

_NumberPairs = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Variant:
    """A filled text and its prediction."""

    filled: Filled
    prediction: Prediction


def first_difference(first: Variant, other: Variant) -> str | None:
    """Return the first difference between the predictions of two variants, or None.

    Spans are equal if offset, label, type and words are, with filled words replaced by their slots. Events are equal if
    type, flags, number of participants and tolls are; in tolls, the number that fills a slot in one variant corresponds
    to the number that fills it in the other.
    """
    return _span_difference(first, other) or next(_event_differences(first, other), None)


def _span_difference(first: Variant, other: Variant) -> str | None:
    wanted = {_key(first.filled, span): span for span in first.prediction.spans}
    got = {_key(other.filled, span): span for span in other.prediction.spans}
    changed = sorted(wanted.keys() ^ got.keys(), key=lambda key: (key[0], str(key)))
    if not changed:
        return None
    at = changed[0][0]
    lacking, added = (
        next((span_words(found[key]) for key in changed if key in found and key[0] == at), None)
        for found in (wanted, got)
    )
    return f"expected {lacking or 'no span'} as there, predicted {added or 'no such span'}"


def _key(filled: Filled, span: PredictedSpan) -> tuple[int, str, str | None, str]:
    return filled.offset(span.start), span.label, span.type, filled.unfilled(span.start, span.end)


def _event_differences(first: Variant, other: Variant) -> Iterator[str]:
    wanted, got = first.prediction.events, other.prediction.events
    if len(wanted) != len(got):
        listed = "; ".join(event_words(event) for event in got) or "none"
        yield f"expected {counted(len(wanted), 'event')} as there, predicted {len(got)}: {listed}"
        return
    numbers = _number_pairs(first.filled, other.filled)
    for number, (one, two) in enumerate(zip(wanted, got, strict=True), start=1):
        for want, have in _event_pairs(one, two, numbers):
            yield f"expected {want} in event {number} as there, predicted {have}"


def _event_pairs(one: PredictedEvent, two: PredictedEvent, numbers: _NumberPairs) -> Iterator[tuple[str, str]]:
    """Yield each difference of two events, in words for each event."""
    if one.attack_type != two.attack_type:
        yield one.attack_type, two.attack_type
    for kind in dict.fromkeys([*one.reported, *two.reported]):
        want, have = (event.reported[kind].toll if kind in event.reported else None for event in (one, two))
        if not _same_toll(want, have, numbers):
            yield f"{kind} {toll_words(want)}", toll_words(have)
    if dict(one.flags) != dict(two.flags):
        want_flags, have_flags = (
            ", ".join(f"{flag}={value}" for flag, value in event.flags.items()) or "none" for event in (one, two)
        )
        yield f"the flags {want_flags}", have_flags
    for role in one.participants:
        wanted, got = len(one.participants[role]), len(two.participants[role])
        if wanted != got:
            yield counted(wanted, role.removesuffix("s")), str(got)


def _number_pairs(first: Filled, other: Filled) -> list[tuple[int, int]]:
    """Return the numbers of numeric slots in both variants, and their sums, since tolls of a sentence add up."""
    pairs = {}
    for (start, end, name), (other_start, other_end, _) in zip(first.slots, other.slots, strict=True):
        one, two = exact_number(first.text[start:end]), exact_number(other.text[other_start:other_end])
        if one is not None and two is not None:
            pairs[name] = (one, two)
    sums = (sum(one for one, _ in pairs.values()), sum(two for _, two in pairs.values()))
    return list(dict.fromkeys([*pairs.values(), sums])) if pairs else []


def _same_toll(want: Toll | None, have: Toll | None, numbers: _NumberPairs) -> bool:
    if want is None or have is None:
        return want is have
    bounds = ((want.min, have.min), (want.max, have.max))
    return want.approximate == have.approximate and all(_same_number(one, two, numbers) for one, two in bounds)


def _same_number(one: int | None, two: int | None, numbers: _NumberPairs) -> bool:
    """Whether two numbers are equal, or correspond to a pair of filled numbers; a number at the same distance from
    both corresponds too ('more than 12' is 13 or more)."""
    if one is None or two is None:
        return one is two
    if any(one == first or two == second for first, second in numbers):
        return any(one == first and two == second for first, second in numbers)
    return one == two or any(one - first == two - second for first, second in numbers)
