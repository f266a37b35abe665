"""Keys of names, and days that are read loosely."""

from __future__ import annotations

import pytest

from inference.dates import Day
from inference.incidents.spelling import head, name_keys, place_keys
from inference.incidents.told import days_of, told_names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Khalis", "al-Khalis"),
        ("Maryinka", "Marinka"),
        ("Hsihseng", "Hsi Hseng"),
        ("Bichena", "Bichenna bus station"),
        ("ŞIRNAK", "Sirnak province"),
        ("Ouled Saïm", "Ouled Sayem"),
    ],
)
def test_spellings_of_a_place_share_a_key(one: str, other: str):
    assert place_keys(one)[0] & place_keys(other)[0]


@pytest.mark.parametrize(
    ("one", "other"), [("San Juan", "San Pedro"), ("Lower Juba", "Lower Shabelle"), ("Gao", "Goma")]
)
def test_other_places_share_none(one: str, other: str):
    assert not place_keys(one)[0] & place_keys(other)[0]


@pytest.mark.parametrize("mention", ["Iraq", "northern Iraq", "Burkina Faso", "north of Burkina Faso", "the city", ""])
def test_countries_and_common_words_have_no_key(mention: str):
    assert not place_keys(mention)[0]


@pytest.mark.parametrize(
    "mention", ["Gunmen", "suspected Islamist militants", "Afghan policemen", "Iraqi troops", "42"]
)
def test_words_for_people_are_no_names(mention: str):
    assert not name_keys(mention)


def test_heads_are_singular_and_telling():
    assert [head(text) for text in ("two nurses", "the bus", "policemen of Gao", "people", "")] == [
        "nurse",
        "bus",
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("night to Tuesday", ("2020-03-02", "2020-03-03")),
        ("3 a.m. on Tuesday after prayers", ("2020-03-02", "2020-03-03")),
        ("10 February between 15.30 and 17.00", ("2020-02-09", "2020-02-10")),
    ],
)
def test_a_day_in_the_words_is_read_loosely(words: str, days: tuple[str, str]):
    found, told = days_of({}, [words], Day(2020, 3, 5).toordinal())
    assert told
    assert tuple(Day.fromordinal(day).isoformat() for day in found) == days


@pytest.mark.parametrize("words", ["since Tuesday", "two days after Tuesday", "dawn"])
def test_other_days_are_left_open(words: str):
    assert not days_of({}, [words], Day(2020, 3, 5).toordinal())[1]


def test_names_belong_to_the_nearest_event():
    text = "A blast hit Khalis. " + "x" * 200 + ". Later men shot a teacher near Fortul on Monday."
    record = {
        "spans": [{"id": "S1", "start": 2}, {"id": "S2", "start": text.index("shot")}],
        "events": [{"id": "E1", "triggers": ["S1"]}, {"id": "E2", "triggers": ["S2"]}],
    }
    assert told_names(text, record) == {"E1": frozenset({"kls"}), "E2": frozenset({"frtl"})}


def test_a_word_that_begins_a_sentence_is_no_name_by_itself():
    record = {"spans": [{"id": "S1", "start": 0}], "events": [{"id": "E1", "triggers": ["S1"]}]}
    assert told_names("Yesterday nothing. Awa Cisse ran. Gao, she said.", record)["E1"] == {
        "awa",
        "kise",
        "awakise",  # others may write both as one
        "gao",
    }
