"""Windows: long text in pieces and back."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.backends import batches, padded
from inference.encoding.windows import Window, owned, windows


@st.composite
def layouts(draw: st.DrawFn) -> tuple[int, int, int]:
    """A number of sub-words, a window size and an overlap that fits it."""
    size = draw(st.integers(1, 40))
    return draw(st.integers(1, 300)), size, draw(st.integers(0, size // 2))


def margin(window: Window, index: int) -> int:
    """Distance of a sub-word from the nearer edge of a window."""
    return min(index - window.start, window.end - 1 - index)


def test_short_text_is_one_window():
    assert windows(5, 6, 2) == [Window(0, 5)]


def test_no_subwords_need_no_window():
    assert windows(0, 6, 2) == []
    assert owned([]) == []


def test_last_window_is_moved_left_to_be_full():
    assert windows(15, 10, 2) == [Window(0, 10), Window(5, 15)]


@given(layouts())
def test_windows_cover_the_text_and_are_full(layout: tuple[int, int, int]):
    count, size, overlap = layout
    parts = windows(count, size, overlap)
    assert {index for part in parts for index in range(part.start, part.end)} == set(range(count))
    assert {part.end - part.start for part in parts} == {min(size, count)}


@given(layouts())
def test_neighbours_share_the_overlap_at_least(layout: tuple[int, int, int]):
    count, size, overlap = layout
    parts = windows(count, size, overlap)
    assert [part.start for part in parts] == sorted({part.start for part in parts})
    assert all(left.end - right.start >= overlap for left, right in pairwise(parts))


@given(layouts())
def test_every_subword_is_owned_once_and_in_order(layout: tuple[int, int, int]):
    count, size, overlap = layout
    runs = owned(windows(count, size, overlap))
    assert [index for part in runs for index in range(part.start, part.end)] == list(range(count))


@given(layouts())
def test_owner_is_the_window_in_which_a_subword_is_best_centred(layout: tuple[int, int, int]):
    parts = windows(*layout)
    for window, own in zip(parts, owned(parts), strict=True):
        for index in range(own.start, own.end):
            best = max(margin(other, index) for other in parts if other.start <= index < other.end)
            assert window.start <= index < window.end
            assert margin(window, index) >= best - 1


@pytest.mark.parametrize(("size", "overlap"), [(6, 4), (6, -1), (6, 6), (0, 0)])
def test_overlap_that_leaves_no_room_is_refused(size: int, overlap: int):
    with pytest.raises(ValueError, match=f"overlap {overlap} .* {size}"):
        windows(10, size, overlap)


@given(st.lists(st.integers(1, 12), max_size=12), st.integers(1, 40), st.booleans())
def test_batches_hold_each_row_once_within_the_budget(lengths: list[int], budget: int, pads: bool):
    found = batches(lengths, budget, pads)
    assert sorted(index for batch in found for index in batch) == list(range(len(lengths)))
    for batch in found:
        widths = {lengths[index] for index in batch}
        assert len(batch) == 1 or len(batch) * max(widths) <= budget
        assert pads or len(widths) == 1


def test_padded_rows_keep_their_ids_and_are_masked():
    ids, mask = padded([[5], [6, 7, 8]])
    assert ids.tolist() == [[5, 0, 0], [6, 7, 8]]
    assert mask.tolist() == [[1, 0, 0], [1, 1, 1]]
