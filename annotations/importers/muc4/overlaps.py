"""Putting marks that may overlap onto a text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from annotations.document import Event, Span
from annotations.importers.base import Loss
from annotations.importers.muc4.search import Place

OVERLAP = "overlaps a longer span"
TAKEN = "the same words are marked with another label or type"
WITHIN = "stands only within longer mentions of its own role"
SWALLOWED = "stands only where something else is marked"
OCCURRENCE = "occurrence"

_Wanted = tuple[Place, str, str | None]  # place, label and type of a span

# Of two labels for the same words the first one is kept.
ORDER = ("TOLL", "DATE", "VICTIM", "PERPETRATOR", "TARGET", "WEAPON", "LOCATION")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place that is to be a span.

    Args:
        place: Offsets (start, end).
        label: Its label.
        kind: The slot or role it comes from.
        value: The string that was looked for.
        event: Number of the event it belongs to, counted from 0; None where there are no events.
        type: A type of the label, for labels that have types.
    """

    place: Place
    label: str
    kind: str
    value: str
    event: int | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """Spans that do not overlap.

    Args:
        spans: The spans.
        marks: The marks that each became, by span id.
        losses: Places that gave way, and values with no place left.
        standing: Number of values with a place, by kind.
    """

    spans: tuple[Span, ...]
    marks: dict[str, tuple[Mark, ...]]
    losses: tuple[Loss, ...]
    standing: Counter[str]


def settle(document: str, text: str, marks: Iterable[Mark]) -> Settled:
    """Make spans of marks: of two that overlap the longer one is kept.

    Every place that gives way is a loss of the kind 'occurrence'; a value with no place left is a loss of its own kind.

    Example:
        >>> marks = [Mark((0, 9), "TARGET", "id", "Quell inn"), Mark((0, 5), "LOCATION", "place", "Quell")]
        >>> settled = settle("d1", "Quell inn", marks)
        >>> settled.spans
        (Span(id='S1', start=0, end=9, label='TARGET', type=None),)
        >>> [(loss.kind, loss.reason) for loss in settled.losses]
        [('occurrence', 'overlaps a longer span'), ('place', 'stands only where something else is marked')]
    """
    by_span: dict[_Wanted, list[Mark]] = defaultdict(list)
    for mark in dict.fromkeys(marks):
        by_span[mark.place, mark.label, mark.type].append(mark)
    kept: list[_Wanted] = []
    rivals: dict[_Wanted, _Wanted] = {}
    losses: list[Loss] = []
    for wanted in sorted(by_span, key=_rank):
        rival = next((other for other in kept if other[0][0] < wanted[0][1] and wanted[0][0] < other[0][1]), None)
        if rival is None:
            kept.append(wanted)
            continue
        rivals[wanted] = rival
        if not set(map(_source, by_span[wanted])) <= set(map(_source, by_span[rival])):
            losses.append(_gave_way(document, text, wanted, rival))
    kept.sort(key=lambda wanted: wanted[0])
    ids = {wanted: f"S{number}" for number, wanted in enumerate(kept, start=1)}
    standing = {_source(mark) for wanted in kept for mark in by_span[wanted]}
    fallen = {_source(mark) for mark_list in by_span.values() for mark in mark_list} - standing
    losses += [_fell(document, source, by_span, rivals) for source in sorted(fallen, key=str)]
    return Settled(
        tuple(Span(ids[wanted], *wanted[0], *wanted[1:]) for wanted in kept),
        {ids[wanted]: tuple(by_span[wanted]) for wanted in kept},
        tuple(losses),
        Counter({OCCURRENCE: len(kept)}) + Counter(kind for kind, _, _ in standing),
    )


def _source(mark: Mark) -> tuple[str, str, int | None]:
    return mark.kind, mark.value, mark.event


def _fell(
    document: str,
    source: tuple[str, str, int | None],
    by_span: Mapping[_Wanted, list[Mark]],
    rivals: Mapping[_Wanted, _Wanted],
) -> Loss:
    """Return the loss of a value that has no place left; one within its own role is told by the longer mention."""
    kind, value, event = source
    wanted = [span for span, marks in by_span.items() if source in map(_source, marks)]
    own = all(
        rivals[span][1:] == span[1:] and any(mark.event == event for mark in by_span[rivals[span]]) for span in wanted
    )
    return Loss(document, kind, value, WITHIN if own else SWALLOWED)


def _gave_way(document: str, text: str, wanted: _Wanted, rival: _Wanted) -> Loss:
    reason = TAKEN if rival[0] == wanted[0] else OVERLAP
    detail = f"{_name(wanted)} at {wanted[0][0]}; {_name(rival)} {text[slice(*rival[0])]!r:.80} is kept"
    return Loss(document, OCCURRENCE, text[slice(*wanted[0])], reason, detail)


def _rank(wanted: _Wanted) -> tuple[int, int, int, str]:
    (start, end), label, kind = wanted
    return start - end, start, ORDER.index(label), kind or ""


def _name(wanted: _Wanted) -> str:
    return ":".join(filter(None, wanted[1:]))


def tied(settled: Settled, events: Sequence[Event], roles: dict[str, str]) -> tuple[Event, ...]:
    """Return the events with the ids of their spans; `roles` has the role by label."""
    result = []
    for number, event in enumerate(events):
        found: dict[str, list[str]] = defaultdict(list)
        for span in settled.spans:
            if any(mark.event == number for mark in settled.marks[span.id]):
                found[roles[span.label]].append(span.id)
        filled = {role: tuple(ids) for role, ids in found.items()}
        result.append(replace(event, roles=filled))
    return tuple(result)
