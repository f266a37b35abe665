"""Lineage: what a version is traced to, and what differs between two."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partialmethod
from pathlib import Path
from typing import Any

import mlflow
import pytest
import typer
from mlflow.exceptions import MlflowException
from rich.console import Console
from typer.testing import CliRunner, Result

from annotations.schema import load_schema
from inference.manifest import read_manifest
from tests.registered import NAME, empty_store, register
from tests.tiny import config as tiny_config
from tests.tiny import documents
from training.cli import models
from training.cli.tables.versions import print_changes, print_lineage
from training.cli.terminal import err, out
from training.config import TrainConfig
from training.evaluation.mlflow_runs import EXPERIMENT
from training.release.changes import changed, diff
from training.release.lineage import Lineage, Split, _data, evaluations, lineage
from training.release.promotion import Examined, plan, promote
from training.run import Result as Trained
from training.run import train
from training.store.registry import RegistryError, Version, find_version, list_versions, read_model_files, store
from training.store.tracking import TrackingError, dataset

app = typer.Typer()
app.add_typer(models.models_app, name="models")
OTHER = {"data": {"train": ["other.jsonl"], "dev": ["dev.jsonl"]}, "fit": {"epochs": 2}, "seed": 29}


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["models", *words])


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep words that are looked for on one line, whatever the terminal."""
    for console in (out, err):
        monkeypatch.setattr(console, "_width", 200)


class Made:
    """A store with a trained version, and one registered on other documents with another config."""

    def __init__(self, folder: Path) -> None:
        self.config = TrainConfig(**tiny_config(folder))
        self.uri = self.config.tracking.uri
        empty_store(folder / "mlflow.db")
        self.trained: Trained = train(self.config)
        first = read_manifest(self.trained.folder).training
        register(
            self.trained.folder,
            folder / "second",
            documents(10)[2:],
            {"dev_partial_f1": 0.5},
            config=OTHER,
            commit="abc",
            data_digest={"train": "1f" * 32, "dev": first["data_digest"]["dev"]},
            dev_texts=first["dev_texts"],
            packages={**first["packages"], "numpy": "1.0"},
        )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder, before = tmp_path_factory.mktemp("lineage"), Path.cwd()
    os.chdir(folder)
    try:
        return Made(folder)
    finally:
        os.chdir(before)


@pytest.fixture(autouse=True)
def _store(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", made.uri)
    mlflow.set_tracking_uri(made.uri)


def traced(word: str) -> Lineage:
    return lineage(find_version(word, NAME))


def test_a_trained_version_is_traced_to_run_config_data_and_code(made: Made) -> None:
    found = traced("1")
    assert found.problems == []
    assert (found.run["id"], found.run["status"]) == (made.trained.run_id, "FINISHED")
    assert found.run["user"]
    assert found.run["seconds"] >= 0
    assert datetime.fromisoformat(found.run["started"]).tzinfo is not None
    assert set(found.config) == {*made.config.flat(), "precision"}
    assert found.config["fit.learning_rate"] == "0.01"
    assert {use: (split.documents, split.files) for use, split in found.data.items()} == {
        "train": (8, list(made.config.data.train)),
        "dev": (4, list(made.config.data.dev)),
    }
    manifest = read_manifest(made.trained.folder)
    assert {use: split.digest for use, split in found.data.items()} == manifest.training["data_digest"]
    assert found.schema["classes"][0] == "ATTACK:bombing"
    assert found.schema["sha256"] == manifest.files["schema.yaml"]
    assert found.commit == manifest.training["commit"]
    assert "torch" in found.packages
    assert set(found.scores) == {"dev_strict_f1", "dev_partial_f1", "dev_partial_core_f1"}
    assert "dev/strict_micro_f1" in found.metrics


def test_texts_without_annotation_are_no_documents(made: Made) -> None:
    training = {"train_texts": ["a", "b", "c"], "unannotated_texts": 2, "data_digest": {"train": "0" * 64}}
    for told in (training, {**training, "documents": {"train": 1}, "train_texts": ["a", "b", "c", "of a teacher"]}):
        train = _data(told, None)["train"]
        assert (train.documents, train.unannotated) == (1, 2)
    assert _data({"train_texts": ["a"], "data_digest": {"train": "0" * 64}}, None)["train"].to_dict() == {
        "files": [], "digest": "0" * 64, "documents": 1,
    }  # fmt: skip


def test_only_the_manifest_and_the_label_set_are_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = []
    real = mlflow.artifacts.download_artifacts

    def download(artifact_uri: str, **rest: Any) -> str:
        fetched.append(artifact_uri.removeprefix("models:/conflict-events/1/"))
        return str(real(artifact_uri, **rest))

    monkeypatch.setattr(mlflow.artifacts, "download_artifacts", download)
    traced("1")
    assert fetched == ["MLmodel", "artifacts/model/manifest.json", "artifacts/model/schema.yaml"]


def test_what_cannot_be_read_is_named_and_the_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> str:
        raise MlflowException("the bucket is gone")

    monkeypatch.setattr(mlflow.artifacts, "download_artifacts", broken)
    monkeypatch.setattr(mlflow.MlflowClient, "get_run", broken)
    version = replace(find_version("1", NAME), tags={"dev_strict_f1": "0.5", "promotions": "no list"})
    found = lineage(version)
    assert (found.scores, found.config, found.schema, found.promotions) == ({"dev_strict_f1": 0.5}, {}, {}, [])
    assert [("the bucket is gone" in problem, "no JSON list" in problem) for problem in found.problems] == [
        (True, False),
        (True, False),
        (False, True),
    ]
    assert lineage(replace(version, run_id="")).problems[0] == "no run is known of this version"


def test_tags_set_by_hand_are_told_and_stop_no_command(made: Made) -> None:
    client = mlflow.MlflowClient()
    by_hand = {
        "dev_strict_f1": "n/a",
        "test_strict_f1": "nan",
        "promotions": '[{"alias": "champion"}, {"action": "promoted", "alias": "x", "forced": 1, "failed_gates": 3}]',
    }
    for key, value in by_hand.items():
        client.set_model_version_tag(NAME, "2", key, value)
    try:
        found = traced("2")
        results = [run(), run("--format", "json"), run("show", "2"), run("diff", "1", "2")]
    finally:
        for key in by_hand:
            client.delete_model_version_tag(NAME, "2", key)
    assert (set(found.scores), [move["alias"] for move in found.promotions]) == ({"dev_partial_f1"}, ["x"])
    assert [result.exit_code for result in results] == [0, 0, 0, 0]
    told = "the tag dev_strict_f1 of conflict-events/2 is not a number: 'n/a'"
    assert all(told in result.output for result in results)
    assert found.problems[:2] == [told, "the tag test_strict_f1 of conflict-events/2 is not a number: 'nan'"]
    assert found.problems[2].startswith("1 of 2 items in the tag 'promotions' of conflict-events/2 are no moves")
    assert json.loads(results[1].stdout)[0]["dev_strict_f1"] is None


def test_data_logged_without_a_use_goes_by_its_name(tmp_path: Path) -> None:
    mlflow.set_experiment(NAME)
    with mlflow.start_run() as logged:
        mlflow.log_input(dataset(documents(3), ["mine.jsonl"], "mine"))
    found = lineage(replace(find_version("1", NAME), run_id=logged.info.run_id))
    assert (found.data["mine"].documents, found.data["mine"].files) == (3, [])


def test_an_error_without_a_message_is_told_by_its_kind(made: Made) -> None:
    with pytest.raises(TrackingError, match="cannot be used: OSError"), store(made.uri):
        raise OSError


@pytest.mark.parametrize(
    ("option", "value"), [("--name", "other"), ("--tracking-uri", "sqlite:///other.db"), ("--format", "json")]
)
@pytest.mark.parametrize("words", [("show", "1"), ("diff", "1", "2")])
def test_an_option_before_a_subcommand_is_refused(option: str, value: str, words: tuple[str, ...]) -> None:
    result = run(option, value, *words)
    assert result.exit_code == 2
    assert option in result.output
    assert f"write it after '{words[0]}'" in result.output


def test_a_manifest_that_is_no_manifest_is_told(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = mlflow.artifacts.download_artifacts

    def download(artifact_uri: str, dst_path: str) -> str:
        path = Path(real(artifact_uri, dst_path=dst_path))
        return str(path) if path.name == "MLmodel" else str(shutil.copy(__file__, path))

    monkeypatch.setattr(mlflow.artifacts, "download_artifacts", download)
    with pytest.raises(RegistryError, match="the model files of conflict-events/1 cannot be read"):
        read_model_files(find_version("1", NAME))


def test_promotions_and_evaluations_are_told(made: Made) -> None:
    first, second = (find_version(number, NAME) for number in ("1", "2"))
    promote(Examined(plan(list_versions(NAME), first, "rival"), []), reason="the first", by="Anna")
    rows: list[tuple[str, Mapping[str, str], Mapping[str, float]]] = [
        ("own", {"evaluated_model": first.address, "data": "corpus/test"}, {"eval_partial_core_f1": 0.8125}),
        ("folder", {"evaluated_run": first.run_id, "data": "articles"}, {}),
        ("two", {"compared_models": f"{first.address}, {second.address}", "verdict": "No evidence."}, {}),
        ("other", {"evaluated_model": "conflict-events/11", "evaluated_run": "other"}, {}),
        ("listed", {"compared_models": json.dumps(["a, b", second.address]), "verdict": "Worse."}, {}),
        ("joined", {"compared_models": json.dumps([f"{first.address}, {second.address}"])}, {}),
    ]
    assert evaluations(first) == []
    client = mlflow.MlflowClient()
    experiment = client.create_experiment(EXPERIMENT)
    for time, (name, tags, metrics) in enumerate(rows, start=1):
        run_id = client.create_run(experiment, time, dict(tags), name).info.run_id
        for key, value in metrics.items():
            client.log_metric(run_id, key, value)
    found = traced("champion")
    assert [(one["name"], one["data"], one["verdict"]) for one in found.evaluations] == [
        ("two", None, "No evidence."),
        ("folder", "articles", None),
        ("own", "corpus/test", None),
    ]
    assert found.evaluations[2]["eval_partial_core_f1"] == 0.8125
    assert [one["name"] for one in evaluations(second)] == ["listed", "two"]
    assert [(move["alias"], move["by"]) for move in found.promotions[1:]] == [("rival", "Anna")]
    shown = run("show", "@champion").output
    promoted = "promoted rival: none -> 1 by Anna: the first"
    for part in (promoted, "core F1 partial 0.812", "evaluated on articles", "No evidence.", "champion"):
        assert part in shown


def test_every_page_of_the_evaluations_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.release.lineage.EXPERIMENT", "five runs")
    client = mlflow.MlflowClient()
    experiment = client.create_experiment("five runs")
    for time in range(1, 6):
        client.create_run(experiment, time, {"evaluated_model": "m/1"}, f"run {time}")
    real = mlflow.MlflowClient.search_runs
    monkeypatch.setattr(mlflow.MlflowClient, "search_runs", partialmethod(real, max_results=2))
    version = Version(1, "", (), {}, "m", datetime(2026, 1, 1, tzinfo=UTC))
    assert [one["name"] for one in evaluations(version)] == [f"run {time}" for time in (5, 4, 3, 2, 1)]


def test_show_tells_the_same_as_json_and_as_a_table(made: Made) -> None:
    found = json.loads(run("show", "models:/conflict-events/1", "--format", "json").stdout)
    assert found["run"]["id"] == made.trained.run_id
    assert found["data"]["train"]["documents"] == 8
    shown = run("show", "1").output
    for part in (made.trained.run_id, "fit.learning_rate", "8 documents", "events version 1", "torch", "FINISHED"):
        assert part in shown


def test_diff_tells_what_changed_in_config_data_packages_commit_and_scores(made: Made) -> None:
    found = diff(traced("1"), traced("2"))
    assert found.config["seed"] == ("13", "29")
    assert found.config["encoder"] == (str(made.config.encoder), None)
    assert "fit.epochs" not in found.config
    train = found.data["train"]
    assert train["files"] == [list(made.config.data.train), ["other.jsonl"]]
    assert train["digest"][1] == "1f" * 32
    assert train["texts"] == {"added": 2, "removed": 2, "kept": 6}
    assert "documents" not in train
    assert set(found.data["dev"]) == {"files"}
    assert found.packages["numpy"][1] == "1.0"
    assert found.commit is not None
    assert found.commit[1] == "abc"
    assert found.scores["dev_partial_f1"][1] == 0.5
    assert (found.schema, found.classes, found.problems) == ({}, {}, [])


def test_diff_is_told_as_json_and_as_a_table() -> None:
    told = json.loads(run("diff", "1", "2", "--format", "json").stdout)
    assert told["config"]["seed"] == ["13", "29"]
    assert told["data"]["train"]["texts"]["added"] == 2
    shown = run("diff", "1", "2").output
    for part in ("seed", "29", "train data: 2 texts added, 2 removed, 6 kept", "numpy", "abc", "0.5000 (+0."):
        assert part in shown
    assert "conflict-events/1 and conflict-events/1 do not differ" in run("diff", "1", "1").output


def made_up(**changes: Any) -> Lineage:
    version = Version(1, "r", (), {}, "m", datetime(2026, 1, 1, tzinfo=UTC))
    plain: dict[str, Any] = {key: {} for key in ("run", "config", "data", "schema", "packages", "scores", "metrics")}
    lists: dict[str, Any] = dict.fromkeys(("promotions", "evaluations", "problems"), ())
    return Lineage(**{"version": version, "commit": None, **plain, **lists, **changes})


def printed(show: Any, found: Any) -> str:
    console = Console(width=200, record=True, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    show(console, found)
    return console.export_text()


def test_the_same_texts_annotated_in_another_way_are_told() -> None:
    splits = [Split(["a"], digest, 2, frozenset({"x", "y"})) for digest in ("1" * 64, "2" * 64)]
    found = diff(*(made_up(data={"train": split}) for split in splits))
    assert found.data["train"] == {"digest": ["1" * 64, "2" * 64], "texts": {"added": 0, "removed": 0, "kept": 2}}
    assert "train data: the same 2 texts" in printed(print_changes, found)


def test_texts_are_not_counted_where_a_manifest_has_none() -> None:
    splits = [Split(["a"], "1" * 64, 2, frozenset({"x", "y"})), Split(["a"], "2" * 64, 3, None)]
    found = diff(*(made_up(data={"test": split}) for split in splits))
    assert found.data["test"] == {"digest": ["1" * 64, "2" * 64], "documents": [2, 3]}


def test_a_split_that_only_one_version_has_is_told() -> None:
    found = diff(made_up(), made_up(data={"test": Split(["a"], "1" * 64, 2, None)}))
    assert found.data["test"] == {"files": [None, ["a"]], "digest": [None, "1" * 64], "documents": [None, 2]}
    assert "111111" in printed(print_changes, found)


def test_labels_added_and_removed_are_told() -> None:
    schema = {"name": "events", "version": 1, "sha256": "1" * 64, "classes": ["ATTACK", "DATE"]}
    other = {**schema, "sha256": "2" * 64, "classes": ["ATTACK", "TIME"]}
    found = diff(made_up(schema=schema), made_up(schema=other))
    assert found.classes == {"added": ["TIME"], "removed": ["DATE"]}
    assert found.schema == {"sha256": ("1" * 64, "2" * 64)}
    assert "labels and types added: TIME" in printed(print_changes, found)


def test_moves_that_no_longer_fit_and_forced_ones_are_told() -> None:
    forced = {"action": "promoted", "alias": "champion", "from": "1", "to": "2", "by": "A", "at": "now", "reason": "r"}
    moves = [{"omitted": 3}, {**forced, "forced": True, "failed_gates": ["memory: too much"]}]
    shown = printed(print_lineage, made_up(promotions=moves, problems=["the run is gone"]))
    assert "3 moves that no longer fit into the tag" in shown
    assert "promoted champion: 1 -> 2 by A: r, forced: memory: too much" in shown
    assert "not known: the run is gone" in shown


def test_values_that_differ_are_paired_and_equal_ones_left_out() -> None:
    assert changed({"a": 1, "b": 2}, {"b": 2, "c": 3}) == {"a": (1, None), "c": (None, 3)}


def test_versions_are_listed_with_scores_and_origin(made: Made) -> None:
    rows = json.loads(run("--format", "json").stdout)
    assert [row["version"] for row in rows] == [2, 1]
    assert rows[1]["run"] == made.trained.run_id
    assert rows[1]["dev_partial_f1"] is not None
    assert (rows[0]["dev_partial_f1"], rows[0]["test_partial_f1"]) == (0.5, None)
    shown = run().output
    assert made.trained.run_id[:7] in shown
    assert "-/0.500" in shown
    assert run("--format", "xml").exit_code == 2


def test_the_schema_of_a_version_is_the_one_it_was_trained_with() -> None:
    manifest, schema = read_model_files(find_version("1", NAME))
    assert schema.classes == load_schema().classes
    assert manifest.window == 64
