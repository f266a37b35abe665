"""The tagger: text in, spans and events out, with any backend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import overload

from tokenizers import Tokenizer

from annotations.errors import nearest
from annotations.schema import Schema
from inference.backends import Backend, Logits
from inference.decode import Decoding, Kept
from inference.encoding.subwords import Subwords, split
from inference.events.linker import Linker, Vectors
from inference.events.linking import assemble
from inference.events.participants import by_entity
from inference.given import Given, GivenDate, all_texts, checked_least, days_of, one_text
from inference.numbers.conventions import find_convention
from inference.prediction import Prediction
from inference.relevance import trigger_columns
from inference.spans import PredictedSpan, in_sentences
from inference.windowed import Windowed


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
        relevance: Weights of the probability that a text reports an attack (`inference.relevance`); none if not known.
        convention: How vague numbers are read (`inference.numbers.conventions`).
        name: Name shown in predictions.
        linker: Links spans to events; without one, or if the backend gives no vectors, rules do.
        threads: Batches computed at the same time, by default one a processor; a backend that pads computes one.

    Raises:
        ValueError: Unknown convention, a threshold of an unknown label or not between 0 and 1, or no thread.
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
        relevance: Sequence[float] = (),
        convention: str = "range",
        name: str = "unnamed",
        linker: Linker | None = None,
        threads: int | None = None,
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
        self.relevance = tuple(relevance)
        self.trigger_columns = trigger_columns(schema)
        self.convention = find_convention(convention).name
        self.name = name
        self.linker = linker
        self._windowed = Windowed(tokenizer, backend, window, overlap, threads)

    @overload  # a string is a sequence of strings too, and comes first
    def predict(  # type: ignore[overload-overlap]
        self,
        text: str,
        date: GivenDate = None,
        *,
        min_event_score: float | None = None,
        min_relevance: float = 0,
        geo: bool = False,
    ) -> Prediction: ...
    @overload
    def predict(
        self,
        text: Iterable[str],
        date: GivenDate | Iterable[GivenDate] = None,
        *,
        min_event_score: float | None = None,
        min_relevance: float = 0,
        geo: bool = False,
    ) -> list[Prediction]: ...
    def predict(
        self,
        text: str | Iterable[str],
        date: GivenDate | Iterable[GivenDate] = None,
        *,
        min_event_score: float | None = None,
        min_relevance: float = 0,
        geo: bool = False,
    ) -> Prediction | list[Prediction]:
        """Find spans and events.

        Args:
            text: A text, or texts: a list, a generator, a column of a data frame.
            date: The day of the text, such as `2021-03-04`, from which 'Monday' and 'last month' are counted; for
                several texts one day for all, or one for each. None: not known.
            min_event_score: Events with a lower score are left out; their spans stay, and the ids of the other events.
                None: `least_event_score`; 0 leaves out none.
            min_relevance: A text with a lower probability of reporting an attack has neither spans nor events.
            geo: Whether to look up where events were (`Prediction.located`).

        Returns:
            One prediction for a text, a list of predictions in the same order for several.

        Raises:
            TypeError: An item is not a string.
            ValueError: A string has half of a surrogate pair and is not valid text; a single one is the path of a
                file; a date is none, or there is not one for each text.
            ImportError: `geo` without the extra `geo`.
        """
        stream = partial(self.predict_stream, min_event_score=min_event_score, min_relevance=min_relevance, geo=geo)
        if isinstance(text, str):
            return next(stream([one_text(text)], dates=days_of(date, 1)))
        items = all_texts(text)
        return list(stream(items, dates=days_of(date, len(items))))

    def predict_stream(
        self,
        texts: Iterable[str],
        *,
        dates: Iterable[GivenDate] | None = None,
        convention: str | None = None,
        min_event_score: float | None = None,
        min_relevance: float | None = None,
        geo: bool = False,
    ) -> Iterator[Prediction]:
        """Find spans and events of any number of texts, in bounded memory.

        Args:
            texts: Texts. They are read as needed: up to some hundred short ones, or one long one, at a time.
            dates: The day of each text, or None where it is not known; as many as texts. They are read along.
            convention: How vague numbers are read; by default as the model was loaded.
            min_event_score: As for `predict`.
            min_relevance: As for `predict`.
            geo: As for `predict`.

        Returns:
            An iterator of predictions, in the order of the texts. A text or a date that cannot be used raises an error
            that names its index, after the predictions of the texts before it; so does an error of `texts` itself.

        Raises:
            TypeError: An item is not a string, or `texts` or `dates` is a single string.
            ValueError: A string has half of a surrogate pair and is not valid text, a date is none, there is not one
                for each text, the convention is unknown, `min_event_score` or `min_relevance` is not a number between 0
                and 1, or the model knows no relevance.
            ImportError: `geo` without the extra `geo`.

        Example:
            >>> for prediction in model.predict_stream(open("articles.txt")):  # doctest: +SKIP
            ...     print(prediction.to_json())
        """
        wanted = self.least_event_score if min_event_score is None else min_event_score
        least = checked_least(wanted, "min_event_score")
        relevant = checked_least(min_relevance, "min_relevance")
        if relevant and not self.relevance:
            raise ValueError(f"{self.name} knows no relevance, so min_relevance cannot be used; train the model again")
        chosen = find_convention(convention or self.convention).name
        for name, given in (("texts", texts), ("dates", dates)):
            if isinstance(given, str | bytes):
                raise TypeError(f"predict_stream takes an iterable of {name}, got one {type(given).__name__}")
        found = self._stream(texts, dates, chosen, least, relevant)
        return map(Prediction.located, found) if geo else found

    def _stream(
        self, texts: Iterable[str], dates: Iterable[GivenDate] | None, convention: str, least: float, relevant: float
    ) -> Iterator[Prediction]:
        linker = self.linker if self.vector_size else None
        given = Given(texts, dates)
        for found in self._decoded(given, vectors=linker is not None):
            yield self._assembled(found, linker, convention, least, relevant).dated(given.days.popleft())
        given.raise_fault()

    def _assembled(
        self, found: Decoding, linker: Linker | None, convention: str, least: float, relevant: float
    ) -> Prediction:
        """Link the spans of a text to events."""
        reading = found.pieces.reading
        spans = in_sentences(found.text, reading, found.spans())
        relevance = found.relevance.probability(self.relevance) if self.relevance else None
        count = len(self._windowed.windows(found.pieces))
        empty = Prediction(found.text, (), (), self.name, count, self.schema, convention, relevance=relevance)
        if relevance is not None and relevance < relevant:
            return empty
        events = assemble(reading, spans, self.schema, convention, linker=linker, vectors=found.vectors())
        events, entities = by_entity(reading, spans, events, self.schema)
        kept = [event for event in events if event.score >= least]
        return replace(empty, spans=spans, events=kept, entities=entities)

    @property
    def least_event_score(self) -> float:
        """Score below which events are left out by default: fitted with the linker, 0 without one."""
        return self.linker.settings.kept if self.linker is not None else 0.0

    def find_spans(self, texts: Iterable[str]) -> list[list[PredictedSpan]]:
        """Find the spans of each text, without events."""
        return [found.spans() for found in self._decoded(texts)]

    def logits(self, texts: Iterable[str]) -> list[tuple[Subwords, Logits]]:
        """Return sub-words and raw logits of each text.

        The logits are an array (words, tags): each word has those of its first sub-word. Calibration is fitted on them.
        """
        read = (Kept(split(self.tokenizer, text), len(self.schema.tags)) for text in texts)
        return [(one.pieces, one.rows()) for one in self._windowed.read(read)]

    def outputs(self, texts: Iterable[str]) -> Iterator[tuple[Subwords, Logits, Vectors]]:
        """Yield sub-words, raw logits (words, tags) and vectors (words, size) of each text; a linker learns from them.

        Raises:
            ValueError: The backend gives no vectors.
        """
        if not self.vector_size:
            raise ValueError(f"{self.name} gives no vectors; add them with training.fit.export.add_vectors")
        tags = len(self.schema.tags)
        read = (Kept(split(self.tokenizer, text), tags + self.vector_size) for text in texts)
        for one in self._windowed.read(read, vectors=True):
            rows = one.rows()
            yield one.pieces, rows[:, :tags], rows[:, tags:]

    @property
    def vector_size(self) -> int:
        """Size of the vectors that the backend gives; 0 if it gives none."""
        return int(getattr(self._windowed.backend, "vector_size", 0))

    def decode(self, text: str, pieces: Subwords, logits: Logits) -> list[PredictedSpan]:
        """Turn the logits of all words of a text into spans, with temperature and outside weight."""
        decoding = Decoding(self, text, pieces)
        decoding.add(logits)
        return decoding.spans()

    def _decoded(self, texts: Iterable[str], *, vectors: bool = False) -> Iterator[Decoding]:
        """Yield each text with the logits of all its words; with vectors of spans if wanted."""
        read = (Decoding(self, text, split(self.tokenizer, text)) for text in texts)
        return self._windowed.read(read, vectors=vectors)


def checked_thresholds(given: float | Mapping[str, float], schema: Schema) -> dict[str, float]:
    """Return thresholds by label.

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
