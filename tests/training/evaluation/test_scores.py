from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import Span, load_schema
from training.evaluation.counts import Score, zero_if_undefined
from training.evaluation.scores import score_spans

SCHEMA = load_schema()
LABELS = ["ATTACK", "TOLL", "DATE"]


def spans(*rows: tuple[int, int, str]) -> list[Span]:
    made = []
    for number, (start, end, name) in enumerate(rows):
        label, _, kind = name.partition(":")
        made.append(Span(f"S{number}", start, end, label, kind or None))
    return made


def test_strict_partial_and_overlap_differ_as_documented() -> None:
    gold = spans((0, 5, "ATTACK:bombing"), (6, 9, "TOLL:killed"), (10, 15, "DATE"), (20, 25, "DATE"))
    found = spans((0, 5, "ATTACK:bombing"), (6, 9, "TOLL:injured"), (12, 15, "DATE"), (30, 35, "DATE"))
    scores = score_spans([gold], [found], SCHEMA)
    assert scores["strict"].micro == Score(1, 4, 4)
    assert scores["partial"].micro == Score(2.5, 4, 4)
    assert scores["overlap"].micro == Score(3, 4, 4)
    assert scores["partial"].core == Score(2, 2, 2)
    assert scores["partial"].labels["DATE"].f1 == pytest.approx(0.25)
    assert scores["partial"].macro_f1 == pytest.approx((1 + 1 + 0.25) / 3)


def test_a_right_span_with_another_label_does_not_count() -> None:
    scores = score_spans([spans((0, 5, "DATE"))], [spans((0, 5, "TOLL:killed"))], SCHEMA)
    assert all(found.micro.matched == 0 for found in scores.values())


def test_two_predictions_on_one_gold_span_match_once() -> None:
    scores = score_spans([spans((0, 10, "DATE"))], [spans((0, 4, "DATE"), (5, 10, "DATE"))], SCHEMA)
    assert scores["overlap"].micro == Score(1, 2, 1)


def test_f1_is_undefined_where_nothing_is_gold_and_nothing_predicted() -> None:
    scores = score_spans([[]], [[]], SCHEMA)["strict"]
    assert all(math.isnan(value) for value in (scores.micro.f1, scores.core.f1, scores.macro_f1))
    assert scores.to_dict()["micro"] == {"precision": 0.0, "recall": 0.0, "f1": None, "predicted": 0, "gold": 0}
    assert scores.to_dict()["macro_f1"] is None
    assert score_spans([spans((0, 5, "DATE"))], [[]], SCHEMA)["strict"].micro.f1 == 0
    assert (zero_if_undefined(scores.micro.f1), zero_if_undefined(0.5)) == (0, 0.5)


def test_different_numbers_of_documents_are_refused() -> None:
    with pytest.raises(ValueError, match="2 gold documents and 1 predicted ones"):
        score_spans([[], []], [[]], SCHEMA)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 5), st.sampled_from(LABELS)), max_size=8))
def test_a_perfect_prediction_scores_one_and_strict_never_beats_overlap(
    rows: list[tuple[int, int, str]],
) -> None:
    gold, end = [], 0
    for start, length, label in sorted(rows):
        if start >= end:
            gold.append((start, start + length, label))
            end = start + length
    perfect = score_spans([spans(*gold)], [spans(*gold)], SCHEMA)
    assert all(found.micro.matched == len(gold) for found in perfect.values())
    shifted = [(start + 1, end + 1, label) for start, end, label in gold]
    scores = score_spans([spans(*gold)], [spans(*shifted)], SCHEMA)
    strict, partial, overlap = (scores[name].micro.f1 for name in ("strict", "partial", "overlap"))
    assert math.isnan(strict) if not gold else strict <= partial <= overlap
