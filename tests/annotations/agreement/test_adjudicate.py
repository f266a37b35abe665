"""Adjudication: what is settled by a rule, what stays open, and the tasks for the rest."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import DataError, Document, Event
from annotations.agreement.adjudicate import adjudicate, open_tasks
from annotations.label_studio.results import read_result
from annotations.quantity import Toll
from annotations.validate import document_faults
from tests.annotations.agreement.annotated import (
    FARMERS,
    FOUR_FARMERS,
    GAO,
    GUNMEN,
    NDORO,
    RAID,
    SCHEMA,
    SHOT,
    TEXT,
    by_place,
    document,
    in_words,
    keys,
    marked,
    place,
    tied,
    told,
)


@given(st.lists(marked(), min_size=1, max_size=5))
def test_a_span_is_in_by_more_than_half_open_by_half_and_out_by_fewer(made: list[Document]) -> None:
    votes = Counter(key for one in made for key in keys(one.spans))
    result = adjudicate({f"a{i}": [one] for i, one in enumerate(made)}, "majority", SCHEMA)
    (merged,) = [*result.settled, *result.open]
    left = result.left.get("d1", [])
    assert keys(merged.spans) == sorted((k for k, n in votes.items() if n > len(made) / 2), key=repr)
    assert left == [in_words(*key[:3]) for key, n in sorted(votes.items(), key=by_place) if n == len(made) / 2]
    assert bool(result.open) == bool(left)


@given(st.lists(marked(), min_size=1, max_size=5))
def test_no_two_spans_of_a_majority_overlap(made: list[Document]) -> None:
    result = adjudicate({f"a{i}": [one] for i, one in enumerate(made)}, "majority", SCHEMA)
    (merged,) = [*result.settled, *result.open]
    assert all(a.end <= b.start for a, b in zip(merged.spans, merged.spans[1:], strict=False))


@given(st.data(), st.integers(1, 4))
def test_what_all_made_alike_comes_back_as_it_was(data: st.DataObject, people: int) -> None:
    others = st.sets(st.sampled_from([GUNMEN, GAO, NDORO, FARMERS]))
    triggers = st.sets(st.sampled_from([SHOT, RAID]), min_size=1)
    groups = [
        [*sorted(data.draw(triggers), key=repr), *sorted(data.draw(others), key=repr)]
        for _ in range(data.draw(st.integers(0, 3)))
    ]
    made = tied(*groups, untied=sorted(data.draw(others), key=repr), claimed=True)
    result = adjudicate({f"a{i}": [made] for i in range(people)}, "majority", SCHEMA)
    (back,) = result.settled
    assert (keys(back.spans), told(back)) == (keys(made.spans), told(made))
    assert all(event.flags == {"claimed": True} for event in back.events)


@given(st.data(), st.integers(1, 4))
def test_what_all_made_alike_is_settled_in_whatever_order_and_under_whatever_ids(
    data: st.DataObject, people: int
) -> None:
    groups = [[SHOT, GUNMEN, GAO], [SHOT, FARMERS], [RAID, NDORO, GUNMEN], [RAID, SHOT]]
    versions = [
        tied(*(data.draw(st.permutations(group)) for group in data.draw(st.permutations(groups))), claimed=True)
        for _ in range(people)
    ]
    result = adjudicate({f"a{i}": [one] for i, one in enumerate(versions)}, "majority", SCHEMA)
    (back,) = result.settled
    assert (keys(back.spans), structure(back)) == (keys(versions[0].spans), structure(versions[0]))
    assert [event.id for event in back.events] == ["E1", "E2", "E3", "E4"]


def structure(made: Document) -> list[Any]:
    """Events by the words of their roles, in an order of their own."""
    return sorted((kind, [(role, sorted(found)) for role, found in roles.items()]) for kind, roles in told(made))


def test_two_annotators_who_differ_leave_it_open() -> None:
    result = adjudicate({"ana": [document(FARMERS, GAO)], "ben": [document(FOUR_FARMERS, GAO)]}, "majority", SCHEMA)
    (left,) = result.open
    assert keys(left.spans) == keys([GAO])
    assert result.left == {"d1": ["VICTIM [12:24] 'four farmers'", "VICTIM [17:24] 'farmers'"]}
    assert result.settled == []


def test_what_is_left_open_tells_types_and_words() -> None:
    four = place(TEXT, "four", "TOLL", "killed")
    result = adjudicate({"ana": [document(four)], "ben": [document(replace(four, type="injured"))]}, "majority", SCHEMA)
    assert result.left == {"d1": ["TOLL:injured [12:16] 'four'", "TOLL:killed [12:16] 'four'"]}


def test_each_document_is_decided_among_those_who_annotated_it() -> None:
    made = {"ana": [document(FARMERS), document(GAO, name="d2")], "ben": [document(FARMERS)], "cleo": [document()]}
    result = adjudicate(made, "majority", SCHEMA)
    assert [(one.id, keys(one.spans)) for one in result.settled] == [("d1", keys([FARMERS])), ("d2", keys([GAO]))]


@pytest.mark.parametrize("rule", ["majority", "ana", "ben"])
def test_documents_that_one_alone_annotated_are_taken_as_they_are_and_told(rule: str) -> None:
    alone = [tied([SHOT, GAO]), replace(tied([RAID, NDORO]), id="d3")]
    shared = document(FARMERS, name="d2")
    result = adjudicate({"ana": [alone[0], shared], "ben": [shared, alone[1]]}, rule, SCHEMA)
    assert result.single == ["d1", "d3"]
    assert (result.open, result.left) == ([], {})
    assert [(keys(one.spans), told(one)) for one in result.settled] == [
        (keys(one.spans), told(one)) for one in (alone[0], shared, alone[1])
    ]


def test_the_annotator_whom_the_rule_names_wins() -> None:
    ana, ben = tied([SHOT, FARMERS]), tied([RAID, NDORO])
    result = adjudicate({"ana": [ana], "ben": [ben], "cleo": [ben]}, "ana", SCHEMA)
    assert result.settled == [ana]


def test_a_document_that_the_winner_lacks_is_decided_by_majority() -> None:
    made = {"ana": [document(name="d2")], "ben": [document(FARMERS)], "cleo": [document(GAO)]}
    result = adjudicate(made, "ana", SCHEMA)
    assert ([one.id for one in result.settled], list(result.left)) == (["d2"], ["d1"])


def test_events_are_those_that_more_than_half_have() -> None:
    together, apart = tied([SHOT, RAID, GAO, NDORO]), tied([SHOT, GAO], [RAID])
    result = adjudicate({"ana": [apart], "ben": [together], "cleo": [together]}, "majority", SCHEMA)
    assert told(result.settled[0]) == told(together)


def test_flags_are_those_that_more_than_half_have() -> None:
    one, two = tied([SHOT], suicide=True), tied([SHOT, GAO], claimed=True)
    result = adjudicate({"ana": [one], "ben": [two], "cleo": [two]}, "majority", SCHEMA)
    assert dict(result.settled[0].events[0].flags) == {"claimed": True}


def counted(made: Document, *tolls: Mapping[str, Toll]) -> Document:
    """The document with tolls for its events."""
    return replace(made, events=[replace(event, toll=toll) for event, toll in zip(made.events, tolls, strict=True)])


def settled_tolls(*versions: Document) -> tuple[list[dict[str, Toll]], list[str]]:
    """The tolls of the merged document by event, and what is open."""
    result = adjudicate({f"a{i}": [one] for i, one in enumerate(versions)}, "majority", SCHEMA)
    (merged,) = [*result.settled, *result.open]
    return [dict(event.toll) for event in merged.events], result.left.get("d1", [])


FOUR, FIVE, SIX = ({"killed": Toll(number, number)} for number in (4, 5, 6))


@pytest.mark.parametrize(
    ("tolls", "expected"),
    [
        ([FOUR, FOUR], FOUR),
        ([{}, FOUR], FOUR),
        ([FOUR, {}, {}], FOUR),
        ([FOUR, {"injured": Toll(1, None)}], {**FOUR, "injured": Toll(1, None)}),
        ([FIVE, FOUR, FOUR], FOUR),
        ([FIVE, FOUR, {}, FOUR], FOUR),
        ([{}, {}], {}),
    ],
)
def test_a_toll_is_the_one_that_more_than_half_of_those_who_counted_have(tolls: list[Any], expected: Any) -> None:
    assert settled_tolls(*(counted(tied([SHOT, GAO]), toll) for toll in tolls)) == ([expected], [])


@pytest.mark.parametrize("tolls", [[FOUR, FIVE], [FOUR, FIVE, {}], [FOUR, FIVE, SIX]])
def test_a_toll_that_no_more_than_half_of_those_who_counted_have_is_open(tolls: list[Any]) -> None:
    merged, (left,) = settled_tolls(*(counted(tied([SHOT, GAO]), toll) for toll in tolls))
    assert merged == [{}]
    assert all(words in left for words in ("'killed'", "4 or 5", "'shot'"))


def test_tolls_are_those_of_the_event_whatever_its_place_and_spans_that_are_out() -> None:
    one = counted(tied([SHOT, GAO], [RAID, NDORO]), FOUR, FIVE)
    other = counted(tied([RAID, NDORO], [SHOT, GAO]), FIVE, FOUR)
    more = counted(tied([SHOT, GAO, GUNMEN], [RAID, NDORO]), FOUR, FIVE)
    assert settled_tolls(one, other, more) == ([FOUR, FIVE], [])


def test_tolls_of_events_that_are_alike_stay_apart() -> None:
    alike = counted(tied([SHOT], [SHOT]), FOUR, FIVE)
    assert settled_tolls(alike, alike) == ([FOUR, FIVE], [])
    single = counted(tied([SHOT]), FOUR)
    merged, left = settled_tolls(single, counted(tied([SHOT], [SHOT]), FIVE, SIX))
    assert merged == [{}]
    assert "4 or 5 or 6" in left[0]


def test_tasks_of_an_open_toll_show_each_version() -> None:
    sides = {"ana": [counted(tied([SHOT, GAO]), FOUR)], "ben": [counted(tied([SHOT, GAO]), FIVE)]}
    (task,) = json.loads(json.dumps(open_tasks(adjudicate(sides, "majority", SCHEMA), sides, SCHEMA)))
    read = {one["model_version"]: read_result(task["data"], one["result"], SCHEMA) for one in task["predictions"]}
    assert {name: dict(one.events[0].toll) for name, one in read.items()} == {"agreed": {}, "ana": FOUR, "ben": FIVE}


@pytest.mark.parametrize(
    "versions",
    [
        [tied([SHOT], claimed=True), tied([SHOT])],
        [tied([SHOT], stage="attempted"), tied([SHOT], stage="threatened")],
        [tied([SHOT, GAO], [RAID]), tied([SHOT], [RAID, GAO])],
        [tied([SHOT, RAID]), tied([SHOT], [RAID])],
        [tied([SHOT, GAO]), tied([SHOT], untied=[GAO])],
        [tied([SHOT, RAID]), tied([SHOT], [RAID]), tied([SHOT, RAID]), tied([SHOT], [RAID])],
        [tied([SHOT, GUNMEN, FARMERS]), tied([SHOT, FARMERS, GAO]), tied([SHOT, GUNMEN, GAO])],
        [
            tied([SHOT, GUNMEN, GAO], [SHOT, RAID]),
            tied([SHOT, GUNMEN], [SHOT, RAID, NDORO]),
            tied([SHOT, GAO], [SHOT, RAID, NDORO]),
        ],
    ],
    ids=["flag", "value of a flag", "tie", "one or two events", "tied or not", "two of four", "three of three",
         "three of three, with a trigger in common"],
)  # fmt: skip
def test_events_that_no_more_than_half_have_are_open(versions: list[Document]) -> None:
    result = adjudicate({f"a{i}": [one] for i, one in enumerate(versions)}, "majority", SCHEMA)
    (left,) = result.open
    votes = Counter(key for one in versions for key in keys(one.spans))
    assert result.left == {"d1": ["events"]}
    assert keys(left.spans) == sorted((key for key, n in votes.items() if n > len(versions) / 2), key=repr)
    assert result.settled == []


def test_events_of_an_event_type_that_differs_are_open_with_the_triggers() -> None:
    versions = [tied([SHOT, GAO]), tied([replace(SHOT, type="bombing"), GAO])]
    result = adjudicate({"ana": versions[:1], "ben": versions[1:]}, "majority", SCHEMA)
    assert result.left == {"d1": ["ATTACK:armed_assault [7:11] 'shot'", "ATTACK:bombing [7:11] 'shot'", "events"]}
    assert keys(result.open[0].spans) == keys([GAO])


def test_ties_of_spans_that_are_out_do_not_part_events() -> None:
    made = {"ana": [tied([SHOT, GUNMEN])], "ben": [tied([SHOT, GUNMEN, NDORO])], "cleo": [tied([SHOT, GAO, GUNMEN])]}
    (settled,) = adjudicate(made, "majority", SCHEMA).settled
    assert told(settled) == [("armed_assault", {"triggers": ["shot"], "perpetrators": ["Gunmen"]})]
    assert keys(settled.spans) == keys([SHOT, GUNMEN])


def test_events_that_fewer_than_half_have_are_out() -> None:
    few, most = tied([SHOT, GUNMEN, FARMERS, GAO]), tied([SHOT], [RAID, NDORO])
    versions = {"ana": [few], "ben": [few], "cleo": [most], "dora": [most], "eve": [most]}
    (settled,) = adjudicate(versions, "majority", SCHEMA).settled
    assert told(settled) == told(most)


def test_a_span_that_more_than_half_left_untied_stays_so() -> None:
    loose, bound = tied([SHOT, GAO], untied=[FARMERS]), tied([SHOT, FARMERS])
    result = adjudicate({"ana": [loose], "ben": [loose], "cleo": [bound]}, "majority", SCHEMA)
    assert told(result.settled[0]) == [("armed_assault", {"triggers": ["shot"], "locations": ["Gao"]})]


def test_events_of_triggers_that_are_out_are_out() -> None:
    made = {"ana": [tied([RAID, NDORO])], "ben": [tied([SHOT], untied=[NDORO])], "cleo": [tied([SHOT])]}
    assert told(adjudicate(made, "majority", SCHEMA).settled[0]) == [("armed_assault", {"triggers": ["shot"]})]


def test_what_is_settled_has_no_fault_that_no_annotator_made() -> None:
    killed = place(TEXT, "killed", "ATTACK", "armed_assault")
    versions = {who: [tied([trigger, NDORO])] for who, trigger in (("ana", SHOT), ("ben", RAID), ("cleo", killed))}
    assert not [fault for (one,) in versions.values() for fault in document_faults(one, SCHEMA)]
    assert not [
        fault for one in adjudicate(versions, "majority", SCHEMA).settled for fault in document_faults(one, SCHEMA)
    ]


def test_an_annotator_has_one_vote() -> None:
    result = adjudicate({"ana": [document(FARMERS, FARMERS)], "ben": [document()]}, "majority", SCHEMA)
    assert result.left == {"d1": ["VICTIM [17:24] 'farmers'"]}
    result = adjudicate({"ana": [document(FARMERS, FARMERS)], "ben": [document()], "cleo": [document()]},
                        "majority", SCHEMA)  # fmt: skip
    assert result.settled == [document()]


def test_a_span_that_one_marked_twice_is_in_and_tied_once() -> None:
    once = tied([SHOT, GAO])
    again = replace(once, spans=[*once.spans, replace(GAO, id="S9")])
    roles = {"triggers": ("S1",), "locations": ("S2", "S9")}
    again = replace(again, events=[replace(once.events[0], roles=roles)])
    for versions in ({"ana": [once], "ben": [again]}, {"ana": [again], "ben": [once]}):
        (settled,) = adjudicate(versions, "majority", SCHEMA).settled
        assert (keys(settled.spans), told(settled)) == (keys(once.spans), told(once))


def test_an_event_without_a_trigger_that_all_agree_on_is_kept() -> None:
    made = document(NDORO, events=[Event("E1", "armed_assault", {"locations": ("S1",)})])
    made = replace(made, meta={"coverage": {"ATTACK": "some"}})
    result = adjudicate({"ana": [made], "ben": [made]}, "majority", SCHEMA)
    assert told(result.settled[0]) == told(made)


def test_a_flag_that_is_a_list_is_told() -> None:
    made = tied([SHOT], stage=["attempted"])
    with pytest.raises(DataError):
        adjudicate({"ana": [made], "ben": [made]}, "majority", SCHEMA)


@pytest.mark.parametrize("rule", ["majority", "ana"])
def test_an_annotator_who_is_called_like_the_rule_is_refused(rule: str) -> None:
    with pytest.raises(DataError) as caught:
        adjudicate({"ana": [document()], "majority": [document()]}, rule, SCHEMA)
    assert str(caught.value) == "an annotator is called 'majority', like the rule; rename the file"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("anna", "rule 'anna' is neither 'majority' nor an annotator; did you mean 'ana'?"),
        ("majorty", "rule 'majorty' is neither 'majority' nor an annotator; did you mean 'majority'?"),
    ],
)
def test_an_unknown_rule_is_answered_with_the_nearest(rule: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        adjudicate({"ana": [document()], "ben": [document()]}, rule, SCHEMA)
    assert str(caught.value) == message


def test_texts_that_differ_are_not_merged_and_all_are_named() -> None:
    ana, ben = ([document(name=name, text=text) for name in ("d1", "d2")] for text in ("Rain.", "Sun."))
    with pytest.raises(DataError) as caught:
        adjudicate({"ana": ana, "ben": ben}, "majority", SCHEMA)
    assert [str(fault) for fault in caught.value.faults] == [
        "document 'd1': has different texts from different annotators; annotate the same text",
        "document 'd2': has different texts from different annotators; annotate the same text",
    ]


def test_open_documents_become_tasks_with_what_is_agreed_and_each_version() -> None:
    ana, ben = tied([SHOT, GAO]), tied([SHOT, FARMERS])
    sides = {"ana": [ana, document(name="d2")], "ben": [ben, document(name="d2")]}
    (task,) = json.loads(json.dumps(open_tasks(adjudicate(sides, "majority", SCHEMA), sides, SCHEMA)))
    assert task["data"]["open"] == ["VICTIM [17:24] 'farmers'", "LOCATION [28:31] 'Gao'"]
    read = {one["model_version"]: read_result(task["data"], one["result"], SCHEMA) for one in task["predictions"]}
    assert {name: (keys(one.spans), told(one)) for name, one in read.items()} == {
        "agreed": (keys([SHOT]), [("armed_assault", {"triggers": ["shot"]})]),
        "ana": (keys(ana.spans), told(ana)),
        "ben": (keys(ben.spans), told(ben)),
    }


def test_tasks_of_what_the_schema_does_not_allow_cannot_be_made() -> None:
    sides = {"ana": [document(replace(FARMERS, label="VICTM"))], "ben": [document()]}
    with pytest.raises(DataError, match="unknown label 'VICTM'; did you mean 'VICTIM'"):
        open_tasks(adjudicate(sides, "majority", SCHEMA), sides, SCHEMA)
