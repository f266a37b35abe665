"""Scores on coded incidents."""

from __future__ import annotations

from dataclasses import replace

import pytest

from annotations import DataError, Document
from tests.training.evaluation.evaluated import guess, marked
from training.evaluation.incidents import Share, floor, score


def coded(text: str, kind: str, numbers: tuple[int, int], events: str = "") -> Document:
    """An incident in inline markup, with the columns of the list: type, and killed and injured."""
    counts = {name: {"min": n, "max": n} for name, n in zip(("killed", "injured"), numbers, strict=True)}
    return replace(marked(text, events), meta={"wiki_incidents": {"type": kind, "year": 2018, **counts}})


SHOT = "{Gunmen|PERPETRATOR|E1} {shot|ATTACK|E1} {4|TOLL:killed|E1} men and hurt {nine|TOLL:injured|E1}."
BOMB = "A {bomb|ATTACK|E1} killed {two|TOLL:killed|E1}; a {raid|ATTACK|E2} killed {7|TOLL:killed|E2}."
INCIDENTS = [
    coded(SHOT, "Shooting", (4, 9), "E1: armed_assault"),
    coded(BOMB, "Car bombing", (2, 0), "E1: bombing\nE2: armed_assault"),
    coded("A farmer was {killed|ATTACK|E1}.", "Unknown", (1, 3), "E1: unspecified_attack"),
]


def test_numbers_that_stand_in_the_text_and_types_are_compared() -> None:
    found = score(INCIDENTS, [guess(one) for one in INCIDENTS])
    assert found == {"killed": Share(1, 2), "injured": Share(1, 1), "type": Share(2, 2), "gtd": Share(2, 2)}


def test_a_clash_is_the_gtds_armed_assault() -> None:
    one = coded(SHOT, "Shooting", (4, 9), "E1: armed_clash")
    found = score([one], [guess(one)])
    assert (found["type"], found["gtd"]) == (Share(0, 1), Share(1, 1))


def test_regular_expressions_read_the_number_beside_the_verb() -> None:
    assert floor(INCIDENTS) == {"killed": Share(1, 2), "injured": Share(0, 1)}
    assert str(Share(0, 0).value) == "nan"


def test_documents_without_columns_are_refused() -> None:
    with pytest.raises(DataError, match="d9"):
        floor([Document("d9", "Quiet.")])
