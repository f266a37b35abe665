"""Tolls: words read as numbers with bounds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inference import Toll, normalise
from inference.prediction import describe

TABLE = {
    # Digits and separators.
    "0": Toll(0, 0),
    "7": Toll(7, 7),
    "12": Toll(12, 12),
    "5,000": Toll(5000, 5000),
    "1 200": Toll(1200, 1200),
    "1\u00a0200": Toll(1200, 1200),
    "1\u202f200": Toll(1200, 1200),
    "12 000 000": Toll(12_000_000, 12_000_000),
    "1,234,567": Toll(1_234_567, 1_234_567),
    "2.300": Toll(2300, 2300),
    "“12”": Toll(12, 12),
    "(12),": Toll(12, 12),
    # Number words.
    "twenty-three": Toll(23, 23),
    "Twenty Three": Toll(23, 23),
    "TWELVE": Toll(12, 12),
    "a hundred": Toll(100, 100),
    "one hundred and five": Toll(105, 105),
    "eleven hundred": Toll(1100, 1100),
    "two million three hundred thousand": Toll(2_300_000, 2_300_000),
    # One, two and none.
    "a": Toll(1, 1),
    "an": Toll(1, 1),
    "one": Toll(1, 1),
    "a single": Toll(1, 1),
    "both": Toll(2, 2),
    "none": Toll(0, 0),
    "no": Toll(0, 0),
    "nobody": Toll(0, 0),
    "No one": Toll(0, 0),
    "zero": Toll(0, 0),
    "not a single": Toll(0, 0),
    # Units.
    "a dozen": Toll(12, 12),
    "another dozen": Toll(12, 12),
    "half a dozen": Toll(6, 6),
    "two dozen": Toll(24, 24),
    "three score": Toll(60, 60),
    "1.2 million": Toll(1_200_000, 1_200_000),
    "one point two million": Toll(1_200_000, 1_200_000),
    "half a million": Toll(500_000, 500_000),
    "12 thousand": Toll(12_000, 12_000),
    "3k": Toll(3000, 3000),
    "1.5m": Toll(1_500_000, 1_500_000),
    "2bn": Toll(2_000_000_000, 2_000_000_000),
    # Ordinals count up to themselves.
    "17th": Toll(17, 17),
    "the 17th": Toll(17, 17),
    "21st": Toll(21, 21),
    "1,000th": Toll(1000, 1000),
    "first": Toll(1, 1),
    "second": Toll(2, 2),
    "seventeenth": Toll(17, 17),
    "forty-second": Toll(42, 42),
    # Vague words stand for the smallest number they can mean.
    "a couple": Toll(2, None, True),
    "a couple of": Toll(2, None, True),
    "a pair": Toll(2, None, True),
    "several": Toll(3, None, True),
    "a few": Toll(3, None, True),
    "a handful": Toll(3, None, True),
    "tens": Toll(20, None, True),
    "dozens": Toll(24, None, True),
    "dozens of": Toll(24, None, True),
    "several dozen": Toll(24, None, True),
    "scores": Toll(40, None, True),
    "hundreds": Toll(200, None, True),
    "several hundred": Toll(200, None, True),
    "thousands": Toll(2000, None, True),
    "tens of thousands": Toll(20_000, None, True),
    "hundreds of thousands": Toll(200_000, None, True),
    "millions": Toll(2_000_000, None, True),
    # Lower bounds.
    "at least 23": Toll(23, None),
    "no fewer than 12": Toll(12, None),
    "no less than ten": Toll(10, None),
    "upwards of 30": Toll(30, None),
    "≥ 90": Toll(90, None),
    "12 or more": Toll(12, None),
    "12 or more people": Toll(12, None),
    "100+": Toll(100, None),
    "45 and counting": Toll(45, None),
    "More than 500": Toll(501, None),
    "over 60": Toll(61, None),
    "in excess of 30": Toll(31, None),
    "> 90": Toll(91, None),
    "just over 200": Toll(201, None),
    "more than a dozen": Toll(13, None),
    "well over 100": Toll(101, None, True),
    "at least dozens": Toll(24, None, True),
    # Upper bounds.
    "up to 20": Toll(None, 20),
    "as many as 60": Toll(None, 60),
    "at most three": Toll(None, 3),
    "no more than 5": Toll(None, 5),
    "≤5": Toll(None, 5),
    "fewer than 10": Toll(None, 9),
    "under 50": Toll(None, 49),
    "<5": Toll(None, 4),
    "nearly 7,000": Toll(None, 7000, True),
    "almost 50": Toll(None, 50, True),
    "close to 80": Toll(None, 80, True),
    "just under 200": Toll(None, 200, True),
    # About.
    "about 40": Toll(40, 40, True),
    "some 40": Toll(40, 40, True),
    "an estimated 1,500": Toll(1500, 1500, True),
    "~70": Toll(70, 70, True),
    "c. 90": Toll(90, 90, True),
    "30 or so": Toll(30, 30, True),
    "about a dozen": Toll(12, 12, True),
    "30-odd": Toll(30, None, True),
    "thirty-odd": Toll(30, None, True),
    # Ranges.
    "between 30 and 40": Toll(30, 40),
    "between two and four": Toll(2, 4),
    "10 to 15": Toll(10, 15),
    "from 10 to 15": Toll(10, 15),
    "4-8": Toll(4, 8),
    "4–8": Toll(4, 8),
    "two or three": Toll(2, 3),
    "10 to 15 thousand": Toll(10_000, 15_000),
    "three to four hundred": Toll(300, 400),
    "about 10 to 15": Toll(10, 15, True),
    "at least 10 to 15": Toll(10, None),
    # Words that leave the number as it is.
    "a total of 30": Toll(30, 30),
    "another 12": Toll(12, 12),
    "12 others": Toll(12, 12),
    "three more": Toll(3, 3),
    "five people": Toll(5, 5),
    "all three": Toll(3, 3),
    "only 3": Toll(3, 3),
    # Nouns behind the number.
    "at least one person": Toll(1, None),
    "three other people": Toll(3, 3),
    "12 more people": Toll(12, 12),
    "at least two more people": Toll(2, None),
    "two or more other people": Toll(2, None),
    "not a single person": Toll(0, 0),
    # Less usual forms.
    "as few as 3": Toll(3, None),
    "12 or fewer": Toll(None, 12),
    "12 or less": Toll(None, 12),
    "up to 7 or 8": Toll(None, 8),
    "as many as 15 or 20": Toll(None, 20),
    "up to about 50": Toll(None, 50, True),
    "between about 20 and 30": Toll(20, 30, True),
    "10-15,000": Toll(10_000, 15_000),
    "500-1,000": Toll(500, 1000),
    "several hundreds": Toll(200, None, True),
    "several hundred thousand": Toll(200_000, None, True),
    "billions": Toll(2_000_000_000, None, True),
    "two dozens": Toll(24, 24),
    "5 hundred": Toll(500, 500),
    "100-plus": Toll(100, None),
    "a little over 100": Toll(101, None),
    "slightly less than 50": Toll(None, 50, True),
}
NO_NUMBER = [
    *("", " ", "many", "some", "countless", "numerous", "gunmen", "other", "at least", "up to", "an unknown number"),
    *("2.5", "-5", "1/2", "½", "ten percent", "one in three", "1,2", "12 34", "1,200.300", "15 to 10", "one two three"),
    *("up to dozens", "no more", "no more people", "one-third", "one-fifth", "about one-third", "nearly hundreds"),
    *("fewer than dozens", "fewer than 0", "0.0000001 million", "9" * 5000, "~" * 5000),
]

SMALL = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def in_words(number: int, joint: str = " ") -> str:
    """Write a number below a thousand million in English words; `joint` follows hundreds, thousands and millions."""
    if number < 20:
        return SMALL[number]
    if number < 100:
        tens = TENS[number // 10 - 2]
        return f"{tens}-{SMALL[number % 10]}" if number % 10 else tens
    for unit, name in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= unit:
            count, rest = divmod(number, unit)
            # 'two thousand and seven', but 'two thousand three hundred'
            link = joint if rest < 100 or unit == 100 else " "
            return f"{in_words(count, joint)} {name}" + (f"{link}{in_words(rest, joint)}" if rest else "")
    raise AssertionError(number)


WRITINGS: dict[str, Callable[[int], str]] = {
    "plain": str,
    "commas": lambda n: f"{n:,}",
    "spaces": lambda n: f"{n:,}".replace(",", " "),
    "no-break spaces": lambda n: f"{n:,}".replace(",", "\u00a0"),
    "narrow no-break spaces": lambda n: f"{n:,}".replace(",", "\u202f"),
    "words": in_words,
    "words with 'and'": lambda n: in_words(n, " and "),
    "words without hyphens": lambda n: in_words(n).replace("-", " "),
    "capitals": lambda n: in_words(n, " and ").upper(),
}
HEDGED: dict[str, Callable[[int], Toll]] = {
    "at least {}": lambda n: Toll(n, None),
    "no fewer than {}": lambda n: Toll(n, None),
    "{} or more": lambda n: Toll(n, None),
    "more than {}": lambda n: Toll(n + 1, None),
    "over {}": lambda n: Toll(n + 1, None),
    "well over {}": lambda n: Toll(n + 1, None, True),
    "up to {}": lambda n: Toll(None, n),
    "no more than {}": lambda n: Toll(None, n),
    "fewer than {}": lambda n: Toll(None, n - 1),
    "under {}": lambda n: Toll(None, n - 1),
    "nearly {}": lambda n: Toll(None, n, True),
    "almost {}": lambda n: Toll(None, n, True),
    "about {}": lambda n: Toll(n, n, True),
    "~{}": lambda n: Toll(n, n, True),
    "{} or so": lambda n: Toll(n, n, True),
    "{}-odd": lambda n: Toll(n, None, True),
    "another {}": lambda n: Toll(n, n),
    "a total of {}": lambda n: Toll(n, n),
}


def test_the_helper_writes_numbers_as_people_do():
    assert in_words(2_300_045) == "two million three hundred thousand forty-five"
    assert in_words(105_017, " and ") == "one hundred and five thousand and seventeen"


@pytest.mark.parametrize(("mention", "expected"), TABLE.items())
def test_mention_is_read_as(mention: str, expected: Toll):
    assert normalise(mention) == expected


@pytest.mark.parametrize("mention", NO_NUMBER, ids=lambda mention: repr(mention[:20]))
def test_words_without_a_certain_number_give_none(mention: str):
    assert normalise(mention) is None


@pytest.mark.parametrize("mention", [b"12", 12, None])
def test_only_strings_are_taken(mention: object):
    with pytest.raises(TypeError, match="takes a string"):
        normalise(mention)  # type: ignore[arg-type]


@pytest.mark.parametrize("writing", WRITINGS)
@given(number=st.integers(0, 10_000_000))
@example(number=0)
@example(number=2_300_000)
@example(number=10_000_000)
def test_every_number_comes_back_however_it_is_written(writing: str, number: int):
    assert normalise(WRITINGS[writing](number)) == Toll(number, number)


def test_every_number_up_to_twelve_hundred_comes_back_from_words():
    for number in range(1201):
        assert normalise(in_words(number, " and ")) == Toll(number, number)


@pytest.mark.parametrize("hedge", HEDGED)
@given(number=st.integers(1, 10_000_000), writing=st.sampled_from(sorted(WRITINGS)))
def test_hedge_sets_the_bounds_of_every_number(hedge: str, number: int, writing: str):
    assert normalise(hedge.format(WRITINGS[writing](number))) == HEDGED[hedge](number)


@pytest.mark.parametrize("form", ["between {} and {}", "{} to {}", "from {} to {}", "{} or {}", "{}-{}", "{} – {}"])
@given(low=st.integers(0, 5_000_000), more=st.integers(1, 5_000_000))
def test_range_keeps_both_ends(form: str, low: int, more: int):
    assert normalise(form.format(f"{low:,}", low + more)) == Toll(low, low + more)


PIECES = [
    *("at least", "up to", "nearly", "about", "fewer than", "the", "a", "no", "more than", "~", "+", "or more"),
    *("-odd", "between", "and", "to", "or", "-", "1", "2,000", "1.5", "40", "two", "dozen", "dozens", "hundred"),
    *("or so", "half", "million", "point", "th", "k", "first", "several", "others", "9" * 300, "٣"),
]


@given(
    st.text()
    | st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join)
    | st.lists(st.sampled_from(PIECES)).map("".join)
)
def test_any_text_gives_nothing_or_a_toll_with_a_bound_and_in_order(text: str):
    toll = normalise(text)
    if toll is not None:
        bounds = [bound for bound in (toll.min, toll.max) if bound is not None]
        assert bounds
        assert bounds == sorted(bounds)
        assert bounds[0] >= 0
        assert describe(toll)
        assert toll.to_dict() == {"min": toll.min, "max": toll.max, "approximate": toll.approximate}


@given(st.text(max_size=20))
def test_case_and_blanks_around_do_not_matter(text: str):
    assert normalise(f"  {text}\n") == normalise(text)


@pytest.mark.parametrize(
    ("toll", "words"),
    [
        (Toll(12, 12), "12"),
        (Toll(12, None), "12 or more"),
        (Toll(None, 20), "20 or fewer"),
        (Toll(None, 7000, True), "nearly 7,000"),
        (Toll(40, 40, True), "about 40"),
        (Toll(24, None, True), "about 24 or more"),
        (Toll(30, 40), "30 to 40"),
        (Toll(None, None, True), "an unclear number"),
    ],
)
def test_toll_is_described_for_people(toll: Toll, words: str):
    assert describe(toll) == words
