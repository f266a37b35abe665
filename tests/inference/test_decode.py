"""Decoding: from probabilities to spans."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.decode import Mention, _best_path, _viterbi, decode, softmax

CLASSES = (
    ("TOLL", "killed"), ("TOLL", "injured"), ("DATE", None), ("ATTACK", "bombing"), ("ATTACK", "arson"),
    ("ATTACK", "shelling"),
)  # fmt: skip
TAGS = ("O", *(f"{prefix}-{label}{f':{kind}' if kind else ''}" for label, kind in CLASSES for prefix in "BI"))
NO_BREAKS = np.zeros(0, dtype=np.int64)
TYPES = {"TOLL": {"killed", "injured"}, "DATE": {None}, "ATTACK": {"bombing", "arson", "shelling"}}


@st.composite
def probabilities(draw: st.DrawFn, most: int = 12) -> np.ndarray:
    """Rows of probabilities over the tags, from even to sharp; none is nearly 0."""
    rows, seed, sharpness = (
        draw(st.integers(1, most)),
        draw(st.integers(0, 2**32 - 1)),
        draw(st.sampled_from([0.1, 0.5, 3])),
    )
    drawn = np.random.default_rng(seed).dirichlet([sharpness] * len(TAGS), rows)
    return 0.999 * drawn + 0.001 / len(TAGS)


def rows_of(*rows: dict[str, float]) -> np.ndarray:
    """Rows given by tag; what a row leaves goes to O."""
    array = np.zeros((len(rows), len(TAGS)))
    for number, row in enumerate(rows):
        for tag, value in row.items():
            array[number, TAGS.index(tag)] = value
        array[number, 0] += 1 - array[number].sum()
    return array


def legal(path: tuple[int, ...]) -> bool:
    """Whether every I- (2, 4, …) follows the B- or I- of its label (the column before it, or its own)."""
    return all(column == 0 or column % 2 or before in (column - 1, column) for before, column in pairwise((0, *path)))


def spanned(mentions: list[Mention]) -> int:
    """Number of words in spans."""
    return sum(mention.end - mention.start for mention in mentions)


def test_no_words_have_no_spans():
    assert decode(np.zeros((0, len(TAGS))), CLASSES) == []


def test_begin_parts_neighbours_and_inside_goes_on():
    found = decode(rows_of({"B-DATE": 0.9}, {"I-DATE": 0.9}, {"B-DATE": 0.9}, {}), CLASSES)
    assert [(mention.start, mention.end, mention.label, mention.type) for mention in found] == [
        (0, 2, "DATE", None),
        (2, 3, "DATE", None),
    ]


def test_inside_without_begin_is_no_span():
    assert decode(rows_of({"I-DATE": 0.9}, {"I-DATE": 0.9}), CLASSES) == []


def test_inside_of_another_label_does_not_go_on():
    found = decode(rows_of({"B-DATE": 0.9}, {"I-TOLL:killed": 0.9}), CLASSES)
    assert [(mention.start, mention.end, mention.label) for mention in found] == [(0, 1, "DATE")]


def test_types_of_a_label_add_up_against_outside():
    (found,) = decode(rows_of({"B-TOLL:killed": 0.32, "B-TOLL:injured": 0.28}), CLASSES)
    assert (found.label, found.type) == ("TOLL", "killed")
    assert found.score == pytest.approx(0.6 * 0.32 / 0.6)


def test_one_type_is_chosen_for_the_whole_span():
    (found,) = decode(
        rows_of({"B-TOLL:killed": 0.5, "B-TOLL:injured": 0.4}, {"I-TOLL:injured": 0.8, "I-TOLL:killed": 0.1}), CLASSES
    )
    assert (found.start, found.end, found.type) == (0, 2, "injured")


def test_score_is_the_geometric_mean_over_words():
    (found,) = decode(rows_of({"B-DATE": 0.9}, {"I-DATE": 0.6}), CLASSES)
    assert found.score == pytest.approx((0.9 * 0.6) ** 0.5)


def test_outside_weight_finds_more_and_leaves_the_score_alone():
    row = rows_of({"B-DATE": 0.4})
    assert decode(row, CLASSES) == []
    (found,) = decode(row, CLASSES, outside_weight=0.5)
    assert found.score == pytest.approx(0.4)


@given(probabilities())
def test_spans_are_in_order_inside_the_text_and_apart(array: np.ndarray):
    edges = [edge for mention in decode(array, CLASSES) for edge in (mention.start, mention.end)]
    assert edges == sorted(edges)
    assert not edges or (edges[0] >= 0 and edges[-1] <= len(array))
    assert all(mention.start < mention.end for mention in decode(array, CLASSES))


@given(probabilities())
def test_label_type_and_score_are_possible(array: np.ndarray):
    for mention in decode(array, CLASSES, outside_weight=0.3):
        assert mention.type in TYPES[mention.label]
        assert 0 < mention.score <= 1


@given(st.integers(0, 2**32 - 1))
def test_certain_words_never_score_above_one(seed: int):
    logits = np.random.default_rng(seed).normal(0, 60, (8, len(TAGS))).astype(np.float32)
    found = decode(softmax(logits), CLASSES, outside_weight=0.01)
    assert all(0 < mention.score <= 1 for mention in found)
    assert found


@given(probabilities(), st.floats(0.01, 0.99))
def test_lower_outside_weight_never_spans_fewer_words(array: np.ndarray, weight: float):
    assert spanned(decode(array, CLASSES, outside_weight=weight)) >= spanned(decode(array, CLASSES))


@given(st.integers(1, 5), st.integers(1, 2), st.integers(0, 2**32 - 1), st.sets(st.integers(0, 4)))
def test_path_is_the_best_legal_one(rows: int, labels: int, seed: int, breaks: set[int]):
    scores = np.random.default_rng(seed).normal(0, 2, (rows, 1 + 2 * labels))
    given = np.array(sorted(row for row in breaks if row < rows), dtype=np.int64)
    path = tuple(_best_path(scores, given).tolist())
    paths = [
        tried
        for tried in product(range(scores.shape[1]), repeat=rows)
        if legal(tried) and not any(tried[row] and tried[row] % 2 == 0 for row in given)
    ]
    assert path == max(paths, key=lambda tried: sum(scores[row, column] for row, column in enumerate(tried)))


@given(probabilities(most=40))
def test_no_inside_without_a_begin_of_its_label(array: np.ndarray):
    assert legal(tuple(_best_path(np.log(array), NO_BREAKS).tolist()))


@given(probabilities(most=40), st.sets(st.integers(0, 39)))
def test_path_is_that_of_a_search_word_by_word(array: np.ndarray, breaks: set[int]):
    given = np.array(sorted(row for row in breaks if row < len(array)), dtype=np.int64)
    starts, scores = np.zeros(1, dtype=np.int64), np.log(array)
    scores[np.ix_(given, np.arange(2, scores.shape[1], 2))] = -np.inf
    whole = _viterbi(scores, starts, np.array([len(array)]))
    assert (whole == _best_path(np.log(array), given)).all()


@given(st.integers(0, 2**32 - 1), st.floats(0.2, 5))
def test_softmax_sums_to_one_and_keeps_the_order(seed: int, temperature: float):
    logits = np.random.default_rng(seed).normal(0, 5, (4, 7)).astype(np.float32)
    found = softmax(logits, temperature)
    assert found.sum(axis=-1) == pytest.approx(1)
    assert (found.argmax(axis=-1) == logits.argmax(axis=-1)).all()


def test_high_temperature_lowers_confidence():
    logits = np.array([[2.0, 0.0]], dtype=np.float32)
    assert softmax(logits, 2.0)[0, 0] == pytest.approx(1 / (1 + np.exp(-1)))
    assert softmax(logits, 2.0)[0, 0] < softmax(logits)[0, 0]
