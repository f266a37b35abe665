"""HRDsAttack: names and places of an article become spans, violations become events without triggers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.errors import DataError
from annotations.importers.base import Imported
from annotations.importers.hrdsattack import SOURCE, attack_types, attacks_on, plain
from annotations.schema import load_schema
from annotations.validate import span_faults

SCHEMA = load_schema()


def victim(name: str | None, keywords: str | None = None) -> dict[str, Any]:
    return {"victim_idx": 1, "victim_name": name, "victim_keywords": keywords, "victim_population_type": "individual"}


def article(text: str, *victims: dict[str, Any], number: int = 7, **merged: Any) -> dict[str, Any]:
    sample = {"Input.GLOBALEVENTID": number, "Input.title": "A title", "Input.article_interface": text}
    known = {"violation_types": ["killing"], "city": "None", "region": None, "country": "unknown", "year": "2020.0"}
    return {"sample": sample, "annotations": [], "merged_sample": {**known, **merged, "victims": list(victims)}}


def write(path: Path, *articles: Any) -> Path:
    path.write_text(json.dumps(articles, ensure_ascii=False), encoding="utf-8")
    return path


def imported(tmp_path: Path, record: dict[str, Any]) -> Imported:
    result = SOURCE.read(write(tmp_path / "a.json", record))
    for document in result.documents:
        assert [*span_faults(document), *SCHEMA.faults(document)] == []
    return result


def marked(result: Imported) -> list[tuple[str, str, tuple[str, ...]]]:
    (document,) = result.documents
    return [
        (document.mention(s), s.label, tuple(e.id for e in document.events if s.id in e.span_ids))
        for s in document.spans
    ]


def test_an_article_becomes_a_document(tmp_path: Path):
    text = "<p>Ada Orsk’s friends mourn.</p> <p>Ada Orsk, an editor, was killed in Lumo on Monday. Lumo is a port.</p>"
    result = imported(tmp_path, article(text, victim("Ada Orsk", "editor, killed"), city="Lumo"))
    (document,) = result.documents
    assert document.id == "hrds-7"
    assert (
        document.text == "Ada Orsk’s friends mourn.\nAda Orsk, an editor, was killed in Lumo on Monday. Lumo is a port."
    )
    assert marked(result) == [
        ("Ada Orsk", "VICTIM", ("E1",)),
        ("Ada Orsk", "VICTIM", ("E1",)),
        ("Lumo", "LOCATION", ("E1",)),
    ]
    assert [(e.attack_type, e.roles["triggers"]) for e in document.events] == [("assassination", ())]
    meta = document.meta["hrdsattack"]
    assert (meta["title"], meta["year"], meta["in_sentences_of_harm"]) == ("A title", "2020.0", ["S2", "S3"])
    assert document.meta["coverage"]["ATTACK"] == "none"
    assert "VICTIM" in document.meta["coverage"]
    assert result.losses == ()
    assert dict(result.aligned) == {"violation": 1, "victim": 1, "city": 1}


def test_keywords_tell_which_attack_befell_a_victim(tmp_path: Path):
    victims = [victim("Ada Orsk", "shot"), victim("Bo Sand", "taken hostage"), victim("Cy Trum", "teacher")]
    record = article("Ada Orsk, Bo Sand, Cy Trum", *victims, violation_types=["killing", "kidnapping", "other"])
    result = imported(tmp_path, record)
    assert [events for _, _, events in marked(result)] == [("E1",), ("E2",), ()]
    assert [e.attack_type for e in result.documents[0].events] == ["assassination", "abduction"]
    assert [(loss.kind, loss.value, loss.reason) for loss in result.losses] == [
        ("violation", "other", "no attack by the guidelines")
    ]


def test_aliases_are_looked_for(tmp_path: Path):
    result = imported(tmp_path, article("The singer Bolo fell.", victim("Ada Orsk a.k.a. Bolo")))
    assert [mention for mention, _, _ in marked(result)] == ["Bolo"]


@pytest.mark.parametrize(
    ("name", "keywords", "violations", "reason"),
    [
        (None, "villagers", ["killing"], "has no name"),
        ("unnamed girl", None, ["killing"], "has no name"),
        ("12-year-old girl", None, ["killing"], "has no name"),
        ("Ada Orsk", "shot", ["arbitrary detention"], "no violation of the article is an attack by the guidelines"),
        ("Ada Orsk", "detained", ["killing"], "the keywords name an arrest or a threat, not an attack"),
        ("Eva Lind", "shot", ["killing"], "the name is not in the text"),
    ],
)
def test_what_a_victim_loses_has_a_reason(
    tmp_path: Path, name: str | None, keywords: str | None, violations: list[str], reason: str
):
    record = article("Ada Orsk was shot.", victim(name, keywords), violation_types=violations)
    losses = [loss for loss in imported(tmp_path, record).losses if loss.kind == "victim"]
    assert [(loss.value, loss.reason) for loss in losses] == [(name or keywords, reason)]


@pytest.mark.parametrize(
    ("place", "violations", "reason"),
    [
        ("Lumo", ["other"], "no violation of the article is an attack by the guidelines"),
        ("Gao", ["killing"], "not found in the text"),
        ("Volta", ["killing"], "not found in a sentence about harm"),
        ("Orsk", ["killing"], "overlaps a longer span"),
        ("Ada Orsk", ["killing"], "another label marks the same words"),
    ],
)
def test_what_a_place_loses_has_a_reason(tmp_path: Path, place: str, violations: list[str], reason: str):
    text = "<p>Ada Orsk was shot in Lumo.</p> <p>Volta is far.</p>"
    record = article(text, victim("Ada Orsk"), violation_types=violations, region=place)
    result = imported(tmp_path, record)
    assert [(loss.value, loss.reason) for loss in result.losses if loss.kind == "region"] == [(place, reason)]


def test_a_place_behind_a_title_stands_in_its_sentence(tmp_path: Path):
    record = article("<p>Ada Orsk was shot, Gov. Osk of Volta said. Ndoro is far.</p>", victim("Ada Orsk"))
    record["merged_sample"] |= {"region": "Volta", "city": "Ndoro"}
    result = imported(tmp_path, record)
    assert [words for words, label, _ in marked(result) if label == "LOCATION"] == ["Volta"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON in UTF-8"),
        ("{}", "is dict, not a list of articles"),
        ("[3]", "article 0: "),
        ('[{"sample": {}}]', "article 0: key merged_sample: "),
    ],
)
def test_a_file_of_another_shape_is_a_fault(tmp_path: Path, content: str, message: str):
    (tmp_path / "a.json").write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as raised:
        SOURCE.read(tmp_path)
    assert message in str(raised.value)


def test_every_fault_of_an_article_is_told(tmp_path: Path):
    wrong = article("x", number=8, violation_types="killing", city=3)
    wrong["sample"] = {"Input.GLOBALEVENTID": None}
    wrong["merged_sample"]["victims"] = [{"victim_name": 3}]
    path = write(tmp_path / "a.json", article("x"), wrong, article("y"))
    with pytest.raises(DataError) as raised:
        SOURCE.read(path)
    places = [fault.place for fault in raised.value.faults]
    assert places == [
        "article 1: key sample.Input.article_interface",
        "article 1: key sample.Input.GLOBALEVENTID",
        "article 1: key merged_sample.violation_types",
        "article 1: key merged_sample.victims.0.victim_name",
        "article 1: key merged_sample.city",
        "article 2",
    ]
    assert raised.value.faults[-1].document == "hrds-7"
    assert f"{path}, article 0" in str(raised.value)


def test_a_missing_file_is_a_fault(tmp_path: Path):
    with pytest.raises(DataError, match="no such file or folder"):
        SOURCE.read(tmp_path / "none.json")


def test_violations_and_keywords():
    assert attack_types(["torture", "unknown"]) == ["unarmed_assault"]
    assert attacks_on("", ["abduction"]) == ["abduction"]
    assert attacks_on("arrested, tortured", ["abduction", "unarmed_assault"]) == ["unarmed_assault"]
    assert {*attack_types(["killing", "kidnapping", "torture"])} <= {*SCHEMA.attack_types}


@given(st.lists(st.text(st.characters(exclude_characters="<>", exclude_categories=["Cs"]), min_size=1).map(str.strip)))
def test_paragraphs_come_back(paragraphs: list[str]):
    kept = [paragraph for paragraph in paragraphs if paragraph]
    assert plain(" ".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)) == "\n".join(kept)


NAMES = st.sampled_from([None, "Ada Orsk", "Orsk", "Ada", "U.S.", "’s", "Bo (Sand)"])


@given(
    st.lists(st.sampled_from(["Ada Orsk", "Ada", "Orsk’s", "U.S.", "was shot.", "<p>", "</p>", "Bo", "(Sand)"])).map(
        " ".join
    ),
    st.lists(NAMES, max_size=3),
    st.lists(st.sampled_from(["killing", "torture", "other"]), unique=True),
)
def test_any_article_gives_a_sound_document(tmp_path: Path, text: str, names: list[str | None], violations: list[str]):
    record = article(text, *map(victim, names), violation_types=violations, city="Orsk", country="U.S.")
    result = imported(tmp_path, record)
    told = result.aligned.get("violation", 0) + sum(loss.kind == "violation" for loss in result.losses)
    assert told == len(violations)
    assert "<p>" not in result.documents[0].text
