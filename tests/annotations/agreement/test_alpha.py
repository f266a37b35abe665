"""Krippendorff's alpha over the words of documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import Document, Span
from annotations.agreement.alpha import alphas, word_labels
from annotations.text.words import words
from tests.annotations.agreement.annotated import (
    KINDS,
    LABELS,
    Annotators,
    annotators,
)


@st.composite
def tables(draw: st.DrawFn) -> Annotators:
    """Two or three annotators of up to three documents, some of which one or the other did not annotate."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=3))
    made: dict[str, dict[str, str]] = {}
    for who in ("ana", "ben", "cleo")[: draw(st.integers(2, 3))]:
        done = [number for number in range(len(sizes)) if draw(st.integers(0, 4))]
        made[who] = {
            f"d{number}": "".join(draw(st.lists(st.sampled_from("..vt"), min_size=size, max_size=size)))
            for number, size in enumerate(sizes)
            if number in done
        }
    return annotators(**made)


def units(made: Annotators, label: str | None) -> list[list[str]]:
    """The values that each word has: labels or, where one label is asked for, that label or anything else."""
    found = []
    texts = {name: document.text for own in made.values() for name, document in own.items()}
    for name, text in texts.items():
        for start, _ in words(text):
            own = [[s.label for s in d[name].spans if s.start == start] for d in made.values() if name in d]
            values = [labels[0] if labels else "" for labels in own]
            found.append([str(value == label) for value in values] if label else values)
    return found


def alpha_by_definition(found: Sequence[Sequence[str]]) -> float | None:
    """Krippendorff's alpha from coincidences of values, for nominal data."""
    coincidences: defaultdict[tuple[str, str], float] = defaultdict(float)
    for values in found:
        for one, other in permutations(values, 2):
            coincidences[one, other] += 1 / (len(values) - 1)
    totals: defaultdict[str, float] = defaultdict(float)
    for (one, _), count in coincidences.items():
        totals[one] += count
    if len(totals) < 2:
        return None
    observed = sum(count for (one, other), count in coincidences.items() if one != other)
    expected = sum(totals[a] * totals[b] for a, b in permutations(totals, 2)) / (sum(totals.values()) - 1)
    return 1 - observed / expected


def near(values: Mapping[str, float | None]) -> dict[str, Any]:
    return {key: None if value is None else pytest.approx(value) for key, value in values.items()}


def test_alpha_is_that_of_the_binary_example_in_the_literature() -> None:
    made = annotators(ana={"d1": ".v......v."}, ben={"d1": "vvv..v...."})
    assert alphas(made, ["VICTIM"])["VICTIM"] == pytest.approx(1 - 19 * 4 / (14 * 6))


def test_alpha_is_that_of_the_example_with_missing_values_in_the_literature() -> None:
    code = dict(zip("12345", KINDS, strict=True))
    rows = {"ana": "123321412___", "ben": "1233224125_3", "cleo": "_3332342251_", "dora": "12332441251_"}
    made = {
        who: {f"d{at:02}": code[value] for at, value in enumerate(values) if value != "_"}
        for who, values in rows.items()
    }
    assert alphas(annotators(**made), list(KINDS.values()))["all"] == pytest.approx(0.743, abs=0.0005)


@given(tables())
def test_alpha_agrees_with_its_definition(made: Annotators) -> None:
    expected = {label: alpha_by_definition(units(made, label)) for label in ("VICTIM", "TARGET")}
    assert alphas(made, ["VICTIM", "TARGET"]) == near({**expected, "all": alpha_by_definition(units(made, None))})


@given(tables(), st.randoms())
def test_alpha_does_not_depend_on_the_order_of_annotators_or_documents(made: Annotators, random: Any) -> None:
    def shuffled(items: Mapping[str, Any]) -> dict[str, Any]:
        return dict(random.sample(list(items.items()), len(items)))

    other = {who: shuffled(own) for who, own in shuffled(made).items()}
    assert alphas(other, LABELS) == near(alphas(made, LABELS))


@given(st.text(".vt", min_size=1, max_size=8), st.integers(2, 4))
def test_alpha_of_equal_annotations_is_1_unless_every_word_has_the_same_value(codes: str, people: int) -> None:
    made = annotators(**{f"a{number}": {"d1": codes} for number in range(people)})
    found = alphas(made, ["VICTIM", "TARGET"])
    assert found["VICTIM"] == (1.0 if 0 < codes.count("v") < len(codes) else None)
    assert found["all"] == (1.0 if len(set(codes)) > 1 else None)


def test_alpha_is_undefined_where_only_one_annotator_tells_values_apart() -> None:
    made = annotators(ana={"d1": "v", "d2": "."}, ben={"d1": "v"})
    assert alphas(made, ["VICTIM"]) == {"VICTIM": None, "all": None}


def test_every_word_that_a_span_touches_has_its_label() -> None:
    document = Document("d1", "Armed men fled.", [Span("S1", 0, 9, "PERPETRATOR"), Span("S2", 11, 12, "VICTIM")])
    assert word_labels({"ana": {"d1": document}}, ["VICTIM", "PERPETRATOR"]).tolist() == [[2, 2, 1, 0]]


def test_words_of_documents_that_an_annotator_lacks_have_no_value() -> None:
    made = annotators(ana={"d1": "v.", "d2": "t"}, ben={"d2": "."})
    assert word_labels(made, ["VICTIM", "TARGET"]).tolist() == [[1, 0, 2], [-1, -1, 0]]
