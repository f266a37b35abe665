"""Decoding: from tag probabilities to spans without punctuation marks at their ends, as the logits of a text arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import regex

from annotations.schema import Schema
from annotations.text.sentences import datelines, is_abbreviation, within
from inference.backends import Logits
from inference.encoding.subwords import Subwords
from inference.events.linker import Vectors
from inference.relevance import Relevance
from inference.spans import PredictedSpan

_HELD_WORDS = 8192  # words whose logits are kept until they are decoded
Array = npt.NDArray[np.float64]
_MARK = regex.compile(r"[\p{P}\p{S}\p{C}]+")


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
    path = _best_path(scores, np.asarray(breaks, dtype=np.int64))
    mentions = []
    for start, end, label in ((start, end, labels[index]) for start, end, index in _runs(path)):
        kind, share = _type(probabilities[start:end], label, classes)
        log = np.log(np.maximum(by_label[np.arange(start, end), path[start:end]], 1e-12)).mean()
        mentions.append(Mention(start, end, label, kind, float(np.exp(log) * share)))
    return mentions


def _best_path(scores: Array, breaks: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Best path over columns O, B-0, I-0, B-1, I-1, …: I-x only after B-x or I-x, and not at a break.

    The words fall into pieces that do not depend on each other, a few words long: a piece starts where no best path is
    inside a span. So all pieces are searched together, word by word.
    """
    starts = np.unique(np.concatenate([[0], breaks, _never_inside(scores)]))
    lengths = np.diff(np.append(starts, len(scores)))
    longest_first = np.argsort(-lengths, kind="stable")
    return _viterbi(scores, starts[longest_first], lengths[longest_first])


def _never_inside(scores: Array) -> npt.NDArray[np.int64]:
    """Return the words that no best path marks I-x: for each x, another tag is better, whatever is around it.

    That is B-x, or O where O is also better if the span goes on, as it would have to begin at the next word.
    """
    begin, inside = scores[:, 1::2], scores[:, 2::2]
    gain = scores[:, :1] - inside
    after = np.zeros_like(gain)
    after[:-1] = np.minimum(begin[1:] - inside[1:], 0)
    return np.flatnonzero(((begin > inside) | (gain + after > 0)).all(axis=1))


def _viterbi(scores: Array, starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Best path of pieces that are given by start and length, longest first; none starts with I-x."""
    count, width = scores.shape
    back = np.zeros((count, width), dtype=np.int16)
    inside = np.arange(2, width, 2)
    best = scores[starts]
    best[:, inside] = -np.inf
    steps = [(step, int(np.searchsorted(-lengths, -step))) for step in range(1, int(lengths[0]))]
    for step, active in steps:  # the pieces that have such a word
        now = best[:active]
        top = now.argmax(axis=1)
        before = np.repeat(top[:, None], width, axis=1)
        reached = np.repeat(now.max(axis=1)[:, None], width, axis=1)
        begin, within = now[:, inside - 1], now[:, inside]
        before[:, inside] = np.where(begin >= within, inside - 1, inside)
        reached[:, inside] = np.maximum(begin, within)
        rows = starts[:active] + step
        back[rows] = before
        best[:active] = reached + scores[rows]
    path = np.empty(count, dtype=np.int64)
    path[starts + lengths - 1] = best.argmax(axis=1)
    for step, active in reversed(steps):
        rows = starts[:active] + step
        path[rows - 1] = back[rows, path[rows]]
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


def inner(words: list[str]) -> tuple[int, int]:
    """Return which words of a span remain, half-open, without marks at the ends; none if all are marks.

    No span starts or ends with a punctuation mark, as the guidelines of annotation say. What belongs to a word stays:
    the full stop of an abbreviation ('Ronny P.', 'Fur Company Inc.'), the sign in '40+'.

    Args:
        words: The words of a span; each punctuation mark is one.

    Example:
        >>> inner(["day", "-"]), inner(['"', "raid", '"', ","]), inner(["Jr", "."]), inner(["40", "+"]), inner(["…"])
        ((0, 1), (1, 2), (0, 2), (0, 2), (0, 0))
    """
    start, end = 0, len(words)
    while start < end and _MARK.fullmatch(words[start]):
        start += 1
    while end > start and _MARK.fullmatch(words[end - 1]) and not _belongs(words[end - 1], words[end - 2]):
        end -= 1
    return (start, end) if start < end else (0, 0)


def _belongs(mark: str, before: str) -> bool:
    """Whether a mark is part of the word before it."""
    return (mark == "." and is_abbreviation(before)) or (mark == "+" and before[-1].isdigit())


class Settings(Protocol):
    """How words are decoded; a tagger has all of it."""

    schema: Schema
    temperature: float
    outside_weight: float
    thresholds: dict[str, float]
    trigger_columns: list[int]


class Kept:
    """Keeps all rows of the words of one text."""

    def __init__(self, pieces: Subwords, width: int) -> None:
        self.pieces = pieces
        self._rows: list[Logits] = [np.zeros((0, width), dtype=np.float32)]

    def add(self, logits: Logits) -> None:
        """Take the rows of the next words."""
        self._rows.append(logits)

    def rows(self) -> Logits:
        """Return the rows of all words, (words, width)."""
        return np.concatenate(self._rows)


class Decoding:
    """Finds the spans of one text while the logits of its words arrive, so that not all of them are kept in memory.

    Words are decoded up to the start of a unit, which no span crosses; in a text without units, up to a word that is
    outside of every span. Up to `_HELD_WORDS` words are decoded at once, which covers most texts.
    """

    def __init__(self, settings: Settings, text: str, pieces: Subwords) -> None:
        self.text = text
        self.pieces = pieces
        self._settings = settings
        self._found: list[PredictedSpan] = []
        self._vectors: list[Logits] = []
        self.relevance = Relevance(settings.trigger_columns)
        self._datelines = datelines(text)
        self._done = 0
        self._held: list[Logits] = []

    def add(self, logits: Logits) -> None:
        """Add the logits (words, tags) of the next words, or their logits and vectors (words, tags + size)."""
        self._held.append(logits)
        if sum(map(len, self._held)) > _HELD_WORDS:
            self._decode(last=False)

    def spans(self) -> list[PredictedSpan]:
        """Return all spans; the logits of all words must have been added."""
        if self._held:
            self._decode(last=True)
        return self._found

    def vectors(self) -> Vectors | None:
        """Return the vector of each span, (spans, size); None if no words with vectors were added."""
        return np.stack(self._vectors) if self._vectors else None

    def _decode(self, *, last: bool) -> None:
        how = self._settings
        held = np.concatenate(self._held)
        tags = len(how.schema.tags)
        probabilities = softmax(held[:, :tags], how.temperature)
        breaks = self.pieces.breaks[np.searchsorted(self.pieces.breaks, np.int32(self._done)) :] - self._done
        breaks = breaks[: np.searchsorted(breaks, np.int32(len(held)))]
        count = len(held) if last else _cut(probabilities, breaks)
        self.relevance.add(probabilities[:count])
        inside = breaks[: np.searchsorted(breaks, np.int32(count))]
        for mention in decode(probabilities[:count], how.schema.classes, how.outside_weight, inside):
            offsets = self.pieces.words[self._done + mention.start : self._done + mention.end]
            first, stop = inner([self.text[start:end] for start, end in offsets.tolist()])
            if first == stop or mention.score < how.thresholds.get(mention.label, 0.0):
                continue
            start, end = int(offsets[first, 0]), int(offsets[stop - 1, 1])
            if within(self._datelines, start, end):
                continue
            name = f"S{len(self._found) + 1}"
            words = self.text[start:end]
            self._found.append(PredictedSpan(name, start, end, words, mention.label, mention.type, mention.score))
            if held.shape[1] > tags:
                self._vectors.append(held[mention.start + first : mention.start + stop, tags:].mean(axis=0))
        self._done += count
        self._held = [held[count:]] if count < len(held) else []


def _cut(probabilities: npt.NDArray[np.float64], breaks: npt.NDArray[np.int32]) -> int:
    """Return how many words can be decoded without the words after them."""
    if len(breaks) and breaks[-1] > 0:
        return int(breaks[-1])
    half = len(probabilities) // 2
    return half + int(probabilities[half:, 0].argmax()) + 1
