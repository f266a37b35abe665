"""Facts about the spans of a document: where each is, how it is worded, and what the rules link it to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import regex

from annotations.schema import TRIGGERS, Schema
from annotations.text.layout import Kind
from annotations.text.reading import Reading
from annotations.text.sentences import Sentences
from inference.entities.spelling import name_key
from inference.events.wording import DEFINITE, GENERIC, INDEFINITE, OTHER, SUMMARY
from inference.prediction import PredictedSpan

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

KINDS = tuple(Kind)
# Where a clause may start; a full stop inside a sentence ends an abbreviation, not a clause.
_CLAUSE = regex.compile(
    r"[;:]|,(?!\d)|\b(?:while|but|after|before|when|as|and|where|who|which|killing|wounding|injuring)\b",
    regex.I,
)
_BLANK = regex.compile(r"\s+")
_AROUND = 60  # characters around a span in which words may say that it sums up a longer time
_STEM = 5  # letters of the last word by which two triggers count as the same word


@dataclass(frozen=True)
class Facts:
    """What is known of the spans of one document, one row a span."""

    reading: Reading  # the text as read
    sentences: Sentences  # its sentences
    spans: Sequence[PredictedSpan]  # spans with offsets of the reading, in order
    schema: Schema  # the role of each label
    drawn: Sequence[frozenset[int]]  # for each span, the events of the rules it is in

    @cached_property
    def start(self) -> Numbers:
        """Offset of the first character."""
        return np.array([span.start for span in self.spans], dtype=np.int64)

    @cached_property
    def end(self) -> Numbers:
        """Offset after the last character."""
        return np.array([span.end for span in self.spans], dtype=np.int64)

    @cached_property
    def score(self) -> npt.NDArray[np.float64]:
        """Confidence."""
        return np.array([span.score for span in self.spans], dtype=np.float64)

    @cached_property
    def sentence(self) -> Numbers:
        """Number of the sentence."""
        return np.array([self.sentences.index(span.start) for span in self.spans], dtype=np.int64)

    @cached_property
    def unit(self) -> Numbers:
        """Number of the paragraph, heading, item, row or entry."""
        starts = [unit.start for unit in self.reading.units]
        return np.array([max(0, bisect_right(starts, span.start) - 1) for span in self.spans], dtype=np.int64)

    @cached_property
    def kind(self) -> Numbers:
        """Kind of the unit, as its number in `KINDS`."""
        units = self.reading.units
        return np.array([KINDS.index(units[at].kind) if units else 0 for at in self.unit], dtype=np.int64)

    @cached_property
    def clause(self) -> Numbers:
        """Number of edges of clauses before the span."""
        return np.searchsorted(self._edges(_CLAUSE), self.start)

    @cached_property
    def word(self) -> Numbers:
        """Number of blanks before the span."""
        return np.searchsorted(self._edges(_BLANK), self.start)

    def _edges(self, pattern: regex.Pattern[str]) -> Numbers:
        return np.array([match.end() for match in pattern.finditer(self.reading.text)], dtype=np.int64)

    @cached_property
    def role(self) -> Numbers:
        """Number of the role in the schema's roles."""
        roles = list(self.schema.roles)
        return np.array([roles.index(self.schema.role(span.label)) for span in self.spans], dtype=np.int64)

    @cached_property
    def is_trigger(self) -> Flags:
        """Whether a span is a trigger."""
        return np.asarray(self.role == list(self.schema.roles).index(TRIGGERS))

    @cached_property
    def triggers(self) -> Numbers:
        """Rows of triggers."""
        return np.flatnonzero(self.is_trigger)

    @cached_property
    def arguments(self) -> Numbers:
        """Rows of all other spans."""
        return np.flatnonzero(~self.is_trigger)

    @cached_property
    def before(self) -> Numbers:
        """Number of triggers that start before the span."""
        return np.searchsorted(self.start[self.triggers], self.start)

    @cached_property
    def type(self) -> Numbers:
        """Number of the type among the classes of the schema."""
        places = {found: number for number, found in enumerate(self.schema.classes)}
        return np.array([places.get((span.label, span.type), 0) for span in self.spans], dtype=np.int64)

    @cached_property
    def in_sentence(self) -> Numbers:
        """Number of triggers in the sentence of the span."""
        counts: dict[int, int] = {}
        for sentence in self.sentence[self.triggers].tolist():
            counts[sentence] = counts.get(sentence, 0) + 1
        return np.array([counts.get(sentence, 0) for sentence in self.sentence.tolist()], dtype=np.int64)

    @cached_property
    def generic(self) -> Flags:
        """Whether a trigger is a word for any type of attack."""
        return np.array([bool(GENERIC.fullmatch(span.text)) for span in self.spans], dtype=bool)

    @cached_property
    def worded(self) -> Flags:
        """Whether the words before a span are definite, indefinite, or say that it is another one: three columns."""
        found = np.zeros((len(self.spans), 3), dtype=bool)
        for row, span in enumerate(self.spans):
            if self.is_trigger[row]:
                lead = self.reading.text[self.sentences.bounds(int(self.sentence[row]))[0] : span.start]
                found[row] = [bool(pattern.search(lead)) for pattern in (DEFINITE, INDEFINITE, OTHER)]
        return found

    @cached_property
    def sums_up(self) -> Flags:
        """Whether the sentence, and whether the words near a span, cover a longer time: two columns."""
        known: dict[int, bool] = {}
        found = np.zeros((len(self.spans), 2), dtype=bool)
        for row, span in enumerate(self.spans):
            start, end = self.sentences.bounds(int(self.sentence[row]))
            if start not in known:
                known[start] = bool(SUMMARY.search(self.reading.text, start, end))
            near = (max(start, span.start - _AROUND), min(end, span.end + _AROUND))
            found[row] = known[start], known[start] and bool(SUMMARY.search(self.reading.text, *near))
        return found

    @cached_property
    def key(self) -> Sequence[str]:
        """The name of a span, the same for its spellings."""
        return [name_key(span.text) for span in self.spans]

    @cached_property
    def stem(self) -> Sequence[str]:
        """The first letters of the last word of a span."""
        return [(key.split() or [""])[-1][:_STEM] for key in self.key]

    @cached_property
    def named(self) -> Sequence[Mapping[int, frozenset[str]]]:
        """For each span, the names in its sentence by role."""
        names: dict[int, dict[int, set[str]]] = {}
        for row in self.arguments.tolist():
            names.setdefault(int(self.sentence[row]), {}).setdefault(int(self.role[row]), set()).add(self.key[row])
        frozen = {at: {role: frozenset(found) for role, found in table.items()} for at, table in names.items()}
        return [frozen.get(sentence, {}) for sentence in self.sentence.tolist()]
