"""Offsets of the browser: UTF-16 units to characters and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.label_studio.browser_text import ShownText
from tests.annotations.label_studio.labelled import ALPHABET


@given(st.lists(ALPHABET, max_size=30).map("".join), st.data())
def test_offsets_go_to_the_page_and_back(text: str, data: st.DataObject) -> None:
    shown = ShownText(text)
    edges = [i for i in range(len(text) + 1) if not (0 < i < len(text) and text[i - 1 : i + 1] == "\r\n")]
    start, end = sorted((data.draw(st.sampled_from(edges)), data.draw(st.sampled_from(edges))))
    units = shown.units(start, end)
    assert shown.characters(*units) == (start, end)
    assert shown.text.encode("utf-16-le")[2 * units[0] : 2 * units[1]].decode("utf-16-le") == shown.text_of(start, end)
    assert "\r" not in shown.text


def test_an_offset_within_a_character_or_outside_is_refused() -> None:
    shown = ShownText("🔥a")
    for start, end in ((1, 2), (0, 4), (0, -1)):
        with pytest.raises(ValueError, match="within a character"):
            shown.characters(start, end)
