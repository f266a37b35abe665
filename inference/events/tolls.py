"""Which figures of an event make up its toll."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import regex

from annotations.document import Span
from annotations.schema import Schema
from annotations.text.reading import Reading, read
from annotations.text.sentences import Sentences, sentences_of
from inference.numbers.toll import Toll, normalise
from inference.prediction import EventToll, PredictedSpan

_DEAD = r"(?:dead|killed|wounded|injured|victims?|casualties|fatalities|deaths)"
_PART_BEFORE = regex.compile(
    r"(?:includ(?:ing|es?|ed)|among them|of them|of whom|among whom|among the dead|counting)\W*(?:at least |the )?$",
    regex.I,
)
_PART_AFTER = regex.compile(
    rf"^\W*(?:of them|of whom|of the (?:\w+ )?{_DEAD})\b"
    r"|^(?: [\w-]+){0,3} included\s*(?:[,.;)]|$)"
    r"|^(?: [\w-]+){0,4} (?:was|were) among\b"
    r"|^\W*were (?:children|minors|women|men|girls|boys|civilians)\b",
    regex.I,
)
# 'Of the 103 dead' counts all; later figures of the sentence are parts.
_TOTAL_BEFORE = regex.compile(r"\b(?:of|among) the $", regex.I)
_TOTAL_AFTER = regex.compile(rf"^ (?:\w+ )?{_DEAD}\b", regex.I)
# 'A fourth man died': the count so far. The first to the third may count something else ('the third this year').
_ORDINAL = regex.compile(r"(?:\d(?:st|nd|rd|th)|[a-z](?:th|ieth))$", regex.I)
_COUNT = r"\b(?:toll|number|count|figure|dead|tally)\b"
_REVISED = regex.compile(
    rf"(?:{_COUNT}[^;]{{0,60}}?\b(?:rose|risen|rises|climb(?:s|ed)|increased|jumped|grew|grown|fell|fallen|dropped|stands|stood"
    r"|raised|revised|lowered|reduced|cut|updated|corrected|brought)\b"
    rf"|\b(?:raised|revised|lowered|reduced|cut|updated|corrected|increased|brought|bringing) [^,;]{{0,40}}?{_COUNT}"
    rf"|\b(?:later|now) puts? [^,;]{{0,40}}?{_COUNT}"
    rf"|\bputs? [^,;]{{0,20}}?\b(?:new|latest|final|revised) [^,;]{{0,20}}?{_COUNT})"
    r"[^;]{0,60}?\b(?:to|at)(?: at least| about)? $",
    regex.I,
)
_OLD = regex.compile(
    r"\bfrom (?:at least |about )?$"
    r"|\b(?:earlier|previous(?:ly)?|initially|at first|had put it at|first reported)\s+(?:\w+\s+){0,3}$"
    r"|\b(?:compared (?:with|to)|rather than|instead of|not)(?: the| about| at least)? $",
    regex.I,
)
# A sum over more than one attack: 'bringing the number killed in the province this week to 40'.
_SUM = regex.compile(
    r"\bbr(?:inging|ought|ings) [^;]{0,30}?\b(?:number|toll|total|count|tally)\b[^;]{0,60}?"
    r"\b(?:(?:this|last|past) (?:day|week|month|year)|since"
    r"|in (?:the|its) (?:province|region|state|district|country|city))\b"
    r"[^;]{0,60}?\bto (?:at least |about )?$",
    regex.I,
)
_JOINED = regex.compile(r"^[^;:]{0,60}?(?:\band\b|,)[^;:]{0,25}$", regex.I)
_APART = regex.compile(
    r"\b(?:killed|killing|died|wounded|wounding|injured|injuring|said|says|were|was|have|has|according to)\b", regex.I
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A toll span: its id, offsets, bounds, and the offsets of its sentence."""

    span: str
    start: int
    end: int
    toll: Toll
    sentence: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Statement:
    """What one sentence reports for a kind of toll; `aside` if only parts, or figures of another time."""

    toll: Toll
    spans: tuple[str, ...]
    revised: bool
    aside: bool


def counted(text: str, figures: Sequence[Figure]) -> tuple[str, ...]:
    """Choose the figures that make up the toll of one kind in one event.

    A part ('11, three of them children') is not counted in addition to its whole, nor is a figure joined to a part.
    Figures joined in one sentence ('six soldiers and four farmers') are added. Among several statements, the last one
    that revises the toll ('the toll rose to 31 from 27') is chosen. Otherwise an exact figure comes before an
    approximate one ('dozens'), and that before an upper bound alone ('nearly 50'); within each group the first one is
    chosen, which is what the article puts forward where sources differ. An exact figure far below an approximate one
    is a part of it.

    Args:
        text: The document's text.
        figures: Figures of one kind, in order of offset.

    Returns:
        The ids of the spans to add; none without figures.
    """
    statements = []
    for _, together in groupby(figures, key=lambda figure: figure.sentence):
        statements += _statements(text, list(together))
    revised = [statement for statement in statements if statement.revised]
    chosen = revised[-1] if revised else _choose(statements)
    return chosen.spans if chosen else ()


def _choose(statements: Sequence[_Statement]) -> _Statement | None:
    """Return the first statement of the best kind: exact, approximate, or an upper bound alone."""
    standing = [statement for statement in statements if not statement.aside] or list(statements)
    bounded = [statement for statement in standing if statement.toll.min is not None]
    vague = [statement for statement in bounded if statement.toll.approximate]
    # 'Dozens' may be 19, but 'about 50' is not three.
    least = max((_size(statement.toll) for statement in vague), default=0) / 2
    exact = [s for s in bounded if not s.toll.approximate and _size(s.toll) >= least]
    best = exact or vague or standing
    # A headline shortens 'at least 14' to '14'.
    same = [s for s in best if s.toll.min == best[0].toll.min and s.toll.max is None]
    return next(iter(same or best), None)


def _statements(text: str, own: Sequence[Figure]) -> list[_Statement]:
    """Group the figures of one sentence: those that are joined together, the others apart."""
    wholes = _wholes(text, own)
    current = [figure for figure in wholes if not _is_old(text, figure)]
    revised = {f.span for f in current if _REVISED.search(_before(text, f)) or _ORDINAL.search(text[f.start : f.end])}
    groups: list[list[Figure]] = []
    for figure in current or wholes or own:
        if groups and not revised and _joined(text, groups[-1][-1], figure):
            groups[-1].append(figure)
        else:
            groups.append([figure])
    return [
        _Statement(
            total([figure.toll for figure in group]),
            tuple(figure.span for figure in group),
            revised=any(figure.span in revised for figure in group),
            aside=not current,
        )
        for group in groups
    ]


def _wholes(text: str, own: Sequence[Figure]) -> list[Figure]:
    """Return the figures of a sentence without parts of others."""
    wholes: list[Figure] = []
    part_before: Figure | None = None
    of_total = False
    for figure in own:
        joined = part_before is not None and _joined(text, part_before, figure)
        if of_total or joined or _is_part(text, figure):
            part_before = figure
            continue
        part_before = None
        of_total = _is_total(text, figure)
        wholes.append(figure)
    return wholes


def _before(text: str, figure: Figure) -> str:
    return text[figure.sentence[0] : figure.start]


def _after(text: str, figure: Figure) -> str:
    return text[figure.end : figure.sentence[1]]


def _is_part(text: str, figure: Figure) -> bool:
    return bool(_PART_BEFORE.search(_before(text, figure)) or _PART_AFTER.search(_after(text, figure)))


def _is_total(text: str, figure: Figure) -> bool:
    return bool(_TOTAL_BEFORE.search(_before(text, figure)) and _TOTAL_AFTER.search(_after(text, figure)))


def _is_old(text: str, figure: Figure) -> bool:
    """Whether a figure is not the current count: outdated, of another attack, or a sum over several."""
    before = _before(text, figure)
    return bool(_OLD.search(before) or _SUM.search(before))


def _joined(text: str, first: Figure, second: Figure) -> bool:
    between = text[first.end : second.start]
    return bool(_JOINED.match(between) and not _APART.search(between))


def total(tolls: Sequence[Toll]) -> Toll:
    """Add tolls; the sum has an upper bound if all of them have one, and a lower bound if any of them has one."""
    if len(tolls) == 1:
        return tolls[0]
    lows = [toll.min for toll in tolls]
    highs = [toll.max for toll in tolls]
    return Toll(
        min=None if set(lows) == {None} else sum(low or 0 for low in lows),
        max=None if None in highs else sum(high or 0 for high in highs),
        approximate=any(toll.approximate for toll in tolls),
    )


def _size(toll: Toll) -> int:
    return toll.min if toll.min is not None else (toll.max or 0)


def read_tolls(text: str, spans: Sequence[Span], schema: Schema) -> dict[str, EventToll]:
    """Read the toll of each kind from the annotated toll spans of one event.

    Args:
        text: The document's text.
        spans: Spans of the schema's quantity label, in any order.
        schema: The kinds of toll.

    Returns:
        Toll by kind, in schema order. A kind whose figures have no number has an unclear toll.
    """
    reading = read(text)
    gold = [PredictedSpan(span.id, span.start, span.end, "", span.label, span.type, 1.0) for span in spans]
    located = [as_read(reading, span) for span in gold]
    return event_tolls(reading.text, sentences_of(reading), located, schema, "range")


def as_read(reading: Reading, span: PredictedSpan) -> PredictedSpan:
    """Return a span with offsets and words of the reading."""
    start, end = reading.find(span.start, span.end)
    return replace(span, start=start, end=end, text=reading.text[start:end])


def event_tolls(
    text: str, sentences: Sentences, spans: Sequence[PredictedSpan], schema: Schema, convention: str
) -> dict[str, EventToll]:
    """Read the toll of each kind from spans of the reading; the choice among figures is the same in any convention."""
    figures: dict[str, list[Figure]] = {}
    unread: dict[str, list[str]] = {}
    numbers: dict[str, Toll] = {}
    for span in sorted(spans, key=lambda s: s.start):
        if span.type is None:
            continue
        toll = normalise(span.text)
        number = toll if convention == "range" else normalise(span.text, convention)
        if toll is None or number is None:
            unread.setdefault(span.type, []).append(span.id)
        else:
            numbers[span.id] = number
            bounds = sentences.bounds(sentences.index(span.start))
            figures.setdefault(span.type, []).append(Figure(span.id, span.start, span.end, toll, bounds))
    words = {span.id: span.text for span in spans}
    table = {}
    for kind in schema.toll_kinds:
        used = counted(text, figures.get(kind, []))
        toll = total([numbers[span] for span in used]) if used else Toll(None, None, True)
        used = used or tuple(unread.get(kind, ()))
        if used:
            table[kind] = EventToll(toll, used, tuple(words[span] for span in used))
    return table
