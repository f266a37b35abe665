"""Confidence of an event: the probability that the text reports it, with its type."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from inference.events.drafts import Draft
from inference.events.groups import Rated

EVIDENCE = ("bias", "best trigger", "mean trigger", "triggers", "arguments", "cohesion", "rival", "agreement")


def evidence(rated: Rated, clusters: Sequence[Sequence[int]], drafts: Sequence[Draft]) -> list[list[float]]:
    """Return what speaks for each event, in the order of `EVIDENCE`.

    Returns:
        For each event: 1, the highest and the mean score of its triggers, the logarithms of the numbers of triggers
        and of arguments, the mean probability of pairs within it (1 for a single trigger), the highest probability of
        a pair of one of its triggers and another event's, and the share of its type in its triggers' votes.
    """
    event = {row: number for number, cluster in enumerate(clusters) for row in cluster}
    within: list[list[float]] = [[] for _ in clusters]
    rival = [0.0 for _ in clusters]
    rows = zip(rated.same.first.tolist(), rated.same.second.tolist(), rated.same_probability.tolist(), strict=True)
    for first, second, probability in rows:
        a, b = event[first], event[second]
        if a == b:
            within[a].append(probability)
        else:
            rival[a], rival[b] = max(rival[a], probability), max(rival[b], probability)
    found = []
    for draft, inner, other in zip(drafts, within, rival, strict=True):
        scores = [trigger.score for trigger in draft.triggers]
        found.append(
            [
                1.0,
                max(scores),
                float(np.mean(scores)),
                math.log(len(scores)),
                math.log1p(sum(map(len, draft.roles.values()))),
                float(np.mean(inner)) if inner else 1.0,
                other,
                draft.votes[draft.type] / max(sum(draft.votes.values()), 1e-9),
            ]
        )
    return found


def probability_of(row: Sequence[float], weights: Sequence[float]) -> float:
    """Return the probability of an event from its evidence and the weights of a logistic model.

    Example:
        >>> probability_of([1.0, 0.5], [0.0, 0.0])
        0.5
    """
    logit = sum(value * weight for value, weight in zip(row, weights, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
