"""Events of different articles become one incident if they tell of one attack."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.errors import DataError
from inference.incidents import merge, to_rows
from inference.incidents.clusters import candidates
from inference.incidents.evidence import evidence
from inference.incidents.report import Report, reports
from tests.inference.incidents.records import event, record

# Ten incidents: each with the reports that tell of it.
TOLD: dict[str, list[dict[str, Any]]] = {
    "market": [
        record("m1", "2007-11-13", event(day="2007-11-13", places=["Khalis"], victims=["shoppers"], killed=(9, None))),
        record("m2", "2007-11-13", event(places=["Khalis"], victims=["shoppers"], killed=(14, 14))),
        record("m3", "2007-11-15", event(day="2007-11-13", places=["al-Khalis"], killed=(15, 15))),
    ],
    "same town, three days later": [
        record("n1", "2007-11-16", event(day="2007-11-16", places=["Khalis"], victims=["workers"], killed=(5, 5)))
    ],
    "village": [
        record("v1", "2021-06-06", event(1, "armed_assault", "2021-06-05", ["Kabasa"], ["Gunmen"], killed=(23, 23))),
        record("v2", "2021-06-06", event(1, "armed_assault", "2021-06-05", ["Kabassa"], ["bandits"], killed=(26, 26))),
    ],
    "same day, other village": [
        record("w1", "2021-06-06", event(1, "armed_assault", "2021-06-05", ["Dankurmi"], ["bandits"], killed=(11, 11)))
    ],
    "murder": [
        record(
            "k1", "1997-08-21", event(1, "assassination", "1997-08-20", ["Saravena"], [], ["Hernando Tirado Cuello"])
        ),
        record("k2", "1997-08-22", event(1, "assassination", None, ["Saravena"], ["ELN"], ["Hernando Tirado"])),
    ],
    "other murder": [
        record("l1", "1997-08-24", event(1, "assassination", "1997-08-23", ["Fortul"], ["ELN"], ["Rosalba Tineo"]))
    ],
    "shelling": [
        record("s1", "2017-02-03", event(1, "shelling", "2017-02-02", ["Marinka"], [], ["woman"], (1, 1))),
        record("s2", "2017-02-04", event(1, "shelling", "2017-02-02", ["Maryinka"], [], ["woman"], (2, 2))),
    ],
    "kidnapping": [
        record("a1", "2022-09-15", event(1, "abduction", "2022-09-15", ["Martissant"], ["gang"], ["nurses"])),
        record("a2", "2022-09-27", event(1, "abduction", "2022-09-15", ["Martissant"], [], ["nurses"])),
    ],
    "clash": [
        record("c1", "2015-04-24", event(1, "armed_clash", "2015-04-24", ["Kodkanar"], ["Maoists"], killed=(4, 4))),
        record("c2", "2015-04-28", event(1, "armed_assault", "2015-04-24", ["Kodkanar"], killed=(7, 7))),
    ],
    "far away": [record("f1", "2007-11-13", event(day="2007-11-13", places=["Toumba"], killed=(9, 9)))],
}
ALL = [one for told in TOLD.values() for one in told]


def groups(predictions: list[dict[str, Any]]) -> set[frozenset[str]]:
    return {frozenset(member.document for member in incident.members) for incident in merge(predictions)}


def test_reports_of_one_attack_become_one_incident_and_of_two_never():
    assert groups(ALL) == {frozenset(one["id"] for one in told) for told in TOLD.values()}


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_articles_changes_nothing(chance: random.Random):
    mixed = [*ALL]
    chance.shuffle(mixed)
    assert [one.to_dict() for one in merge(mixed)] == [one.to_dict() for one in merge(ALL)]


@st.composite
def articles(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A few articles with events of few days, places and types, so that many may be one."""
    made = []
    for number in range(draw(st.integers(0, 8))):
        events = [
            event(
                at + 1,
                draw(st.sampled_from(["bombing", "armed_assault", "unspecified_attack"])),
                draw(st.sampled_from([None, "2020-03-01", "2020-03-02"])),
                draw(st.lists(st.sampled_from(["Gao", "Kidal", "Mali"]), unique=True, max_size=2)),
                draw(st.sampled_from([[], ["JNIM"]])),
                killed=draw(st.sampled_from([None, (3, 3), (12, 12), (None, None)])),
            )
            for at in range(draw(st.integers(0, 3)))
        ]
        made.append(record(f"d{number}", draw(st.sampled_from([None, "2020-03-02", "2020-03-04"])), *events))
    return made


@given(articles(), st.randoms(use_true_random=False))
def test_each_event_is_in_one_incident_whatever_the_order(made: list[dict[str, Any]], chance: random.Random):
    found = merge(made)
    members = sorted((one.document, one.event) for incident in found for one in incident.members)
    assert members == sorted((one["id"], told["id"]) for one in made for told in one["events"])
    mixed = [*made]
    chance.shuffle(mixed)
    assert [one.to_dict() for one in merge(mixed)] == [one.to_dict() for one in found]


@given(articles(), st.lists(st.sampled_from(["Gao", "Kidal", "Mali", "nowhere"]), max_size=3), st.randoms())
def test_articles_without_an_event_change_no_incident(
    made: list[dict[str, Any]], places: list[str], chance: random.Random
):
    mentions = [
        record(f"x{number}", "2020-03-04") | {"text": f"Twelve mourners walked to the graves in {place} on Sunday."}
        for number, place in enumerate(places)
    ]
    mixed = [*made, *mentions]
    chance.shuffle(mixed)
    found, alone = merge(mixed), merge(made)
    assert [one.members for one in found] == [one.members for one in alone]
    assert found == merge([*made, *mentions])
    given_to = [mention.document for one in found for mention in one.mentions]
    assert len(given_to) == len(set(given_to))
    assert set(given_to) <= {one["id"] for one in mentions}


def test_an_article_without_an_event_belongs_to_the_incident_that_it_tells_of():
    told = "In Gao, Awa Cisse and Ali Toure buried the 12 traders of Friday's bomb."
    articles = [
        record("a", "2020-03-07", event(day="2020-03-06", places=["Gao"], victims=["traders"], killed=(12, 12)))
        | {"text": "A bomb killed 12 traders in Gao on Friday, said Awa Cisse. Ali Toure's stall burned."},
        record("b", "2020-03-07", event(day="2020-03-07", places=["Toumba"], killed=(4, 4)))
        | {"text": "Toumba, Chad."},
    ]
    without = record("c", "2020-03-09")
    found = merge([*articles, without | {"text": told}])
    assert [[one.document for one in incident.mentions] for incident in found] == [["c"], []]
    assert [incident.reports for incident in found] == [1, 1]
    assert found[0].to_dict()["mentions"][0]["document"] == "c"
    assert to_rows(found)[0]["mentions"].startswith("c ")
    assert not any(incident.mentions for incident in merge([*articles, without]))  # without its text
    later = without | {"text": told, "date": "2020-05-09"}
    assert not any(incident.mentions for incident in merge([*articles, later]))


def test_a_day_that_a_text_tells_joins_an_article_without_a_date():
    a = record("a", "2020-03-07", event(day="2020-03-05", places=["Gao"]))
    b = record("b", "2020-03-09", event(places=["Gao"]))
    told, other = ({"text": f"Shops in Gao were shut, {when} days after the blast."} for when in ("four", "nine"))
    one, two = (next(iter(evidence(*map(_report, (a, b | text))))) for text in (told, other))
    assert (one, two) == ("day_meant", "day_later")


@pytest.mark.parametrize("told", [False, True])
def test_a_pair_whose_days_are_apart_is_compared_once_if_one_text_tells_the_day_of_the_other(told: bool):
    bombed = record("a", "2020-03-05", event(day="2020-03-05", places=["Gao"]))
    buried = record("b", "2020-03-09", event(day="2020-03-08", places=["Gao"]))
    text = {"text": "They were buried in Gao, four days after the blast."} if told else {}
    both = [_report(one) for one in (bombed, buried | text)]
    assert list(candidates(both)) == [(0, 1)] * told
    assert list(candidates(both[::-1])) == [(0, 1)] * told


def test_two_texts_that_tell_the_days_of_each_other_are_one_pair():
    a = record("a", "2020-03-09", event(day="2020-03-08", places=["Gao"])) | {"text": "Four days ago in Gao."}
    b = record("b", "2020-03-10", event(day="2020-03-05", places=["Gao"])) | {"text": "Two days ago in Gao."}
    assert list(candidates([_report(a), _report(b)])) == [(0, 1)]


def _report(one: dict[str, Any]) -> Report:
    return next(reports(one))


def test_a_country_alone_is_no_common_place():
    a = record("a", "2020-03-02", event(day="2020-03-01", places=["Iraq"], killed=(3, 3)))
    b = record("b", "2020-03-02", event(day="2020-03-01", places=["northern Iraq"], killed=(3, 3)))
    assert len(merge([a, b])) == 2


def test_an_attack_after_an_article_was_published_is_another_one():
    a = record("a", "2020-03-01", event(places=["Gao"], killed=(3, 3)))
    b = record("b", "2020-03-05", event(day="2020-03-04", places=["Gao"], killed=(3, 3)))
    assert len(merge([a, b])) == 2


def test_two_events_of_an_article_are_one_only_if_they_agree_in_all():
    told = [event(number, day="2020-03-01", places=["Gao"], killed=(3, 3)) for number in (1, 2)]
    other = event(3, day="2020-03-01", places=["Gao"], killed=(4, 4))
    found = merge([record("a", "2020-03-02", *told, other)])
    assert sorted(sorted(member.event for member in one.members) for one in found) == [["E1", "E2"], ["E3"]]
    assert [one.reports for one in found] == [1, 1]


def test_names_in_the_text_join_reports_that_share_no_place():
    a = record("a", "2020-03-02", event(day="2020-03-01", places=["Gao"], victims=["traders"], killed=(3, 3)))
    b = record("b", "2020-03-03", event(day="2020-03-01", victims=["traders"], killed=(4, 4)))
    assert len(merge([a, b])) == 2
    texts = ["A bomb killed traders in Gao, said Awa Cisse of the clinic.", "Aid worker Awa Cisse had seen Gao burn."]
    assert len(merge([one | {"text": text} for one, text in zip((a, b), texts, strict=True)])) == 1


def test_an_incident_sums_up_its_reports():
    incident = next(one for one in merge(TOLD["market"]))
    made = incident.to_dict()
    assert (made["attack_type"], made["reports"]) == ("bombing", 3)
    assert made["date"] == {"start": "2007-11-13", "end": "2007-11-13"}
    assert made["places"] == ["Khalis"]
    killed = made["toll"]["killed"]
    assert (killed["best"]["min"], killed["min"], killed["max"]) == (15, 9, 15)
    told = [(one["date"], one["source"], one["min"], one["max"]) for one in killed["reports"]]
    assert told == [("2007-11-13", "m1", 9, None), ("2007-11-13", "m2", 14, 14), ("2007-11-15", "m3", 15, 15)]
    assert all(0.5 < member["score"] <= 1 for member in made["members"])


def test_the_id_depends_on_the_members_only():
    alone, among = merge(TOLD["village"])[0].id, {one.id for one in merge(ALL)}
    assert alone in among


def test_an_unspecified_type_gives_way_to_one_that_is_told():
    told = [
        record(f"a{number}", "2020-03-02", event(1, kind, "2020-03-01", ["Gao"], ["JNIM"], ["traders"], (5, 5)))
        for number, kind in enumerate(["unspecified_attack", "unspecified_attack", "bombing"])
    ]
    assert [one.attack_type for one in merge(told)] == ["bombing"]


def test_the_same_id_twice_is_refused():
    with pytest.raises(DataError) as raised:
        merge([record("a", None, event()), record("a", None, event())])
    assert raised.value.faults[0].document == "a"


def test_rows_tell_what_the_incidents_tell():
    row = to_rows(merge(TOLD["market"]))[0]
    assert (row["event_date"], row["fatalities_low"], row["fatalities_lowest"], row["reports"]) == (
        "2007-11-13",
        15,
        9,
        3,
    )
    assert row["fatalities_reports"] == "2007-11-13 9.. (m1); 2007-11-13 14 (m2); 2007-11-15 15 (m3)"
    assert row["injured_low"] is None
