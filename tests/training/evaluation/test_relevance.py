"""How many texts pass a least relevance."""

from __future__ import annotations

from annotations import Document, Span, load_schema
from inference.prediction import Prediction
from training.evaluation.relevance import relevance_scores

SCHEMA = load_schema()
TEXT = "Gunmen fired."


def predicted(relevance: float | None) -> Prediction:
    return Prediction(TEXT, [], [], "m", 1, SCHEMA, relevance=relevance)


def test_shares_of_texts_with_and_without_an_attack() -> None:
    attack = Document("a", TEXT, [Span("S1", 7, 12, "ATTACK", "armed_assault")])
    partly = Document("p", TEXT, meta={"coverage": {"ATTACK": "some"}})
    documents = [attack, attack, Document("n", TEXT), Document("o", TEXT), partly]
    rows = relevance_scores(documents, [predicted(score) for score in (0.95, 0.4, 0.6, 0.1, 1.0)], SCHEMA)
    by_least = {row["least"]: (row["with_attack"], row["without_attack"]) for row in rows}
    assert by_least == {0.3: (1, 0.5), 0.5: (0.5, 0.5), 0.7: (0.5, 0), 0.8: (0.5, 0), 0.9: (0.5, 0)}
    assert rows[0]["texts"] == [2, 2]


def test_without_texts_of_a_kind_there_is_no_share() -> None:
    (row, *_) = relevance_scores([Document("n", TEXT)], [predicted(0.9)], SCHEMA)
    assert (row["with_attack"], row["without_attack"]) == (None, 1)


def test_a_model_without_relevance_has_no_rows() -> None:
    assert relevance_scores([Document("n", TEXT)], [predicted(None)], SCHEMA) == []
