"""Annotated documents that tests of agreement share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from annotations import Document, Event, Span, load_schema
from annotations.text.words import words

SCHEMA = load_schema()
LABELS = list(SCHEMA.labels)
TEXT = "Gunmen shot four farmers in Gao; the raid on Ndoro killed two."
KINDS = {"v": "VICTIM", "t": "TARGET", "d": "DATE", "w": "WEAPON", "l": "LOCATION"}

Annotators = Mapping[str, Mapping[str, Document]]


def tagged(name: str, codes: str) -> Document:
    """A document of one-letter words, each under the label of its code; a full stop is a word without a mark."""
    spans = [Span(f"S{i}", 2 * i, 2 * i + 1, KINDS[code]) for i, code in enumerate(codes) if code != "."]
    return Document(name, " ".join("x" * len(codes)), spans)


def annotators(**made: Mapping[str, str]) -> dict[str, dict[str, Document]]:
    return {who: {name: tagged(name, codes) for name, codes in rows.items()} for who, rows in made.items()}


@st.composite
def marked(draw: st.DrawFn, name: str = "d1") -> Document:
    """An annotation of TEXT with spans on words, none of which overlap."""
    edges, spans, at = words(TEXT), list[Span](), 0
    for width, label in draw(st.lists(st.tuples(st.integers(1, 3), st.sampled_from([None, *KINDS.values()])))):
        if at + width > len(edges):
            break
        if label:
            spans.append(Span(f"S{len(spans) + 1}", edges[at][0], edges[at + width - 1][1], label))
        at += width
    return Document(name, TEXT, spans)


def place(text: str, words_: str, label: str, kind: str | None = None, name: str = "S1") -> Span:
    start = text.index(words_)
    return Span(name, start, start + len(words_), label, kind)


def document(*spans: Span, events: Sequence[Event] = (), name: str = "d1", text: str = TEXT) -> Document:
    return Document(name, text, [replace(span, id=f"S{i}") for i, span in enumerate(spans, start=1)], events)


FARMERS = place(TEXT, "farmers", "VICTIM")
FOUR_FARMERS = place(TEXT, "four farmers", "VICTIM")
SHOT_FOUR = place(TEXT, "shot four", "VICTIM")
DATED = replace(FARMERS, label="DATE")
SHOT = place(TEXT, "shot", "ATTACK", "armed_assault")
RAID = place(TEXT, "raid", "ATTACK", "armed_assault")
GUNMEN = place(TEXT, "Gunmen", "PERPETRATOR")
GAO = place(TEXT, "Gao", "LOCATION")
NDORO = place(TEXT, "Ndoro", "LOCATION")
HOSTILE = "<script>x('1')</script>&<img src=x onerror=\"x()\">"


def keys(spans: Sequence[Span]) -> list[tuple[int, int, str, str | None]]:
    return sorted(((s.start, s.end, s.label, s.type) for s in spans), key=repr)


def told(made: Document) -> list[tuple[Any, ...]]:
    """Events by the words of their roles."""
    return [
        (event.attack_type, {r: [made.mention(made.span(i)) for i in ids] for r, ids in event.roles.items() if ids})
        for event in made.events
    ]


def tied(*groups: Sequence[Span], untied: Sequence[Span] = (), **flags: Any) -> Document:
    """A document with an event for each group of spans; a span may stand in several groups."""
    spans = list(dict.fromkeys([*untied, *(span for group in groups for span in group)]))
    named = {span: f"S{i}" for i, span in enumerate(spans, start=1)}
    events = []
    for number, group in enumerate(groups, start=1):
        roles: dict[str, list[str]] = {}
        for span in group:
            roles.setdefault(SCHEMA.role(span.label), []).append(named[span])
        kind = next(str(span.type) for span in group if span.label == "ATTACK")
        events.append(Event(f"E{number}", kind, {role: tuple(ids) for role, ids in roles.items()}, flags))
    return document(*spans, events=events)


def in_words(start: int, end: int, label: str) -> str:
    return f"{label} [{start}:{end}] {TEXT[start:end]!r}"


def by_place(item: tuple[tuple[int, int, str, str | None], int]) -> tuple[Any, ...]:
    """Sort voted spans as documents do; no type comes first."""
    return (*item[0][:3], item[0][3] or "")
