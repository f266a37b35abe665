"""The tagger: text in, spans and events out, with any backend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import cast, overload

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from annotations.errors import nearest
from annotations.schema import Schema
from inference.backends import Backend, Joined, Logits, VectorBackend, run
from inference.dates import Day, as_date
from inference.decode import decode, softmax
from inference.encoding.subwords import Subwords, split
from inference.encoding.windows import Window, owned, windows
from inference.events.linker import Linker, Vectors
from inference.events.linking import assemble
from inference.events.participants import by_entity
from inference.numbers.conventions import find_convention
from inference.prediction import PredictedSpan, Prediction

GivenDate = str | Day | None
_HELD_WINDOWS = 256  # windows run at once
_HELD_WITH_VECTORS = 64  # the same, if their vectors are kept too: ten times as many numbers
_HELD_WORDS = 8192  # words whose logits are kept until they are decoded


class Tagger:
    """Finds spans and events: windows, backend, decoding, and a linker or rules for events.

    Args:
        tokenizer: The encoder's tokenizer; truncation and padding are switched off.
        schema: The label set; its tags are the columns of the logits.
        backend: Computes logits.
        window: Maximum number of sub-words in a window, special tokens included.
        overlap: Number of sub-words that neighbouring windows share.
        temperature: Divisor of the logits before softmax.
        outside_weight: Factor on the probability of O when spans are decoded.
        thresholds: By label, the least score of a span; spans below are left out. 0 for labels not named.
        convention: How vague numbers are read (`inference.numbers.conventions`).
        name: Name shown in predictions.
        linker: Links spans to events; without one, or if the backend gives no vectors, rules do.

    Raises:
        ValueError: Unknown convention, or a threshold of an unknown label or not between 0 and 1.
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
        thresholds: Mapping[str, float] | None = None,
        convention: str = "range",
        name: str = "unnamed",
        linker: Linker | None = None,
    ) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.tokenizer = tokenizer
        self.schema = schema
        self.window = window
        self.overlap = overlap
        self.temperature = temperature
        self.outside_weight = outside_weight
        self.thresholds = checked_thresholds(thresholds or {}, schema)
        self.convention = find_convention(convention).name
        self.name = name
        self._backend = backend
        self.linker = linker
        self._before, self._after = special_tokens(tokenizer)

    @overload  # a string is a sequence of strings too, and comes first
    def predict(  # type: ignore[overload-overlap]
        self, text: str, date: GivenDate = None, *, min_event_score: float = 0, geo: bool = False
    ) -> Prediction: ...
    @overload
    def predict(
        self,
        text: Sequence[str],
        date: GivenDate | Sequence[GivenDate] = None,
        *,
        min_event_score: float = 0,
        geo: bool = False,
    ) -> list[Prediction]: ...
    def predict(
        self,
        text: str | Sequence[str],
        date: GivenDate | Sequence[GivenDate] = None,
        *,
        min_event_score: float = 0,
        geo: bool = False,
    ) -> Prediction | list[Prediction]:
        """Find spans and events.

        Args:
            text: A text, or a sequence of texts.
            date: The day of the text, such as `2021-03-04`, from which 'Monday' and 'last month' are counted; for a
                sequence one day for all, or one for each. None: not known.
            min_event_score: Events with a lower score are left out; their spans stay, and the ids of the other events.
            geo: Whether to look up where events were (`Prediction.located`).

        Returns:
            One prediction for a text, a list of predictions in the same order for a sequence.

        Raises:
            TypeError: An item is not a string.
            ValueError: A string has half of a surrogate pair and is not valid text; a date is none, or there is not
                one for each text.
            ImportError: `geo` without the extra `geo`.
        """
        if isinstance(text, str):
            day = _days(date, 1)[0]
            one = next(self.predict_each([_checked(text, "text")], min_event_score=min_event_score)).dated(day)
            return one.located() if geo else one
        if not isinstance(text, Sequence) or isinstance(text, bytes | bytearray):
            raise TypeError(f"predict takes a string or a sequence of strings, got {type(text).__name__}")
        days = _days(date, len(text))
        items = [_checked(item, f"text[{number}]") for number, item in enumerate(text)]
        found = self.predict_each(items, min_event_score=min_event_score)
        dated = (one.dated(day) for one, day in zip(found, days, strict=True))
        return [one.located() if geo else one for one in dated]

    def predict_each(self, texts: Iterable[str], *, min_event_score: float = 0) -> Iterator[Prediction]:
        """Find spans and events of any number of texts, in bounded memory.

        Args:
            texts: Texts. They are read as needed: up to some hundred short ones, or one long one, at a time.
            min_event_score: Events with a lower score are left out.

        Yields:
            Predictions in the same order, with the dates of events that can be known without the day of the text.

        Raises:
            TypeError: An item is not a string.
            ValueError: A string has half of a surrogate pair and is not valid text, or `min_event_score` is not a
                number between 0 and 1.
        """
        _check_score(min_event_score)
        linker = self.linker if self.vector_size else None
        checked = (_checked(text, f"text[{number}]") for number, text in enumerate(texts))
        for found in self._decoded(checked, vectors=linker is not None):
            spans = found.spans()
            events = assemble(
                found.pieces.reading,
                spans,
                self.schema,
                self.convention,
                linker=linker,
                vectors=found.vectors(),
            )
            events, entities = by_entity(found.pieces.reading, spans, events, self.schema)
            events = [event for event in events if event.score >= min_event_score]
            count = len(self._windows(found.pieces))
            yield Prediction(
                found.text, spans, events, self.name, count, self.schema, self.convention, entities=entities
            ).dated(None)

    def find_spans(self, texts: Iterable[str]) -> list[list[PredictedSpan]]:
        """Find the spans of each text, without events."""
        return [found.spans() for found in self._decoded(texts)]

    def logits(self, texts: Iterable[str]) -> list[tuple[Subwords, Logits]]:
        """Return sub-words and raw logits of each text.

        The logits are an array (words, tags): each word has those of its first sub-word. Calibration is fitted on them.
        """
        pieces = [split(self.tokenizer, text) for text in texts]
        parts: list[list[Logits]] = [[np.zeros((0, len(self.schema.tags)), dtype=np.float32)] for _ in pieces]
        for number, logits in self._word_logits(pieces):
            parts[number].append(logits)
        return [(piece, np.concatenate(part)) for piece, part in zip(pieces, parts, strict=True)]

    def outputs(self, texts: Iterable[str]) -> Iterator[tuple[Subwords, Logits, Vectors]]:
        """Yield sub-words, raw logits (words, tags) and vectors (words, size) of each text; a linker learns from them.

        Raises:
            ValueError: The backend gives no vectors.
        """
        if not self.vector_size:
            raise ValueError(f"{self.name} gives no vectors; add them with training.fit.vectors.add_vectors")
        tags = len(self.schema.tags)
        for group in self._groups(texts):
            parts: list[list[Logits]] = [[np.zeros((0, tags + self.vector_size), dtype=np.float32)] for _ in group]
            for number, rows in self._word_logits([one.pieces for one in group], vectors=True):
                parts[number].append(rows)
            for one, part in zip(group, parts, strict=True):
                rows = np.concatenate(part)
                yield one.pieces, rows[:, :tags], rows[:, tags:]

    @property
    def vector_size(self) -> int:
        """Size of the vectors that the backend gives; 0 if it gives none."""
        return int(getattr(self._backend, "vector_size", 0))

    def decode(self, text: str, pieces: Subwords, logits: Logits) -> list[PredictedSpan]:
        """Turn the logits of all words of a text into spans, with temperature and outside weight."""
        decoding = _Decoding(self, text, pieces)
        decoding.add(logits)
        return decoding.spans()

    def _decoded(self, texts: Iterable[str], *, vectors: bool = False) -> Iterator[_Decoding]:
        """Yield each text with the logits of all its words, group by group; with vectors of spans if wanted."""
        for group in self._groups(texts):
            for number, logits in self._word_logits([one.pieces for one in group], vectors=vectors):
                group[number].add(logits)
            yield from group

    def _groups(self, texts: Iterable[str]) -> Iterator[list[_Decoding]]:
        """Yield texts that are read together: at most `_HELD_WINDOWS` windows, or one long text."""
        group: list[_Decoding] = []
        held = 0
        for text in texts:
            pieces = split(self.tokenizer, text)
            count = max(1, len(self._windows(pieces)))  # a text without words takes memory too
            if group and held + count > _HELD_WINDOWS:
                yield group
                group, held = [], 0
            group.append(_Decoding(self, text, pieces))
            held += count
        if group:
            yield group

    def _windows(self, pieces: Subwords) -> list[Window]:
        return windows(len(pieces.ids), self.window - len(self._before) - len(self._after), self.overlap)

    def _word_logits(self, pieces: Sequence[Subwords], *, vectors: bool = False) -> Iterator[tuple[int, Logits]]:
        """Yield the number of a text and the logits of its next words, window by window.

        With vectors, each row has the logits of a word and then its vector.
        """
        backend = Joined(cast(VectorBackend, self._backend)) if vectors else self._backend
        tasks = (
            (number, window, own)
            for number, piece in enumerate(pieces)
            for found in [self._windows(piece)]
            for window, own in zip(found, owned(found), strict=True)
        )
        while batch := list(islice(tasks, _HELD_WITH_VECTORS if vectors else _HELD_WINDOWS)):
            rows = [
                [*self._before, *pieces[number].ids[window.start : window.end].tolist(), *self._after]
                for number, window, _ in batch
            ]
            for (number, window, own), output in zip(batch, run(backend, rows), strict=True):
                first = pieces[number].first
                start, end = np.searchsorted(first, np.array([own.start, own.end], dtype=first.dtype))
                yield number, output[first[start:end] - window.start + len(self._before)]


class _Decoding:
    """Finds the spans of one text while the logits of its words arrive, so that not all of them are kept in memory.

    Words are decoded up to the start of a unit, which no span crosses; in a text without units, up to a word that is
    outside of every span. Up to `_HELD_WORDS` words are decoded at once, which covers most texts.

    Args:
        tagger: Gives temperature, outside weight and classes.
        text: The text.
        pieces: Its sub-words.
    """

    def __init__(self, tagger: Tagger, text: str, pieces: Subwords) -> None:
        self.text = text
        self.pieces = pieces
        self._tagger = tagger
        self._found: list[PredictedSpan] = []
        self._vectors: list[Logits] = []
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
        tagger = self._tagger
        held = np.concatenate(self._held)
        tags = len(tagger.schema.tags)
        probabilities = softmax(held[:, :tags], tagger.temperature)
        breaks = self.pieces.breaks[np.searchsorted(self.pieces.breaks, np.int32(self._done)) :] - self._done
        breaks = breaks[: np.searchsorted(breaks, np.int32(len(held)))]
        count = len(held) if last else _cut(probabilities, breaks)
        inside = breaks[: np.searchsorted(breaks, np.int32(count))]
        for mention in decode(probabilities[:count], tagger.schema.classes, tagger.outside_weight, inside):
            if mention.score < tagger.thresholds.get(mention.label, 0.0):
                continue
            start = int(self.pieces.words[self._done + mention.start, 0])
            end = int(self.pieces.words[self._done + mention.end - 1, 1])
            name = f"S{len(self._found) + 1}"
            words = self.text[start:end]
            self._found.append(PredictedSpan(name, start, end, words, mention.label, mention.type, mention.score))
            if held.shape[1] > tags:
                self._vectors.append(held[mention.start : mention.end, tags:].mean(axis=0))
        self._done += count
        self._held = [held[count:]] if count < len(held) else []


def _cut(probabilities: npt.NDArray[np.float64], breaks: npt.NDArray[np.int32]) -> int:
    """Return how many words can be decoded without the words after them."""
    if len(breaks) and breaks[-1] > 0:
        return int(breaks[-1])
    half = len(probabilities) // 2
    return half + int(probabilities[half:, 0].argmax()) + 1


def checked_thresholds(given: float | Mapping[str, float], schema: Schema) -> dict[str, float]:
    """Return thresholds by label.

    Args:
        given: One number for all labels, or numbers by label.
        schema: The label set.

    Raises:
        ValueError: A label is unknown, or a number is not between 0 and 1.

    Example:
        >>> from annotations import load_schema
        >>> checked_thresholds({"ATTACK": 0.4}, load_schema())
        {'ATTACK': 0.4}
    """
    by_label = dict(given) if isinstance(given, Mapping) else dict.fromkeys(schema.labels, given)
    for label, number in by_label.items():
        if label not in schema.labels:
            raise ValueError(f"threshold of unknown label {label!r}; {nearest(str(label), schema.labels)}")
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= 1:
            raise ValueError(f"threshold {number!r} is not a number between 0 and 1")
    return by_label


def _check_score(number: object) -> None:
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= 1:
        raise ValueError(f"min_event_score {number!r} is not a number between 0 and 1")


def special_tokens(tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
    """Return the special tokens that a tokenizer adds before and after a text, such as [CLS] and [SEP]."""
    encoding = tokenizer.encode("a")
    inner = [index for index, special in enumerate(encoding.special_tokens_mask) if not special]
    return list(encoding.ids[: inner[0]]), list(encoding.ids[inner[-1] + 1 :])


def _days(given: GivenDate | Sequence[GivenDate], count: int) -> list[Day | None]:
    """Return the day of each text, before any is read."""
    if given is None or isinstance(given, str | Day):
        return [as_date(given)] * count
    if len(given) != count:
        raise ValueError(f"{len(given)} dates for {count} texts; give one for all, or one for each")
    return [as_date(one) for one in given]


def _checked(text: object, name: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"{name} is {type(text).__name__}, not a string")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{name} has half of a surrogate pair at offset {error.start}, which is not a character; decode the source "
            "again"
        ) from None
    return text
