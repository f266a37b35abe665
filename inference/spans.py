"""Spans that a model found, and the sentences they stand in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from annotations.document import Span
from annotations.text.reading import Reading
from annotations.text.sentences import sentences_of


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text: its words and offsets, without white space at its ends."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PredictedSpan:
    """A mention found in a text.

    Args:
        id: `S1`, `S2`, … in order of offset.
        start: Offset of its first character in the text as given.
        end: Offset after its last character.
        text: The mention: `text[start:end]` of the text as given.
        label: A label of the model's schema.
        type: A type of that label, or None.
        score: Confidence, 0 to 1, calibrated on development data.
        sentence: The sentence it stands in, with offsets in the text as given; None for a span made by hand.
    """

    id: str
    start: int
    end: int
    text: str
    label: str
    type: str | None
    score: float
    sentence: Sentence | None = field(default=None, repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the span with its score rounded to four digits, without its sentence."""
        keys = ("id", "start", "end", "text", "label", "type")
        return {**{key: getattr(self, key) for key in keys}, "score": round(self.score, 4)}


Marked = Span | PredictedSpan


def in_sentences(text: str, reading: Reading, spans: Sequence[PredictedSpan]) -> list[PredictedSpan]:
    """Return spans with their sentences; spans of one sentence share it.

    Example:
        >>> from annotations.text.reading import read
        >>> text = "Rain fell. Gunmen  fled. It was over."
        >>> spans = in_sentences(text, read(text), [PredictedSpan("S1", 11, 17, "Gunmen", "PERPETRATOR", None, 0.9)])
        >>> spans[0].sentence
        Sentence(text='Gunmen  fled.', start=11, end=24)
    """
    if not spans:
        return []
    sentences = sentences_of(reading)
    made: dict[int, Sentence | None] = {}
    found = []
    for span in spans:
        number = sentences.index(reading.find(span.start, span.end)[0])
        if number not in made:
            made[number] = _sentence(text, reading, *sentences.bounds(number))
        found.append(replace(span, sentence=made[number]))
    return found


def _sentence(text: str, reading: Reading, first: int, last: int) -> Sentence | None:
    """Return a sentence of a reading with offsets in the text as given; None if it has no visible character."""
    words = reading.text[first:last]
    if not words.strip():
        return None
    start, end = reading.source(first + len(words) - len(words.lstrip()), first + len(words.rstrip()))
    return Sentence(text[start:end], start, end)
