"""Promotion and rollback on an embedded store: what moves, what is kept of it, and what is refused."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import mlflow
import pytest
import typer
import yaml
from mlflow.exceptions import MlflowException
from typer.testing import CliRunner, Result

from annotations import write_documents
from tests.registered import GOOD, NAME, aliases, empty_store, failing, register, tags
from tests.tiny import documents
from training.cli import models
from training.release import promotion
from training.release.gates import Outcome
from training.release.promotion import BEGUN, Examined, PromotionError, examine, plan, promote, rollback, who
from training.release.promotion_record import FLAT, TAG, RecordError, cut
from training.store.registry import RegistryError, Version, find_version, list_versions
from training.store.tracking import TrackingError

BAD = Outcome("memory", "at most 10.0 MB", "12.0 MB", False, "2.0 MB too much")
TOLD = "memory: asked at most 10.0 MB, found 12.0 MB, 2.0 MB too much"

app = typer.Typer()
app.add_typer(models.models_app, name="models")
app.command()(models.promote)
app.command()(models.rollback)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_model_folder: Path) -> str:
    """The address of a store with three versions; the last was trained on the gold documents of the tests."""
    folder = tmp_path_factory.mktemp("registry")
    uri, before = empty_store(folder / "mlflow.db"), Path.cwd()
    os.chdir(folder)
    try:
        mlflow.set_tracking_uri(uri)
        for number, train in enumerate(([], [], documents(6)), start=1):
            register(tiny_model_folder, folder / str(number), train)
    finally:
        os.chdir(before)
    return uri


@pytest.fixture
def store(made: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[mlflow.MlflowClient]:
    """The store, named by the environment; aliases and records of earlier tests are gone."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", made)
    mlflow.set_tracking_uri(made)
    client = mlflow.MlflowClient()
    for version in list_versions(NAME):
        for alias in version.aliases:
            client.delete_registered_model_alias(NAME, alias)
        for key in version.tags:
            client.delete_model_version_tag(NAME, str(version.number), key)
    return client


def examined(number: int, *outcomes: Outcome, alias: str = "champion") -> Examined:
    planned = plan(list_versions(NAME), find_version(str(number), NAME), alias)
    return Examined(planned, outcomes or [GOOD])


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


def test_items_set_by_hand_are_told_stay_in_the_record_and_stop_nothing(
    store: mlflow.MlflowClient, gates: Path
) -> None:
    by_hand = [{"alias": "champion"}, {"omitted": "many"}, {"action": "promoted", "alias": 3}]
    store.set_model_version_tag(NAME, "1", TAG, json.dumps(by_hand))
    lines: list[str] = []
    promote(examine("1", gates=str(gates), report=lines.append))
    assert "3 of 3 items in the tag 'promotions' of conflict-events/1 are no moves (no action or alias)" in lines[0]
    record = json.loads(tags(1)[TAG])
    assert record[:3] == by_hand
    assert record[3]["to"] == "1"


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


# --- gates on real models ---


@pytest.fixture
def gates(tmp_path: Path) -> Path:
    """Gates that an untrained model passes, on gold documents of which version 3 was trained on some."""
    write_documents(tmp_path / "gold.jsonl", documents(8))
    gold = str(tmp_path / "gold.jsonl")
    content = {
        "data": [gold],
        "labels": {"tolerance": 0.0},
        "minimum": {gold: {"partial_core": 0.0}},
        "calibration": {"ece": 1.0},
    }
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return tmp_path / "mine.yaml"


def test_a_promotion_from_the_command_line(store: mlflow.MlflowClient, gates: Path) -> None:
    first = run("promote", "1", "--gates", str(gates), "--reason", "the first")
    assert first.exit_code == 0, first.output
    assert "no champion yet" in first.output
    assert "conflict-events/1 is champion now, after no other" in first.output
    second = run("promote", "models:/conflict-events/2", "--gates", str(gates), "--format", "json")
    assert second.exit_code == 0, second.output
    told = json.loads(second.stdout)
    assert (told["before"], told["promoted"], told["move"]["from"]) == ("conflict-events/1", True, "1")
    assert {gate["passed"] for gate in told["gates"]} == {True}
    assert any(gate["gate"].startswith("VICTIM on") for gate in told["gates"])
    assert aliases() == {"champion": 2, "previous": 1}
    back = run("rollback", "--reason", "slow")
    assert back.exit_code == 0, back.output
    assert "conflict-events/1 is champion again, in place of conflict-events/2" in back.output
    assert aliases() == {"champion": 1}


def test_a_refusal_from_the_command_line_exits_with_1_and_changes_nothing(
    store: mlflow.MlflowClient, gates: Path
) -> None:
    for form in ("table", "json"):
        result = run("promote", "3", "--gates", str(gates), "--format", form)
        assert result.exit_code == 1
        assert "conflict-events/3 was trained on 6, such as d000, 6 too many" in result.stderr
        assert "1 of 4 gates failed, nothing was changed" in result.stderr
    told = json.loads(result.stdout)
    assert (told["promoted"], told["move"]) == (False, None)
    assert [gate["passed"] for gate in told["gates"]] == [False, True, True, True]
    assert (aliases(), tags(3)) == ({}, {})
    forced = run("promote", "3", "--gates", str(gates), "--force", "--reason", "nothing else runs")
    assert forced.exit_code == 0, forced.output
    assert json.loads(tags(3)[TAG])[0]["failed_gates"][0].startswith("contamination of")


def test_a_dry_run_checks_and_changes_nothing(store: mlflow.MlflowClient, gates: Path) -> None:
    passed = run("promote", "1", "--gates", str(gates), "--dry-run")
    assert passed.exit_code == 0, passed.output
    assert "every gate passed" in passed.output
    assert run("promote", "3", "--gates", str(gates), "--dry-run", "--force", "--reason", "x").exit_code == 1
    assert aliases() == {}


def test_force_without_a_reason_is_refused_before_the_gates(store: mlflow.MlflowClient, gates: Path) -> None:
    result = run("promote", "1", "--gates", str(gates), "--force", "--reason", "  ")
    assert isinstance(result.exception, PromotionError)
    assert "scoring" not in result.output


def test_a_champion_whose_files_are_gone_fails_the_comparison_only(
    store: mlflow.MlflowClient, gates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(examined(1))
    real = mlflow.artifacts.download_artifacts

    def download(artifact_uri: str, **rest: Any) -> str:
        if artifact_uri == "models:/conflict-events/1":
            raise MlflowException("no such artifact")
        return str(real(artifact_uri, **rest))

    monkeypatch.setattr(mlflow.artifacts, "download_artifacts", download)
    lines: list[str] = []
    found = examine("2", gates=str(gates), report=lines.append)
    assert [outcome.found for outcome in found.failed] == ["conflict-events/1 cannot be loaded"]
    assert any("no such artifact" in line for line in lines)


# --- versions and stores that are not there ---


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


@pytest.mark.parametrize("word", ["2", "champion", "@champion", f"models:/{NAME}/2", f"models:/{NAME}@champion"])
def test_a_version_is_found_by_number_alias_and_address(word: str, store: mlflow.MlflowClient) -> None:
    store.set_registered_model_alias(NAME, "champion", "2")
    assert find_version(word, NAME).address == "conflict-events/2"


@pytest.mark.parametrize(
    "words", [("models",), ("promote", "1"), ("rollback", "--reason", "x"), ("models", "show", "1")], ids=" ".join
)
def test_a_store_that_is_not_there_or_does_not_answer_is_told(
    words: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    (tmp_path / "text.db").write_text("this is a text, and no database at all", encoding="utf-8")
    for uri, message in (
        (None, "there is no local store mlflow.db here"),
        (f"sqlite:///{tmp_path}/none.db", f"there is no store {tmp_path}/none.db"),
        (f"sqlite:///{tmp_path}/text.db", "cannot be used: .*file is not a database"),
        ("http://127.0.0.1:9", "MLflow at http://127.0.0.1:9 cannot be used"),
        ("nonsense://x", "MLflow at nonsense://x cannot be used"),
    ):
        result = run(*words, *(["--uri", uri] if uri else []))
        assert isinstance(result.exception, TrackingError), (uri, result.output, result.exception)
        with pytest.raises(TrackingError, match=message):
            raise result.exception
    assert not (tmp_path / "none.db").exists()


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
