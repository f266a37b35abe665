"""Learns the weights of the evidence for merging, starting from weights that were set by hand."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from inference.incidents.clusters import candidates
from inference.incidents.evidence import evidence
from inference.incidents.report import Report, reports
from inference.incidents.weights import Crowd, Weights
from training.merging.reports import main_events

# In log odds: what an editor would say before looking at data. Learning moves them a little (`_SPREAD`).
BY_HAND = Weights(
    0.0,
    {
        "day_same": 1.5,
        "day_overlaps": 1.2,
        "day_soon": 0.8,
        "day_next": -1.0,
        "day_late": -0.8,
        "day_apart": -5.0,
        "day_next_told": -0.5,
        "day_apart_told": -1.5,
        "day_meant": 1.0,
        "type_same": 0.5,
        "type_differs": -0.8,
        "told_later": -0.5,  # what an article is about comes first
        "place_same": 1.5,
        "place_within": 0.7,
        "place_differs": -1.0,
        "place_each": -1.0,
        "region_same": 0.3,
        "country_same": 0.3,
        "country_differs": -1.5,
        "names_none": -1.0,
        "names_one": 0.3,
        "names_two": 1.0,
        "names_many": 1.8,
        "names_doer": -0.3,  # a group has many attacks
        "victim_same": 0.5,
        "doer_same": 0.5,
        "doer_differs": -0.5,
        "head_same": 1.0,
        "figure_one": 0.4,
        "figure_many": 1.0,
        "killed_equal": 0.8,
        "killed_rises": 0.5,
        "killed_drops": 0.5,
        "killed_soars": -0.5,
        "killed_falls": -0.8,
        "harmed_equal": 0.6,
        "harmed_rises": 0.3,
        "harmed_drops": 0.3,
        "harmed_soars": -0.3,
        "harmed_falls": -0.8,
    },
    -0.7,
    -1.0,
)
_SPREAD = 0.05  # variance around the weights by hand: of 0.02 to 0.3, the best out of fold on dev and train
_LEAN = 0.5  # added to the start, as a report that finds no group is lost: the best out of fold, to half a unit
_STREAM = 0.1  # weight of a pair of the stream: it has many, all of one kind
_NEAR = 30  # days between two articles of the reports whose pair is learned from
_PAIRS = 1000  # pairs of the stream beside those that share a name
_STEPS = 40  # articles of the stream between two of such a pair, at most


@dataclass(frozen=True, slots=True)
class _Pair:
    names: frozenset[str]
    days: float
    reports: float
    same: bool
    weight: float


def fit(known: Sequence[Mapping[str, Any]], gold: Mapping[str, str], stream: Sequence[Mapping[str, Any]]) -> Weights:
    """Learn weights by logistic regression with a Gaussian prior around the weights by hand.

    Args:
        known: Predictions on reports of known incidents, with texts.
        gold: The incident of each.
        stream: Predictions on articles of which each tells of another attack, with texts: pairs of them are never one.

    Returns:
        The weights, rounded to two digits.
    """
    from scipy.optimize import minimize

    pairs = [*_known_pairs(known, gold), *_stream_pairs(stream)]
    names = sorted({name for pair in pairs for name in pair.names} | set(BY_HAND.evidence))
    rows = np.array([[1.0, pair.days, pair.reports, *(name in pair.names for name in names)] for pair in pairs])
    signs = np.where([pair.same for pair in pairs], 1.0, -1.0)
    weights = np.array([pair.weight for pair in pairs])
    prior = np.array([0, BY_HAND.days, BY_HAND.reports, *(BY_HAND.evidence.get(name, 0.0) for name in names)])
    precision = np.array([0.0, *[1 / _SPREAD] * (len(prior) - 1)])

    def loss(values: Any) -> tuple[float, Any]:
        margins, off = signs * (rows @ values), values - prior
        slopes = -signs * weights / (1 + np.exp(margins))
        total = weights @ np.logaddexp(0, -margins) + precision @ off**2 / 2
        return float(total), rows.T @ slopes + precision * off

    start, days, near, *found = minimize(loss, prior, jac=True, method="L-BFGS-B").x
    learned = {name: round(float(value), 2) for name, value in zip(names, found, strict=True)}
    return Weights(
        round(float(start) + _LEAN, 2),
        {k: v for k, v in learned.items() if v},
        round(float(days), 2),
        round(float(near), 2),
    )


def _known_pairs(known: Sequence[Mapping[str, Any]], gold: Mapping[str, str]) -> Iterator[_Pair]:
    found = [report for one in main_events(known) for report in reports(one)]
    near = set(candidates(found))
    crowd = Crowd(found, near)
    for i, j in combinations(range(len(found)), 2):
        a, b = found[i], found[j]
        same = gold[a.document] == gold[b.document]
        if same or (i, j) in near or abs((a.published or 0) - (b.published or 0)) <= _NEAR:
            yield _pair(found, i, j, crowd, same=same, weight=1.0)


def _stream_pairs(stream: Sequence[Mapping[str, Any]]) -> Iterator[_Pair]:
    """Yield pairs of the stream: with the days that the articles tell, and as if each told its own day."""
    told = [report for one in stream for report in reports(one) if report.published]
    dated = [replace(one, days=(one.published, one.published), dated=True) for one in told if one.published]
    chance = random.Random(3)  # noqa: S311
    for found in (told, dated):
        pairs = list(candidates(found))
        crowd = Crowd(found, pairs)
        order = sorted(range(len(found)), key=lambda at: (found[at].published or 0, found[at].key))
        starts = range(max(0, len(order) - _STEPS))
        chosen = chance.sample(starts, min(_PAIRS, len(starts)))
        some = [(order[i], order[i + chance.randint(1, _STEPS)]) for i in chosen]
        for i, j in (*pairs, *some):
            if found[i].document != found[j].document:
                yield _pair(found, i, j, crowd, same=False, weight=_STREAM)


def _pair(found: Sequence[Report], i: int, j: int, crowd: Crowd, *, same: bool, weight: float) -> _Pair:
    a, b = found[i], found[j]
    counts = math.log(crowd.days(a, b)), math.log(crowd.strangers(i, j))
    return _Pair(frozenset(evidence(a, b)), *counts, same, weight)
