"""Countries of events against countries coded for their documents."""

from __future__ import annotations

import pytest

from annotations import Document, load_schema
from inference.places.gazetteer import Place
from inference.prediction import PredictedEvent, Prediction
from training.evaluation.incidents import coded_country, country_scores

MALI = Place("Gao", "city", "ML", "MLI", "Mali")


@pytest.mark.parametrize(
    ("meta", "code"),
    [
        ({"country": "Côte d'Ivoire"}, "CI"),
        ({"wiki_incidents": {"location": "Gao, Mali"}}, "ML"),
        ({"wiki_incidents": {"location": "Gao"}}, None),
        ({"wiki_incidents": {"location": None}}, None),
        ({}, None),
    ],
)
def test_coded_countries(meta: dict[str, object], code: str | None):
    assert coded_country(Document("d", "A bomb.", meta=meta)) == code


def test_only_events_that_are_told_to_be_somewhere_count():
    events = [
        PredictedEvent("E1", "bombing", 0.9, ("S1",), mentions={"locations": ("S2",)}, place=MALI),
        PredictedEvent("E2", "bombing", 0.9, ("S3",), mentions={"locations": ("S4",)}),
        PredictedEvent("E3", "bombing", 0.9, ("S5",)),
    ]
    prediction = Prediction("A bomb.", [], events, "m", 1, load_schema())
    documents = [Document(name, "A bomb.", meta={"country": name}) for name in ("Mali", "Niger", "Nowhere")]
    found = country_scores(documents, [prediction] * 3)
    assert (found.events, found.placed, found.right) == (4, 2, 1)
    assert (found.to_dict()["precision"], found.to_dict()["coverage"]) == (0.5, 0.5)
    assert country_scores([], []).to_dict()["precision"] is None
