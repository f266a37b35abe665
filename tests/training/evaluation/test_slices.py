"""Slices of test data, and the regions that countries belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from annotations import Document, Event, Span, load_schema, read_documents
from annotations.io.config_files import find_config, read_yaml
from annotations.text.words import words
from tests.training.evaluation.evaluated import evaluated, guess, marked
from training.evaluation.counts import Score
from training.evaluation.evaluate import Evaluation
from training.evaluation.slices import Mentions, Slice, slices
from training.evaluation.training_overlap import mentions

SCHEMA = load_schema()


def cut(one: Evaluation, seen: Mentions | None = None) -> dict[tuple[str, str], Slice]:
    found = slices(one, seen)
    assert len({(part.kind, part.value) for part in found}) == len(found)
    return {(part.kind, part.value): part for part in found}


def alone(document: Document) -> dict[str, list[str]]:
    """The slices that a single document stands in, by kind."""
    found: dict[str, list[str]] = {}
    for kind, value in cut(evaluated((document, document))):
        found.setdefault(kind, []).append(value)
    return found


def test_documents_stand_in_the_slices_of_their_meta_and_events() -> None:
    one = evaluated(
        *(
            (document, document)
            for document in (
                marked("{Shot|ATTACK|E1}, {blown up|ATTACK|E2}.", "E1: armed_assault\nE2: bombing",
                       country="Mali", genre="wire", date="1998-05-01"),
                marked("{Shot|ATTACK|E1}.", "E1: armed_assault", country="Niger", genre="report", date="2001",
                       source="radio"),
                marked("Quiet.", country="Nowhere", genre="wire", date="2009-12-31"),
            )
        )
    )  # fmt: skip
    found = {key: part.documents for key, part in cut(one).items() if key[0] != "letter case"}
    assert found == {
        ("attack type", "armed_assault"): (0, 1),
        ("attack type", "bombing"): (0,),
        ("attack type", "none"): (2,),
        ("region", "West Africa"): (0, 1),
        ("region", "other"): (2,),
        ("genre", "wire"): (0, 2),
        ("genre", "report"): (1,),
        ("source", "radio"): (1,),
        ("words", "under 150"): (0, 1, 2),
        ("events", "2"): (0,),
        ("events", "1"): (1,),
        ("events", "0"): (2,),
        ("decade", "1990s"): (0,),
        ("decade", "2000s"): (1, 2),
    }


def test_a_slice_counts_its_own_documents_only() -> None:
    right, wrong = (
        marked("{Gunmen|PERPETRATOR} left {Gao|LOCATION}.", genre="wire"),
        marked("{Gunmen|VICTIM} left Gao."),
    )
    found = cut(evaluated((right, right), (marked("{Gunmen|PERPETRATOR} left Gao.", genre="report"), wrong)))
    wire, report = found["genre", "wire"], found["genre", "report"]
    assert (wire.gold, report.gold) == (1, 1)  # a place is no core label
    assert wire.tally.score(*wire.measure.rows) == Score(1, 1, 1)
    assert report.tally.score(*report.measure.rows) == Score(0, 1, 1)
    assert wire.measure.name == "partial_core"


@pytest.mark.parametrize(
    ("number", "name"),
    [(1, "under 150"), (149, "under 150"), (150, "150 to 299"), (299, "150 to 299"), (300, "300 to 599"),
     (599, "300 to 599"), (600, "600 or more"), (2000, "600 or more")],
)  # fmt: skip
def test_lengths_are_counted_in_words_with_the_lower_bound_inside(number: int, name: str) -> None:
    document = Document("d1", "word " * number)
    assert len(words(document.text)) == number
    assert alone(document)["words"] == [name]


def test_slices_of_length_come_from_short_to_long() -> None:
    texts = [Document("d1", "word " * number) for number in (700, 10, 400, 200)]
    found = [value for kind, value in cut(evaluated(*((text, text) for text in texts))) if kind == "words"]
    assert found == ["under 150", "150 to 299", "300 to 599", "600 or more"]


@pytest.mark.parametrize(("number", "name"), [(0, "0"), (1, "1"), (2, "2"), (3, "3 or more"), (7, "3 or more")])
def test_many_events_are_one_slice(number: int, name: str) -> None:
    spans = [Span(f"S{i}", i, i + 1, "ATTACK", "bombing") for i in range(number)]
    document = Document("d1", "x" * 9, spans, [Event(f"E{s.id}", "bombing", {"triggers": (s.id,)}) for s in spans])
    assert alone(document)["events"] == [name]


@pytest.mark.parametrize(
    "meta", [{}, {"country": None, "genre": None, "date": None}, {"country": 3, "genre": ["wire"], "date": "unknown"}]
)
def test_documents_without_usable_meta_stand_in_no_slice_of_it(meta: Mapping[str, object]) -> None:
    assert set(alone(replace(marked("Quiet."), meta=meta))) == {"attack type", "words", "events"}


@pytest.mark.parametrize(
    ("date", "decades"),
    [
        ("1999", ["1990s"]),
        (1999, ["1990s"]),
        ("2000-01-01", ["2000s"]),
        ("May 1999", []),
        ("", []),
        ("98", []),
    ],
)
def test_decades_are_read_off_dates_that_begin_with_a_year(date: object, decades: list[str]) -> None:
    assert alone(marked("Quiet.", date=date)).get("decade", []) == decades


def test_documents_whose_events_are_not_annotated_are_not_said_to_have_none() -> None:
    found = alone(marked("{Shot|ATTACK:armed_assault} in {Gao|LOCATION}."))
    assert "attack type" not in found
    assert "events" not in found


# --- mentions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mention", "case"),
    [
        ("IRA", "all capitals"),
        ("AK-47", "all capitals"),
        ("Boko Haram", "capitalised"),
        ("Émile", "capitalised"),
        ("gunmen", "lower case"),
        ("éleveurs", "lower case"),
        ("12 soldiers", "no letter first"),
        ("12", "no letter first"),
        ("7 May", "no letter first"),
        ("‘Gunmen’", "no letter first"),
        ("ВДВ", "all capitals"),
        ("Боевики", "capitalised"),
    ],
)
def test_letter_case_is_that_of_the_mention(mention: str, case: str) -> None:
    assert alone(Document("d1", mention, [Span("S1", 0, len(mention), "TARGET")]))["letter case"] == [case]


@pytest.mark.parametrize("mention", ["al-Shabaab", "last Thursday", "suspected Islamist rebels", "مسلحون", "武装分子"])
def test_a_mention_that_begins_with_a_letter_is_not_said_to_have_none_first(mention: str) -> None:
    found = alone(Document("d1", mention, [Span("S1", 0, len(mention), "TARGET")]))["letter case"]
    assert found != ["no letter first"]


def test_mentions_are_cut_one_by_one_with_strict_match() -> None:
    gold = marked("{IRA|PERPETRATOR} men, {Hamas|PERPETRATOR} men, {two|TOLL:killed} {boys|VICTIM}.")
    found = marked("{IRA|PERPETRATOR} men, {Hamas men|PERPETRATOR}, {two|TOLL:injured} {boys|VICTIM}.")
    calm = marked("{GAO|LOCATION} is quiet.")
    parts = cut(evaluated((gold, found), (calm, Document("d1", calm.text))))
    scores = {value: part.tally.score("strict/all") for (kind, value), part in parts.items() if kind == "letter case"}
    assert scores == {
        "all capitals": Score(1, 1, 2),
        "capitalised": Score(0, 1, 1),
        "lower case": Score(1, 2, 2),
    }
    assert parts["letter case", "all capitals"].documents == (0, 1)
    assert parts["letter case", "lower case"].documents == (0,)
    assert parts["letter case", "all capitals"].gold == 2


def test_mentions_of_the_training_data_are_told_apart_by_label_and_whatever_their_case() -> None:
    known = mentions([marked("{Gunmen|PERPETRATOR} in {GAO|LOCATION}, {Straße|TARGET}.")])
    gold = marked("{gunmen|PERPETRATOR} met {gunmen|VICTIM} in {Gao|LOCATION}, {Tov|LOCATION}, {STRASSE|TARGET}.")
    parts = cut(evaluated((gold, gold)), known)
    assert parts["mention in training", "seen"].gold == 3
    assert parts["mention in training", "unseen"].gold == 2
    assert not [key for key in cut(evaluated((gold, gold))) if key[0] == "mention in training"]
    assert [key for key in cut(evaluated((gold, gold)), {}) if key[0] == "mention in training"] == [
        ("mention in training", "unseen")
    ]


def test_mentions_of_labels_that_are_annotated_in_part_are_left_out() -> None:
    gold = marked("{Gunmen|PERPETRATOR} in {GAO|LOCATION}.", coverage={"LOCATION": "some"})
    assert alone(gold)["letter case"] == ["capitalised"]


def test_slices_of_mentions_hold_every_span_once() -> None:
    documents = read_documents("corpus/dev")[:12]
    others = [*documents[1:], *documents[:1]]
    one = Evaluation(
        "tiny",
        documents,
        [guess(Document(d.id, d.text, [s for s in other.spans if s.end <= len(d.text)]))
         for d, other in zip(documents, others, strict=True)],
        SCHEMA,
    )  # fmt: skip
    micro = one.scores["strict"].micro
    for kind in ("letter case", "mention in training"):
        parts = [
            part.tally.score("strict/all") for key, part in cut(one, mentions(documents[:3])).items() if key[0] == kind
        ]
        assert sum(part.gold for part in parts) == micro.gold > 0
        assert sum(part.predicted for part in parts) == micro.predicted > 0
        assert sum(part.matched for part in parts) == micro.matched


# --- regions ----------------------------------------------------------------------------------------------------------


def test_each_country_stands_in_one_region() -> None:
    countries = [country for names in read_yaml(find_config("regions", "evaluation")).values() for country in names]
    assert all(isinstance(country, str) for country in countries)  # YAML reads a bare No as false
    assert [name for name, number in Counter(countries).items() if number > 1] == []


@pytest.mark.parametrize("name", ["corpus/train", "corpus/dev", "corpus/test"])
def test_every_country_of_the_corpus_has_a_region(name: str) -> None:
    known = {country for names in read_yaml(find_config("regions", "evaluation")).values() for country in names}
    named = {document.meta["country"] for document in read_documents(name)}
    assert named
    assert named <= known


def test_a_year_is_a_slice_from_five_documents_on() -> None:
    found = [marked("Quiet.", date=f"{year}-05-01") for year in (1999, 1999, 1999, 1999, 2001, 2001, 2001, 2001, 2001)]
    years = {value: part.documents for (kind, value), part in cut(evaluated(*zip(found, found, strict=True))).items()
             if kind == "year"}  # fmt: skip
    assert years == {"2001": (4, 5, 6, 7, 8)}
