"""Articles in which the model finds no event, given to the incidents that they tell of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from inference.incidents.clusters import COMPARED, Score

LEAST = 0.0  # log odds from which an article without an event is given to an incident


def attach(
    groups: Sequence[Sequence[int]], pairs: Iterable[tuple[int, int]], score: Score
) -> dict[int, list[tuple[int, float]]]:
    """Give each article without an event to the group that it fits best, if it fits one.

    Such articles join no two groups, and the order in which they are given changes nothing.

    Args:
        groups: Groups of positions of events.
        pairs: Pairs of positions that may tell of one attack: an article without an event, and an event.
        score: Returns the log odds of a pair.

    Returns:
        By number of the group, the positions of the articles without an event, and their log odds.
    """
    group_of = {position: number for number, group in enumerate(groups) for position in group}
    near: dict[int, set[int]] = defaultdict(set)
    for mention, event in pairs:
        near[mention].add(group_of[event])
    found: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for mention, numbers in near.items():
        rated = [(_mean(mention, groups[number], score), -number) for number in numbers]
        best, number = max(rated)
        if best > LEAST:
            found[-number].append((mention, best))
    return found


def _mean(mention: int, group: Sequence[int], score: Score) -> float:
    some = group[:COMPARED]
    return sum(score(mention, event) for event in some) / len(some)
