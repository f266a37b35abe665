"""Agreement of two annotators."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import DataError, Document, Span
from annotations.agreement.comparison import Agreement, agreement

TEXT = "Looters broke into a granary at Osk."
LABELS = ["VICTIM", "TARGET"]


def annotated(*offsets: tuple[int, int], label: str = "VICTIM", document: str = "d1") -> Document:
    return Document(document, TEXT, [Span(f"S{i}", a, b, label) for i, (a, b) in enumerate(offsets)])


@st.composite
def annotation(draw: st.DrawFn) -> Document:
    """One annotator's spans: free of overlaps within a label, but not across labels."""
    spans: list[Span] = []
    for label in LABELS:
        cuts = sorted(draw(st.sets(st.integers(0, len(TEXT)), max_size=10)))
        pairs = pairwise(cuts)
        chosen = [pair for pair in pairs if draw(st.booleans())]
        spans += [Span(f"{label}{i}", a, b, label) for i, (a, b) in enumerate(chosen)]
    return Document("d1", TEXT, spans)


def most_pairs(first: list[Span], second: list[Span]) -> int:
    """The size of the largest one-to-one pairing of overlapping spans, by trying all of them."""
    if not first:
        return 0
    head, *rest = first
    free = [most_pairs(rest, second)]
    for partner in second:
        if head.start < partner.end and partner.start < head.end:
            free.append(1 + most_pairs(rest, [span for span in second if span != partner]))
    return max(free)


@given(annotation(), annotation())
def test_agreement_is_symmetric_and_pairs_as_many_spans_as_can_be(first: Document, second: Document) -> None:
    table, back = agreement([first], [second], LABELS), agreement([second], [first], LABELS)
    for label in (*LABELS, "all"):
        one, other = table[label], back[label]
        assert (one.exact_f1, one.partial_f1) == (other.exact_f1, other.partial_f1)
        assert 0.0 <= one.exact_f1 <= one.partial_f1 <= 1.0
    for label in LABELS:
        marked = [[span for span in document.spans if span.label == label] for document in (first, second)]
        assert table[label].partial == most_pairs(*marked)


@given(annotation())
def test_an_annotator_agrees_with_oneself(document: Document) -> None:
    for row in agreement([document], [document], LABELS).values():
        assert row.first == row.exact == row.partial
        assert row.exact_f1 == row.partial_f1 == 1.0


def test_counts_are_summed_over_documents_in_any_order_and_over_labels() -> None:
    granary = annotated((21, 28), label="TARGET", document="d2")
    first = [annotated((0, 7), (8, 13)), granary]
    second = [granary, annotated((0, 7), (9, 18))]
    assert agreement(first, second, LABELS) == {
        "VICTIM": Agreement(first=2, second=2, exact=1, partial=2),
        "TARGET": Agreement(first=1, second=1, exact=1, partial=1),
        "all": Agreement(first=3, second=3, exact=2, partial=3),
    }


def test_f1_weighs_the_spans_of_both() -> None:
    row = agreement([annotated((0, 7), (8, 13), (19, 28))], [annotated((0, 7))], ["VICTIM"])["VICTIM"]
    assert row.exact_f1 == row.partial_f1 == pytest.approx(2 / 4)


def test_a_long_span_is_paired_once_and_touching_is_not_overlapping() -> None:
    assert agreement([annotated((0, 13))], [annotated((0, 4), (5, 9), (10, 13))], ["VICTIM"])["VICTIM"].partial == 1
    assert agreement([annotated((0, 7))], [annotated((7, 13))], ["VICTIM"])["VICTIM"].partial == 0


def test_the_same_words_under_another_label_do_not_agree() -> None:
    table = agreement([annotated((0, 7))], [annotated((0, 7), label="TARGET")], LABELS)
    assert table["all"] == Agreement(first=1, second=1, exact=0, partial=0)


def test_nothing_marked_by_both_is_full_agreement() -> None:
    assert agreement([annotated()], [annotated()], LABELS)["all"].exact_f1 == 1.0
    assert agreement([], [], LABELS)["VICTIM"].partial_f1 == 1.0


def test_other_documents_or_texts_are_refused_with_all_of_them_named() -> None:
    changed = Document("d1", TEXT.upper())
    with pytest.raises(DataError) as caught:
        agreement([annotated(), annotated(document="d2")], [changed, annotated(document="d3")], LABELS)
    assert {(fault.document, fault.problem) for fault in caught.value.faults} == {
        ("d1", "has different texts in the two annotations"),
        ("d2", "is in one annotation only"),
        ("d3", "is in one annotation only"),
    }


def test_overlapping_spans_of_one_label_are_refused() -> None:
    with pytest.raises(DataError, match="document 'd1': span S1: has overlapping VICTIM spans"):
        agreement([annotated((0, 7))], [annotated((0, 7), (0, 13))], ["VICTIM"])
