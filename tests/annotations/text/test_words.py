"""Words: what a span may begin and end with."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from annotations.text.words import words

AWKWARD = [
    "5,000",
    "1.2",
    "1 200",
    "U.S.",
    "it's",
    "🧨",
    "👩‍🚒",
    "\r\n",
    "\u2028",
    "\x1e",
    "\x00",
    "\u200d",
    "e\u0301",
    "\u0301",
    "نار",
    "戦闘",
    "\u00a0",
    "½",
]
TEXTS = st.lists(st.sampled_from(AWKWARD) | st.text(max_size=4), max_size=12).map("".join)


# Blanks, characters that are not seen, marks of footnotes, rules between paragraphs, marks of quoted lines.
LEFT_OUT = regex.compile(r"[\s\p{Cf}\p{Cc}¹²³⁰⁴-⁹*†‡§]|\[\w{1,3}\]|[-=_*#~|+:]{3,}|>")


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in words(text)]


@given(TEXTS)
def test_words_are_in_order_do_not_overlap_and_leave_out_blanks_only(text: str) -> None:
    at = 0
    for start, end in words(text):
        assert at <= start < end <= len(text)
        assert not LEFT_OUT.sub("", text[at:start])
        assert text[start:end] == text[start:end].strip()
        at = end
    assert not LEFT_OUT.sub("", text[at:])


@given(
    st.integers(0, 10**13),
    st.sampled_from([",", ".", "\u00a0", "\u202f", " "]),
    st.sampled_from(["about {} people", "({})", "{}, then", "{}.", "„{}“", "-{}%"]),
)
def test_a_number_grouped_by_any_separator_is_one_word(number: int, separator: str, frame: str) -> None:
    grouped = f"{number:,}".replace(",", separator)
    assert grouped in split(frame.format(grouped))


@given(st.decimals(0, 10**9, places=2), st.sampled_from([".", ","]))
def test_a_decimal_number_is_one_word(number: object, point: str) -> None:
    decimal = str(number).replace(".", point)
    assert split(f"worth {decimal}, or so") == ["worth", decimal, ",", "or", "so"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234.50 and 1.2m", ["1,234.50", "and", "1.2m"]),
        ("table 7 2016", ["table", "7", "2016"]),
        ("In 2016 300 left", ["In", "2016", "300", "left"]),
        ("the 3rd of 12", ["the", "3rd", "of", "12"]),
        ("U.N. staff, 5 p.m.", ["U.N.", "staff", ",", "5", "p.m."]),
        ("Lt. Orsk left.", ["Lt", ".", "Orsk", "left", "."]),
        ("the mayor's", ["the", "mayor", "'", "s"]),
        ("rebel-held", ["rebel", "-", "held"]),
        ("cafe\u0301 nai\u0308f", ["cafe\u0301", "nai\u0308f"]),
        ("هجوم على القرية", ["هجوم", "على", "القرية"]),
        ("می\u200cروم", ["می\u200cروم"]),
        ("🧨🧨 boom", ["🧨", "🧨", "boom"]),
        (" \t\u3000\x1f\n", []),
        ("", []),
    ],
)
def test_texts_are_split_as_a_reader_would(text: str, expected: list[str]) -> None:
    assert split(text) == expected
