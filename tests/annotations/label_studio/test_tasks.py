"""Documents as tasks and regions: what is shown, and that it survives the round trip."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import DataError, Document, Event, Span, read_documents
from annotations.label_studio.results import read_result
from annotations.label_studio.tasks import left_out, regions, task_data, untriggered
from annotations.quantity import Toll
from annotations.text.words import words
from inference.events.linking import assemble
from inference.prediction import PredictedSpan
from tests.annotations.label_studio.labelled import SCHEMA, TEXT, plain
from tests.helpers import TOLLS


def once(plainly: tuple[Any, ...]) -> tuple[Any, ...]:
    """What survives of a document that has an event twice: on the page two that differ only in id look like one."""
    *rest, events_, meta = plainly
    return (*rest, [event for at, event in enumerate(events_) if event not in events_[:at]], meta)


def back(document: Document) -> Document:
    """Push a document and pull it, over JSON, with no server between."""
    return read_result(
        json.loads(json.dumps(task_data(document))), json.loads(json.dumps(regions(document, SCHEMA))), SCHEMA
    )


WORDS = st.sampled_from(["raid", "🔥", "e\u0301t", "هجوم", "攻撃", "12", "👩‍👧"])
KINDS_OF_ATTACK = ("bombing", "armed_assault", "abduction")


@st.composite
def annotated(draw: st.DrawFn) -> Document:
    """A document with spans on words between odd characters, and events that share triggers and roles."""
    gaps = st.lists(st.sampled_from([" ", "\r\n", "\n", "\u2028", "\x0b", "\x00", ", ", "🔥 "]), min_size=1, max_size=2)
    pieces = draw(st.lists(st.tuples(gaps.map("".join), WORDS, st.sampled_from([None, *SCHEMA.labels])), max_size=9))
    text, spans = "", []
    for gap, word, label in pieces:
        text += gap
        if label:
            types = tuple(SCHEMA.labels[label].types)
            kind = draw(st.sampled_from(types)) if types else None
            spans.append(Span(f"S{len(spans) + 1}", len(text), len(text) + len(word), label, kind))
        text += word
    document = Document("d1", text + ".", spans, meta={"genre": "wire"})
    return replace(document, events=draw(st.lists(events(document), max_size=3).map(numbered))) if spans else document


def events(document: Document) -> st.SearchStrategy[Event | None]:
    triggers = [span for span in document.spans if span.label == "ATTACK"]
    others = [span for span in document.spans if span.label != "ATTACK"]
    if not triggers:
        return st.none()

    def make(trigger: Span, chosen: list[Span], flags: dict[str, Any], toll: dict[str, Toll]) -> Event:
        roles: dict[str, list[str]] = {"triggers": [trigger.id]}
        for span in sorted(chosen, key=lambda span: span.start):
            roles.setdefault(SCHEMA.role(span.label), []).append(span.id)
        return Event("E", str(trigger.type), {role: tuple(ids) for role, ids in roles.items()}, flags, toll)

    chosen = st.lists(st.sampled_from(others), unique=True) if others else st.just([])
    flags = st.sampled_from([{}, {"suicide": True}, {"stage": "attempted", "claimed": True}])
    return st.builds(make, st.sampled_from(triggers), chosen, flags, TOLLS)


def numbered(found: list[Event | None]) -> list[Event]:
    return [replace(event, id=f"E{number}") for number, event in enumerate(filter(None, found), start=1)]


@given(annotated())
def test_documents_survive_the_round_trip(document: Document) -> None:
    tied = {i for event in document.events for i in event.roles["triggers"]}
    alone = [span for span in document.spans if span.label == "ATTACK" and span.id not in tied]
    # On the page every trigger is an attack, so one that belongs to no event comes back as one of its own.
    expected = replace(
        document, events=[*document.events, *(Event(f"A{s.id}", str(s.type), {"triggers": (s.id,)}) for s in alone)]
    )
    assert plain(back(document)) == once(plain(expected))


@st.composite
def mixed(draw: st.DrawFn) -> Document:
    """A document of events with triggers of several types, some of which tell of two events."""
    pieces = draw(st.lists(st.tuples(WORDS, st.sampled_from(KINDS_OF_ATTACK)), min_size=1, max_size=6))
    text, spans = "", []
    for number, (word, kind) in enumerate(pieces, start=1):
        spans.append(Span(f"S{number}", len(text), len(text) + len(word), "ATTACK", kind))
        text += f"{word}\r\n"
    groups = draw(st.lists(st.sets(st.sampled_from(spans), min_size=1), min_size=1, max_size=3))
    made = []
    for number, group in enumerate(groups, start=1):
        triggers = sorted(group, key=lambda span: span.start)
        kind = draw(st.sampled_from([str(span.type) for span in triggers]))
        made.append(Event(f"E{number}", kind, {"triggers": tuple(span.id for span in triggers)}))
    return Document("d1", text, spans, made)


def as_events_have_it(document: Document) -> Document:
    """The document with triggers of the type of their event: one that has their own type, or else the first."""
    spans = []
    for span in document.spans:
        kinds = [event.attack_type for event in document.events if span.id in event.roles["triggers"]]
        spans.append(replace(span, type=kinds[0]) if kinds and span.type not in kinds else span)
    alone = {span.id for span in spans if span.label == "ATTACK"} - {i for e in document.events for i in e.span_ids}
    more = [Event(f"A{s.id}", str(s.type), {"triggers": (s.id,)}) for s in spans if s.id in alone]
    return replace(document, spans=spans, events=[*document.events, *more])


@given(mixed())
def test_events_with_triggers_of_several_types_come_back_with_triggers_of_theirs(document: Document) -> None:
    found = back(document)
    assert plain(found) == once(plain(as_events_have_it(document)))
    assert list(SCHEMA.faults(found)) == []


def predicted(text: str, spans: list[Span]) -> Document:
    """A document with the events that rules make of spans, as a model's prediction has them."""
    found = [PredictedSpan(s.id, s.start, s.end, text[s.start : s.end], s.label, s.type, 0.9) for s in spans]
    return Document("d1", text, spans, [event.to_event() for event in assemble(text, found, SCHEMA)])


def test_a_predicted_event_with_triggers_of_several_types_can_be_pulled() -> None:
    text = "A bombing in Gao killed four. The attack was claimed."
    marks = [("bombing", "ATTACK", "bombing"), ("Gao", "LOCATION", None), ("four", "TOLL", "killed"),
             ("attack", "ATTACK", "armed_assault")]  # fmt: skip
    document = predicted(text, [
        Span(f"S{number}", text.index(word), text.index(word) + len(word), label, kind)
        for number, (word, label, kind) in enumerate(marks, start=1)
    ])  # fmt: skip
    (event,) = document.events
    assert (event.attack_type, event.roles["triggers"]) == ("bombing", ("S1", "S4"))
    found = back(document)
    assert [span.type for span in found.spans] == ["bombing", None, "killed", "bombing"]
    assert plain(found) == plain(replace(document, spans=found.spans))


@given(st.data())
def test_whatever_is_predicted_can_be_pulled(data: st.DataObject) -> None:
    text = TEXT + " The attack, another raid and two bombings in Gao were claimed.\n\nTwo blasts hit the base."
    classes = st.none() | st.sampled_from([*SCHEMA.classes, *(("ATTACK", kind) for kind in KINDS_OF_ATTACK)])
    spans = [
        Span(f"S{number}", start, end, *marked)
        for number, (start, end) in enumerate(words(text), start=1)
        if (marked := data.draw(classes)) is not None
    ]
    document = predicted(text, spans)
    assert plain(back(document)) == once(plain(as_events_have_it(document)))


def test_the_corpus_survives_the_round_trip() -> None:
    for document in read_documents("corpus/dev"):
        assert plain(back(document)) == plain(document)


def test_crlf_emoji_and_right_to_left_text_come_back_as_they_were() -> None:
    text = "🔥🔥\r\nGunmen\r\nهجوم e\u0301t 👩‍👧\r"
    start = text.index("Gunmen")
    document = Document("d1", text, [Span("S1", start, start + 6, "PERPETRATOR")])
    data = task_data(document)
    assert data["text"] == "🔥🔥\nGunmen\nهجوم e\u0301t 👩‍👧\n"
    assert regions(document, SCHEMA)[0]["value"] == {"start": 5, "end": 11, "text": "Gunmen", "labels": ["PERPETRATOR"]}
    assert back(document).text == text


def test_a_trigger_of_two_events_stands_twice_on_the_page() -> None:
    spans = [
        Span("S1", 7, 11, "ATTACK", "armed_assault"),
        Span("S2", 28, 31, "LOCATION"),
        Span("S3", 45, 50, "LOCATION"),
    ]
    two = [
        Event("E1", "armed_assault", {"triggers": ("S1",), "locations": ("S2",)}),
        Event("E2", "armed_assault", {"triggers": ("S1",), "locations": ("S3",)}),
    ]
    document = Document("d1", TEXT, spans, two)
    items = regions(document, SCHEMA)
    assert [item["id"] for item in items if item["type"] == "labels"] == ["S1", "S2", "S3", "S1~E2"]
    assert plain(back(document)) == plain(document)


def test_an_event_without_a_trigger_is_not_shown_and_its_spans_are() -> None:
    spans = [Span("S1", 0, 6, "PERPETRATOR"), Span("S2", 7, 11, "ATTACK", "bombing")]
    shown = Event("E2", "bombing", {"triggers": ("S2",)})
    document = Document("d1", TEXT, spans, [Event("E1", "bombing", {"perpetrators": ("S1",)}), shown])
    assert untriggered(document, SCHEMA) == ["E1"]
    assert plain(back(document)) == plain(replace(document, events=[shown]))


@pytest.mark.parametrize(
    ("label", "kind", "event", "message"),
    [
        ("VICTM", None, None, "span S1 [7:11] 'shot': unknown label 'VICTM'; did you mean 'VICTIM'?"),
        ("TOLL", "kiled", None, "span S1 [7:11] 'shot': unknown type 'kiled' for TOLL; did you mean 'killed'?"),
        ("TOLL", None, None, "span S1 [7:11] 'shot': unknown type None for TOLL"),
        ("DATE", "killed", None, "span S1 [7:11] 'shot': DATE has no types, got 'killed'; remove it"),
        ("ATTACK", "bombing", Event("E1", "boming", {"triggers": ("S1",)}), "event E1: unknown attack type 'boming'"),
        ("ATTACK", "bombing", Event("E1", "bombing", {"triggers": ("S1",)}, {"suicid": True}), "unknown flag 'suicid'"),
        (
            "ATTACK",
            "bombing",
            Event("E1", "bombing", {"triggers": ("S1",)}, {"stage": "planned"}),
            "event E1: unknown value 'planned' of flag 'stage'; known are: attempted, threatened",
        ),
        (
            "VICTIM",
            None,
            Event("E1", "bombing", {"targets": ("S1",)}),
            "event E1: has VICTIM span S1 among its targets",
        ),
        pytest.param(
            "VICTIM",
            None,
            Event("E1", "bombing", {"triggers": ("S1",)}),
            "event E1: has VICTIM span S1 among its triggers",
        ),
    ],
)
def test_what_the_schema_does_not_allow_is_not_shown(
    label: str, kind: str | None, event: Event | None, message: str
) -> None:
    document = Document("d1", TEXT, [Span("S1", 7, 11, label, kind)], [event] if event else [])
    with pytest.raises(DataError) as caught:
        regions(document, SCHEMA)
    assert message in str(caught.value)


def test_a_task_does_not_say_how_far_its_document_was_annotated() -> None:
    document = Document("d1", TEXT, meta={"genre": "wire", "coverage": {"DATE": "some"}})
    assert task_data(document)["meta"] == {"genre": "wire"}
    assert back(document).meta == {"genre": "wire"}


def test_tolls_of_events_that_the_page_cannot_show_are_counted() -> None:
    tolls = {"killed": Toll(3, 3), "injured": Toll(1, None)}
    shown, hidden = (
        Document("d1", TEXT, [Span("S1", 7, 11, "ATTACK", "bombing")], [Event("E5", "bombing", roles, toll=tolls)])
        for roles in ({"triggers": ("S1",)}, {})
    )
    assert left_out([shown], SCHEMA) == ""
    assert {"1", "E5", "2"} <= set(re.findall(r"\w+", left_out([shown, hidden], SCHEMA)))
