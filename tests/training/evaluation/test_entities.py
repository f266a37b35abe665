"""B-cubed and CEAF-E of entities, and where gold entities are from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import Document, Span, load_schema, read_documents
from annotations.entities import gold_entities
from inference.entities.clusters import Entity
from inference.prediction import PredictedSpan, Prediction
from training.evaluation.entities import Clusters, b_cubed, ceaf_e, entity_scores

SCHEMA = load_schema()


def clusters(*groups: str) -> Clusters:
    """Clusters of mentions named by letters."""
    return [frozenset((ord(letter), ord(letter) + 1) for letter in group) for group in groups]


def test_b_cubed_as_computed_by_hand():
    # Of a, b: precision 2/3 each; of c: 1/3. Recall 1 each.
    found = b_cubed(clusters("ab", "c"), clusters("abc")).to_dict()
    assert found == {"precision": pytest.approx(5 / 9, abs=1e-4), "recall": 1.0, "f1": pytest.approx(0.7143, abs=1e-4)}


def test_ceaf_e_as_computed_by_hand():
    found = ceaf_e(clusters("ab", "c"), clusters("abc")).to_dict()
    assert found == {"precision": 0.8, "recall": 0.4, "f1": pytest.approx(0.5333, abs=1e-4)}


def test_a_mention_that_the_other_side_lacks_counts_nothing():
    found = b_cubed(clusters("ab"), clusters("ac")).to_dict()
    assert (found["precision"], found["recall"]) == (0.25, 0.25)
    assert b_cubed(clusters("a"), []).to_dict()["precision"] is None


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.lists(st.integers(0, 3), min_size=8, max_size=8))
def test_scores_are_shares_and_perfect_only_for_the_same_clusters(gold: list[int], other: list[int]):
    def grouped(numbers: list[int]) -> Clusters:
        return [frozenset((i, i + 1) for i, n in enumerate(numbers) if n == own) for own in dict.fromkeys(numbers)]

    one, two = grouped(gold), grouped(other[: len(gold)])
    for measure in (b_cubed, ceaf_e):
        value = measure(one, two).to_dict()["f1"]
        assert value is not None
        assert 0 < value <= 1
        assert (value == 1) == (set(one) == set(two))


SPANS = [Span("S1", 0, 6, "PERPETRATOR"), Span("S2", 17, 26, "PERPETRATOR"), Span("S3", 36, 40, "VICTIM")]
TEXT = "Gunmen fled. The attackers had shot Sow."


def test_scores_of_a_document_with_entities():
    document = Document("d", TEXT, SPANS, meta={"entities": [["S1", "S2"]]})
    spans = [PredictedSpan(s.id, s.start, s.end, document.mention(s), s.label, None, 0.9) for s in SPANS]
    entities = (Entity("N1", "Gunmen", (), "doer", ("S1", "S2")), Entity("N2", "Sow", (), "victim", ("S3",)))
    prediction = Prediction(TEXT, spans, [], "m", 1, SCHEMA, entities=entities)
    scores = entity_scores([document], [prediction], SCHEMA)
    assert scores is not None
    assert scores["documents"] == 1
    assert scores["PERPETRATOR"]["predicted"]["b_cubed"]["f1"] == 1
    assert scores["PERPETRATOR"]["same_spelling"]["b_cubed"]["recall"] == 0.5
    assert scores["VICTIM"]["gold_spans"]["ceaf_e"]["f1"] == 1


def test_documents_that_nobody_grouped_have_no_scores():
    document = Document("d", TEXT, SPANS)
    assert gold_entities(document) is None
    assert entity_scores([document], [Prediction(TEXT, [], [], "m", 1, SCHEMA)], SCHEMA) is None


def test_fillers_of_muc4_are_entities_by_role():
    text = "the fmln, or farabundo marti front, shot sow"
    spans = [Span("S1", 4, 8, "PERPETRATOR"), Span("S2", 13, 34, "PERPETRATOR"), Span("S3", 41, 44, "VICTIM")]
    roles = {"PerpInd": [], "PerpOrg": [[["fmln", 4], ["farabundo marti front", 13]]], "Target": [], "Weapon": []}
    document = Document("d", text, spans, meta={"muc4_json": {"extracts": roles | {"Victim": [[["sow", 41]]]}}})
    assert gold_entities(document) == {"PerpInd": [], "PerpOrg": [("S1", "S2")], "Victim": [("S3",)]}


@pytest.mark.parametrize(("name", "number"), [("corpus/dev", 49), ("corpus/test", 36)])
def test_grouped_documents_of_the_corpus(name: str, number: int):
    documents = [document for document in read_documents(name) if gold_entities(document) is not None]
    assert len(documents) == number
    for document in documents:
        labels = {span.id: span.label for span in document.spans}
        for label, found in (gold_entities(document) or {}).items():
            assert {labels[i] for cluster in found for i in cluster} == {label}
            mentions = [i for cluster in found for i in cluster]
            assert len(mentions) == len(set(mentions)) == sum(one == label for one in labels.values())
