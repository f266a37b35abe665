"""Variants of a text: their predictions compared with each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference import Prediction, Toll
from tests.training.behaviour.marked import SCHEMA, TOWNS, Fake, failures, predicted, write
from training.behaviour.run import behave, read_cases
from training.behaviour.slots import fill


def towns(*marked: str) -> list[str]:
    """The three variants of TOWNS, marked in the same way or each in its own."""
    ways = marked * 3 if len(marked) == 1 else marked
    filled = zip(ways, ("Gao", "Abu Dis", "Taiz"), ("12", "forty", "7"), strict=True)
    return [way.replace("PLACE", place).replace("NUMBER", number) for way, place, number in filled]


SAME = "A [bomb|ATTACK:bombing] in [PLACE|LOCATION] killed [NUMBER|TOLL:killed] [clerks|VICTIM], and Gao wept."


def test_variants_that_differ_in_the_filled_words_alone_pass(tmp_path: Path) -> None:
    expect = {"spans": [{"label": "LOCATION", "text": "{place}", "nth": 1}], "events": [{"toll": {"killed": "{n}"}}]}
    assert failures(tmp_path, "invariance", TOWNS, *towns(SAME)) == ()
    assert failures(tmp_path, "invariance", {**TOWNS, "expect": expect}, *towns(SAME)) == ()


def test_a_variant_that_misses_the_expectation_is_named(tmp_path: Path) -> None:
    wrong = SAME.replace("[PLACE|LOCATION]", "PLACE")
    expect = {"spans": [{"label": "LOCATION", "text": "{place}", "nth": 1}]}
    assert failures(tmp_path, "invariance", {**TOWNS, "expect": expect}, *towns(SAME, SAME, wrong)) == (
        "with place=Taiz, n=7: expected LOCATION 'Taiz' (occurrence 1), predicted no span there",
        "with place=Taiz, n=7: compared with place=Gao, n=12, expected LOCATION 'Gao' [10:13] as there, "
        "predicted no such span",
    )


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        (
            "[PLACE|LOCATION]",
            "[PLACE|TARGET]",
            "expected LOCATION 'Gao' [10:13] as there, predicted TARGET 'Taiz' [10:14]",
        ),
        (
            "in [PLACE|LOCATION]",
            "[in PLACE|LOCATION]",
            "expected no span as there, predicted LOCATION 'in Taiz' [7:14]",
        ),
        ("Gao wept", "[Gao|LOCATION] wept", "expected no span as there, predicted LOCATION 'Gao' [36:39]"),
        (
            "[clerks|VICTIM]",
            "clerks",
            "expected VICTIM 'clerks' [24:30] as there, predicted no such span",
        ),
        (
            "[NUMBER|TOLL:killed]",
            "[NUMBER|TOLL:injured]",
            "expected TOLL:killed '12' [21:23] as there, predicted TOLL:injured '7' [22:23]",
        ),
    ],
)
def test_the_first_difference_of_a_variant_is_told(tmp_path: Path, old: str, new: str, difference: str) -> None:
    marked = towns(SAME, SAME, SAME.replace(old, new))
    assert failures(tmp_path, "invariance", TOWNS, *marked) == (
        f"with place=Taiz, n=7: compared with place=Gao, n=12, {difference}",
    )


def test_the_same_words_in_another_place_are_a_difference(tmp_path: Path) -> None:
    case = {"text": "Gao and {place} and Gao burned.", "fill": [{"place": "Taiz"}, {"place": "Gao"}]}
    (sentence,) = failures(
        tmp_path,
        "invariance",
        case,
        "[Gao|LOCATION] and Taiz and Gao burned.",
        "Gao and Gao and [Gao|LOCATION] burned.",
    )
    assert sentence.endswith("expected LOCATION 'Gao' [0:3] as there, predicted no such span")


class Events(Fake):
    """Predicts events as given with the spans of the text, which cannot come out of the rules."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        super().__init__()
        for marked, other in pairs:
            own, events = predicted(marked), predicted(other)
            self.known[own.text] = Prediction(own.text, own.spans, events.events, "fake", 1, SCHEMA)


BLAST = "A [blast|ATTACK:bombing] by [rebels|PERPETRATOR] killed [12|TOLL:killed] [men|VICTIM] in {x}."


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        (BLAST.replace(":bombing", ":shelling"), "expected bombing in event 1 as there, predicted shelling"),
        (BLAST.replace("[12|", "[13|"), "expected killed 12 in event 1 as there, predicted 13"),
        (BLAST.replace("12", "about 12"), "expected killed 12 in event 1 as there, predicted about 12"),
        (BLAST.replace("[12|TOLL:killed]", "12"), "expected killed 12 in event 1 as there, predicted none"),
        (
            BLAST.replace("A [blast", "A suicide [blast"),
            "expected the flags none in event 1 as there, predicted suicide=True",
        ),
        (BLAST.replace("[rebels|PERPETRATOR]", "rebels"), "expected 1 perpetrator in event 1 as there, predicted 0"),
        (BLAST.replace("[men|VICTIM]", "men"), "expected 1 victim in event 1 as there, predicted 0"),
        ("Calm.", "expected 1 event as there, predicted 0: none"),
    ],
)
def test_events_of_variants_are_compared_beyond_the_spans(tmp_path: Path, other: str, difference: str) -> None:
    case = {"id": "a", "text": predicted(BLAST).text, "fill": [{"x": "Gao"}, {"x": "Taiz"}]}
    first, second = BLAST.replace("{x}", "Gao"), BLAST.replace("{x}", "Taiz")
    model = Events((first, first), (second, other.replace("{x}", "Taiz")))
    (outcome,) = behave(model, read_cases(write(tmp_path, "invariance", case))).outcomes
    assert outcome.failures == (f"with x=Taiz: compared with x=Gao, {difference}",)


@pytest.mark.parametrize(
    "figures",
    [
        "[NUMBER|TOLL:killed] clerks",
        "[more than NUMBER|TOLL:killed] clerks",
        "[fewer than NUMBER|TOLL:killed] clerks",
        "[at least NUMBER|TOLL:killed] clerks",
        "[six|TOLL:killed] men and [NUMBER|TOLL:killed] clerks",
        "[9|TOLL:killed] men and hurt [NUMBER|TOLL:injured] clerks",
    ],
)
def test_tolls_follow_the_number_that_fills_a_slot(tmp_path: Path, figures: str) -> None:
    marked = f"A [blast|ATTACK:bombing] killed {figures}."
    case = {"text": predicted(marked.replace("NUMBER", "{n}")).text, "fill": [{"n": 12}, {"n": 40}, {"n": "ninety"}]}
    variants = [marked.replace("NUMBER", number) for number in ("12", "40", "ninety")]
    assert all(predicted(variant).events[0].toll["killed"].toll != Toll(None, None) for variant in variants)
    assert failures(tmp_path, "invariance", case, *variants) == ()


def test_a_toll_that_stays_when_its_number_changes_is_a_difference(tmp_path: Path) -> None:
    marked = "A [blast|ATTACK:bombing] killed [{n}|TOLL:killed]."
    case = {"id": "a", "text": "A blast killed {n}.", "fill": [{"n": 12}, {"n": 40}]}
    first, second = marked.replace("{n}", "12"), marked.replace("{n}", "40")
    (outcome,) = behave(
        Events((first, first), (second, first)), read_cases(write(tmp_path, "invariance", case))
    ).outcomes
    assert outcome.failures == ("with n=40: compared with n=12, expected killed 12 in event 1 as there, predicted 12",)


PIECES = st.lists(
    st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), max_size=6), min_size=2, max_size=5
)
VALUES = st.text(min_size=1, max_size=6)


@given(PIECES, st.data())
def test_filled_words_go_back_to_their_slots_whatever_they_are(pieces: list[str], data: st.DataObject) -> None:
    """A text of pieces with a slot between each two: parts of it that do not cut a value come back as written."""
    slots = [f"s{number}" for number in range(len(pieces) - 1)]
    parts = [
        pieces[0],
        *(part for slot, piece in zip(slots, pieces[1:], strict=True) for part in (f"{{{slot}}}", piece)),
    ]
    values = {slot: data.draw(VALUES | st.integers(0, 999)) for slot in slots}
    filled = fill("".join(parts), values)
    lengths = [len(part) if number % 2 == 0 else len(str(values[part[1:-1]])) for number, part in enumerate(parts)]
    at = [sum(lengths[:number]) for number in range(len(parts) + 1)]
    assert filled.text == "".join(str(values[part[1:-1]]) if n % 2 else part for n, part in enumerate(parts))
    for first in range(len(parts)):
        assert filled.offset(at[first]) == len("".join(parts[:first]))
        for last in range(first, len(parts) + 1):
            assert filled.unfilled(at[first], at[last]) == "".join(parts[first:last])


def test_numbers_of_two_slots_may_be_added_up(tmp_path: Path) -> None:
    marked = "A [raid|ATTACK:armed_assault] killed [{a}|TOLL:killed] men and [{b}|TOLL:killed] boys."
    fills = [{"a": 12, "b": 3}, {"a": 5, "b": "eleven"}]
    variants = [marked.replace("{a}", str(one["a"])).replace("{b}", str(one["b"])) for one in fills]
    assert [predicted(variant).events[0].toll["killed"].toll for variant in variants] == [Toll(15, 15), Toll(16, 16)]
    case = {"text": "A raid killed {a} men and {b} boys.", "fill": fills}
    assert failures(tmp_path, "invariance", case, *variants) == ()


@given(VALUES)
def test_a_span_that_cuts_a_filled_value_keeps_its_words(value: str) -> None:
    filled = fill("in {place} now", {"place": value})
    for cut in range(1, len(value)):
        assert filled.unfilled(0, 3 + cut) == "in " + value[:cut]
        assert filled.offset(3 + cut) == 3
