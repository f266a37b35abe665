"""The embedded corpus: sound, with no id twice, and with enough documents in which nothing happens."""

from __future__ import annotations

from pathlib import Path

import pytest

import annotations
from annotations import load_schema, read_documents
from annotations.stats import count
from annotations.validate import validate
from training.merging.reports import read_reports

SETS = ["corpus/train", "corpus/dev", "corpus/test"]
PASSES = ["corpus/pass-a", "corpus/pass-b"]
FORMS = ["corpus/forms", "corpus/forms-dev"]
SEVERAL = ["corpus/several", "corpus/several-dev"]
STORIES = ["corpus/stories", "corpus/stories-dev"]
LONG = ["corpus/long", "corpus/long-dev", "corpus/long-test"]
REPORTS = ["corpus/reports"]
CONTRASTS = ["corpus/contrasts", "corpus/contrasts-dev"]


@pytest.mark.parametrize(
    "name", [*SETS, *PASSES, "corpus/long-second", *FORMS, *SEVERAL, *STORIES, *LONG, *REPORTS, *CONTRASTS]
)
def test_a_set_has_documents_and_no_faults(name: str) -> None:
    report = validate([name], load_schema())
    assert [str(fault) for fault in (*report.faults, *report.left_out)] == []
    assert report.documents > 0


def test_there_are_train_dev_and_test_sets_and_no_document_is_in_two() -> None:
    sets = (*SETS, *FORMS, *SEVERAL, *STORIES, *LONG, *REPORTS, *CONTRASTS)
    documents = [document for name in sets for document in read_documents(name)]
    assert len({document.id for document in documents}) == len(documents)
    assert len({document.sha256 for document in documents}) == len(documents)


def test_at_least_a_quarter_of_the_documents_report_no_attack() -> None:
    documents = [document for name in SETS for document in read_documents(name)]
    assert sum(not document.events for document in documents) >= len(documents) / 4


def test_the_corpus_is_as_large_and_as_varied_as_its_card_says() -> None:
    documents = [document for name in SETS for document in read_documents(name)]
    stats = count(documents)
    assert stats.documents >= 600
    assert stats.words >= 80_000
    assert stats.without_events >= 150
    assert len(stats.meta["country"]) >= 45
    assert len(stats.meta["genre"]) >= 8
    rare = {"hijacking": 20}
    assert all(stats.event[kind] >= rare.get(kind, 60) for kind in load_schema().attack_types)
    assert all(stats.type[f"TOLL:{kind}"] >= 80 for kind in load_schema().labels["TOLL"].types)
    long = [document for document in documents if len(document.text.split()) >= 500 and 2 <= len(document.events) <= 6]
    assert len(long) >= 60


def test_both_passes_are_of_the_same_texts_of_the_corpus() -> None:
    first, second = (read_documents(name) for name in PASSES)
    assert len(first) >= 120
    assert [document.id for document in first] == [document.id for document in second]
    texts = {document.id: document.text for name in SETS for document in read_documents(name)}
    assert all(texts[document.id] == document.text for document in (*first, *second))


def test_no_named_actor_stands_with_the_same_place_in_two_sets() -> None:
    pairs: dict[tuple[str, str], set[str]] = {}
    for name in SETS:
        for document in read_documents(name):
            for event in document.events:
                actors = [document.mention(document.span(i)) for i in event.roles["perpetrators"]]
                places = [document.mention(document.span(i)) for i in event.roles["locations"]]
                for actor in (a for a in actors if any(word[0].isupper() for word in a.split())):
                    for place in places:
                        pairs.setdefault((actor, place), set()).add(name)
    assert [pair for pair, names in pairs.items() if len(names) > 1] == []


def test_the_forms_have_figures_several_events_and_texts_without_any() -> None:
    documents = [document for name in FORMS for document in read_documents(name)]
    tolls = [document.mention(span) for document in documents for span in document.spans if span.label == "TOLL"]
    assert sum(any(map(str.isdigit, toll)) for toll in tolls) > len(tolls) / 2
    assert sum(len(document.events) > 2 for document in documents) >= 25
    assert sum(not document.events for document in documents) >= 300


def test_texts_with_several_attacks_mostly_have_two_of_one_type() -> None:
    documents = [document for name in SEVERAL for document in read_documents(name)]
    repeated = [d for d in documents if len({event.attack_type for event in d.events}) < len(d.events)]
    assert len(repeated) > len(documents) / 2
    assert {event.attack_type for document in documents for event in document.events} == set(load_schema().attack_types)


def test_stories_are_long_and_most_tell_of_several_attacks() -> None:
    documents = [document for name in STORIES for document in read_documents(name)]
    assert sum(len(document.text.split()) for document in documents) > 150 * len(documents)
    assert sum(len(document.events) > 1 for document in documents) > len(documents) / 2


def test_long_articles_are_long() -> None:
    documents = [document for name in LONG for document in read_documents(name)]
    assert sum(len(document.text.split()) for document in documents) > 450 * len(documents)
    assert sum(len(document.events) > 1 for document in documents) > len(documents) / 2


def test_the_second_annotation_of_long_articles_is_of_the_same_texts() -> None:
    texts = {document.id: document.text for document in read_documents("corpus/long-test")}
    second = read_documents("corpus/long-second")
    assert len(second) > len(texts) / 3
    assert all(texts[document.id] == document.text for document in second)


def test_annotated_reports_are_those_of_the_train_part_of_merging() -> None:
    reports = {one.id: one.text for one in read_reports(Path(annotations.__file__).parent / "reports" / "train.jsonl")}
    assert {document.id: document.text for document in read_documents("corpus/reports")} == reports


def test_contrasts_have_many_texts_without_an_attack_and_many_with_figures() -> None:
    documents = [document for name in CONTRASTS for document in read_documents(name)]
    assert sum(not document.events for document in documents) > 50
    assert sum(any(span.label == "TOLL" for span in document.spans) for document in documents) > len(documents) / 4
