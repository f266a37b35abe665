"""Decoding: from tag probabilities to spans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TagSet:
    """BIO tags over `label` or `label:type`, as `Schema.tags` lists them.

    Args:
        tags: O first, then B- and I- of each class.

    Example:
        >>> TagSet(("O", "B-TOLL:killed", "I-TOLL:killed", "B-DATE", "I-DATE")).labels
        ('TOLL', 'DATE')
    """

    tags: tuple[str, ...]

    @property
    def classes(self) -> tuple[tuple[str, str | None], ...]:
        """(label, type) of each class, in tag order."""
        parted = [tag[2:].partition(":") for tag in self.tags[1::2]]
        return tuple((label, kind or None) for label, _, kind in parted)

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels in tag order, each once."""
        return tuple(dict.fromkeys(label for label, _ in self.classes))


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
    probabilities: Array, tags: TagSet, outside_weight: float = 1.0, breaks: Sequence[int] | npt.NDArray[Any] = ()
) -> list[Mention]:
    """Find the likeliest well-formed tag sequence and read its spans.

    The probability of a label is the sum over its types; the path is found over labels (Viterbi 1967, with I-x allowed
    only after B-x or I-x), and the type is the likeliest one of the whole span, chosen afterwards.

    Args:
        probabilities: Array (words, tags).
        tags: Names of the columns.
        outside_weight: Factor on the probability of O; below 1 finds more spans, at some cost in precision.
        breaks: Indices of words that no span runs into from the word before.

    Returns:
        Spans in order, never overlapping. A span's score is the geometric mean of its words' probabilities for its
        label, by its type's share; the outside weight does not enter it.
    """
    if not len(probabilities):
        return []
    labels = tags.labels
    begin, inside, owner = _columns(tags)
    by_label = np.zeros((len(probabilities), 1 + 2 * len(labels)))
    by_label[:, 0] = probabilities[:, 0]
    for column, label in zip(begin, owner, strict=True):
        by_label[:, 1 + 2 * label] += probabilities[:, column]
        by_label[:, 2 + 2 * label] += probabilities[:, column + 1]
    weighted = by_label.copy()
    weighted[:, 0] *= outside_weight
    scores = np.log(np.maximum(weighted, 1e-12))
    scores[np.ix_(np.asarray(breaks, dtype=np.int64), np.arange(2, scores.shape[1], 2))] = -np.inf
    path = _viterbi(scores)
    mentions = []
    for start, end, label in _runs(path):
        chosen = [c for c, own in enumerate(owner) if own == label]
        kind, share = _type(probabilities[start:end], [begin[c] for c in chosen], [inside[c] for c in chosen])
        log = np.log(np.maximum(by_label[np.arange(start, end), path[start:end]], 1e-12)).mean()
        mentions.append(Mention(start, end, labels[label], tags.classes[chosen[kind]][1], float(np.exp(log) * share)))
    return mentions


def _columns(tags: TagSet) -> tuple[list[int], list[int], list[int]]:
    """Columns of B- and I- for each class, and the index of the class's label."""
    labels = tags.labels
    begin = list(range(1, len(tags.tags), 2))
    return begin, [column + 1 for column in begin], [labels.index(label) for label, _ in tags.classes]


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
    """Read (start, end, label index) off a well-formed path."""
    runs: list[tuple[int, int, int]] = []
    for index, column in enumerate(path.tolist()):
        if column == 0:
            continue
        label = (column - 1) // 2
        if column % 2 == 1:
            runs.append((index, index + 1, label))
        else:
            start, _, _ = runs.pop()
            runs.append((start, index + 1, label))
    return runs


def _type(rows: Array, begin: Sequence[int], inside: Sequence[int]) -> tuple[int, float]:
    """Choose among the types of a label: index of the likeliest over all words, and its share of the label's
    probability."""
    if len(begin) == 1:
        return 0, 1.0
    columns = rows[:, list(begin)] + rows[:, list(inside)]
    log = np.log(np.maximum(columns, 1e-12)).mean(axis=0)
    shares = np.exp(log - log.max())
    shares /= shares.sum()
    return int(shares.argmax()), float(shares.max())
