"""Groups of reports that tell of one attack, from how well each pair fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

Score = Callable[[int, int], float]
COMPARED = 12  # members of a group that are compared with those of another; more would tell little more


def clusters(keys: Sequence[tuple[str, str]], pairs: Iterable[tuple[int, int, float]], score: Score) -> list[list[int]]:
    """Group reports: the best pair first, and groups only if their members fit on average.

    The result does not depend on the order of the reports or pairs.

    Args:
        keys: Document and event of each report, without repetition.
        pairs: Pairs of positions, with a score above 0.
        score: Returns the score of a pair: above 0 if it is rather one attack than two.

    Returns:
        Groups of positions, without two reports of one document, each sorted by key.
    """
    groups = {i: [i] for i in range(len(keys))}
    documents = {i: {key[0]} for i, key in enumerate(keys)}
    root = list(range(len(keys)))
    refused: set[tuple[int, int, int, int]] = set()
    ordered = sorted((-value, min(keys[i], keys[j]), max(keys[i], keys[j]), i, j) for i, j, value in pairs)
    for _, _, _, i, j in ordered:
        a, b = sorted((root[i], root[j]), key=lambda at: (-len(groups[at]), keys[at]))
        state = (a, b, len(groups[a]), len(groups[b]))
        if a == b or state in refused or documents[a] & documents[b]:
            continue
        if _mean(groups[a], groups[b], keys, score) <= 0:
            refused.add(state)
            continue
        for member in groups[b]:
            root[member] = a
        groups[a] += groups.pop(b)
        documents[a] |= documents.pop(b)
    return sorted((sorted(group, key=keys.__getitem__) for group in groups.values()), key=lambda one: keys[one[0]])


def _mean(a: Sequence[int], b: Sequence[int], keys: Sequence[tuple[str, str]], score: Score) -> float:
    some, others = (sorted(group, key=keys.__getitem__)[:COMPARED] for group in (a, b))
    return sum(score(i, j) for i in some for j in others) / (len(some) * len(others))
