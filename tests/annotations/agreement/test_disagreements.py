"""Disagreements of two annotators, and the comparison of all pairs."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import DataError, Document, Span
from annotations.agreement.comparison import compare
from annotations.agreement.disagreements import Disagreement, confusion, disagreements, pairs
from tests.annotations.agreement.annotated import (
    DATED,
    FARMERS,
    FOUR_FARMERS,
    LABELS,
    SHOT_FOUR,
    TEXT,
    document,
    marked,
    place,
)


@given(marked(), marked())
def test_each_span_stands_in_one_pair_and_paired_spans_overlap(first: Document, second: Document) -> None:
    found = list(pairs(first, second))
    assert Counter(a for a, _ in found if a) == Counter(first.spans)
    assert Counter(b for _, b in found if b) == Counter(second.spans)
    assert all(a.start < b.end and b.start < a.end for a, b in found if a and b)


@given(marked(), marked())
def test_no_two_spans_that_overlap_are_both_left_alone(first: Document, second: Document) -> None:
    found = list(pairs(first, second))
    lonely = [a for a, b in found if a and not b], [b for a, b in found if b and not a]
    assert not [(a, b) for a in lonely[0] for b in lonely[1] if a.start < b.end and b.start < a.end]


@given(marked(), marked())
def test_disagreements_are_the_same_seen_from_the_other_annotator(first: Document, second: Document) -> None:
    here = Counter((one.kind, one.first, one.second) for one in disagreements(first, second))
    there = Counter((one.kind, one.second, one.first) for one in disagreements(second, first))
    assert here == there


@given(marked())
def test_an_annotation_does_not_differ_from_itself(made: Document) -> None:
    assert disagreements(made, made) == []


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (FARMERS, FOUR_FARMERS, "boundary"),
        (FARMERS, replace(FARMERS, label="TARGET"), "label"),
        (FARMERS, replace(FOUR_FARMERS, label="TARGET"), "label"),
        (place(TEXT, "shot", "ATTACK", "bombing"), place(TEXT, "shot", "ATTACK", "shelling"), "type"),
        (FARMERS, None, "missing"),
        (None, FARMERS, "missing"),
    ],
)
def test_disagreements_are_told_by_kind(first: Span | None, second: Span | None, kind: str) -> None:
    sides = [document(*filter(None, [span])) for span in (first, second)]
    (one,) = disagreements(*sides)
    assert (one.kind, one.first, one.second) == (kind, first, second)


@pytest.mark.parametrize(
    ("span", "others", "partner"),
    [
        (FARMERS, [replace(FOUR_FARMERS, label="TARGET"), FARMERS], FARMERS),
        (FOUR_FARMERS, [SHOT_FOUR, replace(FOUR_FARMERS, label="TARGET")], SHOT_FOUR),
        (FOUR_FARMERS, [replace(SHOT_FOUR, label="TARGET"), DATED], DATED),
    ],
    ids=["the equal span", "one of the same label", "the longest overlap"],
)
def test_spans_are_paired_with_the_nearest(span: Span, others: list[Span], partner: Span) -> None:
    (found,) = [b for a, b in pairs(document(span), document(*others)) if a]
    assert found is not None
    assert replace(found, id="S1") == partner


def test_a_disagreement_shows_the_words_of_both_and_the_text_around() -> None:
    text = "a" * 70 + " four farmers " + "z" * 70
    first, second = place(text, "four", "VICTIM"), place(text, "farmers", "DATE")
    one, two = disagreements(document(first, text=text), document(second, text=text))
    assert (one.before, one.words, one.after) == ("a" * 59 + " ", "four", " farmers " + "z" * 51)
    assert (two.first, two.second, two.words) == (None, second, "farmers")
    wide = replace(first, end=second.end)
    (three,) = disagreements(document(wide, text=text), document(replace(second, label="VICTIM"), text=text))
    assert three.words == "four farmers"


def test_disagreements_stand_in_order_of_offset() -> None:
    first = document(place(TEXT, "Ndoro", "LOCATION"), place(TEXT, "Gao", "LOCATION"))
    second = document(place(TEXT, "Gao", "TARGET"), place(TEXT, "Gunmen", "PERPETRATOR"))
    assert [one.words for one in disagreements(first, second)] == ["Gunmen", "Gao", "Ndoro"]


def test_a_disagreement_is_plain_values() -> None:
    one = Disagreement("d1", "missing", FARMERS, None, "four ", "farmers", " in")
    assert json.loads(json.dumps(one.to_dict())) == {
        "document": "d1", "kind": "missing", "before": "four ", "words": "farmers", "after": " in",
        "first": {"id": "S1", "start": 17, "end": 24, "label": "VICTIM", "type": None}, "second": None,
    }  # fmt: skip


def test_confusion_counts_pairs_of_labels() -> None:
    gao, raid = place(TEXT, "Gao", "LOCATION"), place(TEXT, "raid", "WEAPON")
    first = [document(FARMERS, gao), document(gao, name="d2")]
    second = [document(FOUR_FARMERS, replace(gao, label="TARGET"), raid), document(gao, name="d2")]
    assert confusion(first, second) == {
        ("VICTIM", "VICTIM"): 1, ("LOCATION", "TARGET"): 1, ("LOCATION", "LOCATION"): 1, (None, "WEAPON"): 1,
    }  # fmt: skip


def test_pairs_of_annotators_are_compared_on_the_documents_that_both_have() -> None:
    one, two, three = (document(FARMERS, name=name) for name in ("d1", "d2", "d3"))
    found = compare({"ana": [one, two], "ben": [two, replace(one, spans=[])], "cleo": [three, one]}, LABELS)
    assert [(pair.first, pair.second, pair.documents) for pair in found.pairs] == [
        ("ana", "ben", 2),
        ("ana", "cleo", 1),
        ("ben", "cleo", 1),
    ]
    assert found.single == ["d3"]
    assert found.annotators == {"ana": 2, "ben": 2, "cleo": 2}
    assert [pair.labels["VICTIM"].exact for pair in found.pairs] == [1, 1, 0]


def test_annotators_without_a_common_document_are_no_pair() -> None:
    one, two = document(name="d1"), document(name="d2")
    found = compare({"ana": [one], "ben": [two], "cleo": [one, two]}, LABELS)
    assert [(pair.first, pair.second) for pair in found.pairs] == [("ana", "cleo"), ("ben", "cleo")]


def test_the_mean_over_pairs_weighs_each_by_its_spans() -> None:
    one, more = document(FARMERS), document(FARMERS, place(TEXT, "Gunmen shot", "VICTIM"))
    found = compare({"ana": [one], "ben": [one], "cleo": [more]}, LABELS)
    weighed = (2 * 1 + 3 * 2 / 3 + 3 * 2 / 3) / (2 + 3 + 3)
    assert found.mean("VICTIM") == found.mean("all") == (pytest.approx(weighed), pytest.approx(weighed))


def test_the_mean_tells_exact_from_partial_agreement() -> None:
    found = compare({"ana": [document(FARMERS)], "ben": [document(FOUR_FARMERS)]}, LABELS)
    assert found.mean("VICTIM") == (0.0, 1.0)


def test_a_label_that_nobody_marked_has_no_figures() -> None:
    found = compare({"ana": [document(FARMERS)], "ben": [document(FARMERS)]}, LABELS)
    assert (found.mean("DATE"), found.alpha["DATE"]) == ((None, None), None)
    assert found.mean("VICTIM") == found.mean("all") == (1.0, 1.0)


def test_the_mean_leaves_out_pairs_in_which_nobody_marked_the_label() -> None:
    one, none = document(FARMERS), document(name="d2")
    found = compare({"ana": [one], "ben": [one, none], "cleo": [none]}, LABELS)
    assert (len(found.pairs), found.mean("VICTIM")) == (2, (1.0, 1.0))


@given(st.lists(marked(), min_size=3, max_size=3))
def test_the_mean_does_not_depend_on_the_order_of_annotators(made: list[Document]) -> None:
    found = compare({f"a{i}": [one] for i, one in enumerate(made)}, LABELS)
    other = compare({f"a{i}": [one] for i, one in enumerate(reversed(made))}, LABELS)
    for label in (*LABELS, "all"):
        exact, partial = found.mean(label)
        marked_at_all = any(label in ("all", span.label) for one in made for span in one.spans)
        assert other.mean(label) == ((pytest.approx(exact), pytest.approx(partial)) if marked_at_all else (None, None))
        assert exact is None or partial is None or 0.0 <= exact <= partial <= 1.0


def test_disagreements_of_a_pair_stand_by_kind_and_are_counted() -> None:
    gao, shot = place(TEXT, "Gao", "LOCATION"), place(TEXT, "shot", "ATTACK", "bombing")
    first = document(FARMERS, gao, shot, place(TEXT, "raid", "WEAPON"))
    second = document(FOUR_FARMERS, replace(gao, label="TARGET"), replace(shot, type="shelling"))
    (pair,) = compare({"ana": [first], "ben": [second]}, LABELS).pairs
    assert [one.kind for one in pair.disagreements] == ["label", "type", "missing", "boundary"]
    assert pair.kinds() == {"label": 1, "type": 1, "missing": 1, "boundary": 1}


def test_a_comparison_is_plain_values() -> None:
    one, gao = document(FARMERS), document(FARMERS, place(TEXT, "Gao", "LOCATION"))
    found = json.loads(json.dumps(compare({"ana": [one, document(name="d2")], "ben": [gao]}, LABELS).to_dict()))
    assert (found["annotators"], found["annotated_once"]) == ({"ana": 2, "ben": 1}, ["d2"])
    assert list(found["labels"]) == [*LABELS, "all"]
    assert found["labels"]["VICTIM"] == {"exact_f1": 1.0, "partial_f1": 1.0, "alpha": 1.0}
    assert found["labels"]["DATE"] == {"exact_f1": None, "partial_f1": None, "alpha": None}
    (pair,) = found["pairs"]
    assert pair["labels"]["LOCATION"] == {
        "first": 0, "second": 1, "exact": 0, "partial": 0, "exact_f1": 0.0, "partial_f1": 0.0,
    }  # fmt: skip
    assert {"first": None, "second": "LOCATION", "count": 1} in pair["confusion"]
    assert [one["words"] for one in pair["disagreements"]] == ["Gao"]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ({"ana": [document()]}, "there are annotations of one annotator only; give files of two or more annotators"),
        ({}, "there are annotations of one annotator only; give files of two or more annotators"),
        (
            {"ana": [document()], "ben": [document(name="d2")]},
            "no document was annotated by two annotators; give annotations of the same documents",
        ),
        (
            {"ana": [document()], "ben": [document(text="Rain.")]},
            "document 'd1': has different texts in the two annotations; annotate the same text",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(made: dict[str, list[Document]], message: str) -> None:
    with pytest.raises(DataError) as caught:
        compare(made, LABELS)
    assert str(caught.value) == message
