"""A champion that was deleted in MLflow: what is in use then, and how to go back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import mlflow
import pytest

import training
from inference.loading import load
from inference.mlflow_stores import ChampionWarning
from tests.registered import GOOD, NAME, aliases, empty_store, failing, register, tags
from training.release.promotion import BEGUN, Examined, PromotionError, plan, promote, rollback
from training.release.promotion_record import TAG
from training.store.registry import find_version, list_versions


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_model_folder: Path) -> Path:
    """The file of a store with four versions."""
    folder, before = tmp_path_factory.mktemp("deleted"), Path.cwd()
    os.chdir(folder)
    try:
        mlflow.set_tracking_uri(empty_store(folder / "mlflow.db"))
        for number in range(4):
            register(tiny_model_folder, folder / str(number), [])
    finally:
        os.chdir(before)
    return folder / "mlflow.db"


@pytest.fixture
def store(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> mlflow.MlflowClient:
    """A copy of it for each test, named by the environment."""
    shutil.copy(made, tmp_path)
    uri = f"sqlite:///{tmp_path / made.name}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    mlflow.set_tracking_uri(uri)
    return mlflow.MlflowClient()


def give(number: int) -> None:
    planned = plan(list_versions(NAME), find_version(str(number), NAME), "champion")
    promote(Examined(planned, [GOOD]))


def test_the_version_before_is_taken_and_said_and_a_rollback_makes_it_champion(store: mlflow.MlflowClient) -> None:
    give(1)
    give(2)
    store.delete_model_version(NAME, "2")
    with pytest.warns(ChampionWarning, match=f"{NAME}/1"):
        assert load().name == f"{NAME}/1"
    move = rollback("it was deleted")
    assert aliases() == {"champion": 1}
    assert (move.origin, move.target) == (None, "1")
    assert json.loads(tags(1)[TAG])[-1] == move.to_dict()
    assert load().name == f"{NAME}/1"
    with pytest.raises(PromotionError, match=f"nothing to go back to from {NAME}/1"):
        rollback("again")


def test_every_deleted_champion_is_recorded_once(store: mlflow.MlflowClient) -> None:
    give(1)
    for number in (2, 3):
        give(number)
        store.delete_model_version(NAME, str(number))
        rollback(f"{number} was deleted")
    assert [move["reason"] for move in json.loads(tags(1)[TAG])[1:]] == ["2 was deleted", "3 was deleted"]
    assert aliases() == {"champion": 1}


@pytest.mark.parametrize(
    ("method", "wanted", "between"),
    [
        ("set_model_version_tag", ("1", BEGUN), {"previous": 1}),
        ("set_registered_model_alias", ("champion",), {"previous": 1}),
        ("delete_registered_model_alias", ("previous",), {"champion": 1, "previous": 1}),
        ("set_model_version_tag", ("1", "promoted_by"), {"champion": 1}),
        ("set_model_version_tag", ("1", TAG), {"champion": 1}),
        ("delete_model_version_tag", ("1", BEGUN), {"champion": 1}),
    ],
    ids=["begun", "alias", "previous", "flat tags", "record", "not begun"],
)
def test_a_rollback_from_a_deleted_version_that_fails_anywhere_is_finished_by_the_same_command(
    method: str,
    wanted: Sequence[str],
    between: dict[str, int],
    store: mlflow.MlflowClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    give(1)
    for number in (2, 3):  # what an earlier one left must not be taken for the later
        give(number)
        store.delete_model_version(NAME, str(number))
        with monkeypatch.context() as broken:
            failing(broken, method, *wanted)
            for _ in range(2):
                with pytest.raises(PromotionError, match="the server is gone"):
                    rollback("slow")
        assert aliases() == between
        move = rollback("slow")
        assert aliases() == {"champion": 1}
        assert json.loads(tags(1)[TAG])[number - 1 :] == [move.to_dict()]


def test_a_promotion_after_a_deleted_champion_comes_after_the_version_in_use(store: mlflow.MlflowClient) -> None:
    give(1)
    give(2)
    store.delete_model_version(NAME, "2")
    give(3)
    assert aliases() == {"champion": 3, "previous": 1}
    assert json.loads(tags(3)[TAG])[-1]["from"] == "1"
    assert rollback("slow").target == "1"


def test_the_version_in_use_can_be_promoted_itself(store: mlflow.MlflowClient) -> None:
    give(1)
    give(2)
    store.delete_model_version(NAME, "2")
    give(1)
    assert aliases() == {"champion": 1}
    assert len(json.loads(tags(1)[TAG])) == 2


def test_a_deleted_previous_leaves_nothing_to_go_back_to(store: mlflow.MlflowClient) -> None:
    give(1)
    give(2)
    store.delete_model_version(NAME, "1")
    with pytest.raises(PromotionError, match="no version has the alias previous"):
        rollback("slow")
    assert aliases() == {"champion": 2}


def test_a_deleted_champion_with_none_before_it_is_told(store: mlflow.MlflowClient) -> None:
    give(1)
    store.delete_model_version(NAME, "1")
    with pytest.warns(ChampionWarning, match=f"{NAME}/2"):
        assert load().name == f"{NAME}/2"
    give(3)
    store.delete_registered_model_alias(NAME, "champion")  # by hand: nobody is to be champion
    assert load().name == f"{NAME}/2"


@pytest.mark.slow
def test_the_command_line_shows_the_warning_as_one_line(store: mlflow.MlflowClient, tmp_path: Path) -> None:
    give(1)
    give(2)
    store.delete_model_version(NAME, "2")
    command = [sys.executable, "-m", "training", "predict", "Gunmen killed 12 people.", "--format", "json"]
    environment = {**os.environ, "PYTHONPATH": str(Path(training.__file__).parents[1])}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert done.returncode == 0
    assert json.loads(done.stdout)["model"] == f"{NAME}/1"
    assert [line.split(":")[0] for line in done.stderr.splitlines() if "champion" in line] == ["warning"]
