"""Pairs of spans that a linker rates, and what it knows about each beside the vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from annotations.schema import TRIGGERS
from annotations.text.layout import Kind
from inference.events.drafts import REMEMBERED
from inference.events.facts import KINDS, Facts

Rows = npt.NDArray[np.int64]
Features = npt.NDArray[np.float32]

_ALL = slice(None)
_AHEAD, _BEHIND = 12, 24  # triggers after and before an argument that it may belong to
_APART = [KINDS.index(kind) for kind in (Kind.ITEM, Kind.ROW, Kind.ENTRY)]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of spans with their features."""

    first: Rows  # rows of triggers, (pairs,)
    second: Rows  # rows of later triggers, or of arguments, (pairs,)
    features: Features  # what is known of each pair, (pairs, features)

    def bare(self) -> Pairs:
        """Return the pairs without their features."""
        return Pairs(self.first, self.second, self.features[:0].copy())


def joined(parts: Sequence[Pairs]) -> Pairs:
    """Return the pairs of several parts, at least one, in their order."""
    columns = ([getattr(part, name) for part in parts] for name in ("first", "second", "features"))
    return Pairs(*map(np.concatenate, columns))


def trigger_pairs(facts: Facts, part: slice = _ALL) -> Pairs:
    """Return each trigger, or each of a part of the triggers, with the triggers before it, as far as an event is
    remembered."""
    rows = facts.triggers
    chosen = range(len(rows))[part]
    first = [np.arange(max(0, at - REMEMBERED), at) for at in chosen]
    second = [np.full(len(found), at) for at, found in zip(chosen, first, strict=True)]
    pairs = rows[_joined(first)], rows[_joined(second)]
    return Pairs(*pairs, _trigger_features(facts, *pairs))


def argument_pairs(facts: Facts, part: slice = _ALL) -> Pairs:
    """Return each argument, or each of a part of the arguments, with the triggers near it."""
    rows, arguments = facts.triggers, facts.arguments[part]
    near = [rows[max(0, at - _BEHIND) : at + _AHEAD] for at in facts.before[arguments].tolist()]
    second = [np.full(len(found), row) for row, found in zip(arguments.tolist(), near, strict=True)]
    pairs = _joined(near), _joined(second)
    return Pairs(*pairs, _argument_features(facts, *pairs))


def _joined(parts: Sequence[npt.NDArray[Any]]) -> Rows:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


def _log(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.log1p(np.abs(numbers)))


def _one_hot(numbers: Rows, size: int) -> npt.NDArray[np.float64]:
    return np.eye(size)[numbers] if len(numbers) else np.zeros((0, size))


def _table(columns: list[npt.NDArray[np.generic]], count: int) -> Features:
    wide = [column.reshape(count, -1) if count else column.reshape(0, *column.shape[1:] or (1,)) for column in columns]
    return np.asarray(np.concatenate(wide, axis=1), dtype=np.float32)


def _placement(facts: Facts, a: Rows, b: Rows) -> list[npt.NDArray[np.generic]]:
    """How far two spans are from each other, and where in the layout; `b` may be before `a`."""
    gap = facts.sentence[b] - facts.sentence[a]
    edges = facts.clause[b] - facts.clause[a]
    between = np.abs(facts.before[b] - facts.before[a])
    closed = np.isin(facts.kind, _APART)
    same_unit = facts.unit[a] == facts.unit[b]
    return [
        _log(gap),
        *(gap == number for number in (-2, -1, 0, 1, 2)),
        gap > 2,  # noqa: PLR2004
        gap < -2,  # noqa: PLR2004
        _log(facts.word[b] - facts.word[a]),
        np.minimum(_log(facts.word[b] - facts.word[a]), 3.5) * (gap == 0),
        _log(edges),
        (edges == 0) & (gap == 0),
        np.minimum(np.abs(edges), 4) * (gap == 0),
        _log(between),
        between <= 1,
        facts.start[b] > facts.start[a],
        same_unit,
        ~same_unit & closed[a] & closed[b],
        same_unit & closed[a],
        closed[a],
        closed[b],
        *((facts.unit[rows] == 0) | (facts.kind[rows] == KINDS.index(Kind.HEADING)) for rows in (a, b)),
        *(_log(facts.in_sentence[rows]) for rows in (a, b)),
        *facts.sums_up[a].T,
        *facts.sums_up[b].T,
        facts.score[a],
        facts.score[b],
        np.full(len(a), np.log1p(len(facts.triggers))),
    ]


def _trigger_features(facts: Facts, a: Rows, b: Rows) -> Features:
    same_rule = np.array([bool(facts.drawn[i] & facts.drawn[j]) for i, j in zip(a.tolist(), b.tolist(), strict=True)])
    same_stem = np.array([facts.stem[i] == facts.stem[j] for i, j in zip(a.tolist(), b.tolist(), strict=True)])
    types = len(facts.schema.classes)
    columns = [
        *_placement(facts, a, b),
        facts.type[a] == facts.type[b],
        facts.generic[a],
        facts.generic[b],
        facts.generic[a] & facts.generic[b],
        same_stem.astype(bool),
        *facts.worded[a].T,
        *facts.worded[b].T,
        same_rule.astype(bool),
        _one_hot(facts.type[a], types),
        _one_hot(facts.type[b], types),
        _shared_names(facts, a, b),
    ]
    return _table(columns, len(a))


def _shared_names(facts: Facts, a: Rows, b: Rows) -> npt.NDArray[np.float64]:
    """For each role, whether the sentences of two triggers share a name, and whether both have only others."""
    roles = [number for number, role in enumerate(facts.schema.roles) if role != TRIGGERS]
    found = np.zeros((len(a), 2 * len(roles)))
    for row, (i, j) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        one, other = facts.named[i], facts.named[j]
        if facts.sentence[i] == facts.sentence[j]:
            continue
        for column, role in enumerate(roles):
            if role in one and role in other:
                shared = bool(one[role] & other[role]) or any(x in y or y in x for x in one[role] for y in other[role])
                found[row, 2 * column + (not shared)] = 1
    return found


def _argument_features(facts: Facts, a: Rows, b: Rows) -> Features:
    """Features of triggers `a` and arguments `b`."""
    count = len(a)
    near = np.maximum(facts.start[a] - facts.end[b], facts.start[b] - facts.end[a])
    nearest: dict[int, int] = {}
    for row, distance in zip(b.tolist(), near.tolist(), strict=True):
        nearest[row] = min(distance, nearest.get(row, distance))
    order = facts.before[a] - facts.before[b]  # 0: the next trigger, -1: the last one before
    ruled = [(facts.drawn[i], facts.drawn[j]) for i, j in zip(a.tolist(), b.tolist(), strict=True)]
    again = [
        facts.sentence[i] != facts.sentence[j] and facts.key[j] in facts.named[i].get(int(facts.role[j]), ())
        for i, j in zip(a.tolist(), b.tolist(), strict=True)
    ]
    flags = np.array(
        [(bool(one & other), not other, bool(other) and not one & other) for one, other in ruled], dtype=bool
    ).reshape(count, 3)
    columns = [
        *_placement(facts, a, b),
        near == np.array([nearest[row] for row in b.tolist()], dtype=np.int64),
        order == 0,
        order == -1,
        order == 1,
        order == -2,  # noqa: PLR2004
        flags,
        np.array(again, dtype=bool),
        facts.generic[a],
        facts.worded[a],
        a == (facts.triggers[0] if len(facts.triggers) else 0),
        _one_hot(facts.type[a], len(facts.schema.classes)),
        _one_hot(facts.type[b], len(facts.schema.classes)),
    ]
    return _table(columns, count)
