"""Scores of merging."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.errors import DataError
from tests.inference.incidents.records import event, record
from tests.inference.incidents.test_merging import ALL, TOLD
from training.merging.fit import BY_HAND, fit
from training.merging.measure import b_cubed, exact_groups, measure, pair_score
from training.merging.reports import read_reports, read_stream

GOLD = {one["id"]: name for name, told in TOLD.items() for one in told}
groups = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 3))


@given(groups)
def test_equal_groups_are_all_right(gold: dict[str, int]):
    score = pair_score(gold, gold)
    assert score.matched == score.predicted == score.gold
    if gold:
        assert b_cubed(gold, gold) == (1.0, 1.0)


@given(groups, groups)
def test_pairs_are_counted_as_by_hand(found: dict[str, int], gold: dict[str, int]):
    names = sorted(gold)
    pairs = [(a, b) for number, a in enumerate(names) for b in names[number + 1 :]]
    told = [a in found and b in found and found[a] == found[b] for a, b in pairs]
    true = [gold[a] == gold[b] for a, b in pairs]
    score = pair_score(found, gold)
    both = sum(one and other for one, other in zip(told, true, strict=True))
    assert (score.matched, score.predicted, score.gold) == (both, sum(told), sum(true))


def test_an_article_without_an_event_costs_recall_alone():
    assert b_cubed({"a": 1}, {"a": "x", "b": "x"}) == (1.0, 0.25)
    assert pair_score({"a": 1}, {"a": "x", "b": "x"}).recall == 0


def test_the_measure_knows_merging_from_finding():
    missed = record("m0", "2007-11-13")
    found = measure([*ALL, missed], GOLD | {"m0": "market"})
    assert found["main event"].pairs.f1 == 1
    assert found["all"].pairs.precision == 1
    assert found["all"].pairs.recall == pytest.approx(8 / 11)
    assert found["exact"].pairs.f1 < found["all"].pairs.f1


def test_the_baseline_joins_equal_type_day_and_place():
    told = [record(name, "2020-03-02", event(day="2020-03-01", places=[place])) for name, place in ("ag", "bg", "ch")]
    found = exact_groups([*told, record("d", "2020-03-02", event(places=["g"]))])
    assert found["a"] == found["b"] != found["c"]
    assert found["d"] == "d"


def test_learning_moves_the_weights_by_hand_a_little():
    stream = [
        record(f"s{number}", f"2020-03-{number % 28 + 1:02}", event(places=["Gao"], killed=(number, number)))
        for number in range(60)
    ]
    learned = fit(ALL, GOLD, stream)
    assert learned == fit(ALL, GOLD, stream)
    moved = [abs(learned.evidence.get(name, 0) - weight) for name, weight in BY_HAND.evidence.items()]
    assert 0 < max(moved) < 1.5


def test_reports_and_streams_are_read(tmp_path: Path):
    file = tmp_path / "reports.jsonl"
    file.write_text('{"id": "a", "text": "A blast.", "date": "2020-03-01", "incident": "i"}\n', encoding="utf-8")
    assert [(one.id, str(one.date), one.incident) for one in read_reports(file)] == [("a", "2020-03-01", "i")]
    row = {"year": 2016, "date": "March 3 2016"}
    line = {"id": "w", "text": "A blast.", "spans": [], "events": [], "meta": {"wiki_incidents": row}}
    file.write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert [str(one.date) for one in read_stream(file, 2016)] == ["2016-03-03"]
    assert read_stream(file, 2017) == []


@pytest.mark.parametrize("line", ['{"id": "a", "text": "A blast."}', '{"id": "a", "text": 5, "incident": "i"}', ""])
def test_a_line_without_an_incident_is_named(tmp_path: Path, line: str):
    file = tmp_path / "reports.jsonl"
    file.write_text(line, encoding="utf-8")
    with pytest.raises(DataError) as raised:
        read_reports(file)
    assert raised.value.faults[0].file == str(file)
