"""Figures of one event reconciled over the document, on invented texts with spans marked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference import Toll
from inference.events.beside import people_beside
from inference.events.sources import source_of
from tests.inference.events.test_figures_and_events import killed, only_event

RAID = "A {raid|ATTACK:armed_assault} killed "


@pytest.mark.parametrize(
    ("harmed", "number"),
    [
        ("{four|TOLL:killed} nurses and a boatman.", 5),
        ("{four|TOLL:killed} nurses, a clerk and their driver.", 6),
        ("a driver and {two|TOLL:killed} guards.", 3),
        ("the mayor and {two|TOLL:killed} of his aides.", 3),
        ("Anil Sharma and {two|TOLL:killed} colleagues.", 3),
        ("{four|TOLL:killed} nurses, including a trainee.", 4),
        ("{four|TOLL:killed} nurses and several guards.", 4),
        ("{four|TOLL:killed} nurses and an attacker.", 4),
        ("{two|TOLL:killed} volunteers, a tapper and her husband.", 2),
        ("himself and {three|TOLL:killed} policemen.", 3),
        ("{six|TOLL:killed} members, {five|TOLL:killed} Spaniards and {one|TOLL:killed} Finn.", 6),
        ("{14|TOLL:killed} people, {eight|TOLL:killed} women, {five|TOLL:killed} boys and a judge.", 14),
        ("{six|TOLL:killed} soldiers, {two|TOLL:killed} drivers and {four|TOLL:killed} farmers.", 12),
        ("{six|TOLL:killed} soldiers and {nine|TOLL:killed} gunmen.", 15),
    ],
)
def test_groups_and_single_people_add_up_and_parts_do_not(harmed: str, number: int):
    assert killed(RAID + harmed) == Toll(number, number)


@given(st.integers(2, 400), st.sampled_from(["a boatman", "his wife", "their driver", "the pharmacist"]))
def test_one_person_beside_a_figure_counts_one(number: int, person: str):
    text = f"{number} sailors and {person} died."
    digits = len(str(number))
    assert len(people_beside(text, 0, digits, (0, len(text)), "killed")) == 1


@pytest.mark.parametrize(
    ("harmed", "number"),
    [
        ("{no|TOLL:killed} soldiers, but {three|TOLL:killed} cooks.", 3),
        ("{11|TOLL:killed} people, {three|TOLL:killed} children among them.", 11),
        ("{four|TOLL:killed} people, including a mother and her {two|TOLL:killed} children.", 4),
        ("{six|TOLL:killed} members of a family, the parents and their {four|TOLL:killed} daughters.", 6),
        ("{one|TOLL:killed} guard and a cook.", 2),
        ("a man with a bomb which hurt a cook and {nine|TOLL:killed} others.", 10),
        ("{12|TOLL:killed} farmers, {six|TOLL:killed} men and {six|TOLL:killed} women.", 12),
    ],
)
def test_a_zero_and_parts_do_not_stand_for_the_dead(harmed: str, number: int):
    assert killed(RAID + harmed) == Toll(number, number)


def test_both_sides_of_a_clash_count_from_different_sentences():
    assert killed(
        "In a {clash|ATTACK:armed_clash}, {two|TOLL:killed} soldiers died. "
        "The army counted {nine|TOLL:killed} rebels dead."
    ) == Toll(11, 11)


def test_one_attack_comes_before_a_sum_over_several():
    text = (
        "Seven officers, {seven|TOLL:killed} in all, died in two separate attacks. "
        "A {raid|ATTACK:armed_assault} on Kesra killed {three|TOLL:killed}."
    )
    assert killed(text) == Toll(3, 3)


def test_some_of_the_dead_have_no_upper_bound():
    assert killed("In the {raid|ATTACK:armed_assault}, {three|TOLL:killed} men were among the dead.") == Toll(3, None)


@pytest.mark.parametrize(
    ("doers", "counted"),
    [("{Rebels|PERPETRATOR}", 6), ("{Soldiers|PERPETRATOR}", 14), ("They", 14)],
)
def test_dead_fighters_are_the_attackers_if_the_doers_are_no_forces(doers: str, counted: int):
    text = f"{doers} {{raided|ATTACK:armed_assault}} a post. {{Six|TOLL:killed}} guards and {{eight|TOLL:killed}} "
    assert killed(text + "insurgents were killed.") == Toll(counted, counted)


def test_attackers_dead_are_kept_apart_unless_two_sides_fight():
    event = only_event(
        "{Two|TOLL:killed} attackers and {three|TOLL:killed} guards died in a {raid|ATTACK:armed_assault}."
    )
    assert event.toll["killed"].toll == Toll(3, 3)
    assert event.toll["killed_attackers"].toll == Toll(2, 2)
    assert event.to_event().roles["tolls"] == ("S2",)
    assert list(event.reported) == ["killed"]
    clash = only_event("{Two|TOLL:killed} {gunmen|PERPETRATOR} died in a {clash|ATTACK:armed_clash}.")
    assert list(clash.toll) == ["killed"]


@pytest.mark.parametrize(
    ("dead", "included"),
    [
        ("{Six|TOLL:killed} people, including {two|TOLL:killed} attackers, died", True),
        ("{Six|TOLL:killed} people, {two|TOLL:killed} of them attackers, died", True),
        ("{Eight|TOLL:killed} people -- {six|TOLL:killed} guests and {two|TOLL:killed} attackers -- died", True),
        ("{Six|TOLL:killed} guests and {two|TOLL:killed} attackers died", False),
    ],
)
def test_attackers_in_a_figure_for_all_the_dead_are_marked(dead: str, included: bool):
    event = only_event(f"{dead} in the {{raid|ATTACK:armed_assault}}.")
    attackers = event.to_dict()["toll"].get("killed_attackers", {})
    assert attackers.get("included", False) == included


@pytest.mark.parametrize(
    ("then", "number"),
    [
        ("Another {three|TOLL:killed} died overnight.", 15),
        ("A further {two|TOLL:killed} people have since died of their wounds.", 14),
        ("Another {three|TOLL:killed} died in hospital. Another {two|TOLL:killed} died on Sunday.", 17),
        ("{Nine|TOLL:killed} died at once. Another {three|TOLL:killed} died overnight.", 12),  # which make twelve
        ("Another {three|TOLL:killed} died overnight, bringing the toll to {15|TOLL:killed}.", 15),
        ("Another {three|TOLL:killed} died in a second village.", 12),
        ("{Three|TOLL:killed} died overnight.", 12),
    ],
)
def test_people_who_die_later_are_added(then: str, number: int):
    assert killed(f"The {{raid|ATTACK:armed_assault}} killed {{12|TOLL:killed}} traders. {then}") == Toll(
        number, number
    )


@pytest.mark.parametrize(
    ("marked", "kinds"),
    [
        ("A {soldier|VICTIM} was killed in the {raid|ATTACK:armed_assault}.", ["killed"]),
        (
            "Gunmen {shot dead|ATTACK:armed_assault} a {farmer|VICTIM} and wounded his {wife|VICTIM}.",
            ["killed", "injured"],
        ),
        ("{Soldiers|VICTIM} were killed in the {raid|ATTACK:armed_assault}.", []),
        ("A {soldier|VICTIM} was not killed in the {raid|ATTACK:armed_assault}.", []),
        ("Police foiled a plan to {kidnap|ATTACK:abduction} a {banker|VICTIM}.", []),
    ],
)
def test_one_victim_without_a_figure_is_an_implied_toll(marked: str, kinds: list[str]):
    event = only_event(marked)
    assert [kind for kind in event.toll if event.toll[kind].toll == Toll(1, 1)] == kinds
    assert all(toll.implied and not toll.spans for toll in event.toll.values())
    assert event.reported == {}


@pytest.mark.parametrize(
    ("harmed", "killed", "injured"),
    [
        ("A {lawyer|VICTIM} and a {guard|VICTIM} were killed in the {raid|ATTACK:armed_assault}.", 2, 0),
        ("The {raid|ATTACK:armed_assault} killed a {farmer|VICTIM}, his {wife|VICTIM} and a {guard|VICTIM}.", 3, 0),
        ("{Ada Lund|VICTIM} and {Ole Berg|VICTIM} were {shot dead|ATTACK:armed_assault}.", 2, 0),
        # A description of the one before it, and plurals.
        ("The {raid|ATTACK:armed_assault} killed {Ada Lund|VICTIM}, a {clerk|VICTIM}, and a {guard|VICTIM}.", 2, 0),
        ("The {raid|ATTACK:armed_assault} killed a {farmer|VICTIM} and his {sons|VICTIM}.", 0, 0),
        ("{Guards|VICTIM}, a {cook|VICTIM} and a {clerk|VICTIM} were killed in a {raid|ATTACK:armed_assault}.", 0, 0),
        ("A {clerk|VICTIM} was killed and an {officer|VICTIM} was wounded in a {raid|ATTACK:armed_assault}.", 1, 1),
        ("A {17-year-old pupil|VICTIM} was {stabbed|ATTACK:armed_assault} and later died.", 1, 0),
        # Another one.
        ("A {guard|VICTIM} was {shot dead|ATTACK:armed_assault} and another was badly wounded.", 1, 1),
        ("{Gunmen|PERPETRATOR} {killed|ATTACK:armed_assault} a {guard|VICTIM} while wounding another.", 1, 1),
        ("A {guard|VICTIM} was {shot dead|ATTACK:armed_assault} and another three were wounded.", 1, 0),
        ("A {guard|VICTIM} was {shot dead|ATTACK:armed_assault} and another of the clerks fled.", 1, 0),
    ],
)
def test_people_told_one_by_one_are_counted(harmed: str, killed: int, injured: int):
    tolls = only_event(harmed).toll
    assert {kind: toll.toll.max for kind, toll in tolls.items()} == {
        kind: number for kind, number in (("killed", killed), ("injured", injured)) if number
    }
    assert all(toll.implied for toll in tolls.values())


def test_another_beside_a_figure_is_an_implied_toll():
    tolls = only_event("{One|TOLL:killed} man died in the {raid|ATTACK:armed_assault} and another was injured.").toll
    assert {kind: (toll.toll.max, toll.implied) for kind, toll in tolls.items()} == {
        "killed": (1, False),
        "injured": (1, True),
    }


def test_a_figure_comes_before_an_implied_toll():
    event = only_event(
        "A {soldier|VICTIM} was killed in a {raid|ATTACK:armed_assault} that left {four|TOLL:killed} dead."
    )
    assert event.toll["killed"].to_dict() == {
        "min": 4,
        "max": 4,
        "approximate": False,
        "spans": ["S3"],
        "words": ["four"],
    }


def test_sources_that_contradict_each_other_are_both_kept():
    event = only_event(
        "The army said the {strike|ATTACK:air_strike} killed {12|TOLL:killed} men. "
        "A doctor put the number of dead at {45|TOLL:killed}."
    )
    toll = event.toll["killed"]
    assert toll.toll == Toll(12, 12)
    assert [(claim.by, claim.toll.min, [span.text for span in claim.spans]) for claim in toll.claims] == [
        ("army", 12, ["12"]),
        ("doctor", 45, ["45"]),
    ]


def test_figures_that_agree_and_earlier_counts_are_no_claims():
    agree = (
        "The army said the {strike|ATTACK:air_strike} killed {at least 12|TOLL:killed} men. "
        "A doctor counted {14|TOLL:killed} dead."
    )
    earlier = (
        "The army said the {strike|ATTACK:air_strike} killed {12|TOLL:killed} men. "
        "A doctor had earlier spoken of {five|TOLL:killed}."
    )
    assert all(only_event(text).toll["killed"].claims == () for text in (agree, earlier))


@pytest.mark.parametrize(
    ("marked", "by"),
    [
        ("The army said [12] rebels died.", "army"),
        ("[Three] men died, a mayor said.", "mayor"),
        ("[Three] men died, according to the Red Cross.", "Red Cross"),
        ("[Three] men died.", None),
    ],
)
def test_source_of_a_figure(marked: str, by: str | None):
    start, end = marked.index("["), marked.index("]") - 1
    assert source_of(marked.replace("[", "").replace("]", ""), start, end) == by
