"""Single victims and further figures beside those of an event, on invented texts with spans marked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference import Toll
from inference.events.beside import singles_beside
from tests.inference.events.test_figures_and_events import killed

RAID = "In a {raid|ATTACK:armed_assault} on Monday, "


@pytest.mark.parametrize(
    ("harmed", "number"),
    [
        ("{four|TOLL:killed} {sailors|VICTIM} and a {cop|VICTIM} were killed.", 5),
        ("{four|TOLL:killed} {U.S. sailors|VICTIM} and a {U.S. diver|VICTIM} were killed.", 5),
        ("{four|TOLL:killed} {Indian sailors|VICTIM} and a {Dutch cook|VICTIM} were killed.", 5),
        ("a {medic|VICTIM} and {three|TOLL:killed} others were killed.", 4),
        ("{Captain Ruiz|VICTIM} and {nine|TOLL:killed} {agents|VICTIM} were killed.", 10),
        ("the town clerk {Ada Lund|VICTIM} was shot dead along with her {two|TOLL:killed} {guards|VICTIM}.", 3),
        ("{Colonel Aye|VICTIM}, the camp {commander|VICTIM}, and {two|TOLL:killed} {guards|VICTIM} were killed.", 3),
        ("a {cop|VICTIM}, his {cousin|VICTIM} and {two|TOLL:killed} {guards|VICTIM} were killed.", 4),
        # These stand for several people, or for one who is counted.
        ("{four|TOLL:killed} {sailors|VICTIM} and {cops|VICTIM} were killed.", 4),
        ("{four|TOLL:killed} {sailors|VICTIM}, including a {cop|VICTIM}, were killed.", 4),
        ("{eleven|TOLL:killed} {Frenchmen|VICTIM} and {two|TOLL:killed} {cooks|VICTIM} were killed.", 13),
        ("a {cop|VICTIM} was held while {four|TOLL:killed} {sailors|VICTIM} were killed.", 4),
        ("the {CTB|VICTIM} and {four|TOLL:killed} {sailors|VICTIM} were hit.", 4),
    ],
)
def test_a_single_victim_beside_a_figure_counts_one(harmed: str, number: int):
    assert killed(RAID + harmed) == Toll(number, number)


@given(st.text("a cop,and\n .'9", max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_only_ends_of_victims_are_returned(text: str, first: int, second: int):
    at = sorted((min(first, len(text)), min(second, len(text))))
    victims = [(0, at[0])] if at[0] else []
    assert singles_beside(text, at[0], at[1], (0, len(text)), "killed", victims) <= {end for _, end in victims}


@pytest.mark.parametrize(
    ("then", "number"),
    [
        ("{Thirty|TOLL:killed} more were killed at the gate.", 32),
        ("{Seven|TOLL:killed} farmers were also killed.", 9),
        ("{Four|TOLL:killed} of the farmers were killed at once.", 2),
    ],
)
def test_more_dead_of_a_later_sentence_are_added(then: str, number: int):
    text = "{Two|TOLL:killed} soldiers were killed in a {clash|ATTACK:armed_clash}. "
    assert killed(text + then) == Toll(number, number)


@pytest.mark.parametrize(
    ("then", "number"),
    [
        ("{Four|TOLL:killed} of the assailants were shot dead.", 7),
        ("{Three|TOLL:killed} of the assailants were shot dead.", 3),  # who may be the three people
    ],
)
def test_dead_assailants_of_a_clash_are_added_to_other_people(then: str, number: int):
    assert killed(f"{{Three|TOLL:killed}} people were killed in a {{clash|ATTACK:armed_clash}}. {then}") == Toll(
        number, number
    )


@pytest.mark.parametrize(
    "parts",
    [
        "including an Angolan, a Finn, and {four|TOLL:killed} Danes, were killed.",
        "{two|TOLL:killed} of which are said to be clerks, were killed.",
    ],
)
def test_parts_in_a_list_are_not_added(parts: str):
    assert killed(f"{RAID}{{14|TOLL:killed}} guests, {parts}") == Toll(14, 14)
