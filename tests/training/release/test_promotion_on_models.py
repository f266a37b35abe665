"""Promotion with gates on real models, from the command line too, and stores that do not answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mlflow
import pytest
import typer
import yaml
from mlflow.exceptions import MlflowException
from typer.testing import CliRunner, Result

from annotations import write_documents
from tests.registered import NAME, aliases, examined, tags
from tests.tiny import documents
from training.cli import models
from training.release.promotion import PromotionError, examine, promote
from training.release.promotion_record import TAG
from training.store.tracking import TrackingError

app = typer.Typer()
app.add_typer(models.models_app, name="models")
app.command()(models.promote)
app.command()(models.rollback)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


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


@pytest.mark.integration  # opens a store
@pytest.mark.parametrize(
    "words", [("models",), ("promote", "1"), ("rollback", "--reason", "x"), ("models", "show", "1")], ids=" ".join
)
def test_a_store_that_is_not_there_or_does_not_answer_is_told(
    words: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "text.db").write_text("this is a text, and no database at all", encoding="utf-8")
    for uri, message in (
        (None, "there is no local store mlflow.db here"),
        (f"sqlite:///{tmp_path}/none.db", f"there is no store {tmp_path}/none.db"),
        (f"sqlite:///{tmp_path}/text.db", "cannot be used: .*file is not a database"),
        ("http://127.0.0.1:9", "http://127.0.0.1:9 cannot be reached"),
        ("nonsense://x", "MLflow at nonsense://x cannot be used"),
    ):
        result = run(*words, *(["--uri", uri] if uri else []))
        assert isinstance(result.exception, TrackingError), (uri, result.output, result.exception)
        with pytest.raises(TrackingError, match=message):
            raise result.exception
    assert not (tmp_path / "none.db").exists()
