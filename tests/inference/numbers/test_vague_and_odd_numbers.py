"""Numbers as users meet them: shared units, halves, South Asian numerals, format characters, conventions."""

from __future__ import annotations

import pytest

from inference import Toll, normalise
from inference.numbers.conventions import CONVENTIONS, find_convention


def exactly(number: int) -> Toll:
    return Toll(number, number)


def least(number: int, *, about: bool = True) -> Toll:
    return Toll(number, None, about)


@pytest.mark.parametrize(
    ("mention", "toll"),
    [
        ("10-12 000", Toll(10_000, 12_000)),
        ("10-12,000", Toll(10_000, 12_000)),
        ("between 10 and 12 000", Toll(10_000, 12_000)),
        ("7-10k", Toll(7_000, 10_000)),
        ("1-2m", Toll(1_000_000, 2_000_000)),
        ("one to two dozens", Toll(12, 24)),
        ("two to three lakh", Toll(200_000, 300_000)),
        ("five to six hundred thousand", Toll(500_000, 600_000)),
        ("between 500 and 1,000", Toll(500, 1_000)),
        ("a dozen or two", Toll(12, 24)),
        ("a hundred or two", Toll(100, 200)),
    ],
)
def test_a_unit_that_stands_once_in_a_range_belongs_to_both_ends(mention: str, toll: Toll) -> None:
    assert normalise(mention) == toll


@pytest.mark.parametrize(
    ("mention", "number"),
    [
        ("half-a-dozen", 6),
        ("half-a-million", 500_000),
        ("half a million", 500_000),
        ("two and a half million", 2_500_000),
        ("two-and-a-half thousand", 2_500),
        ("a million and a half", 1_500_000),
        ("a quarter of a million", 250_000),
        ("three quarters of a million", 750_000),
        ("2½ million", 2_500_000),
        ("two thousand, one hundred and three", 2_103),
        ("four score and seven", 87),
        ("1.5 lakh", 150_000),
        ("3 crore", 30_000_000),
        ("1,50,000", 150_000),
        ("12,34,567", 1_234_567),
        ("１２", 12),
        ("\u200b12", 12),
        ("1\u20602", 12),
        ("12¹", 12),
        ("12[4]", 12),
        ("\u200f12\u200f", 12),
        ("twenty\u00adthree", None),
    ],
)
def test_halves_scores_lakhs_and_odd_characters(mention: str, number: int | None) -> None:
    assert normalise(mention) == (None if number is None else exactly(number))


def test_words_behind_the_number_do_not_hide_it() -> None:
    assert normalise("More than 1.5 lakh people were displaced") == Toll(150_001, None)
    assert normalise("12 people killed") == exactly(12)
    assert normalise("at least \u200f12\u200f") == Toll(12, None)


@pytest.mark.parametrize(
    ("mention", "toll"),
    [
        ("hundreds or thousands", least(200)),
        ("tens to hundreds", least(20)),
        ("dozens, possibly hundreds", least(24)),
        ("hundreds if not thousands", least(200)),
        ("thousands upon thousands", least(2_000)),
        ("dozens of thousands", least(24_000)),
        ("several lakh", least(200_000)),
        ("a few to a dozen", Toll(3, 12, True)),
        ("ten or a little more", Toll(10, None)),
    ],
)
def test_vague_words_side_by_side_are_as_few_as_the_first(mention: str, toll: Toll) -> None:
    assert normalise(mention) == toll


@pytest.mark.parametrize(
    ("mention", "convention", "toll"),
    [
        ("dozens", "acled", Toll(12, 12, True)),
        ("tens", "acled", Toll(10, 10, True)),
        ("hundreds", "acled", Toll(100, 100, True)),
        ("tens of thousands", "acled", Toll(10_000, 10_000, True)),
        ("several dozen", "acled", Toll(24, 24, True)),
        ("at least 12", "acled", Toll(12, 12)),
        ("between 10 and 20", "acled", Toll(10, 10)),
        ("up to 50", "acled", Toll(None, 50)),
        ("more than 10", "isaf", Toll(11, 11)),
        ("a handful", "isaf", Toll(4, 4, True)),
        ("numerous", "isaf", Toll(4, 4, True)),
        ("a group", "isaf", Toll(3, 3, True)),
        ("dozens", "range", Toll(24, None, True)),
        ("numerous", "range", None),
    ],
)
def test_a_convention_decides_what_vague_words_mean(mention: str, convention: str, toll: Toll | None) -> None:
    assert normalise(mention, convention) == toll


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_every_convention_names_its_source_and_leaves_exact_numbers_alone(convention: str) -> None:
    assert find_convention(convention).source
    assert normalise("1,204", convention) == exactly(1_204)


def test_an_unknown_convention_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="acled"):
        normalise("dozens", "aclde")
