"""Calibration: scores of predicted spans against whether they are right, and thresholds on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import Document, Event, Span
from tests.training.evaluation.evaluated import GOLD, PAIRS, SCHEMA, Pairs, guess, mixed
from training.evaluation.calibration import Calibration, calibration
from training.evaluation.evaluate import Evaluation
from training.evaluation.scores import score_documents


def _calibration() -> Calibration:
    """Six spans by hand in three documents; four are gold, three of those predicted."""
    return Calibration(
        scores=np.array([0.95, 1.0, 0.91, 0.55, 0.52, 0.15]),
        right=np.array([1.0, 1.0, 0.0, 1.0, 0.0, 0.0]),
        documents=np.array([0.0, 0.0, 1.0, 1.0, 2.0, 2.0]),
        gold=4,
    )


def test_calibration_error_is_the_one_computed_by_hand() -> None:
    by_hand = (abs(0.95 + 1.0 + 0.91 - 2) + abs(0.55 + 0.52 - 1) + abs(0.15 - 0)) / 6
    assert _calibration().ece == pytest.approx(by_hand) == pytest.approx(0.18)


def test_reliability_shows_each_bin_with_a_span_and_a_score_of_one_is_in_the_last() -> None:
    rows = _calibration().reliability()
    assert [row["spans"] for row in rows] == [1, 2, 3]
    assert [row["score"] for row in rows] == pytest.approx([0.15, 0.535, 2.86 / 3])
    assert [row["right"] for row in rows] == pytest.approx([0, 0.5, 2 / 3])
    sure = Calibration(np.array([1.0]), np.array([1.0]), np.array([0.0]), 1)
    assert sure.ece == 0
    assert sure.reliability() == [{"score": 1.0, "right": 1.0, "spans": 1}]


def test_a_score_on_an_edge_falls_in_the_bin_above() -> None:
    edges = Calibration(np.arange(10) / 10, np.zeros(10), np.zeros(10), 0)
    assert [row["spans"] for row in edges.reliability()] == [1] * 10


def test_resampled_error_counts_documents_as_often_as_they_are_drawn() -> None:
    one = _calibration()
    found = one.resampled(np.array([[1.0, 1, 1], [2, 0, 1], [0, 0, 0]]))
    assert found[0] == pytest.approx(one.ece)
    assert found[1] == pytest.approx((2 * abs(1.95 - 2) + abs(0.52 - 0) + abs(0.15 - 0)) / 6)
    assert np.isnan(found[2])


def test_without_a_predicted_span_the_error_is_undefined_and_nothing_fails() -> None:
    none = calibration([GOLD], [guess(Document("d1", GOLD.text))], SCHEMA)
    assert np.isnan(none.ece)
    assert none.gold == len(GOLD.spans)
    assert none.reliability() == []
    assert np.isnan(none.resampled(np.ones((2, 1)))).all()
    assert none.to_dict()["ece"] is None
    assert none.thresholds()[0] == {"threshold": 0.0, "precision": 1.0, "recall": 0.0, "f1": 0.0}


@given(PAIRS, st.lists(st.integers(0, 20).map(lambda n: n / 20), min_size=40, max_size=40))
def test_thresholds_are_what_strict_scores_say_without_the_spans_below(pairs: Pairs, scores: list[float]) -> None:
    one = mixed(pairs)
    values = iter(scores)
    predictions = [
        replace(p, spans=[replace(span, score=next(values, 0.5)) for span in p.spans]) for p in one.predictions
    ]
    for row in calibration(one.documents, predictions, SCHEMA).thresholds():
        kept = [[span for span in p.spans if span.score >= row["threshold"]] for p in predictions]
        score = score_documents(one.documents, kept, SCHEMA)["strict"].micro
        expected = (score.precision if score.predicted else 1.0, score.recall, score.f1)
        assert (row["precision"], row["recall"], row["f1"]) == pytest.approx(expected, nan_ok=True)


@given(PAIRS)
def test_calibration_counts_as_right_what_strict_scores_count_as_matched(pairs: Pairs) -> None:
    one = mixed(pairs)
    micro = one.scores["strict"].micro
    found = one.calibration
    assert (found.right.sum(), len(found.scores), found.gold) == (micro.matched, micro.predicted, micro.gold)
    if len(found.scores):
        assert found.ece == pytest.approx(abs(0.9 - micro.precision))  # all of them scored 0.9
    each = found.resampled(np.eye(len(one.documents)))
    alone = [calibration([d], [p], SCHEMA).ece for d, p in zip(one.documents, one.predictions, strict=True)]
    assert each == pytest.approx(alone, nan_ok=True)


def test_an_event_is_right_if_gold_has_it_with_its_type() -> None:
    roles = {"triggers": ("S1",)}
    spans = [Span("S1", 2, 6, "ATTACK", "bombing")]
    text = "A raid. A blast."
    gold = Document("d1", text, spans, [Event("E1", "bombing", roles)])
    other = Document("d2", text, spans, [Event("E1", "bombing", roles)])
    spurious = Document("d3", text, [Span("S1", 10, 15, "ATTACK", "bombing")], [Event("E1", "bombing", roles)])
    wrong_type = Document("d4", text, [Span("S1", 2, 6, "ATTACK", "shelling")], [Event("E1", "shelling", roles)])
    pairs = [guess(gold), guess(spurious), guess(wrong_type)]
    golds = [gold, other, replace(gold, id="d4")]
    scores = Evaluation("m", golds, pairs, SCHEMA).event_calibration
    assert scores.right.tolist() == [1.0, 0.0, 0.0]
    assert scores.gold == 3
    assert scores.ece == pytest.approx(0.9 - 1 / 3)
    assert scores.reliability() == [{"score": pytest.approx(0.9), "right": pytest.approx(1 / 3), "spans": 3}]
