"""Label Studio without a server: the page, tasks and regions, and what is read back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from label_studio_sdk.core.api_error import ApiError

from annotations import DataError, Document, Event, Span, load_schema, read_documents, write_documents
from annotations.importers.base import Loss
from annotations.importers.label_studio import read as import_export
from annotations.label_studio import server
from annotations.label_studio.browser_text import ShownText
from annotations.label_studio.exports import export_tasks, read_export, read_tasks
from annotations.label_studio.interface import flag_choices, labelling_interface, toll_controls, type_control
from annotations.label_studio.pulled import pulled_files, save
from annotations.label_studio.results import clusters, read_result, task_document
from annotations.label_studio.server import PreAnnotation, Project, Pushed, ServerError
from annotations.label_studio.tasks import left_out, regions, task_data, untriggered
from annotations.quantity import Toll
from annotations.text.words import words
from annotations.validate import span_faults
from inference import load
from inference.events.linking import assemble
from inference.label_studio import backend, pre_annotation
from inference.prediction import PredictedSpan
from tests.helpers import TOLLS
from tests.tiny import documents

SCHEMA = load_schema()
TEXT = "Gunmen shot four farmers in Gao; the raid on Ndoro killed two."


def plain(document: Document) -> tuple[Any, ...]:
    """A document without its ids: what must survive."""
    key = {span.id: (span.start, span.end, span.label, span.type) for span in document.spans}
    events = [
        (
            e.attack_type,
            tuple(tuple(sorted(key[i] for i in ids)) for ids in e.roles.values()),
            tuple(sorted(e.flags.items())),
            tuple(sorted((kind, toll.to_text()) for kind, toll in e.toll.items())),
        )
        for e in document.events
    ]
    return document.id, document.text, tuple(key.values()), sorted(events, key=repr), dict(document.meta)


def once(plainly: tuple[Any, ...]) -> tuple[Any, ...]:
    """What survives of a document that has an event twice: on the page two that differ only in id look like one."""
    *rest, events_, meta = plainly
    return (*rest, [event for at, event in enumerate(events_) if event not in events_[:at]], meta)


def back(document: Document) -> Document:
    """Push a document and pull it, over JSON, with no server between."""
    return read_result(
        json.loads(json.dumps(task_data(document))), json.loads(json.dumps(regions(document, SCHEMA))), SCHEMA
    )


# What breaks offsets: characters outside of the basic plane, combining marks, right-to-left text, all line ends.
ALPHABET = st.sampled_from(
    [*"ab é\t\n\r\u2028\u0085\x0c\x00\x1f", "\r\n", "🔥", "👩‍👩‍👧", "e\u0301", "קרב", "هجوم", "中", "\ufeff"]
)
WORDS = st.sampled_from(["raid", "🔥", "e\u0301t", "هجوم", "攻撃", "12", "👩‍👧"])


@given(st.lists(ALPHABET, max_size=30).map("".join), st.data())
def test_offsets_go_to_the_page_and_back(text: str, data: st.DataObject) -> None:
    shown = ShownText(text)
    edges = [i for i in range(len(text) + 1) if not (0 < i < len(text) and text[i - 1 : i + 1] == "\r\n")]
    start, end = sorted((data.draw(st.sampled_from(edges)), data.draw(st.sampled_from(edges))))
    units = shown.units(start, end)
    assert shown.characters(*units) == (start, end)
    assert shown.text.encode("utf-16-le")[2 * units[0] : 2 * units[1]].decode("utf-16-le") == shown.text_of(start, end)
    assert "\r" not in shown.text


def test_an_offset_within_a_character_or_outside_is_refused() -> None:
    shown = ShownText("🔥a")
    for start, end in ((1, 2), (0, 4), (0, -1)):
        with pytest.raises(ValueError, match="within a character"):
            shown.characters(start, end)


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


KINDS_OF_ATTACK = ("bombing", "armed_assault", "abduction")


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


def region(name: str, start: int, end: int, label: str, /, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "text": TEXT[start:end], "labels": [label], **more}
    return {"id": name, "from_name": "label", "to_name": "text", "type": "labels", "value": value}


def choice(name: str, control: str, *chosen: str) -> dict[str, Any]:
    return {"id": name, "from_name": control, "to_name": "text", "type": "choices", "value": {"choices": list(chosen)}}


def relation(start: str, end: str, *labels: str) -> dict[str, Any]:
    return {"type": "relation", "from_id": start, "to_id": end, "direction": "right", "labels": list(labels)}


DATA = {"document": "d1", "text": TEXT}


def test_relations_in_any_direction_become_events() -> None:
    result = [
        region("a", 7, 11, "ATTACK"), choice("a", "attack_type", "armed_assault"), choice("a", "flags", "claimed"),
        region("b", 37, 41, "ATTACK"), choice("b", "attack_type", "armed_assault"),
        region("c", 0, 6, "PERPETRATOR"), region("d", 17, 24, "VICTIM"),
        relation("b", "a"), relation("c", "b"), relation("a", "d"),
    ]  # fmt: skip
    document = read_result(DATA, result, SCHEMA)
    (event,) = document.events
    mentions = {role: [document.mention(document.span(i)) for i in ids] for role, ids in event.roles.items() if ids}
    assert mentions == {"triggers": ["shot", "raid"], "perpetrators": ["Gunmen"], "victims": ["farmers"]}
    assert dict(event.flags) == {"claimed": True}


def test_blanks_at_the_edges_of_a_region_are_left_out() -> None:
    document = read_result(DATA, [region("a", 16, 25, "VICTIM")], SCHEMA)
    assert document.mention(document.spans[0]) == "farmers"


@pytest.mark.parametrize(
    ("start", "end", "mention"),
    [(8, 10, "shot"), (0, 3, "Gunmen"), (3, 6, "Gunmen"), (14, 19, "four farmers"), (28, 32, "Gao;"), (11, 13, "four")],
)
def test_a_region_is_widened_to_whole_words(start: int, end: int, mention: str) -> None:
    document = read_result(DATA, [region("a", start, end, "VICTIM")], SCHEMA)
    assert document.mention(document.spans[0]) == mention


@given(st.lists(ALPHABET, min_size=1, max_size=20).map("".join), st.data())
def test_a_region_becomes_the_whole_words_that_it_touches(text: str, data: st.DataObject) -> None:
    edges = [i for i in range(len(text) + 1) if not (0 < i < len(text) and text[i - 1 : i + 1] == "\r\n")]
    start, end = sorted((data.draw(st.sampled_from(edges)), data.draw(st.sampled_from(edges))))
    units = ShownText(text).units(start, end)
    value = {"start": units[0], "end": units[1], "labels": ["VICTIM"]}
    item = {"id": "a", "from_name": "label", "type": "labels", "value": value}
    touched = [(a, b) for a, b in words(text) if max(a, start) < min(b, end)]
    if not touched:
        with pytest.raises(DataError, match="region a: is empty"):
            read_result({"document": "d1", "text": text}, [item], SCHEMA)
        return
    (span,) = read_result(task_data(Document("d1", text)), [item], SCHEMA).spans
    assert (span.start, span.end) == (touched[0][0], touched[-1][1])


def test_regions_that_are_widened_to_one_place_are_one_span() -> None:
    result = [region("a", 7, 9, "ATTACK"), choice("a", "attack_type", "bombing"), region("b", 9, 11, "ATTACK"),
              choice("b", "attack_type", "bombing")]  # fmt: skip
    document = read_result(DATA, result, SCHEMA)
    assert ([document.mention(span) for span in document.spans], len(document.events)) == (["shot"], 1)


def test_an_attack_that_is_marked_twice_by_mistake_is_one_event() -> None:
    twice = [region(name, 7, 11, "ATTACK") for name in "ab"]
    kinds = [choice(name, "attack_type", "bombing") for name in "ab"]
    flagged = choice("b", "flags", "claimed")
    victim = [region("v", 17, 24, "VICTIM")]
    assert len(read_result(DATA, [*twice, *kinds], SCHEMA).events) == 1
    assert len(read_result(DATA, [*twice, *kinds, *victim, relation("v", "a"), relation("v", "b")], SCHEMA).events) == 1
    assert len(read_result(DATA, [*twice, *kinds, *victim, relation("v", "a")], SCHEMA).events) == 2
    assert len(read_result(DATA, [*twice, *kinds, flagged], SCHEMA).events) == 2


def test_an_attack_may_be_told_twice_at_one_place_with_two_types() -> None:
    result = [*ATTACK, region("b", 7, 11, "ATTACK"), choice("b", "attack_type", "shelling")]
    document = read_result(DATA, result, SCHEMA)
    assert [span.type for span in document.spans] == ["bombing"]
    assert [event.attack_type for event in document.events] == ["bombing", "shelling"]
    assert list(SCHEMA.faults(document)) == []


@pytest.mark.parametrize("told", ["four farmers", "four\\nfarmers", "four\nfarmers", "fourfarmers"])
def test_words_that_differ_in_blanks_alone_are_no_fault(told: str) -> None:
    data = {"document": "d1", "text": TEXT.replace("four farmers", "four\nfarmers")}
    assert read_result(data, [region("a", 12, 24, "VICTIM", text=told)], SCHEMA).spans


ATTACK = [region("a", 7, 11, "ATTACK"), choice("a", "attack_type", "bombing")]
OTHER_ATTACK = [region("b", 37, 41, "ATTACK"), choice("b", "attack_type", "bombing")]
TWICE = [region(name, 12, 16, "TOLL") for name in "ab"]


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ([region("a", 7, 11, "ATTACK")], "region a [7:11] 'shot': is ATTACK but has no type"),
        ([region("a", 7, 11, "ATTAK")], "region a: unknown label 'ATTAK'; did you mean 'ATTACK'?"),
        ([region("a", 7, 999, "VICTIM")], "region a: has no usable offsets: UTF-16 offset 999 is outside"),
        ([region("a", 11, 12, "VICTIM")], "region a: is empty"),
        (
            [region("a", 0, 6, "VICTIM", text="Soldiers")],
            "has the words 'Soldiers', but its offsets are those of 'Gunmen'",
        ),
        ([region("a", 0, 6, "VICTIM", labels=["VICTIM", "TOLL"])], "has labels ['VICTIM', 'TOLL'] by 'label', not one"),
        ([{"id": "t", "type": "rating", "value": {}}], "region t: is of the kind 'rating', which is not part"),
        ([{"id": "t", "type": "textarea", "value": {}}], "region t: has the text [] by None, which is not part"),
        ([{"id": "t", "type": "textarea", "value": {"text": "4"}}], "region t: is of the kind 'textarea'"),
        ([*ATTACK, choice("a", "attack_type", "boming")], "unknown type 'boming' for ATTACK; did you mean 'bombing'?"),
        ([*ATTACK, choice("a", "toll_type", "killed")], "has choices ['killed'] by 'toll_type', which do not fit"),
        ([*ATTACK, choice("a", "flags", "suicid")], "unknown flag 'suicid'; did you mean 'suicide'?"),
        ([*ATTACK, relation("a", "gone")], "has a relation to an unknown region"),
        (
            [region("c", 0, 6, "PERPETRATOR"), region("d", 17, 24, "VICTIM"), relation("c", "d")],
            "region c [0:6] 'Gunmen': is linked to region d, but neither is ATTACK",
        ),
        (
            [*ATTACK, region("b", 37, 41, "ATTACK"), choice("b", "attack_type", "shelling"), relation("b", "a")],
            "types: bombing, shelling",
        ),
        (
            [*ATTACK, choice("a", "flags", "stage=attempted", "stage=threatened")],
            "sets the flag 'stage' to 'threatened', but it is already 'attempted'",
        ),
        (
            [*TWICE, choice("a", "toll_type", "killed"), choice("b", "toll_type", "injured")],
            "region b [12:16] 'four': is marked twice as TOLL",
        ),
        (
            [*ATTACK, *OTHER_ATTACK, relation("b", "a", "part of")],
            "region b [37:41] 'raid': is linked as 'part of' to region a, but both are ATTACK",
        ),
        (
            [*ATTACK, region("v", 17, 24, "VICTIM"), relation("v", "a", "same attack")],
            "region v [17:24] 'farmers': is linked as 'same attack' to region a",
        ),
        (
            [region("c", 0, 6, "PERPETRATOR"), region("d", 17, 24, "VICTIM"), relation("c", "d", "same attack")],
            "region c [0:6] 'Gunmen': is linked as 'same attack' to region d",
        ),
        ([*ATTACK, choice("gone", "attack_type", "bombing")], "region gone: has choices ['bombing'] and no label"),
        ([region("a", 0, 6, "VICTIM", start=None)], "has no usable offsets: UTF-16 offset None is not a whole number"),
        ([region("a", 0, 6, "VICTIM", end="6")], "has no usable offsets: UTF-16 offset '6' is not a whole number"),
        ([region("a", 0, 6, "VICTIM", end=6.5)], "has no usable offsets: UTF-16 offset 6.5 is not a whole number"),
        ([region("a", 6, 0, "VICTIM", text="Gunmen")], "region a: is empty; correct it in Label Studio"),
        ([{**region("a", 0, 6, "VICTIM"), "value": {"labels": ["VICTIM"]}}], "has no usable offsets: 'start'"),
        ([{**region("a", 0, 6, "VICTIM"), "value": None}], "region a: is of the kind 'labels', which is not part"),
        ([{**region("a", 0, 6, "VICTIM"), "value": "Gunmen"}], "region a: is of the kind 'labels', which is not part"),
        ([*ATTACK, {**choice("a", "flags"), "value": None}], "region a [7:11] 'shot': is of the kind 'choices', which"),
        ([{}], "region None: is of the kind None, which is not part of the interface"),
    ],
)
def test_what_cannot_be_read_is_told(result: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(DataError) as caught:
        read_result(DATA, result, SCHEMA)
    assert message in str(caught.value)
    assert str(caught.value).startswith("document 'd1': ")


def toll_text(name: str, kind: str, *texts: str) -> dict[str, Any]:
    value = {"text": list(texts)}
    return {"id": name, "from_name": f"{kind}_toll", "to_name": "text", "type": "textarea", "value": value}


@pytest.mark.parametrize(
    ("texts", "toll"),
    [
        (["12"], Toll(12, 12)),
        ([" 12.. "], Toll(12, None)),
        (["~..50"], Toll(None, 50, True)),
        (["3..5"], Toll(3, 5)),
        (["0"], Toll(0, 0)),
        (["4", "4"], Toll(4, 4)),
    ],
)
def test_the_toll_in_a_field_of_an_attack_is_that_of_its_event(texts: list[str], toll: Toll) -> None:
    (event,) = read_result(DATA, [*ATTACK, toll_text("a", "killed", *texts)], SCHEMA).events
    assert event.toll == {"killed": toll}


@pytest.mark.parametrize("texts", [[], [""], [" \n"]])
def test_an_empty_field_is_no_toll(texts: list[str]) -> None:
    (event,) = read_result(DATA, [*ATTACK, toll_text("a", "killed", *texts)], SCHEMA).events
    assert event.toll == {}


def test_tolls_may_stand_on_any_trigger_of_an_event() -> None:
    both = [*ATTACK, *OTHER_ATTACK, relation("b", "a", "same attack")]
    fields = [toll_text("a", "killed", "4"), toll_text("b", "killed", "4"), toll_text("b", "injured", "2..")]
    (event,) = read_result(DATA, [*both, *fields], SCHEMA).events
    assert event.toll == {"killed": Toll(4, 4), "injured": Toll(2, None)}
    with pytest.raises(DataError) as caught:
        read_result(DATA, [*both, *fields, toll_text("a", "injured", "3")], SCHEMA)
    (fault,) = caught.value.faults
    assert all(words in fault.problem for words in ("'injured'", "'3'", "'2..'"))


def test_tolls_that_cannot_be_read_are_all_told_with_task_attack_and_text(there: _Server) -> None:
    way = project()
    way.push([Document("d1", TEXT)])
    wrong = [toll_text("a", "killed", "four"), toll_text("b", "killed", "5..3"), toll_text("b", "injured", "about 2")]
    elsewhere = [region("v", 17, 24, "VICTIM"), toll_text("v", "killed", "44")]
    there.tasks_[0].annotations = [made(1, [*ATTACK, *OTHER_ATTACK, *wrong, *elsewhere], 1)]
    found = way.pull()
    assert found.annotations == []
    for fault, told in zip(
        found.faults,
        (["region a", "shot", "'four'"], ["region b", "raid", "'5..3'"], ["region b", "raid", "'about 2'"],
         ["region v", "farmers", "'44'"]),
        strict=True,
    ):  # fmt: skip
        assert all(word in str(fault) for word in ["'d1'", "task 1", *told])


def test_a_toll_without_a_region_or_of_no_kind_is_told() -> None:
    for item in (toll_text("gone", "killed", "4"), toll_text("a", "kiled", "4")):
        with pytest.raises(DataError, match=item["id"]):
            read_result(DATA, [*ATTACK, item], SCHEMA)


def test_tolls_of_events_that_the_page_cannot_show_are_counted() -> None:
    tolls = {"killed": Toll(3, 3), "injured": Toll(1, None)}
    shown, hidden = (
        Document("d1", TEXT, [Span("S1", 7, 11, "ATTACK", "bombing")], [Event("E5", "bombing", roles, toll=tolls)])
        for roles in ({"triggers": ("S1",)}, {})
    )
    assert left_out([shown], SCHEMA) == ""
    assert {"1", "E5", "2"} <= set(re.findall(r"\w+", left_out([shown, hidden], SCHEMA)))


def test_choices_and_relations_of_a_faulty_region_are_no_faults_of_their_own() -> None:
    result = [region("a", 7, 99, "ATTACK"), choice("a", "attack_type", "bombing"), region("v", 17, 24, "VICTIM"),
              relation("v", "a")]  # fmt: skip
    with pytest.raises(DataError) as caught:
        read_result(DATA, result, SCHEMA)
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize(
    "result",
    [
        [region("a", 0, 6, "VICTIM", labels=None)],
        [region("a", 0, 6, "VICTIM", labels=[["VICTIM"]])],
        [*ATTACK, {**choice("a", "flags"), "value": {"choices": None}}],
        [*ATTACK, {**choice("a", "attack_type"), "value": {"choices": None}}],
        [None],
    ],
    ids=["labels are null", "a label is a list", "flags are null", "types are null", "an item is null"],
)
def test_values_of_a_wrong_kind_are_told(result: list[Any]) -> None:
    with pytest.raises(DataError):
        read_result(DATA, result, SCHEMA)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "task has no 'document' and 'text' in its data"),
        ({"document": "d1", "text": "x", "sha256": "0" * 64}, "document 'd1': has a different text"),
        ({"document": "d1", "text": "y", "source": "x\r\n"}, "document 'd1': has a different text"),
    ],
)
def test_a_task_with_another_text_is_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        task_document(data)
    assert message in str(caught.value)


def test_clusters_follow_ties_over_others() -> None:
    assert clusters("abcde", [("d", "b"), ("b", "a")]) == [["a", "b", "d"], ["c"], ["e"]]


def test_the_interface_has_every_label_type_and_flag_of_the_schema() -> None:
    root = ElementTree.fromstring(labelling_interface(SCHEMA))
    labels = {node.get("value"): node for node in root.iter("Label")}
    assert list(labels) == list(SCHEMA.labels)
    assert [node.get("background") for node in labels.values()] == [d.color for d in SCHEMA.labels.values()]
    assert len({node.get("hotkey") for node in labels.values()}) == len(labels)
    choices = {node.get("name"): [c.get("value") for c in node.iter("Choice")] for node in root.iter("Choices")}
    assert choices[type_control("ATTACK")] == list(SCHEMA.attack_types)
    assert choices[type_control("TOLL")] == ["killed", "injured", "abducted", "displaced"]
    assert (
        choices["flags"] == list(flag_choices(SCHEMA)) == ["suicide", "claimed", "stage=attempted", "stage=threatened"]
    )
    assert [node.get("value") for node in root.iter("Relation")] == ["part of", "same attack"]
    fields = {str(node.get("name")): node for node in root.iter("TextArea")}
    assert toll_controls(SCHEMA) == dict(zip(fields, SCHEMA.labels["TOLL"].types, strict=True))
    assert {node.get("perRegion") for node in fields.values()} == {"true"}
    assert {node.get("whenLabelValue") for node in fields.values()} == {"ATTACK"}


def made(who: Any, result: list[dict[str, Any]], number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "completed_by": who, "result": result, "updated_at": f"2024-01-0{number}", **more}


def test_annotations_of_all_annotators_are_read_and_nothing_is_left_out_silently() -> None:
    tasks = [
        {"id": 1, "data": DATA, "annotations": [
            made(1, ATTACK, 1), made(2, [region("a", 0, 6, "PERPETRATOR")], 2), made(1, [], 3),
            made({"id": 3, "email": "c@example.org"}, [region("a", 0, 99, "VICTIM")], 4)]},
        {"id": 2, "data": {"document": "d2", "text": TEXT}, "annotations": [made(2, [], 5, was_cancelled=True)]},
        {"id": 3, "data": {"document": "d1", "text": TEXT}, "annotations": []},
    ]  # fmt: skip
    found = read_tasks(tasks, SCHEMA, {1: "a@example.org"}, file="x")
    assert {name: [len(d.spans) for d in docs] for name, docs in found.by_annotator().items()} == {
        "a@example.org": [0],
        "annotator-2": [1],
    }
    assert found.superseded == [("a@example.org", "d1", 1)]
    assert found.skipped == [("annotator-2", "d2")]
    assert found.untouched == ["d2"]
    assert found.doubts == []
    first, second = (str(fault) for fault in found.faults)
    assert first == "x: document 'd1': is in several tasks: 1, 3; delete task 3, which has no annotations"
    assert second.startswith("x: document 'd1': task 1, annotation 4 by c@example.org: region a: has no usable offsets")


def task(number: int, *annotations: dict[str, Any], name: str = "d1") -> dict[str, Any]:
    return {"id": number, "data": {"document": name, "text": TEXT}, "annotations": list(annotations)}


def test_annotations_of_two_tasks_of_one_document_are_read_and_the_newest_of_each_annotator_counts() -> None:
    gao = [region("a", 28, 31, "LOCATION")]
    found = read_tasks([task(4, made("ana", ATTACK, 1), made({"email": "b"}, [], 2)),
                        task(5, made({"email": "c"}, ATTACK, 3), made({"email": "b"}, gao, 4))], SCHEMA)  # fmt: skip
    assert {who: [len(one.spans) for one in made_] for who, made_ in found.by_annotator().items()} == {
        "b": [1],
        "c": [1],
        "unknown-1": [1],
    }
    assert [(one.annotator, one.task, one.number) for one in found.annotations] == [
        ("unknown-1", 4, 1),
        ("b", 5, 4),
        ("c", 5, 3),
    ]
    assert found.superseded == [("b", "d1", 2)]
    assert [str(fault) for fault in found.faults] == [
        "document 'd1': is in several tasks: 4, 5; delete one of the tasks"
    ]


def test_a_document_that_was_annotated_in_one_of_its_tasks_is_not_untouched() -> None:
    found = read_tasks([task(1), task(2, made({"email": "b"}, [], 1)), task(3, name="d2")], SCHEMA)
    assert found.untouched == ["d2"]


def test_annotators_whose_accounts_are_gone_may_be_several() -> None:
    found = read_tasks([task(1, made(None, ATTACK, 7), made(None, [], 8))], SCHEMA)
    assert {who: len(one.spans) for who, (one,) in found.by_annotator().items()} == {"unknown-7": 1, "unknown-8": 0}
    assert found.superseded == []


def test_the_newest_annotation_counts_also_where_it_cannot_be_read() -> None:
    wrong = [region("a", 0, 99, "VICTIM")]
    found = read_tasks([task(1, made({"email": "b"}, wrong, 3), made({"email": "b"}, ATTACK, 2))], SCHEMA)
    assert (found.annotations, found.untouched) == ([], [])
    assert found.superseded == [("b", "d1", 2)]
    assert "task 1, annotation 3 by b: region a: has no usable offsets" in str(found.faults[0])


def test_annotations_without_a_time_count_by_their_number() -> None:
    records = [{"id": number, "completed_by": {"email": "b"}, "result": []} for number in (12, 9, 11)]
    found = read_tasks([task(1, *records)], SCHEMA)
    assert [one.number for one in found.annotations] == [12]
    assert found.superseded == [("b", "d1", 9), ("b", "d1", 11)]


def test_null_in_place_of_a_list_is_none() -> None:
    tasks = [{**task(1, name="d1"), "annotations": None}, task(2, {**made({"email": "b"}, [], 1), "result": None})]
    tasks[1]["data"] = {**DATA, "document": "d2"}
    found = read_tasks(tasks, SCHEMA)
    assert found.untouched == ["d1"]
    assert [(one.document.id, one.document.spans) for one in found.annotations] == [("d2", ())]
    assert found.faults == []


def test_what_is_read_and_is_no_good_training_data_is_doubted() -> None:
    result = [region("a", 12, 24, "VICTIM"), region("b", 17, 24, "TARGET"), region("c", 28, 32, "LOCATION")]
    found = read_tasks([task(1, made({"email": "b"}, result, 1))], SCHEMA, file="x")
    (annotation,) = found.annotations
    assert [fault.problem for fault in found.doubts] == [fault.problem for fault in span_faults(annotation.document)]
    assert [str(fault) for fault in found.doubts] == [
        "x: document 'd1': task 1, annotation 1 by b: span S3 [28:32] 'Gao;': starts or ends with punctuation; "
        "exclude it",
        "x: document 'd1': task 1, annotation 1 by b: spans S1 [12:24] and S2 [17:24]: overlap; keep one of them",
    ]
    assert found.faults == []


def imported(tmp_path: Path, *tasks: dict[str, Any]) -> Any:
    (tmp_path / "export.json").write_text(json.dumps(tasks))
    return import_export(tmp_path / "export.json")


def test_an_export_of_one_annotator_is_imported_and_the_rest_is_a_loss(tmp_path: Path) -> None:
    one, wrong = {"email": "b"}, [region("a", 0, 6, "VICTM")]
    skipped = made(one, [], 5, was_cancelled=True)
    found = imported(tmp_path, task(1, made(one, [], 1), made(one, ATTACK, 2)), task(2, made(one, wrong, 3), name="d2"),
                     task(3, skipped, name="d3"), task(4, name="d4"))  # fmt: skip
    assert [(document.id, len(document.spans)) for document in found.documents] == [("d1", 1)]
    assert found.aligned == {"annotation": 1}
    assert found.losses == (
        Loss("d2", "annotation", "task 2, annotation 3 by b: region a", "unknown label 'VICTM'"),
        Loss("d3", "task", "b", "the annotator skipped it"),
        Loss("d3", "task", "", "nobody has annotated it"),
        Loss("d4", "task", "", "nobody has annotated it"),
        Loss("d1", "annotation", "1", "the annotator made a newer one"),
    )


def test_an_export_of_several_annotators_is_not_imported_and_what_to_do_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        imported(tmp_path, task(1, made({"email": "b"}, [], 1)), task(2, made({"email": "a"}, [], 2), name="d2"))
    assert str(caught.value) == (
        f"{tmp_path / 'export.json'}: holds the work of 2 annotators: a, b; "
        "merge it with 'annotate adjudicate', which reads exports"
    )


def test_an_export_file_is_read_without_a_server(tmp_path: Path) -> None:
    tasks = export_tasks(documents(4), SCHEMA)
    for number, task in enumerate(tasks, start=1):
        task |= {"id": number, "annotations": [made({"email": "a@b.c"}, task["predictions"][0]["result"], 1)]}
    (tmp_path / "export.json").write_text(json.dumps(tasks))
    found = read_export(tmp_path / "export.json", SCHEMA)
    assert [plain(d) for d in found.by_annotator()["a@b.c"]] == [plain(d) for d in documents(4)]


@pytest.mark.parametrize("content", ["{}", "[1]", '[{"text": "min"}]', "x", "\xff"])
def test_other_files_are_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "export.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(DataError, match=r"export\.json: "):
        read_export(tmp_path / "export.json", SCHEMA)


def labelled(document: Document, label: str) -> Document:
    return replace(document, spans=[Span("S1", 0, 6, label)], events=[])


def test_pulled_documents_do_not_overwrite_newer_local_work(tmp_path: Path) -> None:
    document = Document("d1", TEXT)
    one, two, local = (labelled(document, label) for label in ("PERPETRATOR", "VICTIM", "TARGET"))
    path = tmp_path / "a@b.c.jsonl"

    def pull(remote: Document, overwrite: bool = False) -> Mapping[str, list[tuple[str, str]]]:
        saved = save({"a@b.c": [remote]}, tmp_path, "here", overwrite=overwrite)
        return {name: value for name in saved.__dataclass_fields__ if (value := getattr(saved, name))}

    name = [("a@b.c", "d1")]
    assert pull(one) == {"new": name}
    assert pull(one) == {"unchanged": name}
    assert pull(two) == {"updated": name}
    path.write_text(json.dumps(local.to_dict()) + "\n")
    assert pull(two) == {"kept": name}
    assert read_documents(path) == [local]
    assert pull(one) == {"conflicts": name}
    assert read_documents(path) == [local]
    assert pull(one, overwrite=True) == {"conflicts": name}
    assert read_documents(path) == [one]


def test_a_damaged_state_file_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / ".pulled.json").write_text("{")
    with pytest.raises(DataError, match="delete it; local changes then count as newer"):
        save({"a": [Document("d1", TEXT)]}, tmp_path, "here")
    assert not (tmp_path / "a.jsonl").exists()


@pytest.mark.parametrize("state", ["[]", "{}", '{"a": {"d1": "0"}}', '{"origin": "here", "annotators": {"a": 1}}'])
def test_a_state_file_of_another_form_is_told(tmp_path: Path, state: str) -> None:
    (tmp_path / ".pulled.json").write_text(state)
    with pytest.raises(DataError, match="delete it; local changes then count as newer"):
        save({"a": [Document("d1", TEXT)]}, tmp_path, "here")
    assert [path.name for path in tmp_path.iterdir()] == [".pulled.json"]


def test_a_folder_belongs_to_the_project_that_was_pulled_first(tmp_path: Path) -> None:
    save({"a": [Document("d1", TEXT)]}, tmp_path, "http://one project 'p'")
    state = (tmp_path / ".pulled.json").read_text()
    assert {key: list(value) for key, value in json.loads(state)["annotators"].items()} == {"a": ["d1"]}
    assert json.loads(state)["origin"] == "http://one project 'p'"
    with pytest.raises(DataError) as caught:
        save({"b": [Document("d1", TEXT)]}, tmp_path, "http://two project 'p'")
    assert str(caught.value) == (
        f"{tmp_path}: was pulled from http://one project 'p', not from http://two project 'p'; pull into another folder"
    )
    assert (tmp_path / ".pulled.json").read_text() == state
    assert not (tmp_path / "b.jsonl").exists()


def test_what_was_pulled_and_is_on_the_server_no_more_stays_and_is_told(tmp_path: Path) -> None:
    both = [Document("d1", TEXT), Document("d2", TEXT)]
    assert save({"a": both, "b": both}, tmp_path, "here").gone == []
    for _ in range(2):
        assert save({"a": both[:1]}, tmp_path, "here").gone == [("a", "d2"), ("b", "d1"), ("b", "d2")]
    assert read_documents(tmp_path / "a.jsonl") == read_documents(tmp_path / "b.jsonl") == both


def test_annotators_whose_files_would_have_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="annotators 'a/b' and 'a b' would share a file; rename one on the server"):
        save({"a/b": [Document("d1", TEXT)], "a b": [Document("d1", TEXT)]}, tmp_path, "here")
    assert list(tmp_path.iterdir()) == []
    save({"a/b": [Document("d1", TEXT)]}, tmp_path, "here")
    with pytest.raises(DataError, match="annotators 'a/b' and 'a b' would share a file"):
        save({"a b": [Document("d1", TEXT)]}, tmp_path, "here")


def test_files_of_annotators_are_those_that_were_pulled(tmp_path: Path) -> None:
    assert pulled_files(tmp_path) is None
    save({"b/x": [Document("d1", TEXT)], "a": [Document("d1", TEXT)]}, tmp_path, "here")
    write_documents(tmp_path / "gold.jsonl", [Document("d1", TEXT)])
    assert pulled_files(tmp_path) == [tmp_path / "a.jsonl", tmp_path / "b_x.jsonl"]


class _Record(SimpleNamespace):
    """What the client of the server makes of an answer."""

    def model_dump(self) -> dict[str, Any]:
        return vars(self)


class _Server:
    """Stands in for the client of a server: holds one project's tasks, and notes what it is told to do."""

    def __init__(self, *titles: str) -> None:
        self.tasks_: list[_Record] = []
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.titles = list(titles)
        self.projects = SimpleNamespace(
            list=lambda: [_Record(id=number, title=title) for number, title in enumerate(self.titles, start=1)],
            create=self._create,
            update=lambda _, **given: self.told.append(("update", given)),
            import_tasks=self._import,
        )
        self.tasks = SimpleNamespace(list=lambda **_: self.tasks_)
        self.users = SimpleNamespace(list=lambda: [_Record(id=1, email="a@example.org")])
        self.predictions = SimpleNamespace(create=self._predict, delete=self._delete)

    def _create(self, **given: Any) -> _Record:
        self.told.append(("create", {key: given[key] for key in ("title", "maximum_annotations")}))
        return _Record(id=1)

    def _import(self, _: int, request: list[dict[str, Any]]) -> None:
        for one in json.loads(json.dumps(request)):
            found = [{**prediction, "id": 100 + len(self.tasks_)} for prediction in one["predictions"]]
            record = _Record(id=len(self.tasks_) + 1, data=one["data"], annotations=None, predictions=found, more=1)
            self.tasks_.append(record)

    def _predict(self, task: int, **given: Any) -> None:
        self.told.append(("predict", {"task": task, "model": given["model_version"]}))
        self.tasks_[task - 1].predictions.append({**json.loads(json.dumps(given)), "id": 100 + task})

    def _delete(self, number: int) -> None:
        self.told.append(("delete", {"prediction": number}))
        for one in self.tasks_:
            one.predictions[:] = [prediction for prediction in one.predictions if prediction["id"] != number]


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> _Server:
    made_ = _Server()
    monkeypatch.setattr(server, "_client", lambda *_: made_)
    return made_


def project() -> Project:
    return Project("way", SCHEMA, "http://there/", "key")


def predicted_by(model: str, *made_: Document) -> list[PreAnnotation]:
    return [PreAnnotation(document, {}, model) for document in made_]


def test_a_push_that_is_repeated_does_only_what_was_left(there: _Server) -> None:
    way, made_ = project(), documents(3)
    assert way.unpredicted(made_, "m1") == made_
    assert way.push(made_[:2], predicted_by("m1", made_[0])) == Pushed(created=2, present=0, predictions=1)
    assert way.unpredicted(made_, "m1") == made_[1:]
    assert way.unpredicted(made_, "m2") == made_
    assert way.push(made_, predicted_by("m1", *made_)) == Pushed(created=1, present=2, predictions=2)
    assert way.push(made_, predicted_by("m1", *made_)) == Pushed(created=0, present=3, predictions=0)
    assert [one.data["document"] for one in there.tasks_] == [one.id for one in made_]
    assert way.unpredicted(made_, "m1") == []


def test_a_prediction_that_has_changed_takes_the_place_of_the_one_of_its_version(there: _Server) -> None:
    (document,) = documents(1)
    way = project()
    way.push([document], predicted_by("m1", document))
    there.told.clear()
    changed = replace(document, spans=document.spans[:1], events=[])
    assert way.push([document], predicted_by("m1", changed)).predictions == 1
    assert way.push([document], predicted_by("m2", document)).predictions == 1
    assert [given for what, given in there.told if what in ("delete", "predict")] == [
        {"prediction": 100},
        {"task": 1, "model": "m1"},
        {"task": 1, "model": "m2"},
    ]
    assert [one["model_version"] for one in there.tasks_[0].predictions] == ["m1", "m2"]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (None, None, [("create", {"title": "way", "maximum_annotations": 1})]),
        (3, None, [("create", {"title": "way", "maximum_annotations": 3})]),
        (
            None,
            2,
            [("create", {"title": "way", "maximum_annotations": 1}), ("update", {"maximum_annotations": 2})],
        ),
    ],
)
def test_how_many_annotate_a_task_stays_as_it_is_unless_it_is_given(
    there: _Server, first: int | None, second: int | None, told: list[tuple[str, dict[str, Any]]]
) -> None:
    way = project()
    way.push(documents(1), annotators=first)
    way.push(documents(2), annotators=second)
    assert there.told == told


def test_a_document_with_the_text_of_another_task_or_another_text_is_refused_and_nothing_is_sent(
    there: _Server,
) -> None:
    one, two, three = documents(3)
    way = project()
    way.push([one, two])
    there.told.clear()
    wrong = [replace(one, id="new"), replace(two, text=two.text + " More."), three]
    with pytest.raises(DataError) as caught:
        way.push(wrong, predicted_by("m1", three), annotators=2)
    assert [str(fault) for fault in caught.value.faults] == [
        f"document 'new': has the same text as '{one.id}', which is already a task; omit it, or give it that id",
        f"document '{two.id}': is already task 2, with another text; push it with another id, or delete the task",
    ]
    assert (len(there.tasks_), there.told) == (2, [])


def test_a_prediction_that_breaks_the_schema_is_refused_before_a_project_is_made(there: _Server) -> None:
    (document,) = documents(1)
    wrong = Document(document.id, document.text, [Span("S1", 0, 6, "VICTM")])
    with pytest.raises(DataError, match="unknown label 'VICTM'"):
        project().push([document], predicted_by("m1", wrong))
    assert (there.told, there.tasks_) == ([], [])


def test_a_page_that_lacks_a_field_is_answered_with_what_to_do(there: _Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        body = {"validation_errors": ["Region 2: 'from_name' 'killed_toll' not found in configuration"]}
        raise ApiError(status_code=400, body=body)

    monkeypatch.setattr(there.projects, "import_tasks", refuse)
    with pytest.raises(ServerError, match=r"killed_toll.*annotate interface"):
        project().push(documents(1), predicted_by("m1", *documents(1)))


def test_a_pull_reads_all_annotators_and_tells_where_faults_are(there: _Server) -> None:
    way = project()
    way.push([Document("d1", TEXT)])
    there.tasks_[0].annotations = [made(1, ATTACK, 1), made(2, [region("a", 0, 99, "VICTIM")], 2)]
    found = way.pull()
    assert way.origin == "http://there project 'way'"
    assert list(found.by_annotator()) == ["a@example.org"]
    assert [str(fault).split(": ")[:3] for fault in found.faults] == [
        [way.origin, "document 'd1'", "task 1, annotation 2 by annotator-2"]
    ]


def test_predictions_become_pre_annotations(tiny_model_folder: Path) -> None:
    model = load(tiny_model_folder)
    for document in documents(3):
        found = pre_annotation(document, model.predict(document.text))
        assert len(found.document.spans) == len(found.scores)
        items = regions(found.document, SCHEMA, found.scores)
        assert [i["score"] for i in items if i["type"] == "labels" and "~" not in i["id"]] == [
            round(score, 4) for score in found.scores.values()
        ]


def test_the_backend_answers_as_the_labelling_server_asks(tiny_model_folder: Path) -> None:
    model = load(tiny_model_folder)
    with TestClient(backend(model)) as client:
        assert client.get("/health").json()["status"] == "UP"
        assert client.post("/setup", json={"project": "1", "schema": "<View/>"}).json() == {"model_version": model.name}
        assert client.post("/webhook", json={"action": "START_TRAINING"}).status_code == 200
        tasks = [{"id": n, "data": task_data(document)} for n, document in enumerate(documents(2))]
        (first, second) = client.post("/predict", json={"tasks": tasks, "params": {}}).json()["results"]
        assert first["model_version"] == second["model_version"] == model.name
        made = pre_annotation(documents(1)[0], model.predict(documents(1)[0].text))
        assert first["result"] == json.loads(json.dumps(regions(made.document, SCHEMA, made.scores)))
        bad = client.post("/predict", json={"tasks": [{"id": 1, "data": {"image": "x.png"}}]})
        assert bad.status_code == 422
        assert "task has no 'document' and 'text'" in bad.json()["detail"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("", "request"),
        ("x", "request"),
        ("\xff", "request"),
        ("[" * 100_000, "request"),
        ("9" * 5000, "request"),
        ("NaN", "tasks"),
        ("[NaN]", "tasks"),
        ('"\\ud800"', "tasks"),
        ("{}", "tasks"),
        ('{"tasks": {}}', "tasks"),
        ('{"tasks": [1]}', r"tasks\[0\]"),
        ('{"tasks": [NaN, null]}', r"tasks\[1\]"),
        ('{"tasks": [{"data": [1]}]}', r"tasks\[0\]: key data"),
        ('{"tasks": [{"id": 7, "data": null}]}', r"tasks\[0\] \(id 7\): key data"),
        ('{"tasks": [{"id": "\\ud800"}]}', r"tasks\[0\] \(id '\\ud800'\): key data"),
        ('{"tasks": [{"data": {"document": "d1", "text": 5}}]}', r"tasks\[0\]: key data\.text"),
        ('{"tasks": [{"data": {"document": ["d1"], "text": "x"}}]}', r"tasks\[0\]: key data\.document"),
        ('{"tasks": [{"data": {"document": "d1", "text": "x", "meta": [1]}}]}', r"tasks\[0\]: key data\.meta"),
        ('{"tasks": [{"data": {"document": "d1", "text": "\\ud800"}}]}', r"tasks\[0\]: offset 0"),
        ('{"tasks": [{"id": 7, "data": {"$undefined$": "Gunmen"}}]}', r"tasks\[0\] \(id 7\)"),
    ],
)
def test_the_backend_tells_what_is_wrong_with_a_request(tiny_model_folder: Path, body: str, place: str) -> None:
    with TestClient(backend(load(tiny_model_folder))) as client:
        answer = client.post("/predict", content=body.encode("latin-1"))
    assert answer.status_code == 422
    assert re.search(place, answer.json()["detail"])


def test_a_task_that_cannot_be_used_is_named_and_the_others_are_answered(tiny_model_folder: Path) -> None:
    model, told = load(tiny_model_folder), list[str]()
    good = [{"id": number, "data": task_data(document)} for number, document in enumerate(documents(2))]
    bad = [{"id": 71, "data": {"$undefined$": TEXT}}, {"id": 72, "data": [1]}, 5]
    with TestClient(backend(model, told.append)) as client:
        answer = client.post("/predict", json={"tasks": [good[0], *bad, good[1]]})
        alone = client.post("/predict", json={"tasks": good}).json()["results"]
        none = client.post("/predict", json={"tasks": []})
    first, *others, last = answer.json()["results"]
    assert answer.status_code == 200
    assert [first, last] == alone
    assert [sorted(other) for other in others] == [["error", "model_version"]] * 3  # no result: none is to be kept
    for text in (told, [other["error"] for other in others]):
        assert [name in line for name, line in zip(("id 71", "id 72", "tasks[3]"), text, strict=True)] == [True] * 3
    assert (none.status_code, none.json()) == (200, {"results": []})


def test_annotations_without_an_annotator_are_kept_apart() -> None:
    gao, raid = [region("a", 28, 31, "LOCATION")], [*OTHER_ATTACK]
    nameless = [{"result": result} for result in (ATTACK, gao, raid)]
    nobody = [{"id": 7, "completed_by": who, "result": gao} for who in ({}, {"id": None}, {"email": ""}, None)]
    found = read_tasks([task(1, *nameless), task(2, *nobody, name="d2")], SCHEMA)
    assert (found.superseded, found.faults, found.untouched) == ([], [], [])
    assert {who: len(made_) for who, made_ in found.by_annotator().items()} == dict.fromkeys(
        ["unknown-1.1", "unknown-1.2", "unknown-1.3", "unknown-7", "unknown-2.2", "unknown-2.3", "unknown-2.4"], 1
    )


def export() -> list[dict[str, Any]]:
    """An export with one of everything that is read of it."""
    data = {**DATA, "source": TEXT, "sha256": Document("d1", TEXT).sha256, "meta": {"genre": "wire"}}
    who = {"id": 1, "email": "b"}
    result = [*ATTACK, choice("a", "flags", "claimed"), region("v", 17, 24, "VICTIM"), relation("v", "a", "part of")]
    result.append(toll_text("a", "killed", "4"))
    first = made(who, result, 2, was_cancelled=False)
    tasks = [{"id": 1, "data": data, "annotations": [first]}, task(2, made(1, [], 3), name="d2")]
    return list(json.loads(json.dumps(tasks)))  # of its own, to be changed


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, one in inner for found in places(one, (*path, key)))]


PLACES = [path for path in places(export()) if path]
WRONG = [True, 5, -1, 1.5, 10**30, "x", "", [], [1], [[]], {}, {"x": 1}, None, "\ud800", float("nan"), [None]]
MAY_BE_ANYTHING = {("data", "meta", "genre"), ("to_name",), ("direction",)}  # not read, or kept as it is


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_values_of_a_wrong_type_in_an_export_are_told(tmp_path: Path, path: tuple[Any, ...]) -> None:
    good = {one.document.id: plain(one.document) for one in read_tasks(export(), SCHEMA).annotations}
    for value in WRONG:
        tasks = export()
        at: Any = tasks
        for key in path[:-1]:
            at = at[key]
        kind, at[path[-1]] = type(at[path[-1]]), value
        (tmp_path / "export.json").write_text(json.dumps(tasks), encoding="utf-8")
        try:
            found = read_export(tmp_path / "export.json", SCHEMA)
        except DataError:
            continue
        told = found.faults + found.doubts
        kept = {one.document.id: plain(one.document) for one in found.annotations}
        free = path[1:] in MAY_BE_ANYTHING or path[-1:] in MAY_BE_ANYTHING or value is None or type(value) is kind
        assert told or free or kept == good, (path, value)
        assert len(kept) + len(found.untouched) + len(found.skipped) + len(found.faults) >= 2, (path, value)


def test_a_part_of_an_export_with_a_wrong_type_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    tasks = [*export(), 5, {"id": 4, "data": [1]}, {**task(5, name="d5"), "annotations": {}},
             task(6, {**made(1, [], 6), "was_cancelled": "false"}, 5, name="d6")]  # fmt: skip
    (tmp_path / "export.json").write_text(json.dumps(tasks), encoding="utf-8")
    found = read_export(tmp_path / "export.json", SCHEMA)
    assert [one.document.id for one in found.annotations] == ["d1", "d2"]
    assert [fault.place.split(": key ")[0] for fault in found.faults] == [
        "task 3 of the list", "task 4 of the list", "task 5 of the list",
        "task 6, annotation 1 of its list", "task 6, annotation 2 of its list",
    ]  # fmt: skip
    assert found.untouched == []


@pytest.mark.parametrize(
    "result",
    [
        [region("a", 0, 6, "PERPETRATOR"), region("a", 17, 24, "VICTIM")],
        [{**region("a", 0, 6, "VICTIM"), "id": None}],
        [*ATTACK, choice("a", "attack_type", "shelling")],
        [*ATTACK, {**relation("a", "a"), "labels": 5}],
        [*ATTACK, {**relation("a", "a"), "from_id": ["a"]}],
        [region("a", 0, 6, "VICTIM", start=False)],
    ],
    ids=["id twice", "no id", "two types", "labels of a relation", "end of a relation", "an offset is false"],
)
def test_what_would_be_lost_in_silence_is_told(result: list[Any]) -> None:
    with pytest.raises(DataError, match="region"):
        read_result(DATA, result, SCHEMA)


def test_tasks_of_others_on_a_server_are_no_documents(there: _Server) -> None:
    given = documents(1)
    there.titles.append("way")
    project().push(given)
    for data in ({"text": "x"}, {"document": None}, {"document": ["d"], "sha256": [1]}, {"sha256": {}}):
        there.tasks_.append(_Record(id=90, data=data, annotations=None, predictions=None))
    pushed = project().push([*given, Document("None", "Shells fell.")])
    assert (pushed.created, pushed.present) == (1, 1)
    assert project().status().tasks == 6
