"""Finding values in a text, their edges, and overlaps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.importers.alignment.candidates import Candidate, Ledger, resolved
from annotations.importers.alignment.figures import figures, number
from annotations.importers.alignment.places import occurrences, trimmed
from annotations.text.words import words


def test_a_place_that_begins_within_a_wrong_one_is_found() -> None:
    assert occurrences("unan an an", "an an") == [(5, 10)]
    assert occurrences("mana ana ana ana ana", "ana ana") == [(5, 12), (13, 20)]


SYLLABLES = st.lists(st.sampled_from(["an", "ana", "aan", "na"]), min_size=1, max_size=8).map(" ".join)


@given(SYLLABLES, SYLLABLES)
def test_every_place_of_whole_words_is_found_from_left_to_right(text: str, wanted: str) -> None:
    expected, at = list[tuple[int, int]](), 0
    edges = words(text)
    for start, _ in edges:
        end = start + len(wanted)
        if start >= at and text[start:end] == wanted and end in {last for _, last in edges}:
            expected.append((start, end))
            at = end
    assert occurrences(text, wanted) == expected


@given(st.text(max_size=30), st.integers(0, 30), st.integers(0, 30))
def test_what_is_trimmed_is_sound_or_nothing(text: str, start: int, end: int):
    inner = trimmed(text, start, end)
    if inner:
        assert start <= inner[0] < inner[1] <= end
        assert text[slice(*inner)] == text[slice(*inner)].strip()


def test_the_longer_of_two_spans_is_kept():
    ledger = Ledger("d1")
    short, long = Candidate(0, 4, "VICTIM", kind="a", value="x"), Candidate(2, 9, "TARGET", kind="b", value="y")
    ledger.aligned.update(["a", "b"])
    assert resolved([short, long], ledger) == [long]
    assert [(loss.kind, loss.reason) for loss in ledger.losses] == [("a", "overlaps a longer span")]
    assert +ledger.aligned == {"b": 1}


@pytest.mark.parametrize(
    ("text", "mention"),
    [("the mill's", "mill"), ("THOSE MILLERS", "MILLERS"), ("THOSE WHO MILL", "THOSE WHO MILL"), ("(THE)", None)],
)
def test_edges_of_a_mention(text: str, mention: str | None) -> None:
    place = trimmed(text, 0, len(text))
    assert (text[slice(*place)] if place else None) == mention


@given(st.integers(0, 10**9))
def test_digits_are_read(value: int):
    assert number(str(value)) == number(f"{value:,}") == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nearly 7,000 fled", [("nearly 7,000", 7000, 7000)]),
        ("between 30 and 40 or so", [("between 30 and 40", 30, 40)]),
        ("10 to 15 men", [("10 to 15", 10, 15)]),
        ("two and three", [("two", 2, 2), ("three", 3, 3)]),
        ("one hundred and twenty", [("one hundred and twenty", 120, 120)]),
        ("12 or more, a dozen, dozens", [("12 or more", 12, 12), ("a dozen", 12, 12), ("dozens", None, None)]),
        ("in 1999, the second one, a 17-year-old, 5%, $500, 3.5 tons, Flight 12, at 10:30", []),
        ("three five", [("three five", None, None)]),
    ],
)
def test_figures(text: str, expected: list[tuple[str, int | None, int | None]]):
    assert [(text[f.start : f.end], f.low, f.high) for f in figures(text)] == expected
