"""Promotions and rollbacks that fail on the way: nothing is lost, and the same command finishes them."""

from __future__ import annotations

import json
from collections.abc import Sequence

import mlflow
import pytest

from tests.registered import NAME, aliases, examined, failing, tags
from training.release.promotion import BEGUN, PromotionError, promote, rollback
from training.release.promotion_record import TAG


def test_the_promotion_of_a_former_champion_that_stopped_before_its_record_is_recorded_by_the_same_command(
    store: mlflow.MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        promote(examined(number))
    with monkeypatch.context() as broken:
        failing(broken, "set_model_version_tag", TAG)
        with pytest.raises(PromotionError, match="the server is gone"):
            promote(examined(2), reason="lost")
    assert aliases() == {"champion": 2, "previous": 3}
    promote(examined(2), reason="told again")
    assert aliases() == {"champion": 2, "previous": 3}
    move = json.loads(tags(2)[TAG])[-1]
    assert (move["from"], move["to"], move["reason"]) == ("3", "2", "told again")
    with pytest.raises(PromotionError, match="is champion already"):
        examined(2)


def test_a_failure_between_two_aliases_loses_nothing_and_the_same_command_goes_on(
    store: mlflow.MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(examined(1))
    with monkeypatch.context() as broken:
        failing(broken, "set_registered_model_alias", "champion")
        with pytest.raises(PromotionError) as caught:
            promote(examined(2))
    assert "the server is gone; done: previous to conflict-events/1; not done: champion to conflict-events/2" in str(
        caught.value
    )
    assert aliases() == {"champion": 1, "previous": 1}
    with pytest.raises(PromotionError, match="conflict-events/1 has the alias previous too"):
        rollback("slow")
    promote(examined(2))
    assert aliases() == {"champion": 2, "previous": 1}


def test_a_failure_before_the_record_is_mended_by_the_same_command(
    store: mlflow.MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(examined(1))
    with monkeypatch.context() as broken:
        failing(broken, "set_model_version_tag", TAG)
        with pytest.raises(PromotionError, match="not done: promotions in the tags of conflict-events/2;"):
            promote(examined(2))
    assert aliases() == {"champion": 2, "previous": 1}
    assert TAG not in tags(2)
    promote(examined(2), reason="at last")
    assert aliases() == {"champion": 2, "previous": 1}
    (move,) = json.loads(tags(2)[TAG])
    assert (move["from"], move["to"], move["reason"]) == ("1", "2", "at last")


@pytest.mark.parametrize(
    ("method", "wanted", "between"),
    [
        ("set_model_version_tag", ("1", BEGUN), {"champion": 2, "previous": 1}),
        ("set_registered_model_alias", ("champion",), {"champion": 2, "previous": 1}),
        ("delete_model_version_tag", ("2",), {"champion": 1, "previous": 1}),
        ("set_model_version_tag", ("2", TAG), {"champion": 1, "previous": 1}),
        ("delete_registered_model_alias", ("previous",), {"champion": 1, "previous": 1}),
        ("set_model_version_tag", ("1", "promoted_by"), {"champion": 1}),
        ("set_model_version_tag", ("1", TAG), {"champion": 1}),
        ("delete_model_version_tag", ("1", BEGUN), {"champion": 1}),
    ],
    ids=["begun", "alias", "flat tags off", "record of the left", "previous", "flat tags", "record", "not begun"],
)
def test_a_rollback_that_fails_anywhere_is_finished_by_the_same_command_and_recorded_once(
    method: str,
    wanted: Sequence[str],
    between: dict[str, int],
    store: mlflow.MlflowClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    promote(examined(1))
    promote(examined(2))
    with monkeypatch.context() as broken:
        failing(broken, method, *wanted)
        for _ in range(2):  # further tries change nothing either
            with pytest.raises(PromotionError, match=r"the server is gone; .*not done: "):
                rollback("slow")
    assert aliases() == between
    move = rollback("slow")
    assert aliases() == {"champion": 1}
    assert json.loads(tags(1)[TAG])[1:] == json.loads(tags(2)[TAG])[1:] == [move.to_dict()]
    with pytest.raises(PromotionError, match="nothing to go back to from conflict-events/1"):
        rollback("slow")


def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promote 1 and 2, and go back to 1 as far as the alias `previous`, which stays."""
    promote(examined(1))
    promote(examined(2))
    with monkeypatch.context() as broken:
        failing(broken, "delete_registered_model_alias", "previous")
        with pytest.raises(PromotionError, match="the server is gone"):
            rollback("slow")
    assert aliases() == {"champion": 1, "previous": 1}
    assert BEGUN in tags(1)


def test_a_promotion_replaces_a_rollback_that_stopped(
    store: mlflow.MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(monkeypatch)
    promote(examined(3))
    assert aliases() == {"champion": 3, "previous": 1}
    assert BEGUN not in tags(1)
    assert rollback("tolls doubled").origin == "3"


def test_a_rollback_that_stopped_is_not_finished_after_the_alias_was_given_by_hand(
    store: mlflow.MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(monkeypatch)
    store.set_registered_model_alias(NAME, "champion", "3")
    move = rollback("tolls doubled")
    assert (move.origin, move.target, move.reason) == ("3", "1", "tolls doubled")
    assert aliases() == {"champion": 1}
    assert BEGUN not in tags(1)


def test_a_promotion_that_stopped_after_a_rollback_is_not_taken_for_one(
    store: mlflow.MlflowClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(examined(1))
    promote(examined(2))
    rollback("slow")
    with monkeypatch.context() as broken:
        failing(broken, "set_registered_model_alias", "champion")
        with pytest.raises(PromotionError, match="the server is gone"):
            promote(examined(3))
    with pytest.raises(PromotionError, match="conflict-events/1 has the alias previous too"):
        rollback("slow")
