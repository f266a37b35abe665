"""Examples: the pairs of spans of a document, with what its gold events say of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from annotations.coverage import exhaustive
from annotations.document import Document, Span
from annotations.schema import Schema
from annotations.text.reading import read
from annotations.text.sentences import sentences_of
from inference.events.drafts import drawn_of
from inference.events.facts import Facts
from inference.events.linker import Vectors
from inference.events.linking import link_by_rules
from inference.events.pairs import Pairs, argument_pairs, trigger_pairs
from inference.events.tolls import as_read
from inference.prediction import PredictedSpan

Rows = npt.NDArray[np.int64]
Answers = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """A document with the pairs to learn from."""

    facts: Facts  # its spans
    vectors: Vectors  # their vectors, (spans, size)
    same: Pairs  # pairs of triggers
    belongs: Pairs  # pairs of a trigger and an argument
    same_answer: Answers  # 1 if both report the same attack, 0 if not, nan if unknown, (pairs of triggers,)
    event: Rows  # for each pair of a trigger and an argument, the number of the argument and event it is evidence for
    belongs_answer: Answers  # for each of these, 1 if the argument belongs to the event, else 0


def facts_of(text: str, spans: Sequence[PredictedSpan], schema: Schema) -> Facts:
    """Return the facts of spans, gold or predicted, with what the rules link."""
    reading = read(text)
    sentences = sentences_of(reading)
    found = [as_read(reading, span) for span in spans]
    drafts = link_by_rules(reading, sentences, found, schema)
    return Facts(reading, sentences, found, schema, drawn_of(drafts, found))


def gold_spans(document: Document) -> list[PredictedSpan]:
    """Return the gold spans of a document in the form of predicted ones, with a score of 1."""
    return [
        PredictedSpan(span.id, span.start, span.end, document.mention(span), span.label, span.type, 1.0)
        for span in document.spans
    ]


def example_of(document: Document, spans: Sequence[PredictedSpan], vectors: Vectors, schema: Schema) -> Example:
    """Return the pairs of a document's spans.

    Args:
        document: A document with gold events.
        spans: Its gold spans, or predicted ones; a predicted span stands for the gold one that it overlaps, and one
            that overlaps none belongs to no event.
        vectors: A vector for each span.
        schema: The label set.
    """
    facts = facts_of(document.text, spans, schema)
    member = _members(document, spans)
    same, belongs = trigger_pairs(facts), argument_pairs(facts)
    labels = exhaustive(document, schema)
    known = [spans[row].label in labels for row in range(len(spans))]
    same_answer = [
        float(bool(member[a] & member[b])) if member[a] and member[b] else np.nan
        for a, b in zip(same.first.tolist(), same.second.tolist(), strict=True)
    ]
    groups: dict[tuple[int, str], int] = {}
    event, answers = [], []
    for trigger, argument in zip(belongs.first.tolist(), belongs.second.tolist(), strict=True):
        own = min(member[trigger], default=f"none {trigger}")  # a wrong trigger is an event of its own
        key = (argument, own)
        if key not in groups:
            groups[key] = len(groups)
            answers.append(float(own in member[argument]) if known[argument] else np.nan)
        event.append(groups[key])
    return Example(
        facts,
        vectors,
        same,
        belongs,
        np.array(same_answer, dtype=np.float32),
        np.array(event, dtype=np.int64),
        np.array(answers, dtype=np.float32),
    )


def _members(document: Document, spans: Sequence[PredictedSpan]) -> list[frozenset[str]]:
    """Return the ids of the gold events that each span belongs to."""
    events: dict[str, set[str]] = {}
    for event in document.events:
        for key in event.span_ids:
            events.setdefault(key, set()).add(event.id)
    return [frozenset(events.get(gold.id, ())) if gold else frozenset() for gold in _matched(document.spans, spans)]


def _matched(gold: Sequence[Span], spans: Sequence[PredictedSpan]) -> list[Span | None]:
    """Return the gold span with the same label that each span overlaps most."""
    found: list[Span | None] = []
    at = 0
    for span in spans:
        while at < len(gold) and gold[at].end <= span.start:
            at += 1
        shared: Mapping[int, int] = {
            number: min(gold[number].end, span.end) - max(gold[number].start, span.start)
            for number in range(at, min(at + 4, len(gold)))
            if gold[number].label == span.label
        }
        best = max(shared, key=lambda number: shared[number], default=None)
        found.append(gold[best] if best is not None and shared[best] > 0 else None)
    return found
