"""The tagger: text in, spans and events out, whatever computes the logits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np
from tokenizers import Tokenizer

from annotations.schema import Schema
from inference.backends import Backend, Logits, run
from inference.decode import TagSet, decode, softmax
from inference.events import assemble
from inference.prediction import PredictedSpan, Prediction
from inference.subwords import Subwords, split
from inference.windows import merge, windows


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
        name: Name to show in predictions.
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
        self.name = name
        self._tags = TagSet(schema.tags)
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
            return self._predict([_checked(text, "text")])[0]
        if not isinstance(text, Sequence) or isinstance(text, bytes | bytearray):
            raise TypeError(f"predict takes a string or a sequence of strings, got {type(text).__name__}")
        return self._predict([_checked(item, f"text[{number}]") for number, item in enumerate(text)])

    def _predict(self, texts: Sequence[str]) -> list[Prediction]:
        return [
            self._prediction(text, pieces, logits, count)
            for text, (pieces, logits, count) in zip(texts, self._logits(texts), strict=True)
        ]

    def logits(self, texts: Sequence[str]) -> list[tuple[Subwords, Logits]]:
        """Return sub-words and raw logits (sub-words, tags) of each text, windows merged; calibration is fitted on
        these."""
        return [(pieces, logits) for pieces, logits, _ in self._logits(texts)]

    def _logits(self, texts: Sequence[str]) -> list[tuple[Subwords, Logits, int]]:
        size = self.window - len(self._before) - len(self._after)
        pieces = [split(self.tokenizer, text) for text in texts]
        parts = [windows(len(piece.ids), size, self.overlap) for piece in pieces]
        rows = [
            [*self._before, *piece.ids[w.start : w.end], *self._after]
            for piece, found in zip(pieces, parts, strict=True)
            for w in found
        ]
        outputs = iter(run(self._backend, rows))
        results = []
        for piece, found in zip(pieces, parts, strict=True):
            own = [next(outputs)[len(self._before) :][: w.end - w.start] for w in found]
            merged = merge(found, own) if found else np.zeros((0, len(self.schema.tags)), dtype=np.float32)
            results.append((piece, merged, len(found)))
        return results

    def _prediction(self, text: str, pieces: Subwords, logits: Logits, count: int) -> Prediction:
        spans = self.decode(text, pieces, logits)
        return Prediction(text, spans, assemble(text, spans, self.schema), self.name, count, self.schema)

    def decode(self, text: str, pieces: Subwords, logits: Logits) -> list[PredictedSpan]:
        """Turn merged logits into spans with temperature and outside weight."""
        first = np.asarray(pieces.first, dtype=np.int64)
        probabilities = softmax(logits[first], self.temperature)
        mentions = decode(probabilities, self._tags, self.outside_weight)
        spans = []
        for number, mention in enumerate(mentions, start=1):
            start, end = pieces.words[mention.start][0], pieces.words[mention.end - 1][1]
            spans.append(
                PredictedSpan(f"S{number}", start, end, text[start:end], mention.label, mention.type, mention.score)
            )
        return spans


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
