"""The record of promotions in a tag: it grows within a limit, and counts what made way."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from training.release.promotion_record import OMITTED, TAG, Move, grown, read_record

texts = st.text(max_size=400)
moves = st.builds(
    Move,
    action=st.sampled_from(["promoted", "rolled back"]),
    alias=texts,
    origin=st.none() | texts,
    target=texts,
    by=texts,
    at=texts,
    reason=st.text(max_size=3000),
    failed_gates=st.lists(texts, max_size=20),
)


@given(st.lists(moves, min_size=1, max_size=8), st.integers(min_value=1000, max_value=5000))
def test_a_record_that_grows_stays_within_its_limit_and_counts_every_move(made: list[Move], limit: int) -> None:
    value, kept = "[]", 0
    for number, move in enumerate(made, start=1):
        value = grown(read_record({TAG: value}, "m/1"), move.to_dict(), limit)
        assert len(value) <= limit
        found = read_record({TAG: value}, "m/1")
        omitted = found[0].get(OMITTED, 0)
        kept = len(found) - bool(omitted)
        assert omitted + kept == number
        assert found[-1].keys() == move.to_dict().keys()
        assert len(found[-1]["failed_gates"]) == len(move.failed_gates)
        if len(json.dumps([move.to_dict()], ensure_ascii=False)) < limit - 30:  # nothing of it had to go
            assert found[-1] == move.to_dict()


def test_moves_are_kept_whole_while_they_fit() -> None:
    value = "[]"
    for number in range(20):
        move = Move("promoted", "champion", None, str(number), "Anna", "now", "better")
        value = grown(read_record({TAG: value}, "m/1"), move.to_dict())
    assert [move["to"] for move in json.loads(value)] == [str(number) for number in range(20)]


def test_the_oldest_moves_make_way_for_their_number() -> None:
    value = "[]"
    for number in range(20):
        move = Move("promoted", "champion", None, str(number), "Anna", "now", "better" * 50)
        value = grown(read_record({TAG: value}, "m/1"), move.to_dict(), 2000)
    first, *rest = json.loads(value)
    assert first == {OMITTED: 20 - len(rest)}
    assert [move["to"] for move in rest] == [str(number) for number in range(20 - len(rest), 20)]
    assert 1 < len(rest) < 10
