"""The probability that a text reports an attack, and texts left out by it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import read_documents
from annotations.schema import load_schema
from inference import Model
from inference.relevance import EVIDENCE, Relevance, trigger_columns
from training.fit.calibrate import calibrate

probabilities = st.lists(st.floats(0, 1), min_size=0, max_size=30)
WEIGHTS = (1.0, 1.0, 0.5, -0.5)


def test_only_tags_of_triggers_count():
    schema = load_schema()
    names = {schema.tags[at].split(":")[0] for at in trigger_columns(schema)}
    assert names == {"B-ATTACK", "I-ATTACK"}


@given(probabilities, st.integers(0, 30))
def test_words_may_come_in_parts(words, cut):
    table = np.array([[1 - word, word] for word in words]).reshape(-1, 2)
    whole, parts = Relevance([1]), Relevance([1])
    whole.add(table)
    parts.add(table[:cut])
    parts.add(table[cut:])
    assert parts.evidence() == pytest.approx(whole.evidence())
    assert len(whole.evidence()) == len(EVIDENCE)


@given(probabilities.filter(bool))
def test_a_surer_word_makes_a_text_more_relevant(words):
    more = [min(1.0, word + 0.1) for word in words]
    low, high = Relevance([1]), Relevance([1])
    for relevance, given_words in ((low, words), (high, more)):
        relevance.add(np.array([[1 - word, word] for word in given_words]))
    assert low.probability(WEIGHTS) <= high.probability(WEIGHTS)


@pytest.fixture
def tagger(tiny_model_folder: Path) -> Model:
    return Model(tiny_model_folder)


class TestPredictions:
    """The tiny model of the tests, with weights that find every text relevant, or none."""

    def test_a_text_below_the_least_relevance_has_neither_spans_nor_events(self, tagger):
        tagger.relevance = (-30.0, 0.0, 0.0, 0.0)
        text = "Gunmen killed six villagers in Gao."
        kept = tagger.predict(text)
        gone = tagger.predict(text, min_relevance=0.5)
        assert kept.relevance == gone.relevance < 0.01
        assert kept.to_dict()["relevance"] == 0.0
        assert not gone.spans
        assert not gone.events
        assert gone.windows == kept.windows == 1

    def test_a_relevant_text_keeps_them(self, tagger):
        tagger.relevance = (30.0, 0.0, 0.0, 0.0)
        text = "Gunmen killed six villagers in Gao."
        assert tagger.predict(text, min_relevance=0.5).spans == tagger.predict(text).spans

    def test_a_model_without_weights_refuses_a_least_relevance(self, tagger):
        assert tagger.predict("Quiet.").relevance is None
        with pytest.raises(ValueError, match="min_relevance"):
            tagger.predict("Quiet.", min_relevance=0.5)

    @pytest.mark.parametrize("least", [-0.1, 1.5, "high", True])
    def test_a_least_relevance_is_a_number_between_0_and_1(self, tagger, least):
        with pytest.raises(ValueError, match="min_relevance"):
            tagger.predict("Quiet.", min_relevance=least)


class TestCalibration:
    """The weights are fitted on the calibration documents."""

    def test_texts_with_and_without_attacks_give_weights(self, tagger):
        calibrate(tagger, read_documents("corpus/forms-dev"))
        assert len(tagger.relevance) == len(EVIDENCE)

    def test_too_few_texts_give_none(self, tagger):
        calibrate(tagger, read_documents("corpus/dev")[:2])
        assert tagger.relevance == ()
