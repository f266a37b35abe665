"""Events: which mentions belong to one attack.

The rules behind `assemble` use type, place, time and wording. They know labels only by their role in the schema, and
types only `killed` and `assassination` by name.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import regex

from annotations.schema import TOLLS, TRIGGERS, Schema
from annotations.text.layout import Kind
from annotations.text.reading import Reading, read
from annotations.text.sentences import Sentences, sentences_of
from inference.entities.spelling import name_key
from inference.events.drafts import REMEMBERED, Draft, drawn_of, finish
from inference.events.facts import Facts
from inference.events.linker import Linker, Vectors
from inference.events.told import is_told
from inference.events.tolls import as_read
from inference.events.wording import DEFINITE, GENERIC, INDEFINITE, OTHER, SUMMARY
from inference.prediction import PredictedEvent, PredictedSpan

# Ends of clauses within a sentence; a full stop inside a sentence ends an abbreviation, not a clause.
_CLAUSE_END = regex.compile(r";|,(?!\d)")
# Minimum affinity at which a trigger joins an event; of the values tried, this one groups gold triggers
# of corpus/train best.
_JOIN_AT = 0.25
_REACH = 3  # sentences without a trigger that may still be about the event before them
_APART = (Kind.ITEM, Kind.ROW)  # usually each reports an attack of its own
_CLOSED = (*_APART, Kind.ENTRY)  # spans stay within one
_NEXT_ITEM = 0.5  # counts against two items reporting one attack


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence with its spans by role, and its unit."""

    number: int
    start: int
    words: str
    unit: int
    kind: Kind
    roles: Mapping[str, Sequence[PredictedSpan]]
    links: Mapping[str, float]  # weight of a shared mention for two triggers reporting one event, by role

    @property
    def sums_up(self) -> bool:
        return bool(SUMMARY.search(self.words))


@dataclass(frozen=True, slots=True)
class _Latest:
    """The last event, and the sentence that reports it."""

    sentence: int
    draft: Draft


def assemble(
    text: str | Reading,
    spans: Sequence[PredictedSpan],
    schema: Schema,
    convention: str = "range",
    *,
    linker: Linker | None = None,
    vectors: Vectors | None = None,
) -> list[PredictedEvent]:
    """Group spans into events, with a learned linker, or else by rules (`link_by_rules`).

    Both work on the reading of the text, so they do not depend on its layout.

    Args:
        text: The document's text, or its reading if it was read before.
        spans: Spans in order of offset.
        schema: The role of each label, and the codes of attack types.
        convention: How vague numbers are read (`inference.numbers.conventions`).
        linker: A linker trained for the schema; used if `vectors` are given too.
        vectors: Vector of each span, (spans, size).

    Returns:
        Events in order of first mention, which hold the given spans, without those that are only feared or denied
        (`told`). Figures over months or a whole war, and spans with no attack nearby, belong to no event.
    """
    reading = text if isinstance(text, Reading) else read(text)
    sentences = sentences_of(reading)
    read_spans = [as_read(reading, span) for span in spans]
    drafts = link_by_rules(reading, sentences, read_spans, schema)
    if linker is not None and vectors is not None and drafts:
        facts = Facts(reading, sentences, read_spans, schema, drawn_of(drafts, read_spans))
        drafts = linker.link(facts, vectors)
    told = [draft for draft in drafts if is_told(sentences, draft.triggers, draft.roles.get(TOLLS, ()))]
    given = {span.id: span for span in spans}
    return [
        finish(sentences, schema, draft, f"E{number}", convention).with_spans(given)
        for number, draft in enumerate(told, start=1)
    ]


def link_by_rules(
    reading: Reading, sentences: Sentences, spans: Sequence[PredictedSpan], schema: Schema
) -> list[Draft]:
    """Group spans of a reading into events by rules.

    Sentence by sentence, each trigger joins an event that it mentions again, or starts a new one. The other spans of
    the sentence go to the nearest trigger; without a trigger, to the last event if it is at most a few sentences back.
    A list item, a table row and a timed entry are closed: spans in one with an attack go to that attack, spans in one
    without go to the last attack before the list.
    """
    drafts: list[Draft] = []
    before: _Latest | None = None  # the last event outside of items
    for _, group in groupby(_sentences(reading, sentences, spans, schema), key=lambda sentence: sentence.unit):
        unit = list(group)
        last = _link_unit(unit, drafts, sentences, before)
        # An entry of a live blog may continue the attack of the entry before; an item of a list does not.
        before = before if unit[0].kind in _APART else last
    return drafts


def _link_unit(
    unit: Sequence[_Sentence], drafts: list[Draft], sentences: Sentences, before: _Latest | None
) -> _Latest | None:
    """Add the spans of one unit to the events; return the last event."""
    closed = unit[0].kind in _CLOSED and any(TRIGGERS in sentence.roles for sentence in unit)
    last = None if closed else before
    waiting: list[_Sentence] = []  # sentences before the first attack of their item
    for sentence in unit:
        reported = _events_of_triggers(drafts, sentence, sentences)
        if reported:
            _tie_to_nearest(sentences.text, sentence, reported)
            last = _Latest(sentence.number, reported[-1][1])
            for early in waiting:
                _add_all(reported[0][1], early)
            waiting = []
        elif closed and last is None:
            waiting.append(sentence)
        elif last and (closed or sentence.number - last.sentence <= _REACH):
            _add_all(last.draft, sentence)
    return last


def _add_all(draft: Draft, sentence: _Sentence) -> None:
    """Add the spans of a sentence without a trigger, unless it covers a longer time."""
    for role, found in sentence.roles.items() if not sentence.sums_up else ():
        for span in found:
            draft.add(role, span)


def _events_of_triggers(
    drafts: list[Draft], sentence: _Sentence, sentences: Sentences
) -> list[tuple[PredictedSpan, Draft]]:
    """Find or start the event of each trigger of a sentence."""
    reported = []
    for trigger in sentence.roles.get(TRIGGERS, ()):
        draft = _find_event(drafts, trigger, sentence, sentences)
        if draft is None:
            draft = Draft()
            drafts.append(draft)
        draft.add_trigger(trigger, sentence.unit)
        reported.append((trigger, draft))
    return reported


def _sentences(
    reading: Reading, sentences: Sentences, spans: Sequence[PredictedSpan], schema: Schema
) -> Iterator[_Sentence]:
    """Yield the sentences that have spans."""
    starts = [unit.start for unit in reading.units]
    links = {role.name: role.link for role in schema.arguments.values() if role.link}
    for number, group in groupby(spans, key=lambda span: sentences.index(span.start)):
        roles: dict[str, list[PredictedSpan]] = {}
        for span in group:
            roles.setdefault(schema.role(span.label), []).append(span)
        start, end = sentences.bounds(number)
        unit = max(0, bisect_right(starts, start) - 1)
        kind = reading.units[unit].kind if reading.units else Kind.TEXT
        yield _Sentence(number, start, reading.text[start:end], unit, kind, roles, links)


@dataclass(frozen=True, slots=True)
class _Context:
    """The context of a trigger in its sentence; found once, and compared with many events."""

    trigger: PredictedSpan
    sentence: _Sentence
    generic: bool
    definite: bool
    indefinite: bool
    other: bool
    names: Mapping[str, set[str]]

    @classmethod
    def of(cls, trigger: PredictedSpan, sentence: _Sentence) -> _Context:
        before = sentence.words[: trigger.start - sentence.start]
        return cls(
            trigger,
            sentence,
            generic=bool(GENERIC.fullmatch(trigger.text)),
            definite=bool(DEFINITE.search(before)),
            indefinite=bool(INDEFINITE.search(before)),
            other=bool(OTHER.search(before)),
            names={role: {name_key(span.text) for span in sentence.roles.get(role, ())} for role in sentence.links},
        )


def _find_event(
    drafts: Sequence[Draft], trigger: PredictedSpan, sentence: _Sentence, sentences: Sentences
) -> Draft | None:
    """Return the event that a trigger mentions again, or None if it reports a new one."""
    recent = drafts[-REMEMBERED:]
    context = _Context.of(trigger, sentence)
    rated = [(_affinity(draft, context, sentences), number) for number, draft in enumerate(recent)]
    best, number = max(rated, default=(_JOIN_AT - 1, 0))
    return recent[number] if best >= _JOIN_AT else None


def _affinity(draft: Draft, context: _Context, sentences: Sentences) -> float:
    """Rate whether a trigger mentions an event again: positive for yes, negative for no."""
    rating = 1.5
    sentence = context.sentence
    if context.trigger.type != draft.type:
        rating = 0.5 if context.generic else -1.0
    first, latest = (sentences.index(draft.triggers[at].start) for at in (0, -1))
    if context.definite:
        rating += 0.75
    if context.indefinite and sentence.number > first + 1:
        rating -= 0.5
    if latest == sentence.number:
        return rating + 0.25
    if sentence.kind in _APART and draft.unit != sentence.unit:
        rating -= _NEXT_ITEM
    if context.other:
        rating -= 1.0
    for role, weight in sentence.links.items():
        here, known = context.names[role], draft.names.get(role, ())
        if here and known:
            shared = any(a in b or b in a for a in here for b in known)
            rating += weight * 0.5 if shared else -weight
    # A nearer last mention is more likely the one meant.
    return rating - 0.02 * min(sentence.number - latest, 20)


def _tie_to_nearest(text: str, sentence: _Sentence, reported: Sequence[tuple[PredictedSpan, Draft]]) -> None:
    """Add the spans of a sentence to the event of their nearest trigger."""
    for role, found in sentence.roles.items():
        for span in found if role != TRIGGERS else ():
            trigger, draft = min(reported, key=lambda pair: _distance(pair[0], span))
            if role != TOLLS or not _sums_up(text, span, trigger, sentence.start + len(sentence.words)):
                draft.add(role, span)


def _sums_up(text: str, figure: PredictedSpan, trigger: PredictedSpan, end: int) -> bool:
    """Whether a figure covers a longer time: words that say so are between it and its trigger or right after both, in
    the figure's clause of the sentence that ends at `end`."""
    low, high = min(trigger.start, figure.start), min(max(trigger.end, figure.end) + 60, end)
    left = max((edge.end() for edge in _CLAUSE_END.finditer(text, low, figure.start)), default=low)
    edge = _CLAUSE_END.search(text, figure.end, high + 1)  # + 1: a digit after a comma matters
    return bool(SUMMARY.search(text[left : edge.start() if edge else high]))


def _distance(trigger: PredictedSpan, span: PredictedSpan) -> int:
    return max(span.start - trigger.end, trigger.start - span.end)
