"""Behaviour cases: how they are read, how predictions are checked against them, and the shipped ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import regex
import typer
import yaml
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from annotations import load_schema, read_documents
from annotations.errors import DataError
from inference import PredictedSpan, Prediction, Toll, load
from inference.events.linking import assemble
from training.behaviour.cases import cases_folder
from training.behaviour.run import Behaviour, Outcome, behave, choose, read_cases
from training.behaviour.schema import schema_faults
from training.behaviour.slots import fill
from training.cli.behave import behave as command

SCHEMA = load_schema()
MARK = regex.compile(r"\[([^|\]]*)\|(\w+)(?::(\w+))?\]")


def predicted(marked: str) -> Prediction:
    """The prediction that '[Gunmen|PERPETRATOR] [fired|ATTACK:armed_assault]' shows."""
    text, spans, at = "", [], 0
    for number, match in enumerate(MARK.finditer(marked), start=1):
        text += marked[at : match.start()]
        mention, label, kind = match.groups()
        spans.append(PredictedSpan(f"S{number}", len(text), len(text) + len(mention), mention, label, kind, 0.9))
        text, at = text + mention, match.end()
    text += marked[at:]
    return Prediction(text, spans, assemble(text, spans, SCHEMA), "fake", 1, SCHEMA)


class Fake:
    """A model that predicts what it was told to, and nothing in other texts."""

    schema = SCHEMA

    def __init__(self, *marked: str) -> None:
        self.known = {prediction.text: prediction for prediction in map(predicted, marked)}
        self.calls: list[list[str]] = []

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        self.calls.append(list(texts))
        return [self.known.get(text) or predicted(text) for text in texts]


def write(folder: Path, kind: str, *cases: dict[str, Any], name: str = "tolls", file: str = "tolls.yaml") -> Path:
    content = {"capability": name, "about": "What is tried.", "kind": kind, "cases": list(cases)}
    (folder / file).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return folder / file


def faults_of(path: Path) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_cases(path)
    return [str(fault).removeprefix(f"{path}: ") for fault in caught.value.faults]


def failures(folder: Path, kind: str, case: dict[str, Any], *marked: str) -> tuple[str, ...]:
    """What a model that predicts as marked fails in, in one case."""
    (outcome,) = behave(Fake(*marked), read_cases(write(folder, kind, {"id": "a", **case}))).outcomes
    return outcome.failures


PLAIN = "Gunmen killed 12 traders in Gao on Friday."
RIGHT = (
    "[Gunmen|PERPETRATOR] [killed|ATTACK:armed_assault] [12|TOLL:killed] [traders|VICTIM] in [Gao|LOCATION] "
    "on [Friday|DATE]."
)
ALL_RIGHT = {
    "spans": [{"label": "LOCATION", "text": "Gao"}, {"label": "TOLL", "type": "killed", "text": "12"}],
    "absent": [{"label": "TARGET"}, {"text": "on"}, {"label": "LOCATION", "text": "Friday"}, {"type": "injured"}],
    "events": [
        {
            "attack_type": "armed_assault",
            "perpetrators": ["the gunmen"],
            "victims": ["Traders"],
            "toll": {"killed": 12, "injured": None},
            "flags": {"suicide": None},
            "locations": ["Gao"],
            "dates": ["Friday"],
            "weapons": [],
        }
    ],
    "attack_types": ["armed_assault"],
}


# Checking a prediction


def test_a_prediction_that_meets_all_that_is_expected_passes(tmp_path: Path) -> None:
    assert failures(tmp_path, "minimum", {"text": PLAIN, "expect": ALL_RIGHT}, RIGHT) == ()


@pytest.mark.parametrize(
    ("expect", "sentence"),
    [
        (
            {"spans": [{"label": "TARGET", "text": "Gao"}]},
            "expected TARGET 'Gao', predicted LOCATION 'Gao' [28:31]",
        ),
        (
            {"spans": [{"label": "TOLL", "type": "injured", "text": "12"}]},
            "expected TOLL:injured '12', predicted TOLL:killed '12' [14:16]",
        ),
        (
            {"spans": [{"label": "VICTIM", "text": "12 traders"}]},
            "expected VICTIM '12 traders', predicted TOLL:killed '12' [14:16], VICTIM 'traders' [17:24]",
        ),
        ({"spans": [{"label": "DATE", "text": "on"}]}, "expected DATE 'on', predicted no span there"),
        (
            {"absent": [{"text": "in Gao"}]},
            "expected no span on 'in Gao', predicted LOCATION 'Gao' [28:31]",
        ),
        ({"absent": [{"label": "DATE"}]}, "expected no DATE, predicted DATE 'Friday' [35:41]"),
        (
            {"absent": [{"type": "killed", "text": "12"}]},
            "expected no killed on '12', predicted TOLL:killed '12' [14:16]",
        ),
        ({"events": []}, "expected no attack, predicted 1: armed_assault 'killed'"),
        ({"events": [{}, {}]}, "expected 2 events, predicted 1: armed_assault 'killed'"),
        (
            {"events": [{"attack_type": "bombing"}]},
            "expected attack_type bombing in event 1, predicted armed_assault 'killed'",
        ),
        ({"events": [{"perpetrators": ["Friday"]}]}, "expected perpetrators Friday in event 1, predicted Gunmen"),
        ({"events": [{"victims": []}]}, "expected no victims in event 1, predicted traders"),
        ({"events": [{"targets": ["Gao"]}]}, "expected targets Gao in event 1, predicted none"),
        ({"events": [{"locations": ["Friday"]}]}, "expected locations Friday in event 1, predicted Gao"),
        ({"events": [{"toll": {"killed": 13}}]}, "expected killed 13 in event 1, predicted 12"),
        ({"events": [{"toll": {"killed": None}}]}, "expected killed none in event 1, predicted 12"),
        ({"events": [{"toll": {"injured": 3}}]}, "expected injured 3 in event 1, predicted none"),
        (
            {"events": [{"toll": {"killed": {"min": 12, "max": None}}}]},
            "expected killed 12 or more in event 1, predicted 12",
        ),
        (
            {"events": [{"toll": {"killed": {"min": 12, "max": 12, "approximate": True}}}]},
            "expected killed about 12 in event 1, predicted 12",
        ),
        (
            {"events": [{"flags": {"stage": "attempted"}}]},
            "expected the flag stage=attempted in event 1, predicted no flag stage",
        ),
        (
            {"attack_types": ["bombing", "abduction"]},
            "expected the attack types abduction, bombing, predicted armed_assault",
        ),
        ({"attack_types": []}, "expected the attack types none, predicted armed_assault"),
    ],
)
def test_each_difference_is_a_sentence_with_what_was_expected_and_predicted(
    tmp_path: Path, expect: dict[str, Any], sentence: str
) -> None:
    assert failures(tmp_path, "minimum", {"text": PLAIN, "expect": expect}, RIGHT) == (sentence,)


def test_no_prediction_where_an_attack_is_expected_is_told(tmp_path: Path) -> None:
    case = {"text": PLAIN, "expect": {"events": [{}]}}
    assert failures(tmp_path, "minimum", case, PLAIN) == ("expected 1 event, predicted none",)
    assert failures(tmp_path, "minimum", {"text": PLAIN, "expect": {"events": []}}, PLAIN) == ()


@pytest.mark.parametrize(
    ("toll", "bounds"),
    [
        ("at least 12", {"min": 12, "max": None}),
        ("at least 12", {"min": 12, "max": None, "approximate": False}),
        ("dozens", {"min": 24, "max": None, "approximate": True}),
        ("up to 12", {"min": None, "max": 12}),
        ("about 12", {"min": 12, "max": 12}),
    ],
)
def test_tolls_are_compared_as_normalised(tmp_path: Path, toll: str, bounds: dict[str, Any]) -> None:
    marked = f"A [blast|ATTACK:bombing] killed [{toll}|TOLL:killed]."
    case = {"text": predicted(marked).text, "expect": {"events": [{"toll": {"killed": bounds}}]}}
    assert failures(tmp_path, "minimum", case, marked) == ()


def test_a_number_stands_for_an_exact_toll(tmp_path: Path) -> None:
    marked = "A [blast|ATTACK:bombing] killed [about 12|TOLL:killed]."
    case = {"text": predicted(marked).text, "expect": {"events": [{"toll": {"killed": 12}}]}}
    assert failures(tmp_path, "minimum", case, marked) == ("expected killed 12 in event 1, predicted about 12",)


def test_nth_chooses_among_whole_words_and_without_it_any_will_do(tmp_path: Path) -> None:
    marked = "A woman saw a man; the [man|PERPETRATOR] [fired|ATTACK:armed_assault]."
    text = predicted(marked).text
    for nth, passes in ((None, True), (1, False), (2, True)):
        span = {"label": "PERPETRATOR", "text": "man"} | ({"nth": nth} if nth else {})
        assert (failures(tmp_path, "minimum", {"text": text, "expect": {"spans": [span]}}, marked) == ()) is passes
    wanted = {"label": "PERPETRATOR", "text": "man", "nth": 1}
    (sentence,) = failures(tmp_path, "minimum", {"text": text, "expect": {"spans": [wanted]}}, marked)
    assert sentence == "expected PERPETRATOR 'man' (occurrence 1), predicted no span there"


def test_a_mention_may_end_in_front_of_a_letter_apostrophe(tmp_path: Path) -> None:
    marked = "[Mondayʼs|DATE] [raid|ATTACK:armed_assault] was brief."
    case = {"text": predicted(marked).text, "expect": {"spans": [{"label": "DATE", "text": "Monday"}]}}
    assert failures(tmp_path, "minimum", case, marked) == ("expected DATE 'Monday', predicted DATE 'Mondayʼs' [0:8]",)


def test_expected_events_match_predicted_ones_in_any_order_and_each_only_once(tmp_path: Path) -> None:
    marked = (
        "A [bomb blast|ATTACK:bombing] in [Ndoro|LOCATION] on [Monday|DATE] killed [six|TOLL:killed] [farmers|VICTIM]. "
        "Another [explosion|ATTACK:bombing] in [Kesra|LOCATION] on [Tuesday|DATE] wounded [two|TOLL:injured] "
        "[nurses|VICTIM]."
    )
    text = predicted(marked).text
    kesra, ndoro, any_bombing = {"locations": ["Kesra"]}, {"locations": ["Ndoro"]}, {"attack_type": "bombing"}
    for events in ([kesra, ndoro], [any_bombing, ndoro], [any_bombing, kesra], [kesra, any_bombing]):
        assert failures(tmp_path, "minimum", {"text": text, "expect": {"events": events}}, marked) == ()
    twice = {"text": text, "expect": {"events": [kesra, kesra]}}
    assert failures(tmp_path, "minimum", twice, marked) == (
        "expected locations Kesra in event 1, predicted Ndoro",
    ) or (failures(tmp_path, "minimum", twice, marked) == ("expected locations Kesra in event 2, predicted Ndoro",))


def test_direction_checks_both_texts(tmp_path: Path) -> None:
    case = {
        "text": "A blast killed 12.",
        "given": {"events": [{"toll": {"killed": 12}}]},
        "changed": "A blast killed at least 12.",
        "expect": {"events": [{"toll": {"killed": {"min": 12, "max": None}}}]},
    }
    before = "A [blast|ATTACK:bombing] killed [12|TOLL:killed]."
    after = "A [blast|ATTACK:bombing] killed [at least 12|TOLL:killed]."
    half = "A [blast|ATTACK:bombing] killed at least [12|TOLL:killed]."
    assert failures(tmp_path, "direction", case, before, after) == ()
    assert failures(tmp_path, "direction", case, before, half) == (
        "in the changed text: expected killed 12 or more in event 1, predicted 12",
    )
    assert failures(tmp_path, "direction", case, after) == (
        "in the text given: expected 1 event, predicted none",
        *failures(tmp_path, "direction", {**case, "given": {"spans": [{"label": "TOLL", "text": "12"}]}}, after)[1:],
    )


# Invariance


TOWNS = {
    "text": "A bomb in {place} killed {n} clerks, and Gao wept.",
    "fill": [{"place": "Gao", "n": 12}, {"place": "Abu Dis", "n": "forty"}, {"place": "Taiz", "n": 7}],
}


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


# Reading


def test_a_capability_reads_back_as_written(tmp_path: Path) -> None:
    write(tmp_path, "minimum", {"id": "a", "text": PLAIN, "expect": {"events": []}}, name="b", file="b.yaml")
    write(tmp_path, "invariance", {"id": "a", **TOWNS}, name="a", file="a.yaml")
    found = read_cases(tmp_path)
    assert [(one.name, one.kind, one.about, len(one.cases)) for one in found] == [
        ("a", "invariance", "What is tried.", 1),
        ("b", "minimum", "What is tried.", 1),
    ]
    assert [one.filled.text for one in found[0].cases[0].readings()][
        1
    ] == "A bomb in Abu Dis killed forty clerks, and Gao wept."
    assert read_cases(tmp_path / "b.yaml") == found[1:]
    assert choose(found, []) == found
    assert choose(found, ["b"]) == found[1:]


MINIMUM = {"id": "a", "text": PLAIN, "expect": {"events": []}}
DIRECTION = {"id": "a", "text": "Calm.", "changed": "All calm.", "expect": {"events": []}}
INVARIANCE = {"id": "a", "text": "In {place}.", "fill": [{"place": "Gao"}, {"place": "Taiz"}]}


@pytest.mark.parametrize(
    ("kind", "case", "faults"),
    [
        ("minimum", {**MINIMUM, "expects": {}}, ["case a: key expects: is not a known key; did you mean 'expect'?"]),
        (
            "minimum",
            {**MINIMUM, "expect": {"spans": [{"lable": "DATE", "label": "DATE", "text": "Friday"}]}},
            ["case a: key expect.spans.0.lable: is not a known key; did you mean 'label'?"],
        ),
        (
            "minimum",
            {**MINIMUM, "expect": {"spans": [{"label": "DATE", "text": "Thursday"}]}},
            ["case a: the words 'Thursday' do not stand in the text as whole words; copy them from the text"],
        ),
        (
            "minimum",
            {**MINIMUM, "expect": {"absent": [{"text": "un"}], "events": [{"dates": ["Fri"]}]}},
            [
                "case a: the words 'un' do not stand in the text as whole words; copy them from the text",
                "case a: the words 'Fri' do not stand in the text as whole words; copy them from the text",
            ],
        ),
        (
            "minimum",
            {**MINIMUM, "expect": {"events": [{"perpetrators": ["The gunmen"], "victims": ["a nurse"]}]}},
            ["case a: the words 'a nurse' do not stand in the text as whole words; copy them from the text"],
        ),
        (
            "minimum",
            {**MINIMUM, "expect": {"spans": [{"label": "DATE", "text": "Friday", "nth": 2}]}},
            ["case a: the words 'Friday' have no occurrence 2 in the text; the last is 1"],
        ),
        (
            "minimum",
            {**MINIMUM, "expect": {"absent": [{}]}},
            ["case a: key expect.absent.0: absent needs a label, a type or a text; got {}"],
        ),
        (
            "minimum",
            {**MINIMUM, "expect": {"spans": []}},
            [
                "case a: key expect: expects nothing: name spans, absent, events or attack_types; got {'spans': []}",
            ],
        ),
        ("minimum", {"id": "a", "text": PLAIN}, ["case a: has no 'expect'; a case of kind minimum needs it"]),
        (
            "minimum",
            {"text": "Calm.", "expect": {"events": []}},
            ["case 1: key id: field required; got {'text': 'Calm.', 'expect': {'events': []}}"],
        ),
        (
            "minimum",
            {**MINIMUM, "changed": "Calm."},
            ["case a: has 'changed'; a case of kind minimum takes id, text, expect"],
        ),
        (
            "minimum",
            {**MINIMUM, "text": "In {place}."},
            ["case a: slot 'place' is not filled; fill it, or write words in its place"],
        ),
        (
            "minimum",
            {**MINIMUM, "expect": {"events": [{"toll": {"killed": "{n}"}}]}},
            ["case a: the slot {n} of the toll 'killed' is not filled; write a number, or fill the slot"] * 2,
        ),
        (
            "minimum",
            {**MINIMUM, "expect": {"events": [{"toll": {"killed": {"min": "dozens", "max": None}}}]}},
            [
                "case a: key expect.events.0.toll.killed.min: a number is a whole number or a slot; got 'dozens'",
            ],
        ),
        (
            "direction",
            {key: value for key, value in DIRECTION.items() if key != "changed"},
            ["case a: has no 'changed'; a case of kind direction needs it"],
        ),
        ("direction", {**DIRECTION, "changed": "Calm."}, ["case a: 'changed' is the same as 'text'; change it"]),
        (
            "direction",
            {**DIRECTION, "given": {"spans": [{"label": "DATE", "text": "All"}]}},
            [
                "case a: the words 'All' do not stand in the text as whole words in the text given; "
                "copy them from the text",
            ],
        ),
        (
            "invariance",
            {**INVARIANCE, "changed": "Calm."},
            ["case a: has 'changed'; a case of kind invariance takes id, text, fill, expect"],
        ),
        (
            "invariance",
            {**INVARIANCE, "text": "In {place} on {day}."},
            [
                "case a: slot 'day' is not filled by variant 1; fill it in each variant",
                "case a: slot 'day' is not filled by variant 2; fill it in each variant",
            ],
        ),
        (
            "invariance",
            {**INVARIANCE, "fill": [{"place": "Gao"}, {"place": "Taiz", "places": "Kesra"}]},
            ["case a: variant 2 fills 'places', which is no slot of the text; did you mean 'place'?"],
        ),
        ("invariance", {**INVARIANCE, "text": "Calm."}, ["case a: has no slot to fill; write {name} in the text"]),
        (
            "invariance",
            {**INVARIANCE, "fill": [{"place": "Gao"}, {"place": False}]},
            [
                "case a: key fill.1.place: a slot is filled with words or a whole number; quote words that YAML reads "
                "otherwise; got False",
            ],
        ),
        (
            "invariance",
            {**INVARIANCE, "expect": {"spans": [{"label": "LOCATION", "text": "{plaec}"}]}},
            [
                f"case a: the words '{{plaec}}' do not stand in the text as whole words with place={town}; "
                "copy them from the text"
                for town in ("Gao", "Taiz")
            ],
        ),
        (
            "invariance",
            {**INVARIANCE, "fill": [{"place": "Gao"}]},
            ["case a: 'fill' has fewer than two variants; name two or more, to compare them"],
        ),
        (
            "invariance",
            {**INVARIANCE, "expect": {"events": [{"toll": {"killed": {"min": "{place}", "max": None}}}]}},
            [
                "case a: key events.0.toll.killed.min: a number is a whole number or a slot, where its slot is filled; "
                "got 'Gao'"
            ],
        ),
        ("minimal", MINIMUM, ["key kind: input should be 'minimum', 'invariance' or 'direction'; got 'minimal'"]),
    ],
)
def test_each_fault_names_its_case_and_says_what_to_do(
    tmp_path: Path, kind: str, case: dict[str, Any], faults: list[str]
) -> None:
    assert faults_of(write(tmp_path, kind, case)) == faults


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    repeated = {**MINIMUM, "expect": {"absent": [{"text": "Monday"}]}}
    write(tmp_path, "minimum", MINIMUM, {**MINIMUM, "id": 3}, repeated, "words", file="a.yaml")
    write(tmp_path, "minimum", {**MINIMUM, "changed": "Calm."}, name="other", file="b.yaml")
    (tmp_path / "c.yaml").write_text("capability: [", encoding="utf-8")
    write(tmp_path, "minimum", MINIMUM, name="same", file="d.yaml")
    write(tmp_path, "minimum", MINIMUM, name="same", file="e.yaml")
    with pytest.raises(DataError) as caught:
        read_cases(tmp_path)
    found = [(Path(fault.file).name, fault.place, fault.problem) for fault in caught.value.faults]
    assert found[:4] == [
        ("a.yaml", "case 3: key id", "input should be a valid string"),
        ("a.yaml", "case a", "the id stands twice"),
        ("a.yaml", "case a", "the words 'Monday' do not stand in the text as whole words"),
        ("a.yaml", "case 4", "input should be a valid dictionary or instance of Case"),
    ]
    assert [(file, place) for file, place, _ in found[4:]] == [("b.yaml", "case a"), ("c.yaml", ""), ("e.yaml", "")]
    assert found[-1][2] == f"has the capability 'same' of {tmp_path / 'd.yaml'}"


def test_folders_and_names_that_hold_nothing_are_refused(tmp_path: Path) -> None:
    assert "holds no .yaml file" in faults_of(tmp_path)[0]
    assert "no such file or folder" in faults_of(tmp_path / "missing")[0]
    assert any("cases" in fault for fault in faults_of(write(tmp_path, "minimum")))
    with pytest.raises(DataError, match="no capability 'tols'; did you mean 'tolls'"):
        choose(read_cases(write(tmp_path, "minimum", MINIMUM)), ["tols"])
    with pytest.raises(DataError, match="there are no behaviour cases"):
        behave(Fake(), [])


def test_all_that_the_schema_of_the_model_lacks_is_told_at_once(tmp_path: Path) -> None:
    expect = {
        "spans": [
            {"label": "PLACE", "text": "Gao"},
            {"label": "TOLL", "type": "kiled", "text": "12"},
            {"label": "DATE", "type": "day", "text": "Friday"},
        ],
        "absent": [{"type": "bombing"}, {"type": "bombign"}],
        "events": [
            {"attack_type": "bombings", "toll": {"wounded": 3}, "flags": {"suicid": True}},
            {"flags": {"stage": "planned", "claimed": None}},
        ],
        "attack_types": ["bombing", "raid"],
    }
    cases = read_cases(write(tmp_path, "minimum", {"id": "a", "text": PLAIN, "expect": expect}))
    model = Fake()
    with pytest.raises(DataError) as caught:
        behave(model, cases)
    assert {(fault.file, fault.place) for fault in caught.value.faults} == {(str(tmp_path / "tolls.yaml"), "case a")}
    assert [fault.problem for fault in caught.value.faults] == [
        "unknown label 'PLACE'",
        "unknown type of TOLL 'kiled'",
        "DATE takes no type, got 'day'",
        "unknown type 'bombign'",
        "unknown attack type 'raid'",
        "unknown attack type 'bombings'",
        "unknown kind of toll 'wounded'",
        "unknown flag 'suicid'",
        "unknown value 'planned' of flag 'stage'",
    ]
    assert model.calls == []


# Running


def test_all_texts_are_predicted_in_one_call_and_outcomes_counted(tmp_path: Path) -> None:
    write(tmp_path, "minimum", MINIMUM, {**MINIMUM, "id": "b", "expect": ALL_RIGHT}, file="a.yaml")
    write(tmp_path, "invariance", {"id": "c", **TOWNS}, name="towns", file="b.yaml")
    write(tmp_path, "direction", DIRECTION, name="calm", file="c.yaml")
    model = Fake(RIGHT)
    behaviour = behave(model, read_cases(tmp_path))
    assert [len(texts) for texts in model.calls] == [1 + 1 + 3 + 2]
    assert [(one.capability, one.case, one.passed) for one in behaviour.outcomes] == [
        ("tolls", "a", False),
        ("tolls", "b", True),
        ("towns", "c", True),
        ("calm", "a", True),
    ]
    assert behaviour.capabilities() == {"tolls": (1, 2), "towns": (1, 1), "calm": (1, 1)}
    assert behaviour.pass_rate == 0.75
    assert behaviour.to_dict() == {
        "pass_rate": 0.75,
        "passed": 3,
        "total": 4,
        "capabilities": {
            "tolls": {"kind": "minimum", "passed": 1, "total": 2},
            "towns": {"kind": "invariance", "passed": 1, "total": 1},
            "calm": {"kind": "direction", "passed": 1, "total": 1},
        },
        "failed": [
            {
                "capability": "tolls",
                "kind": "minimum",
                "case": "a",
                "failures": ["expected no attack, predicted 1: armed_assault 'killed'"],
            }
        ],
    }
    assert Behaviour([]).pass_rate == 0
    assert Outcome("a", "minimum", "b", ("wrong",)).passed is False


def call(*words: str) -> tuple[int, str, str]:
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "100"})
    return result.exit_code, result.stdout, result.stderr


def test_the_command_prints_rates_failures_and_json(tmp_path: Path, tiny_model_folder: Path) -> None:
    impossible = {**MINIMUM, "id": "two-attacks", "expect": {"attack_types": ["abduction"] * 9}}
    write(
        tmp_path,
        "minimum",
        {
            **MINIMUM,
            "id": "calm",
            "expect": {"absent": [{"label": "DATE", "text": "12"}, {"label": "DATE", "text": "12"}]},
        },
        impossible,
    )
    write(tmp_path, "direction", DIRECTION, name="calm words", file="calm.yaml")
    ask = (str(tiny_model_folder), "--cases", str(tmp_path))
    code, shown, _ = call(*ask, "--format", "json")
    found = json.loads(shown)
    assert (code, found["total"], found["model"]) == (0, 3, load(tiny_model_folder).name)
    assert found["passed"] == sum(one["passed"] for one in found["capabilities"].values()) == 3 - len(found["failed"])
    code, shown, _ = call(*ask, "--failures", "--capability", "tolls")
    assert code == 0
    assert "tolls, two-attacks: expected the attack types abduction" in shown
    assert "calm words" not in shown
    counts = found["capabilities"]["tolls"]
    assert regex.search(rf"total.* {counts['passed']}/2 .* {counts['passed'] * 50}%", shown)
    assert "two-attacks" not in call(*ask)[1]
    code, _, told = call(*ask, "--at-least", "0.99")
    assert (code, "99.0%" in told) == (1, True)
    assert call(*ask, "--at-least", "0")[0] == 0
    assert call(*ask, "--format", "xml")[0] == 2
    assert call(*ask, "--at-least", "80")[0] == 2


# The shipped cases


def test_the_shipped_cases_are_many_and_fit_the_shipped_schema() -> None:
    capabilities = read_cases()
    assert schema_faults(capabilities, SCHEMA) == []
    assert len(capabilities) >= 20
    assert sum(len(capability.cases) for capability in capabilities) >= 200
    assert {capability.kind for capability in capabilities} == {"minimum", "invariance", "direction"}
    assert cases_folder().is_dir()


def test_no_text_of_a_shipped_case_stands_in_the_corpus() -> None:
    corpus = [document.text for name in ("train", "dev", "test") for document in read_documents(f"corpus/{name}")]
    readings = [
        (f"{capability.name}, {case.id}", reading.filled.text)
        for capability in read_cases()
        for case in capability.cases
        for reading in case.readings()
    ]
    assert [name for name, text in readings if any(text in document for document in corpus)] == []
