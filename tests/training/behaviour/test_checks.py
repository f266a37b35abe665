"""Predictions checked against expectations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.training.behaviour.marked import ALL_RIGHT, PLAIN, RIGHT, failures, predicted


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
