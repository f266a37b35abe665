"""Decoding the words of a text, as their logits arrive, to spans."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from annotations.schema import Schema
from annotations.text.datelines import datelines, within
from inference.backends import Logits
from inference.decode import decode, inner, softmax
from inference.encoding.subwords import Subwords
from inference.events.linker import Vectors
from inference.relevance import Relevance
from inference.spans import PredictedSpan

_HELD_WORDS = 8192  # words whose logits are kept until they are decoded


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
