"""Promotion and rollback on an embedded store: what moves, what is kept of it, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import mlflow
import pytest

from tests.registered import GOOD, NAME, aliases, examined, tags
from training.release import promotion
from training.release.gate_checks import Outcome
from training.release.promotion import PromotionError, promote, rollback, who
from training.release.promotion_record import FLAT, TAG, RecordError, cut
from training.store.registry import RegistryError, Version, find_version, list_versions

BAD = Outcome("memory", "at most 10.0 MB", "12.0 MB", False, "2.0 MB too much")
TOLD = "memory: asked at most 10.0 MB, found 12.0 MB, 2.0 MB too much"


def test_promotions_move_champion_and_previous_and_a_rollback_goes_back_once(store: mlflow.MlflowClient) -> None:
    promote(examined(1))
    assert aliases() == {"champion": 1}
    promote(examined(2))
    assert aliases() == {"champion": 2, "previous": 1}
    promote(examined(3))
    assert aliases() == {"champion": 3, "previous": 2}
    assert rollback("tolls doubled").target == "2"
    assert aliases() == {"champion": 2}
    with pytest.raises(PromotionError, match="nothing to go back to from conflict-events/2: no version has the alias"):
        rollback("again")
    promote(examined(3))
    assert aliases() == {"champion": 3, "previous": 2}


def test_the_challenger_that_wins_is_no_challenger_any_more(store: mlflow.MlflowClient) -> None:
    promote(examined(1))
    promote(examined(2, alias="challenger"))
    assert aliases() == {"champion": 1, "challenger": 2}
    promote(examined(3))
    assert aliases() == {"champion": 3, "previous": 1, "challenger": 2}
    promote(examined(2))
    assert aliases() == {"champion": 2, "previous": 3}


def test_who_when_from_to_and_why_are_kept_with_the_version(store: mlflow.MlflowClient) -> None:
    promote(examined(1), by="Anna")
    promote(examined(2), reason=" better on tolls ", by="Ben")
    (move,) = json.loads(tags(2)[TAG])
    assert datetime.fromisoformat(move["at"]).utcoffset() is not None
    assert {key: value for key, value in move.items() if key != "at"} == {
        "action": "promoted",
        "alias": "champion",
        "from": "1",
        "to": "2",
        "by": "Ben",
        "reason": "better on tolls",
        "forced": False,
        "failed_gates": [],
    }
    flat = {key: value for key, value in tags(2).items() if key != TAG}
    reason = {"promotion_reason": "better on tolls"}
    assert flat == {"promoted_by": "Ben", "promoted_at": move["at"], "promoted_from": "1", **reason}
    assert (tags(1)["promoted_from"], tags(1)["promotion_reason"]) == ("none", "none given")


def test_the_record_grows_and_a_rollback_is_kept_with_both_versions(store: mlflow.MlflowClient) -> None:
    promote(examined(1))
    promote(examined(2))
    rollback("slow", by="Cleo")
    promote(examined(2))
    moves = json.loads(tags(2)[TAG])
    ways = [(move["action"], move["from"], move["to"]) for move in moves]
    assert ways == [("promoted", "1", "2"), ("rolled back", "2", "1"), ("promoted", "1", "2")]
    assert (moves[1]["by"], moves[1]["reason"]) == ("Cleo", "slow")
    assert json.loads(tags(1)[TAG])[1:] == [moves[1]]


def test_the_flat_tags_of_a_rollback_stand_with_the_version_in_use_alone(store: mlflow.MlflowClient) -> None:
    promote(examined(1), by="Anna")
    promote(examined(2), by="Ben")
    move = rollback("slow", by="Cleo")
    assert {key: tags(1)[key] for key in FLAT} == dict(zip(FLAT, ("Cleo", move.at, "2", "slow"), strict=True))
    assert set(tags(2)) == {TAG}


def test_a_failed_gate_changes_nothing_unless_forced_for_a_reason(store: mlflow.MlflowClient) -> None:
    with pytest.raises(PromotionError, match="1 of 2 gates failed, nothing was changed"):
        promote(examined(1, GOOD, BAD))
    for reason in ("", " \n"):
        with pytest.raises(PromotionError, match="say why with --reason"):
            promote(examined(1, GOOD, BAD), force=True, reason=reason)
    assert (aliases(), tags(1)) == ({}, {})
    promote(examined(1, GOOD, BAD), force=True, reason="the old one is broken")
    (move,) = json.loads(tags(1)[TAG])
    assert (move["forced"], move["failed_gates"], move["reason"]) == (True, [TOLD], "the old one is broken")
    assert aliases() == {"champion": 1}


def test_force_where_no_gate_failed_is_no_force(store: mlflow.MlflowClient) -> None:
    promote(examined(1), force=True, reason="in a hurry")
    assert json.loads(tags(1)[TAG])[0]["forced"] is False


def test_a_version_that_has_the_alias_is_not_promoted_again(store: mlflow.MlflowClient) -> None:
    promote(examined(1))
    with pytest.raises(PromotionError, match="conflict-events/1 is champion already; nothing was changed"):
        examined(1)


def test_an_alias_given_by_hand_is_recorded_by_promoting(store: mlflow.MlflowClient) -> None:
    store.set_registered_model_alias(NAME, "champion", "1")
    promote(examined(1), reason="checked now")
    assert aliases() == {"champion": 1}
    assert json.loads(tags(1)[TAG])[0]["reason"] == "checked now"


@pytest.mark.parametrize("alias", ["previous", "latest", "v3", "3", "the best", "", "a/b"])
def test_aliases_that_cannot_be_given_are_refused(alias: str, store: mlflow.MlflowClient) -> None:
    with pytest.raises(PromotionError, match="cannot be given to a version"):
        examined(1, alias=alias)


def test_another_alias_leaves_no_previous_and_has_no_way_back(store: mlflow.MlflowClient) -> None:
    promote(examined(1, alias="staging"))
    promote(examined(2, alias="staging"))
    assert aliases() == {"staging": 2}
    with pytest.raises(PromotionError, match="promote VERSION --alias staging"):
        rollback("slow", alias="staging")


def test_a_rollback_without_alias_or_reason_is_refused(store: mlflow.MlflowClient) -> None:
    with pytest.raises(PromotionError, match="has no alias 'champion'; it has no alias at all"):
        rollback("slow")
    promote(examined(1))
    with pytest.raises(PromotionError, match="has no alias 'champoin'; did you mean 'champion'"):
        rollback("slow", alias="champoin")
    with pytest.raises(PromotionError, match="say why with --reason"):
        rollback(" ")
    assert aliases() == {"champion": 1}


def test_somebody_who_promoted_meanwhile_is_not_overrun(store: mlflow.MlflowClient) -> None:
    promote(examined(1))
    mine = examined(2)
    promote(examined(3))
    with pytest.raises(PromotionError, match="meanwhile champion was given to conflict-events/3, nothing was changed"):
        promote(mine)
    assert aliases() == {"champion": 3, "previous": 1}


def test_an_alias_that_went_to_another_version_meanwhile_stays_there(store: mlflow.MlflowClient) -> None:
    promote(examined(1))
    promote(examined(2, alias="challenger"))
    mine = examined(2)
    promote(examined(3, alias="challenger"))
    promote(mine)
    assert aliases() == {"champion": 2, "previous": 1, "challenger": 3}


def test_a_move_recorded_meanwhile_stays_in_the_record(store: mlflow.MlflowClient) -> None:
    mine = examined(1)
    promote(examined(1, alias="staging"))
    promote(mine)
    assert [move["alias"] for move in json.loads(tags(1)[TAG])] == ["staging", "champion"]


def test_a_version_promoted_or_deleted_meanwhile_is_told(store: mlflow.MlflowClient) -> None:
    mine = examined(1)
    promote(examined(1))
    with pytest.raises(PromotionError, match="conflict-events/1 is champion already"):
        promote(mine)
    gone = replace(mine, plan=replace(mine.plan, version=replace(mine.plan.version, number=9)))
    with pytest.raises(PromotionError, match="meanwhile conflict-events/9 was deleted, nothing was changed"):
        promote(gone)


def test_a_record_changed_by_hand_stops_a_promotion_before_anything_moves(store: mlflow.MlflowClient) -> None:
    for value in ("yes", '{"to": "1"}', "[1]"):
        store.set_model_version_tag(NAME, "1", TAG, value)
        with pytest.raises(RecordError, match="'promotions' of conflict-events/1 is no JSON list of moves"):
            examined(1)
    assert aliases() == {}


def test_who_is_the_user_of_git_or_else_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, str(tmp_path / "gitconfig"))
    (tmp_path / "gitconfig").write_text("[user]\nname = Anna Ba\nemail = anna@example.org\n", encoding="utf-8")
    assert who() == "Anna Ba <anna@example.org>"
    (tmp_path / "gitconfig").write_text("[user]\nname = Anna Ba\n", encoding="utf-8")
    assert who() == "Anna Ba"
    (tmp_path / "gitconfig").write_text("", encoding="utf-8")
    monkeypatch.setenv("LOGNAME", "anna")
    monkeypatch.setattr(promotion.socket, "gethostname", lambda: "desk")
    assert who() == "anna@desk"


@pytest.mark.parametrize(
    ("word", "name", "message"),
    [
        ("7", NAME, "conflict-events has no version 7; there are: 3, 2, 1"),
        ("champoin", NAME, "conflict-events has no alias 'champoin'; did you mean 'champion'"),
        ("models:/conflict-events@challenger", "other", "conflict-events has no alias 'challenger'; "),
        ("1", "conflict-event", "holds no version of conflict-event; did you mean 'conflict-events'"),
        ("models:/conflict-events", NAME, "models:/conflict-events names no version"),
        ("models:/conflict-events/1/model", NAME, "names no version"),
    ],
)
def test_what_is_not_registered_is_told_with_what_is(
    word: str, name: str, message: str, store: mlflow.MlflowClient
) -> None:
    store.set_registered_model_alias(NAME, "champion", "1")
    with pytest.raises(RegistryError) as caught:
        find_version(word, name)
    assert message in str(caught.value)


_NAMES = (NAME, f"models:/{NAME}")


@pytest.mark.parametrize(
    "word", ["2", "champion", "@champion", *(name + end for name in _NAMES for end in ("/2", "@champion"))]
)
def test_a_version_is_found_by_number_alias_and_address(word: str, store: mlflow.MlflowClient) -> None:
    store.set_registered_model_alias(NAME, "champion", "2")
    assert find_version(word, NAME).address == "conflict-events/2"


def test_a_reason_longer_than_a_tag_is_cut(store: mlflow.MlflowClient) -> None:
    reason = "because " * 20_000
    promote(examined(1), reason=reason)
    assert tags(1)["promotion_reason"] == cut(reason.strip())
    assert len(tags(1)["promotion_reason"]) == 100_000
    (move,) = json.loads(tags(1)[TAG])
    assert move["reason"].endswith("…")
    assert reason.startswith(move["reason"][:-1])


def test_a_version_knows_its_address(store: mlflow.MlflowClient) -> None:
    found: list[Version] = list_versions(NAME)
    assert [version.address for version in found] == [f"conflict-events/{number}" for number in (3, 2, 1)]
    assert all(version.created.utcoffset() is not None for version in found)
