"""Who claims or denies an attack, and whether it was carried out, on invented texts with spans marked by hand."""

from __future__ import annotations

import pytest

from tests.inference.events.test_figures_and_events import events_of, only_event


@pytest.mark.parametrize(
    ("marked", "stage"),
    [
        ("Police defused a {bomb|ATTACK:bombing} outside the bank.", "attempted"),
        ("A {bomb|ATTACK:bombing} was left outside the bank but did not explode.", "attempted"),
        ("Guards {found|ATTACK:bombing} a bomb outside the bank.", "attempted"),
        ("Two bombs {went off|ATTACK:bombing} in Ndoro and another was defused.", None),
        ("A missile {fired|ATTACK:shelling} at Kesra was destroyed in flight.", "attempted"),
        ("They had planned to {burn|ATTACK:arson_sabotage} the hall.", "attempted"),
        ("The guards planned the {abduction|ATTACK:abduction}, villagers said.", None),
        ("A gang tried, police said, to {abduct|ATTACK:abduction} a banker.", "attempted"),
        ("The mayor survived a {bombing|ATTACK:assassination} that killed {two|TOLL:killed} guards.", "attempted"),
        ("Gunmen {shot|ATTACK:assassination} and wounded the mayor.", "attempted"),
        ("Gunmen {shot|ATTACK:assassination} the mayor in his bed.", None),
        ("Gunmen {killed|ATTACK:assassination} the mayor, and the attackers escaped.", None),
        ("Gunmen {shot|ATTACK:assassination} the mayor. He was pronounced dead; two guards escaped.", None),
        ("Gunmen {shot|ATTACK:assassination} at the mayor. He escaped; two guards were pronounced dead.", "attempted"),
        ("They vowed to {raid|ATTACK:armed_assault} Kesra and wounded {nine|TOLL:injured} guards there.", None),
        ("They vowed to {raid|ATTACK:armed_assault} Kesra, and no one was hurt.", "threatened"),
        ("The {Lake Front|PERPETRATOR} said it would {burn|ATTACK:arson_sabotage} the hall.", "threatened"),
        ("The hall will be {attacked|ATTACK:unspecified_attack}, the {Lake Front|PERPETRATOR} said.", "threatened"),
        (
            "The {Front|PERPETRATOR} vowed to {raid|ATTACK:armed_assault} Kesra. "
            "The {raid|ATTACK:armed_assault} came at dawn.",
            None,
        ),
    ],
)
def test_stage_is_told_by_the_words_around_each_trigger(marked: str, stage: str | None):
    assert only_event(marked).flags.get("stage") == stage


@pytest.mark.parametrize(
    "marked",
    [
        "Analysts say rebels could {attack|ATTACK:unspecified_attack} the port.",
        "Fears of another {bombing|ATTACK:bombing} kept shops shut.",
        "A bomb {attack|ATTACK:bombing} was possible, police said.",
        "No {attacks|ATTACK:unspecified_attack} were reported at the polls.",
    ],
)
def test_an_attack_that_is_only_feared_or_denied_is_no_event(marked: str):
    assert events_of(marked) == []


def test_an_attack_that_somebody_could_not_see_is_an_event():
    only_event("Villagers could hear the {shelling|ATTACK:shelling} all night.")


@pytest.mark.parametrize(
    ("marked", "names"),
    [
        ("The {Lake Front|PERPETRATOR} claimed Friday's {stabbing|ATTACK:armed_assault}.", ("Lake Front",)),
        ("The {ambush|ATTACK:armed_assault} was claimed by the {Lake Front|PERPETRATOR}.", ("Lake Front",)),
        ("The {army|PERPETRATOR} said its jets had {struck|ATTACK:air_strike} a depot.", ("army",)),
        ("Our {fighters|PERPETRATOR} {raided|ATTACK:armed_assault} the post at dawn.", ("fighters",)),
    ],
)
def test_claims_have_the_names_of_those_who_claim(marked: str, names: tuple[str, ...]):
    event = only_event(marked)
    assert event.flags == {"claimed": True}
    assert event.attribution.claimed_by == names


@pytest.mark.parametrize(
    "marked",
    [
        "The {army|PERPETRATOR} said its men had been {ambushed|ATTACK:armed_assault}.",
        "The {ambush|ATTACK:armed_assault} claimed the lives of two men.",
        "Police said they had foiled a {bombing|ATTACK:bombing}.",
        "The {Lake Front|PERPETRATOR} said it would {raid|ATTACK:armed_assault} Kesra.",
    ],
)
def test_what_is_no_claim(marked: str):
    assert "claimed" not in only_event(marked).flags


def test_a_release_of_a_command_claims_what_its_forces_did():
    text = "{}KESRA - {{Coalition forces|PERPETRATOR}} {{killed|ATTACK:armed_clash}} a rebel leader on Monday."
    assert only_event(text.format("For Immediate Release. ")).flags == {"claimed": True}
    assert only_event(text.format("")).flags == {}


def test_who_is_blamed_and_who_denies():
    event = only_event(
        "A {blast|ATTACK:bombing} hit Kesra. Police blamed the {Lake Front|PERPETRATOR} for the "
        "{attack|ATTACK:bombing}. The {Lake Front|PERPETRATOR} denied it."
    )
    assert event.attribution.to_dict() == {"claimed_by": [], "denied_by": ["Lake Front"], "blamed": ["Lake Front"]}


@pytest.mark.parametrize(
    ("marked", "suicide"),
    [
        ("A woman wearing an explosive belt {detonated|ATTACK:bombing} it.", True),
        ("A lorry full of explosives {rammed|ATTACK:bombing} the gate.", True),
        ("An explosive belt hidden under a stall {detonated|ATTACK:bombing}.", False),
        ("A lorry full of explosives {blew up|ATTACK:bombing} at the gate.", False),
    ],
)
def test_explosives_that_are_worn_or_driven_make_a_suicide_attack(marked: str, suicide: bool):
    assert only_event(marked).flags.get("suicide", False) is suicide
