"""Groups: which triggers report one attack, and which events an argument belongs to, by probabilities of pairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
import numpy.typing as npt

from inference.events.facts import Facts
from inference.events.pairs import Pairs

_Table = dict[int, dict[int, tuple[float, int]]]  # sum and number of the probabilities between two groups
Probabilities = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rated:
    """A document with rated pairs."""

    facts: Facts  # its spans
    same: Pairs  # pairs of triggers
    belongs: Pairs  # pairs of a trigger and an argument
    same_probability: Probabilities  # whether both triggers report the same attack, (pairs,)
    belongs_probability: Probabilities  # whether the argument belongs to the attack of the trigger, (pairs,)


def clusters_of(rated: Rated, join: float) -> list[list[int]]:
    """Group triggers: the two groups with the highest mean probability of their pairs are joined, again and again.

    Args:
        rated: A document with rated pairs.
        join: Mean probability below which nothing is joined.

    Returns:
        Rows of the triggers of each event, in order of first mention.
    """
    triggers = rated.facts.triggers.tolist()
    place = {row: number for number, row in enumerate(triggers)}
    table: _Table = {number: {} for number in range(len(triggers))}
    rows = zip(rated.same.first.tolist(), rated.same.second.tolist(), rated.same_probability.tolist(), strict=True)
    for first, second, probability in rows:
        a, b = place[first], place[second]
        table[a][b] = table[b][a] = (probability, 1)
    groups = {number: [row] for number, row in enumerate(triggers)}
    for keep, gone in _joins(table, join):
        groups[keep] += groups.pop(gone)
    return sorted((sorted(group) for group in groups.values()), key=lambda group: group[0])


def _joins(table: _Table, join: float) -> Iterator[tuple[int, int]]:
    """Yield the groups to join, best first: the one that stays and the one that goes into it."""
    heap = [(-total, a, b, count) for a, row in table.items() for b, (total, count) in row.items() if a < b]
    heapify(heap)
    while heap and -heap[0][0] > join:
        _, keep, gone, count = heappop(heap)
        if table.get(keep, {}).get(gone, (0.0, 0))[1] != count:
            continue  # one of the two has been joined to another since
        yield keep, gone
        for other in _merge(table, keep, gone):
            total, pairs = table[keep][other]
            heappush(heap, (-total / pairs, min(keep, other), max(keep, other), pairs))


def _merge(table: _Table, keep: int, gone: int) -> list[int]:
    """Add the pairs of one group to those of another; return the groups that it has new pairs with."""
    row = table[keep]
    row.pop(gone, None)
    changed = []
    for other, (total, count) in table.pop(gone).items():
        if other == keep:
            continue
        known = row.get(other, (0.0, 0))
        row[other] = table[other][keep] = (known[0] + total, known[1] + count)
        table[other].pop(gone, None)
        changed.append(other)
    return changed


def arguments_of(rated: Rated, clusters: Sequence[Sequence[int]], several: float, least: float) -> dict[int, list[int]]:
    """Choose the events of each argument.

    Args:
        rated: A document with rated pairs.
        clusters: Rows of the triggers of each event.
        several: Probability at which an argument belongs to an event; it may belong to several.
        least: Probability at which it belongs to its best event.

    Returns:
        Numbers of events by row of an argument; an argument of none is absent. The probability of an event is the
        highest one of its triggers.
    """
    event = {row: number for number, cluster in enumerate(clusters) for row in cluster}
    best: dict[int, dict[int, float]] = {}
    pairs = zip(
        rated.belongs.first.tolist(), rated.belongs.second.tolist(), rated.belongs_probability.tolist(), strict=True
    )
    for trigger, argument, probability in pairs:
        known = best.setdefault(argument, {})
        known[event[trigger]] = max(probability, known.get(event[trigger], 0.0))
    chosen = {}
    for argument, by_event in best.items():
        found = sorted(number for number, probability in by_event.items() if probability >= several)
        top = max(by_event, key=lambda number: by_event[number])
        if not found and by_event[top] >= least:
            found = [top]
        if found:
            chosen[argument] = found
    return chosen
