"""Pairs of reports that may tell of one attack, and from how well they fit, groups of reports; articles without an
event beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from inference.incidents.evidence import tells
from inference.incidents.report import Report, gap

Score = Callable[[int, int], float]
COMPARED = 12  # members of a group that are compared with those of another; more would tell little more
LEAST = 0.0  # log odds from which an article without an event is given to an incident
NEAR_DAYS = 1  # days between two dates that may still be one


def candidates(reports: Sequence[Report]) -> Iterator[tuple[int, int]]:
    """Yield pairs of positions, each once, without holding them.

    Yields:
        Pairs of different articles that share a place, a name or what was hit, or a country and the type, and whose
        days are at most one apart, or of which one text tells the day of the other ('the raid three days ago').
    """
    keys = [_keys(report) for report in reports]
    blocks: dict[str, list[int]] = defaultdict(list)
    for position in sorted(range(len(reports)), key=lambda at: reports[at].days):
        for key in keys[position]:
            blocks[key].append(position)
    for key, block in blocks.items():
        for number, i in enumerate(block):
            last = reports[i].days[1] + NEAR_DAYS
            for j in block[number + 1 :]:
                if reports[j].days[0] > last:  # so is every later one
                    break
                # A pair that shares several keys belongs to the block of the first.
                if reports[i].document != reports[j].document and min(keys[i] & keys[j]) == key:
                    yield (i, j) if i < j else (j, i)
    yield from _told(reports, keys)


def _told(reports: Sequence[Report], keys: Sequence[frozenset[str]]) -> Iterator[tuple[int, int]]:
    """Yield the pairs further apart of which one text tells the day of the other."""
    dated: dict[tuple[str, int], list[int]] = defaultdict(list)
    for position, report in enumerate(reports):
        if report.dated and report.days[0] == report.days[1]:
            for key in keys[position]:
                dated[key, report.days[0]].append(position)
    for i, one in enumerate(reports):
        found = ((key, j) for key in keys[i] for day in one.days_told for j in dated.get((key, day), ()))
        for key, j in found:
            other = reports[j]
            again = j < i and tells(other, one)  # that pair was yielded
            if again or gap(one, other) <= NEAR_DAYS or one.document == other.document:
                continue
            if min(keys[i] & keys[j]) == key:
                yield (i, j) if i < j else (j, i)


def _keys(report: Report) -> frozenset[str]:
    alike = {f"{country}.{what}" for country in report.countries for what in (report.kind, *report.heads)}
    named = report.places | report.regions | report.names | report.told | alike
    return named if report.places or report.told else named | {f"{head}." for head in report.heads}


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
        some, others = (sorted(groups[at], key=keys.__getitem__)[:COMPARED] for at in (a, b))
        if _mean(some, others, score) <= 0:
            refused.add(state)
            continue
        for member in groups[b]:
            root[member] = a
        groups[a] += groups.pop(b)
        documents[a] |= documents.pop(b)
    return sorted((sorted(group, key=keys.__getitem__) for group in groups.values()), key=lambda one: keys[one[0]])


def _mean(some: Sequence[int], others: Sequence[int], score: Score) -> float:
    return sum(score(i, j) for i in some for j in others) / (len(some) * len(others))


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
        rated = [(_mean([mention], groups[number][:COMPARED], score), -number) for number in numbers]
        best, number = max(rated)
        if best > LEAST:
            found[-number].append((mention, best))
    return found
