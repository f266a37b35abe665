"""The data model: what makes a document sound, and what is said when it is not."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import pytest

from annotations import DataError, Document, Event, Span
from annotations.quantity import MOST, Toll

TEXT = "Raiders torched the mill at Vorn."
RAIDERS = Span("S1", 0, 7, "PERPETRATOR")
TORCHED = Span("S2", 8, 15, "ATTACK", "arson_sabotage")
EVENT = Event("E1", "arson_sabotage", {"triggers": ("S2",), "perpetrators": ("S1",)}, {"claimed": True})


def record(**changes: Any) -> dict[str, Any]:
    """A stored document with some keys changed."""
    return {**Document("d1", TEXT, [RAIDERS, TORCHED], [EVENT], {"genre": "wire"}).to_dict(), **changes}


def span_record(**changes: Any) -> dict[str, Any]:
    return record(spans=[{**RAIDERS.to_dict(), **changes}], events=[])


def event_record(**changes: Any) -> dict[str, Any]:
    return record(events=[{**EVENT.to_dict(), **changes}])


def test_spans_are_sorted_by_offset_when_the_document_is_made() -> None:
    assert Document("d1", TEXT, [TORCHED, RAIDERS]).spans == (RAIDERS, TORCHED)


def test_offsets_count_code_points_and_not_bytes_or_utf16_units() -> None:
    document = Document("d1", "🔥🔥 Vorn burns", [Span("S1", 3, 7, "LOCATION")])
    assert document.mention(document.spans[0]) == "Vorn"


def test_a_span_is_found_by_its_id() -> None:
    document = Document("d1", TEXT, [RAIDERS, TORCHED])
    assert document.span("S2") == TORCHED
    with pytest.raises(KeyError, match="S3"):
        document.span("S3")


def test_span_ids_of_an_event_come_role_after_role_and_roles_not_given_are_empty() -> None:
    assert EVENT.span_ids == ("S2", "S1")
    assert EVENT.roles["tolls"] == ()


def test_hash_is_that_of_the_text_in_utf8() -> None:
    assert Document("d1", "Ærø").sha256 == hashlib.sha256(b"\xc3\x86r\xc3\xb8").hexdigest()


def test_documents_and_their_events_cannot_be_changed() -> None:
    document = Document("d1", TEXT, [RAIDERS, TORCHED], [EVENT], {"genre": "wire"})
    with pytest.raises(dataclasses.FrozenInstanceError, match="text"):
        document.text = "Nothing happened."  # type: ignore[misc]
    for mapping in (document.meta, EVENT.roles, EVENT.flags):
        with pytest.raises(TypeError, match="does not support item assignment"):
            mapping["genre"] = "blog"  # type: ignore[index]


def test_a_document_keeps_its_own_copy_of_what_it_was_given() -> None:
    meta, spans = {"genre": "wire"}, [RAIDERS]
    document = Document("d1", TEXT, spans, meta=meta)
    meta["genre"] = "blog"
    spans.clear()
    assert document == Document("d1", TEXT, [RAIDERS], meta={"genre": "wire"})


@pytest.mark.parametrize("toll", [Toll(5, 3), Toll(-1, None), Toll(0, MOST + 1)])
def test_a_toll_that_is_no_number_of_people_is_refused(toll: Toll) -> None:
    event = Event("E7", "arson_sabotage", toll={"killed": toll})
    with pytest.raises(DataError, match=r"document 'd1': event E7 toll 'killed'"):
        Document("d1", TEXT, events=[event])
    with pytest.raises(DataError, match=r"document 'd1': events\[0\] toll 'killed'"):
        Document.from_dict(event_record(toll={"killed": toll.to_dict()}))


@pytest.mark.parametrize(("start", "end"), [(-1, 4), (4, 4), (7, 3), (20, len(TEXT) + 1)])
def test_a_span_outside_of_the_text_or_empty_is_refused(start: int, end: int) -> None:
    with pytest.raises(DataError, match=rf"document 'd1': span S1 \[{start}:{end}\]: .*outside .* 33 characters"):
        Document("d1", TEXT, [Span("S1", start, end, "TARGET")])


def test_the_last_character_can_be_marked() -> None:
    document = Document("d1", TEXT, [Span("S1", len(TEXT) - 1, len(TEXT), "TARGET")])
    assert document.mention(document.spans[0]) == "."


def test_half_of_a_surrogate_pair_is_refused_with_its_offset() -> None:
    with pytest.raises(DataError, match="document 'd1': offset 3: has half of a surrogate pair"):
        Document("d1", "abc\ud83d")


def test_every_fault_of_a_document_is_reported_at_once() -> None:
    twice = Event("E1", "bombing", {"victims": ("S7",)})
    with pytest.raises(DataError) as caught:
        Document("", TEXT, [RAIDERS, dataclasses.replace(TORCHED, id="S1")], [Event("E1", "bombing"), twice])
    assert [(fault.place, fault.problem) for fault in caught.value.faults] == [
        ("", "has an empty id"),
        ("span S1 [8:15]", "has an id that is used twice"),
        ("event E1", "has an id that is used twice"),
        ("event E1", "names span 'S7', which is not in the document"),
    ]


def test_stored_keys_stand_in_the_documented_order() -> None:
    stored = record()
    assert list(stored) == ["id", "text", "spans", "events", "meta"]
    assert list(stored["spans"][0]) == ["id", "start", "end", "label", "type"]
    roles = ["triggers", "perpetrators", "victims", "tolls", "weapons", "targets", "locations", "dates"]
    assert list(stored["events"][0]) == ["id", "attack_type", *roles, "flags"]


def test_an_event_holds_roles_of_any_schema() -> None:
    event = Event("E1", "bombing", {"claimants": ("S1",), "triggers": ("S2",), "victims": ()})
    document = Document("d1", TEXT, [RAIDERS, TORCHED], [event])
    stored = document.to_dict()["events"][0]
    assert stored == {"id": "E1", "attack_type": "bombing", "triggers": ["S2"], "claimants": ["S1"], "flags": {}}
    assert Document.from_dict(document.to_dict()) == document
    assert (event.roles["victims"], event.roles["anything"], event.span_ids) == ((), (), ("S2", "S1"))


def test_keys_that_may_be_missing_are_empty() -> None:
    assert Document.from_dict({"id": "d1", "text": TEXT}) == Document("d1", TEXT)
    short = {"id": "S1", "start": 0, "end": 7, "label": "PERPETRATOR"}
    event = {"id": "E1", "attack_type": "bombing"}
    read = Document.from_dict({"id": "d1", "text": TEXT, "spans": [short], "events": [event]})
    assert read == Document("d1", TEXT, [RAIDERS], [Event("E1", "bombing")])


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        ({"id": "d1"}, "document 'd1': document: lacks the key 'text'"),
        (record(txt=TEXT), "unknown key 'txt'; did you mean 'text'"),
        (record(id=7), "document: 'id' is int, not str"),
        (record(meta=[]), "document: 'meta' is list, not dict"),
        (record(spans=None), "document: 'spans' is NoneType, not list"),
        (record(spans=["S1"], events=[]), r"spans\[0\]: is str, not an object"),
        (span_record(strat=0), r"spans\[0\]: unknown key 'strat'; did you mean 'start'"),
        (span_record(start=0.0), r"spans\[0\]: 'start' is float, not int"),
        (span_record(end=True), r"spans\[0\]: 'end' is bool, not int"),
        (span_record(type=["killed"]), r"spans\[0\]: 'type' is list, not str"),
        (record(events={}), "document: 'events' is dict, not list"),
        (event_record(victim="S1"), r"events\[0\]: unknown key 'victim'; did you mean 'victims'"),
        (event_record(claimants=[7]), r"events\[0\]: 'claimants' holds 7, which is not a span id"),
        (event_record(triggers="S2"), r"events\[0\]: 'triggers' is str, not list"),
        (event_record(triggers=[["S2"]]), r"events\[0\]: 'triggers' holds \['S2'\], which is not a span id"),
        (event_record(flags=["claimed"]), r"events\[0\]: 'flags' is list, not dict"),
    ],
)
def test_a_record_with_wrong_keys_or_values_is_refused(stored: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Document.from_dict(stored)


def test_every_fault_of_a_record_is_reported_with_its_document() -> None:
    with pytest.raises(DataError) as caught:
        Document.from_dict({"id": "d9", "text": 4, "spans": [{"id": "S1"}, 5]})
    assert {fault.document for fault in caught.value.faults} == {"d9"}
    assert [fault.place for fault in caught.value.faults] == ["document", *["spans[0]"] * 3, "spans[1]"]
