"""Counts by document: spans and events of drawn documents, and the measures computed from them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from annotations import Span
from annotations.coverage import exhaustive
from tests.training.evaluation.evaluated import FOUND, GOLD, PAIRS, SCHEMA, Pairs, evaluated, guess, marked, mixed
from training.evaluation.counts import Measure, Score, Tally
from training.evaluation.events import event_measures, event_rows
from training.evaluation.scores import MATCHES, score_documents, score_spans, span_measures, span_tally


def test_spans_by_label_and_by_type_are_counted_by_hand() -> None:
    gold = marked("{12|TOLL:killed} and {5|TOLL:injured} in {northern Gao|LOCATION}, {two days ago|DATE}.")
    found = marked("{12|TOLL:killed} and {5|TOLL:killed} in northern {Gao|LOCATION}, two {days|DATE} {ago|DATE}.")
    tally = span_tally([gold], [guess(found).spans], SCHEMA)
    table = {
        match: [tally.score(f"{match}/{row}").matched for row in ("TOLL", "LOCATION", "DATE")] for match in MATCHES
    }
    assert table == {"strict": [1, 0, 0], "untyped": [2, 0, 0], "partial": [2, 0.5, 0.5], "overlap": [2, 1, 1]}
    assert tally.score("untyped/TOLL:killed") == tally.score("strict/TOLL:killed") == Score(1, 2, 1)
    assert tally.score("overlap/TOLL:injured") == Score(0, 0, 1)
    assert tally.score("partial/DATE") == Score(0.5, 2, 1)


@given(PAIRS)
def test_tallies_add_up_to_the_scores_of_all_documents_at_once(pairs: Pairs) -> None:
    one = mixed(pairs)
    spans = [prediction.spans for prediction in one.predictions]
    at_once = score_documents(one.documents, spans, SCHEMA)
    singly = [score_documents([d], [found], SCHEMA) for d, found in zip(one.documents, spans, strict=True)]
    for match in MATCHES:
        for label in SCHEMA.labels:
            score = one.tally.score(f"{match}/{label}")
            assert score == at_once[match].labels[label]
            assert score.matched == sum(part[match].labels[label].matched for part in singly)
        assert one.scores[match].micro == at_once[match].micro
        assert one.scores[match].core == at_once[match].core


@given(PAIRS)
def test_weights_of_one_change_nothing_and_a_weight_of_two_is_the_document_twice(pairs: Pairs) -> None:
    tally = mixed(pairs).tally
    number = len(tally.counts)
    ones, doubled = np.ones((1, number)), np.ones((1, number))
    doubled[0, 0] = 2
    assert tally.totals(ones)[0] == pytest.approx(tally.totals())
    assert tally.totals(doubled)[0] == pytest.approx(tally.of([0, *range(number)]).totals())
    assert tally.totals(np.zeros((3, number))).shape == (3, len(tally.rows), 3)


@given(PAIRS)
def test_gold_predicted_perfectly_scores_one_wherever_there_is_something_to_score(pairs: Pairs) -> None:
    perfect = mixed([(gold, gold, stated) for gold, _, stated in pairs])
    values = {name: perfect.f1(name) for name in perfect.measures}
    assert all(np.isnan(value) or value == pytest.approx(1) for value in values.values()), values
    kept = [span for d in perfect.documents for span in d.spans if span.label in exhaustive(d, SCHEMA)]
    assert np.isnan(values["partial_micro"]) == (not kept)
    assert not any(perfect.errors)
    assert perfect.toll_errors == []
    assert perfect.calibration.right.all()


@given(PAIRS)
def test_each_strategy_is_at_least_as_lenient_as_the_one_before_in_every_document_and_row(pairs: Pairs) -> None:
    tally = mixed(pairs).tally
    for label in SCHEMA.labels:
        strict, untyped, partial, overlap = (
            tally.counts[:, tally.rows.index(f"{match}/{label}")]
            for match in ("strict", "untyped", "partial", "overlap")
        )
        assert (strict[:, 0] <= untyped[:, 0]).all()
        assert (untyped[:, 0] <= partial[:, 0]).all()
        assert (partial[:, 0] <= overlap[:, 0]).all()
        assert (overlap[:, 0] <= overlap[:, 1:].min(axis=1)).all()
        assert (strict[:, 1:] == overlap[:, 1:]).all()


@given(PAIRS)
def test_event_rows_are_bounded_by_one_another(pairs: Pairs) -> None:
    one = mixed(pairs)
    score = {row.removeprefix("event/"): one.tally.score(row) for row in event_rows(SCHEMA)}
    assert score["classification"].matched <= score["detection"].matched
    assert score["ceaf"].matched <= score["detection"].matched + 1e-9
    assert score["argument_classification"].matched <= score["argument_identification"].matched
    for whole, kind in (("classification", "type:"), ("toll", "toll:"), ("argument_classification", "role:")):
        parts = [part for row, part in score.items() if row.startswith(kind)]
        assert score[whole].matched == sum(part.matched for part in parts)
        assert score[whole].predicted == sum(part.predicted for part in parts)
        assert score[whole].gold == sum(part.gold for part in parts)


@given(PAIRS)
def test_every_toll_that_is_not_matched_is_a_toll_error(pairs: Pairs) -> None:
    one = mixed(pairs)
    toll = one.tally.score("event/toll")
    assert sum(e.gold is not None for e in one.toll_errors) == toll.gold - toll.matched
    assert sum(e.predicted is not None for e in one.toll_errors) == toll.predicted - toll.matched


def test_a_macro_measure_leaves_out_rows_with_nothing_gold_and_nothing_predicted() -> None:
    counts = np.array([[[1.0, 2.0, 2.0], [0, 0, 0], [0, 3, 0]], [[1.0, 1.0, 1.0], [0, 0, 0], [0, 0, 0]]])
    tally = Tally(("a", "b", "c"), counts)
    macro = Measure("macro", tally.rows, macro=True)
    assert float(macro.value(tally, tally.totals())) == pytest.approx((2 * 2 / 6 + 0) / 2)
    assert macro.value(tally, tally.counts).tolist() == pytest.approx([(0.5 + 0) / 2, 1.0])
    assert np.isnan(Measure("empty", ("b",), macro=True).value(tally, tally.totals()))
    assert np.isnan(Measure("empty", ("b",)).value(tally, tally.totals()))
    assert float(Measure("micro", tally.rows).value(tally, tally.totals())) == pytest.approx(2 * 2 / 9)


def test_names_of_measures_are_unlike_and_their_rows_are_in_the_tally() -> None:
    one = evaluated((GOLD, FOUND))
    named = [*span_measures(SCHEMA), *event_measures(SCHEMA)]
    assert len({measure.name for measure in named}) == len(named)
    assert {row for measure in named for row in measure.rows} == set(one.tally.rows)


@pytest.mark.parametrize(("length", "matched"), [(100, 1), (101, 0)])
def test_an_overlap_is_at_least_a_hundredth_of_the_gold_span(length: int, matched: int) -> None:
    scores = score_spans([[Span("S1", 0, length, "DATE")]], [[Span("S1", 0, 1, "DATE")]], SCHEMA)
    assert scores["overlap"].micro == Score(matched, 1, 1)
