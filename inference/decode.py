"""Decoding: from tag probabilities to spans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mention:
    """A decoded span: word indices (half-open), label, type and confidence."""

    start: int
    end: int
    label: str
    type: str | None
    score: float


def softmax(logits: npt.NDArray[np.float32], temperature: float = 1.0) -> Array:
    """Return probabilities along the last axis of logits divided by a temperature."""
    scaled = logits.astype(np.float64) / temperature
    exp = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(exp / exp.sum(axis=-1, keepdims=True))


def decode(
    probabilities: Array,
    classes: Sequence[tuple[str, str | None]],
    outside_weight: float = 1.0,
    breaks: Sequence[int] | npt.NDArray[Any] = (),
) -> list[Mention]:
    """Find the likeliest well-formed tag sequence and return its spans.

    The probability of a label is the sum over its types. The best path is found over labels (Viterbi 1967, with I-x
    allowed only after B-x or I-x); the type is chosen afterwards, as the likeliest one of the whole span.

    Args:
        probabilities: Array (words, tags): O, then B- and I- of each class.
        classes: (label, type) of each class, as in `Schema.classes`.
        outside_weight: Factor on the probability of O; below 1, more spans are found, at lower precision.
        breaks: Indices of words at which no span may continue.

    Returns:
        Spans in order, never overlapping. The score of a span is the geometric mean of its words' probabilities for
        its label, times the share of its type; the outside weight does not affect it.
    """
    if not len(probabilities):
        return []
    labels = list(dict.fromkeys(label for label, _ in classes))
    by_label = np.zeros((len(probabilities), 1 + 2 * len(labels)))
    by_label[:, 0] = probabilities[:, 0]
    for number, (label, _) in enumerate(classes):
        column = 1 + 2 * labels.index(label)
        by_label[:, column : column + 2] += probabilities[:, 1 + 2 * number : 3 + 2 * number]
    weighted = by_label.copy()
    weighted[:, 0] *= outside_weight
    scores = np.log(np.maximum(weighted, 1e-12))
    scores[np.ix_(np.asarray(breaks, dtype=np.int64), np.arange(2, scores.shape[1], 2))] = -np.inf
    path = _viterbi(scores)
    mentions = []
    for start, end, label in ((start, end, labels[index]) for start, end, index in _runs(path)):
        kind, share = _type(probabilities[start:end], label, classes)
        log = np.log(np.maximum(by_label[np.arange(start, end), path[start:end]], 1e-12)).mean()
        mentions.append(Mention(start, end, label, kind, float(np.exp(log) * share)))
    return mentions


def _viterbi(scores: Array) -> npt.NDArray[np.int64]:
    """Best path over columns O, B-0, I-0, B-1, I-1, …: I-x only after B-x or I-x."""
    count, width = scores.shape
    back = np.zeros((count, width), dtype=np.int16)
    inside = np.arange(2, width, 2)
    best = scores[0].copy()
    best[inside] = -np.inf
    for row in range(1, count):
        top = int(best.argmax())
        before = np.full(width, top)
        reached = np.full(width, best[top])
        from_begin = best[inside - 1] >= best[inside]
        before[inside] = np.where(from_begin, inside - 1, inside)
        reached[inside] = np.where(from_begin, best[inside - 1], best[inside])
        back[row] = before
        best = reached + scores[row]
    path = np.empty(count, dtype=np.int64)
    path[-1] = best.argmax()
    for row in range(count - 1, 0, -1):
        path[row - 1] = back[row, path[row]]
    return path


def _runs(path: npt.NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """Return (start, end, label index) of each span on a well-formed path."""
    runs: list[tuple[int, int, int]] = []
    for index, column in enumerate(path.tolist()):
        if column == 0:
            continue
        start = index if column % 2 == 1 else runs.pop()[0]
        runs.append((start, index + 1, (column - 1) // 2))
    return runs


def _type(rows: Array, label: str, classes: Sequence[tuple[str, str | None]]) -> tuple[str | None, float]:
    """Return the likeliest type of a label over all words, and its share of the label's probability."""
    types = [(kind, 1 + 2 * number) for number, (name, kind) in enumerate(classes) if name == label]
    if len(types) == 1:
        return types[0][0], 1.0
    begin = [column for _, column in types]
    columns = rows[:, begin] + rows[:, [column + 1 for column in begin]]
    log = np.log(np.maximum(columns, 1e-12)).mean(axis=0)
    shares = np.exp(log - log.max())
    shares /= shares.sum()
    return types[int(shares.argmax())][0], float(shares.max())
