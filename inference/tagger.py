"""The tagger: text in, spans and events out, whatever computes the logits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import overload

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from annotations.schema import Schema
from inference.backends import Backend, Logits, run
from inference.decode import TagSet, decode, softmax
from inference.encoding.subwords import Subwords, split
from inference.encoding.windows import Window, owned, windows
from inference.events.linking import assemble
from inference.numbers.conventions import find_convention
from inference.prediction import PredictedSpan, Prediction

_HELD_WINDOWS = 256  # windows whose logits are held at once
_HELD_WORDS = 8192  # words whose logits are held for decoding


class Tagger:
    """Windows, backend, decoding and events in one.

    Args:
        tokenizer: The encoder's tokenizer; truncation and padding are switched off.
        schema: The label set; its tags are the columns of the logits.
        backend: Computes logits.
        window: Largest number of sub-words read at once, special tokens included.
        overlap: Sub-words shared by neighbouring windows.
        temperature: Logits are divided by it before softmax.
        outside_weight: Factor on the probability of O when spans are decoded.
        convention: How vague numbers are read (`inference.numbers.conventions`).
        name: Name to show in predictions.

    Raises:
        ValueError: Unknown convention.
    """

    def __init__(
        self,
        *,
        tokenizer: Tokenizer,
        schema: Schema,
        backend: Backend,
        window: int,
        overlap: int,
        temperature: float = 1.0,
        outside_weight: float = 1.0,
        convention: str = "range",
        name: str = "unnamed",
    ) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.tokenizer = tokenizer
        self.schema = schema
        self.window = window
        self.overlap = overlap
        self.temperature = temperature
        self.outside_weight = outside_weight
        self.convention = find_convention(convention).name
        self.name = name
        self.tags = TagSet(schema.tags)
        self._backend = backend
        self._before, self._after = special_tokens(tokenizer)

    @overload  # a string is a sequence of strings too, and comes first
    def predict(self, text: str) -> Prediction: ...  # type: ignore[overload-overlap]
    @overload
    def predict(self, text: Sequence[str]) -> list[Prediction]: ...
    def predict(self, text: str | Sequence[str]) -> Prediction | list[Prediction]:
        """Find spans and events.

        Args:
            text: A text, or a sequence of texts.

        Returns:
            A prediction, or a list of predictions in the order given.

        Raises:
            TypeError: Something that is not a string.
            ValueError: A string with half of a surrogate pair, which is not text.
        """
        if isinstance(text, str):
            return next(self._predict([_checked(text, "text")]))
        if not isinstance(text, Sequence) or isinstance(text, bytes | bytearray):
            raise TypeError(f"predict takes a string or a sequence of strings, got {type(text).__name__}")
        return list(self._predict([_checked(item, f"text[{number}]") for number, item in enumerate(text)]))

    def predict_each(self, texts: Iterable[str]) -> Iterator[Prediction]:
        """Find spans and events of any number of texts, in bounded memory.

        Args:
            texts: Texts; read as they are needed, some hundred short ones or one long one ahead.

        Yields:
            Predictions in the order given.

        Raises:
            TypeError: Something that is not a string.
            ValueError: A string with half of a surrogate pair, which is not text.
        """
        return self._predict(_checked(text, f"text[{number}]") for number, text in enumerate(texts))

    def _predict(self, texts: Iterable[str]) -> Iterator[Prediction]:
        for group in self._groups(texts):
            found = [Decoding(self, text, pieces) for text, pieces in group]
            for number, logits in self._word_logits([pieces for _, pieces in group]):
                found[number].add(logits)
            yield from map(self._prediction, found)

    def _prediction(self, decoding: Decoding) -> Prediction:
        spans = decoding.spans()
        events = assemble(decoding.text, spans, self.schema, self.convention)
        count = len(self._windows(decoding.pieces))
        return Prediction(decoding.text, spans, events, self.name, count, self.schema, self.convention)

    def _groups(self, texts: Iterable[str]) -> Iterator[list[tuple[str, Subwords]]]:
        """Yield texts that are read together: as many as fill the windows that are held at once, or one long text."""
        group: list[tuple[str, Subwords]] = []
        held = 0
        for text in texts:
            pieces = split(self.tokenizer, text)
            count = max(1, len(self._windows(pieces)))  # a text without words is held too
            if group and held + count > _HELD_WINDOWS:
                yield group
                group, held = [], 0
            group.append((text, pieces))
            held += count
        if group:
            yield group

    def logits(self, texts: Sequence[str]) -> list[tuple[Subwords, Logits]]:
        """Return the sub-words of each text and the raw logits (words, tags) of its words, which are those of their
        first sub-words; calibration is fitted on these."""
        pieces = [split(self.tokenizer, text) for text in texts]
        parts: list[list[Logits]] = [[np.zeros((0, len(self.schema.tags)), dtype=np.float32)] for _ in texts]
        for number, logits in self._word_logits(pieces):
            parts[number].append(logits)
        return [(piece, np.concatenate(part)) for piece, part in zip(pieces, parts, strict=True)]

    def _windows(self, pieces: Subwords) -> list[Window]:
        return windows(len(pieces.ids), self.window - len(self._before) - len(self._after), self.overlap)

    def _word_logits(self, pieces: Sequence[Subwords]) -> Iterator[tuple[int, Logits]]:
        """Yield the number of a text and logits of its next words, window by window."""
        tasks = (
            (number, window, own)
            for number, piece in enumerate(pieces)
            for found in [self._windows(piece)]
            for window, own in zip(found, owned(found), strict=True)
        )
        while batch := list(islice(tasks, _HELD_WINDOWS)):
            rows = [
                [*self._before, *pieces[number].ids[window.start : window.end].tolist(), *self._after]
                for number, window, _ in batch
            ]
            for (number, window, own), output in zip(batch, run(self._backend, rows), strict=True):
                first = pieces[number].first
                start, end = np.searchsorted(first, np.array([own.start, own.end], dtype=first.dtype))
                yield number, output[first[start:end] - window.start + len(self._before)]

    def decode(self, text: str, pieces: Subwords, logits: Logits) -> list[PredictedSpan]:
        """Turn the logits of all words into spans, with temperature and outside weight."""
        decoding = Decoding(self, text, pieces)
        decoding.add(logits)
        return decoding.spans()


class Decoding:
    """The spans of one text, found while the logits of its words arrive, so that not all of them are held at once.

    Words are decoded up to the start of a unit, which no span crosses; in a text without any, behind a word that is
    surely outside. Up to some thousand words are decoded in one go, as most texts are.

    Args:
        tagger: Temperature, outside weight and tags.
        text: The text.
        pieces: Its sub-words.
    """

    def __init__(self, tagger: Tagger, text: str, pieces: Subwords) -> None:
        self.tagger = tagger
        self.text = text
        self.pieces = pieces
        self._found: list[PredictedSpan] = []
        self._done = 0
        self._held: list[Logits] = []

    def add(self, logits: Logits) -> None:
        """Take the logits (words, tags) of the next words."""
        self._held.append(logits)
        if sum(map(len, self._held)) > _HELD_WORDS:
            self._decode(last=False)

    def spans(self) -> list[PredictedSpan]:
        """Return all spans, once the logits of all words were given."""
        if self._held:
            self._decode(last=True)
        return self._found

    def _decode(self, *, last: bool) -> None:
        tagger = self.tagger
        held = np.concatenate(self._held)
        probabilities = softmax(held, tagger.temperature)
        breaks = self.pieces.breaks[np.searchsorted(self.pieces.breaks, np.int32(self._done)) :] - self._done
        breaks = breaks[: np.searchsorted(breaks, np.int32(len(held)))]
        count = len(held) if last else _cut(probabilities, breaks)
        inside = breaks[: np.searchsorted(breaks, np.int32(count))]
        for mention in decode(probabilities[:count], tagger.tags, tagger.outside_weight, inside):
            start = int(self.pieces.words[self._done + mention.start, 0])
            end = int(self.pieces.words[self._done + mention.end - 1, 1])
            name = f"S{len(self._found) + 1}"
            words = self.text[start:end]
            self._found.append(PredictedSpan(name, start, end, words, mention.label, mention.type, mention.score))
        self._done += count
        self._held = [held[count:]] if count < len(held) else []


def _cut(probabilities: npt.NDArray[np.float64], breaks: npt.NDArray[np.int32]) -> int:
    """How many words can be decoded apart from those behind them."""
    if len(breaks) and breaks[-1] > 0:
        return int(breaks[-1])
    half = len(probabilities) // 2
    return half + int(probabilities[half:, 0].argmax()) + 1


def special_tokens(tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
    """Special tokens that the tokenizer puts before and behind a text, such as [CLS] and [SEP]."""
    encoding = tokenizer.encode("a")
    inner = [index for index, special in enumerate(encoding.special_tokens_mask) if not special]
    return list(encoding.ids[: inner[0]]), list(encoding.ids[inner[-1] + 1 :])


def _checked(text: object, name: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{name} is {type(text).__name__}, not a string")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{name} has half of a surrogate pair at offset {error.start}, which is not a character; "
            "decode its source again"
        ) from None
    return text
