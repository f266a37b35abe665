"""Errors: their kinds, and which are won and lost between two versions."""

from __future__ import annotations

from collections import Counter

from hypothesis import given

from annotations import Document
from annotations.coverage import exhaustive
from tests.training.evaluation.evaluated import PAIRS, SCHEMA, Pairs, guess, layouts, marked, mixed
from training.evaluation.errors import ERRORS, changed, errors


def test_errors_have_the_kind_that_their_table_says_in_order_of_offset() -> None:
    gold = marked("{One|VICTIM} {two|TOLL:killed} {three four|DATE} {five|TARGET} {six|WEAPON} seven.")
    found = marked("{One|VICTIM} {two|TOLL:injured} three {four|DATE} {five|LOCATION} six {seven|WEAPON}.")
    listed = errors(gold, guess(found), SCHEMA)
    assert [error.kind for error in listed] == ["type", "boundary", "label", "missed", "spurious"]
    assert set(ERRORS) == {error.kind for error in listed}
    assert [error.start for error in listed] == sorted(error.start for error in listed)


@given(PAIRS)
def test_errors_list_each_span_that_is_not_exactly_right_once_on_its_side(pairs: Pairs) -> None:
    one = mixed(pairs)
    for document, prediction, listed in zip(one.documents, one.predictions, one.errors, strict=True):
        kept = exhaustive(document, SCHEMA)
        ours = Counter((s.start, s.end, s.label, s.type) for s in document.spans if s.label in kept)
        theirs = Counter((s.start, s.end, s.label, s.type) for s in prediction.spans if s.label in kept)
        for side, wrong in (("gold", ours - theirs), ("predicted", theirs - ours)):
            spans = [span for error in listed if (span := getattr(error, side))]
            assert Counter((s.start, s.end, s.label, s.type) for s in spans) == wrong


@given(layouts(), layouts(), layouts())
def test_equal_errors_are_no_change_and_others_are_won_and_lost(gold: Document, a: Document, b: Document) -> None:
    first, second = (errors(gold, guess(found), SCHEMA) for found in (a, b))
    assert changed(first, first) == ([], [])
    assert changed(first, []) == (first, [])
    assert changed([], second) == ([], second)
    won, lost = changed(first, second)
    assert changed(second, first) == (lost, won)
    for kind in ("missed", "boundary", "type", "label"):  # each of these stands on one gold span
        before, after, gained, failed = (
            sum(error.kind == kind for error in side) for side in (first, second, won, lost)
        )
        assert before - after == gained - failed
