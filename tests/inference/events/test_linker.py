"""The linker: events by the probabilities of pairs, whatever rates them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import load_schema
from annotations.text.reading import read as read_text
from annotations.text.sentences import sentences_of
from inference.events import linker as linker_module
from inference.events.facts import Facts
from inference.events.groups import Rated, arguments_of, clusters_of
from inference.events.linker import Linker, LinkSettings, check_linker
from inference.events.linking import assemble
from inference.events.pairs import argument_pairs, trigger_pairs
from tests.inference.events.test_figures_and_events import ONE_SENTENCE, THRICE, TWO_TOWNS, read

SCHEMA = load_schema()
SIZE = 4


class Fixed:
    """Rates every pair the same: the logits of a pair of triggers, and of a trigger and an argument."""

    def __init__(self, same: float, belongs: float) -> None:
        self.same, self.belongs = same, belongs

    def __call__(self, inputs: Mapping[str, Any]) -> tuple[Any, Any]:
        """Rate pairs."""
        return (
            np.full(len(inputs["same_pairs"]), self.same, np.float32),
            np.full(len(inputs["belongs_pairs"]), self.belongs, np.float32),
        )


def facts_of(marked: str) -> Facts:
    """Facts of a marked text, which no rule links."""
    text, spans = read(marked)
    reading = read_text(text)
    return Facts(reading, sentences_of(reading), spans, SCHEMA, [frozenset()] * len(spans))


def events(marked: str, same: float, belongs: float) -> list[Any]:
    """Events of a marked text by fixed logits."""
    text, spans = read(marked)
    linker = Linker(Fixed(same, belongs), LinkSettings())
    return assemble(text, spans, SCHEMA, linker=linker, vectors=np.zeros((len(spans), SIZE), np.float32))


def test_likely_pairs_of_triggers_become_one_event_and_others_events_of_their_own():
    (one,) = events(TWO_TOWNS, 5, 5)
    assert len(one.triggers) == 2
    assert [len(event.triggers) for event in events(THRICE, -5, 5)] == [1, 1, 1]


def test_an_argument_may_belong_to_several_events_or_to_none():
    both = events(ONE_SENTENCE, -5, 5)
    assert [event.toll["killed"].toll.min for event in both] == [3, 3]
    assert all(not event.toll and not event.perpetrators for event in events(ONE_SENTENCE, -5, -5))


def test_an_argument_that_is_less_likely_goes_to_its_best_event_only():
    least = float(np.log(0.4 / 0.6))  # between `least` and `several`
    assert [len(event.perpetrators) for event in events(ONE_SENTENCE, -5, least)] == [1, 0]


def test_without_vectors_rules_link():
    text, spans = read(TWO_TOWNS)
    linker = Linker(Fixed(5, 5), LinkSettings())
    assert assemble(text, spans, SCHEMA, linker=linker) == assemble(text, spans, SCHEMA)


@pytest.mark.parametrize("marked", ["Rain.", "{Gunmen|PERPETRATOR} came.", "A {raid|ATTACK:armed_assault}.", TWO_TOWNS])
def test_pairs_have_as_many_features_in_any_document_all_finite(marked: str):
    for pairs in (trigger_pairs(facts_of(marked)), argument_pairs(facts_of(marked))):
        assert pairs.features.shape[0] == len(pairs.first) == len(pairs.second)
        assert np.isfinite(pairs.features).all()
    widths = [trigger_pairs(facts_of(text)).features.shape[1] for text in (marked, "", THRICE)]
    assert len(set(widths)) == 1


def test_pairs_grow_with_a_text_and_not_with_its_square():
    counts = []
    for times in (200, 400):
        facts = facts_of("{Rebels|PERPETRATOR} made a {raid|ATTACK:armed_assault}. " * times)
        counts.append([len(trigger_pairs(facts).first), len(argument_pairs(facts).first)])
    assert all(more < 2.3 * fewer for fewer, more in zip(*counts, strict=True))


def test_pairs_rated_part_by_part_are_those_rated_at_once(monkeypatch: pytest.MonkeyPatch):
    facts = facts_of("{Rebels|PERPETRATOR} made a {raid|ATTACK:armed_assault} {here|LOCATION}. " * 40)
    vectors = np.random.default_rng(0).normal(size=(len(facts.spans), 4)).astype(np.float32)

    def scorer(given: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        same, belongs = (
            given["vectors"][given[f"{kind}_pairs"]].sum(axis=(1, 2)) + given[f"{kind}_features"].sum(axis=1)
            for kind in ("same", "belongs")
        )
        return same, belongs

    whole = Linker(scorer, LinkSettings()).rate(facts, vectors)
    monkeypatch.setattr(linker_module, "_PART", 7)
    parts = Linker(scorer, LinkSettings()).rate(facts, vectors)
    for kind in ("same", "belongs"):
        one, other = getattr(whole, kind), getattr(parts, kind)
        assert (one.first == other.first).all()
        assert (one.second == other.second).all()
    np.testing.assert_allclose(parts.same_probability, whole.same_probability)
    np.testing.assert_allclose(parts.belongs_probability, whole.belongs_probability)


@given(st.lists(st.floats(0, 1), min_size=10, max_size=10), st.floats(0, 1), st.floats(0, 1))
def test_events_part_the_triggers_and_arguments_go_to_events(found: list[float], join: float, several: float):
    facts = facts_of("{Rebels|PERPETRATOR} made a {raid|ATTACK:armed_assault} {here|LOCATION}. " * 5)
    same, belongs = trigger_pairs(facts), argument_pairs(facts)
    rated = Rated(facts, same, belongs, np.array(found), np.resize(np.array(found), len(belongs.first)))
    clusters = clusters_of(rated, join)
    assert sorted(row for cluster in clusters for row in cluster) == facts.triggers.tolist()
    assert clusters == sorted(clusters)
    chosen = arguments_of(rated, clusters, several, 0.0)
    assert set(chosen) == set(facts.arguments.tolist())
    assert all(number < len(clusters) for numbers in chosen.values() for number in numbers)


def test_groups_are_joined_by_the_mean_of_their_pairs():
    facts = facts_of("A {raid|ATTACK:armed_assault}. " * 3)
    pairs = trigger_pairs(facts)
    order = [tuple(pair) for pair in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)]
    assert order == [(0, 1), (0, 2), (1, 2)]
    nothing = argument_pairs(facts)
    for third, expected in ((0.5, [[0, 1, 2]]), (0.2, [[0, 1], [2]])):
        rated = Rated(facts, pairs, nothing, np.array([0.9, 0.6, third]), np.zeros(0))
        assert clusters_of(rated, 0.5) == expected


def test_an_event_has_the_probability_of_its_evidence_and_unlikely_ones_are_left_out_on_demand():
    text, spans = read(TWO_TOWNS)
    vectors = np.zeros((len(spans), SIZE), np.float32)
    for weights, expected in (((), 0.9), ((1.0, *[0.0] * 7), 1 / (1 + np.exp(-1))), ((-99.0, *[0.0] * 7), 0.0)):
        found = assemble(text, spans, SCHEMA, linker=Linker(Fixed(-5, 5), LinkSettings(event=weights)), vectors=vectors)
        assert [event.score for event in found] == pytest.approx([expected] * 2)


def test_weights_of_another_number_are_refused():
    with pytest.raises(ValueError, match="2 weights"):
        check_linker(Linker(Fixed(0, 0), LinkSettings(event=(1.0, 2.0))), SCHEMA, SIZE)
