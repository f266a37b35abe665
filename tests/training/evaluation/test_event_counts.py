"""Events: what is counted, by hand, and how gold and predicted events are aligned."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import Document
from inference.numbers.toll import Toll
from tests.training.evaluation.evaluated import FOUND, GOLD, SCHEMA, evaluated, marked
from training.evaluation.alignment import Attack, Offsets, align
from training.evaluation.counts import Score
from training.evaluation.events import event_measures, event_rows, event_tally, has_events

Row = tuple[float, float, float]


def counted(gold: Document, found: Document) -> dict[str, Row]:
    """The rows of an event tally that are not all zero: matched, predicted, gold."""
    tally = event_tally([gold], evaluated((gold, found)).alignments, SCHEMA)
    rows = zip(tally.rows, tally.counts[0].tolist(), strict=True)
    return {name.removeprefix("event/"): tuple(row) for name, row in rows if any(row)}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("detection", (2, 3, 2)),
        ("classification", (1, 3, 2)),  # the shooting is taken for a clash
        ("ceaf", (2, 3, 2)),
        ("argument_identification", (5, 6, 7)),  # Gunmen, four, farmers, Gao, Ndoro
        ("argument_classification", (4, 6, 7)),  # the farmers are no target
        ("toll", (1, 2, 2)),
        ("flag", (2, 3, 3)),
        ("document", (1, 1, 1)),
        ("type:armed_assault", (0, 0, 1)),
        ("type:armed_clash", (0, 1, 0)),
        ("type:bombing", (1, 1, 1)),
        ("type:abduction", (0, 1, 0)),
        ("type:hijacking", (0, 0, 0)),
        ("toll:killed", (1, 2, 1)),
        ("toll:injured", (0, 0, 1)),
        ("toll:displaced", (0, 0, 0)),
        ("role:perpetrators", (1, 1, 1)),
        ("role:victims", (0, 0, 1)),
        ("role:targets", (0, 1, 0)),
        ("role:tolls", (1, 2, 2)),
        ("role:locations", (2, 2, 2)),
        ("role:weapons", (0, 0, 1)),
        ("role:dates", (0, 0, 0)),
    ],
)
def test_each_row_of_the_event_tally_counts_what_its_table_says(row: str, expected: Row) -> None:
    tally = evaluated((GOLD, FOUND)).tally
    assert tally.score(f"event/{row}") == Score(expected[0], int(expected[1]), int(expected[2]))


def test_every_row_of_events_has_a_measure_and_macro_is_the_mean_of_attack_types_that_occur() -> None:
    tally = evaluated((GOLD, FOUND)).tally
    values = {m.name: float(m.value(tally, tally.totals())) for m in event_measures(SCHEMA)}
    assert {name for name in values if "macro" not in name} == {row.replace("/", "_") for row in event_rows(SCHEMA)}
    assert values["event_type_macro"] == pytest.approx((0 + 0 + 1 + 0) / 4)
    assert values["event_argument_identification"] == pytest.approx(2 * 5 / 13)
    assert np.isnan(values["event_type:hijacking"])


def test_attacks_predicted_where_there_are_none_are_wrong_and_silence_counts_nothing() -> None:
    calm = marked("The striker shot twice in Gao.")
    wrong = marked("The striker {shot|ATTACK|E1} twice in {Gao|LOCATION|E1}.", "E1: armed_assault")
    assert counted(calm, calm) == {}
    assert counted(calm, wrong) == {
        **dict.fromkeys(("detection", "classification", "ceaf", "type:armed_assault", "document"), (0, 1, 0)),
        **dict.fromkeys(("argument_identification", "argument_classification", "role:locations"), (0, 1, 0)),
    }


def test_one_event_over_two_gold_ones_is_aligned_with_one_of_them() -> None:
    gold = marked("{Shot|ATTACK|E1} in {Gao|LOCATION|E1}, {shot|ATTACK|E2} in {Tov|LOCATION|E2}.",
                  "E1: armed_assault\nE2: armed_assault")  # fmt: skip
    found = marked("{Shot|ATTACK|E1} in Gao, {shot|ATTACK|E1} in {Tov|LOCATION|E1}.", "E1: armed_assault")
    rows = counted(gold, found)
    assert rows["detection"] == (1, 1, 2)
    assert rows["ceaf"] == pytest.approx((2 / 3, 1, 2))  # two triggers against one, one of them shared
    assert rows["argument_classification"] == (1, 1, 2)  # arguments say which of the two it is


def test_triggers_that_overlap_are_the_same_and_arguments_are_not() -> None:
    gold = marked("They {opened fire|ATTACK|E1} in {northern Gao|LOCATION|E1}.", "E1: armed_assault")
    found = marked("They opened {fire|ATTACK|E1} in northern {Gao|LOCATION|E1}.", "E1: armed_assault")
    rows = counted(gold, found)
    assert rows["ceaf"] == rows["classification"] == (1, 1, 1)
    assert rows["argument_identification"] == rows["role:locations"] == (0, 1, 1)


def test_an_event_far_from_every_gold_one_is_not_aligned() -> None:
    gold = marked("They {fired|ATTACK|E1} in {Gao|LOCATION|E1} and left.", "E1: armed_assault; claimed")
    found = marked("They fired in {Gao|LOCATION|E1} and {left|ATTACK|E1}.", "E1: armed_assault; claimed")
    rows = counted(gold, found)
    assert rows.pop("document") == (1, 1, 1)
    assert all(row == (0, 1, 1) for row in rows.values())
    assert set(rows) == {
        "detection", "classification", "ceaf", "argument_identification", "argument_classification", "flag",
        "type:armed_assault", "role:locations",
    }  # fmt: skip


def test_tolls_match_by_number_not_by_words() -> None:
    gold = marked("{Shot|ATTACK|E1}: {a dozen|TOLL:killed|E1}, {more than 4|TOLL:injured|E1}, or 12.", "E1: bombing")
    found = marked("{Shot|ATTACK|E1}: a dozen, more than {4|TOLL:injured|E1}, or {12|TOLL:killed|E1}.", "E1: bombing")
    rows = counted(gold, found)
    assert (rows["toll"], rows["toll:killed"], rows["toll:injured"]) == ((1, 2, 2), (1, 1, 1), (0, 1, 1))
    assert rows["role:tolls"] == (0, 2, 2)


def test_events_without_triggers_are_compared_by_their_arguments() -> None:
    gold = marked("{Rebels|PERPETRATOR|E1} struck {Gao|LOCATION|E1}, then {Tov|LOCATION|E2}.",
                  "E1: bombing\nE2: shelling")  # fmt: skip
    found = marked("{Rebels|PERPETRATOR|E2} {struck|ATTACK|E2} {Gao|LOCATION|E2}, {then|ATTACK|E1} {Tov|LOCATION|E1}.",
                   "E1: shelling\nE2: bombing")  # fmt: skip
    rows = counted(gold, found)
    assert rows["classification"] == rows["ceaf"] == (2, 2, 2)
    assert rows["argument_classification"] == (3, 3, 3)


@pytest.mark.parametrize(
    ("document", "scored"),
    [
        (marked("{Shot|ATTACK|E1}.", "E1: bombing"), True),
        (marked("Quiet."), True),
        (marked("{Shot|ATTACK:bombing}."), False),  # marked, but not put into events
        (marked("{Shot|ATTACK|E1}.", "E1: bombing", coverage={"ATTACK": "some"}), False),
        (marked("Quiet.", coverage={"ATTACK": "none"}), False),
        (marked("{Gao|LOCATION|E1}.", "E1: bombing"), True),
    ],
)
def test_events_count_only_where_triggers_are_all_marked_and_grouped(document: Document, scored: bool) -> None:
    wrong = replace(marked("{S|ATTACK|E1}", "E1: bombing"), text=document.text)
    assert has_events(document, SCHEMA) is scored
    tally = event_tally([document], evaluated((document, wrong)).alignments, SCHEMA)
    assert (tally.score("event/detection").predicted == 1) is scored
    assert bool(tally.counts.any()) is scored


def test_arguments_of_a_label_that_is_not_annotated_exhaustively_count_on_neither_side() -> None:
    rows = counted(replace(GOLD, meta={"coverage": {"TOLL": "some", "LOCATION": "none"}}), FOUND)
    assert not {"toll", "toll:killed", "toll:injured", "role:tolls", "role:locations"} & set(rows)
    assert rows["argument_identification"] == (2, 2, 3)  # Gunmen, farmers; the bomb is missed
    assert rows["argument_classification"] == (1, 2, 3)
    assert rows["detection"] == (2, 3, 2)
    assert evaluated((replace(GOLD, meta={"coverage": {"TOLL": "some"}}), FOUND)).toll_errors == []


def test_toll_errors_name_wrong_missing_and_invented_numbers() -> None:
    found = {(e.event, e.kind): (e.gold, e.predicted) for e in evaluated((GOLD, FOUND)).toll_errors}
    assert found == {("E1", "injured"): (Toll(2, 2), None), ("E3", "killed"): (None, Toll(2, 2))}


def test_figures_that_only_repeat_a_toll_do_not_lower_a_perfect_prediction() -> None:
    gold = marked("{Shot|ATTACK|E1}: {11|TOLL:killed|E1} dead, including {three|TOLL:killed|E1} boys.", "E1: bombing")
    one = evaluated((gold, gold))
    assert one.f1("event_toll") == 1
    assert one.f1("event_role:tolls") == one.f1("event_argument_classification") == 1


def test_of_two_events_with_one_trigger_the_type_tells_which_is_found() -> None:
    gold = marked("The {attacks|ATTACK|E1,E2}.", "E1: bombing\nE2: shelling")
    found = marked("The {attacks|ATTACK|E1}.", "E1: shelling")
    assert counted(gold, found)["classification"] == (1, 1, 2)


# Alignment

PLACES = st.frozensets(st.integers(0, 7).map(lambda n: (2 * n, 2 * n + 1)), max_size=3)
ATTACKS = st.lists(
    st.builds(
        lambda triggers, places: Attack("E", "bombing", triggers, places, {}, frozenset()),
        PLACES,
        PLACES.map(lambda places: frozenset((place, "dates") for place in places)),
    ),
    max_size=4,
)  # fmt: skip


def _dice(some: frozenset[Offsets], others: frozenset[Offsets]) -> float:
    return 2 * len(some & others) / (len(some) + len(others)) if some and others else 0.0


def _likeness(gold: Attack, predicted: Attack) -> float:
    if gold.triggers:
        return _dice(gold.triggers, predicted.triggers)
    return _dice(frozenset(p for p, _ in gold.arguments), frozenset(p for p, _ in predicted.arguments))


@given(ATTACKS, ATTACKS)
def test_events_are_aligned_one_to_one_with_the_largest_sum_of_all_permutations(
    gold: list[Attack], predicted: list[Attack]
) -> None:
    found = align(gold, predicted)
    size = max(len(gold), len(predicted))
    padded = [*predicted, *[None] * (size - len(predicted))]
    best = max(
        sum(_likeness(a, b) for a, b in zip(gold, order, strict=False) if b is not None)
        for order in permutations(padded)
    )
    assert sum(similarity for *_, similarity in found) == pytest.approx(best)
    assert len({i for i, *_ in found}) == len({j for _, j, _ in found}) == len(found)
    for i, j, similarity in found:
        assert similarity > 0
        assert similarity == pytest.approx(_likeness(gold[i], predicted[j]))


def test_arguments_tell_swapped_events_with_the_same_trigger_apart() -> None:
    trigger = frozenset({(0, 5)})
    one, two = (
        Attack(name, "bombing", trigger, frozenset({(offsets, "locations")}), {}, frozenset())
        for name, offsets in (("E1", (10, 13)), ("E2", (20, 23)))
    )
    assert align([one, two], [two, one]) == [(0, 1, 1.0), (1, 0, 1.0)]
