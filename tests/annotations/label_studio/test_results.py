"""Regions and relations read back as a document with events."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import DataError, Document
from annotations.label_studio.browser_text import ShownText
from annotations.label_studio.results import clusters, read_result, task_document
from annotations.label_studio.tasks import task_data
from annotations.quantity import Toll
from annotations.text.words import words
from tests.annotations.label_studio.labelled import (
    ALPHABET,
    ATTACK,
    DATA,
    OTHER_ATTACK,
    SCHEMA,
    TEXT,
    choice,
    region,
    relation,
    toll_text,
)


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


def test_a_toll_without_a_region_or_of_no_kind_is_told() -> None:
    for item in (toll_text("gone", "killed", "4"), toll_text("a", "kiled", "4")):
        with pytest.raises(DataError, match=item["id"]):
            read_result(DATA, [*ATTACK, item], SCHEMA)


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
