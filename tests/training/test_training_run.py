"""A whole run on the tiny encoder: what it produces, and what happens when it is stopped."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import mlflow
import pytest
import yaml

from annotations import read_documents
from inference import Model, Prediction, load
from tests.registered import stored_config as tiny_config
from training.config import TrainConfig
from training.fit.prepare import prepare
from training.release.promotion import first_champion
from training.resume import check_resumable, digests, keep_digests
from training.run import Result, ResumeError, Watcher, train
from training.store.registry import list_versions
from training.store.tracking import TrackingError, tracked_run


class Finished:
    """A finished run, with its config and what MLflow knows of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = TrainConfig(**tiny_config(folder))
        self.result: Result = train(self.config)
        self.client = mlflow.MlflowClient(self.config.tracking.uri)
        self.run = self.client.get_run(self.result.run_id)

    def artifact(self, name: str) -> str:
        path = mlflow.artifacts.download_artifacts(
            run_id=self.result.run_id, artifact_path=name, tracking_uri=self.config.tracking.uri
        )
        return Path(path).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("run")
    before = Path.cwd()
    os.chdir(folder)
    try:
        return Finished(folder)
    finally:
        os.chdir(before)


def test_run_ends_finished_with_its_config_and_parameters(finished: Finished) -> None:
    assert finished.run.info.status == "FINISHED"
    assert yaml.safe_load(finished.artifact("config.yaml")) == finished.config.to_dict()
    assert finished.run.data.params["fit.epochs"] == "2"
    assert "torch" in json.loads(finished.artifact("packages.json"))


def test_run_records_data_sets_with_digests(finished: Finished) -> None:
    inputs = {item.tags[0].value: item.dataset for item in finished.run.inputs.dataset_inputs}
    assert set(inputs) == {"train", "dev"}
    assert all(len(dataset.digest) == 36 for dataset in inputs.values())
    assert inputs["train"].digest != inputs["dev"].digest


def test_run_records_a_learning_curve_and_few_figures_in_groups(finished: Finished) -> None:
    losses = finished.client.get_metric_history(finished.result.run_id, "curve/loss")
    assert [point.step for point in losses] == [1, 2]
    assert losses[1].value < losses[0].value
    metrics = finished.run.data.metrics
    assert metrics["dev/strict_micro_f1"] == pytest.approx(finished.result.evaluations["dev"].scores["strict"].micro.f1)
    assert len(metrics) < 12
    assert {name.split("/")[0] for name in metrics} == {"curve", "dev"}


def test_run_keeps_the_other_figures_in_tables(finished: Finished) -> None:
    epochs = json.loads(finished.artifact("epochs.json"))
    labels = epochs["columns"].index("dev_partial_ATTACK_f1")
    history = load(finished.result.folder).manifest.training["history"]
    assert [row[labels] for row in epochs["data"]] == [row["dev_partial_ATTACK_f1"] for row in history]
    measures = json.loads(finished.artifact("dev_measures.json"))
    assert {row[0] for row in measures["data"]} == {*finished.result.evaluations["dev"].measures}


def test_run_version_and_registered_model_are_described(finished: Finished) -> None:
    assert finished.run.info.run_name == "events-13"
    strict = finished.result.evaluations["dev"].f1("strict_micro")
    run = finished.run.data.tags["mlflow.note.content"]
    version = finished.client.get_model_version("conflict-events", "1")
    assert all(f"| {strict:.3f} |" in text for text in (run, version.description))
    assert run in version.description
    assert "conflict-events/1" in version.description
    assert next(iter(version.tags)) == "F1"
    model = finished.client.get_registered_model("conflict-events")
    assert "ATTACK" in model.description
    assert f"| {strict:.3f} |" in model.description


def test_run_keeps_predictions_tables_and_pictures(finished: Finished) -> None:
    names = {item.path for item in finished.client.list_artifacts(finished.result.run_id)}
    assert {
        "learning_curve.png",
        "dev_labels.png",
        "dev_labels.json",
        "dev_predictions.jsonl",
        "dev_scores.json",
    } <= names
    rows = [json.loads(line) for line in finished.artifact("dev_predictions.jsonl").splitlines()]
    assert [row["id"] for row in rows] == [d.id for d in read_documents(finished.config.data.dev[0])]
    assert all("text" not in span for row in rows for span in row["predicted"] + row["gold"])


def test_version_is_registered_with_digests_and_scores(finished: Finished) -> None:
    mlflow.set_tracking_uri(finished.config.tracking.uri)
    (version,) = list_versions("conflict-events")
    assert str(version.number) == finished.result.version == "1"
    assert version.run_id == finished.result.run_id
    assert {"config_digest", "data_digest", "dev_strict_f1", "dev_partial_f1"} <= set(version.tags)


def test_a_run_that_goes_on_from_a_model_records_its_texts_too(finished: Finished, tmp_path: Path) -> None:
    made = tiny_config(tmp_path)
    data = {**made["data"], "train": made["data"]["dev"], "dev": made["data"]["train"]}
    config = TrainConfig(**{**made, "data": data, "encoder": str(finished.result.folder), "fit": {"epochs": 1}})
    before, after = (load(folder).manifest.training for folder in (finished.result.folder, train(config).folder))
    assert after["continued_from"] == [finished.result.run_id]
    both = {*before["train_texts"], *before["dev_texts"]}
    assert set(after["train_texts"]) == set(after["dev_texts"]) == both
    assert "continued_from" not in before


def test_model_folder_is_complete_and_nothing_else_is_left(finished: Finished) -> None:
    folder = finished.result.folder
    assert {path.name for path in folder.iterdir()} >= {
        *("config.json", "tokenizer.json", "model.safetensors", "model.onnx", "schema.yaml", "manifest.json")
    }
    assert sorted(path.name for path in folder.parent.iterdir()) == ["config.yaml", "data.json", "done", "model"]
    training = load(folder).manifest.training
    assert training["run"] == finished.result.run_id
    assert training["train_texts"] == sorted(d.sha256 for d in read_documents(finished.config.data.train[0]))


def test_the_first_version_is_champion_and_says_why(finished: Finished) -> None:
    assert finished.result.champion
    mlflow.set_tracking_uri(finished.config.tracking.uri)
    (version,) = list_versions("conflict-events")
    assert version.aliases == ("champion",)
    (move,) = json.loads(version.tags["promotions"])
    assert (move["alias"], move["from"], move["to"]) == ("champion", None, "1")
    assert not first_champion("conflict-events", "2")
    assert first_champion("conflict-events", "1")  # again: nothing is recorded twice
    assert len(json.loads(list_versions("conflict-events")[0].tags["promotions"])) == 1


def test_registered_model_predicts_like_the_folder(finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", finished.config.tracking.uri)
    text = "Gunmen opened fire at a market in Ndoro on Friday, killing at least 12 traders."
    folder = load(finished.result.folder).predict(text)
    for address in ("models:/conflict-events/1", f"runs:/{finished.result.run_id}/model", None):
        assert load(address).predict(text).spans == folder.spans
    assert load(None).name == "conflict-events/1"


def test_alias_address_names_the_version_behind_it(finished: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", finished.config.tracking.uri)
    finished.client.set_registered_model_alias("conflict-events", "champion", "1")
    assert load("models:/conflict-events@champion").name == "conflict-events/1"


def test_logged_model_is_served_by_mlflow_alone(finished: Finished) -> None:
    """Loaded in a process that cannot import this checkout: the code comes with the model."""
    code = (
        "import sys, json, mlflow, pandas\n"
        "sys.path = [p for p in sys.path if p not in ('', sys.argv[3])]\n"
        "sys.meta_path = [f for f in sys.meta_path if 'editable' not in repr(f).lower()]\n"
        "mlflow.set_tracking_uri(sys.argv[1])\n"
        "model = mlflow.pyfunc.load_model(sys.argv[2])\n"
        "import inference\n"
        "assert 'artifacts' in inference.__file__, inference.__file__\n"
        "text = 'Gunmen opened fire at a market.'\n"
        "(found,) = model.predict(pandas.DataFrame({'text': [text]}))\n"
        "assert all(text[s['start']:s['end']] == s['text'] for s in found['spans'])\n"
        "print(json.dumps(found))\n"
    )
    checkout = str(Path(__file__).resolve().parents[2])
    result = subprocess.run(
        [sys.executable, "-c", code, finished.config.tracking.uri, "models:/conflict-events/1", checkout],
        capture_output=True,
        text=True,
        check=False,
        cwd=finished.folder,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert set(json.loads(result.stdout.splitlines()[-1])) == {
        "model",
        "windows",
        "convention",
        "spans",
        "events",
        "entities",
    }


def test_an_ended_run_is_not_resumed(finished: Finished) -> None:
    with pytest.raises(ResumeError, match="has ended, its model is in"):
        train(finished.config, resume=finished.result.run_id)


def test_unknown_run_and_changed_config_are_refused(tmp_path: Path) -> None:
    config = TrainConfig(**tiny_config(tmp_path))
    with pytest.raises(ResumeError, match=r"no run 'abc' in .*; runs there: none"):
        train(config, resume="abc")
    folder = Path(config.output) / "abc"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(config.to_yaml(), encoding="utf-8")
    changed = TrainConfig(**tiny_config(tmp_path, epochs=9))
    with pytest.raises(ResumeError, match=r"another config \(fit\.epochs: 2 -> 9\)"):
        train(changed, resume="abc")


def test_changed_teachers_and_texts_are_refused_before_they_are_read(finished: Finished, tmp_path: Path) -> None:
    shutil.copytree(finished.result.folder, tmp_path / "teacher")
    (tmp_path / "texts.jsonl").write_text('{"text": "Rain fell."}\n', encoding="utf-8")
    distil = {"teachers": [str(tmp_path / "teacher")], "texts": [str(tmp_path / "texts.jsonl")]}
    config = TrainConfig(**tiny_config(tmp_path), distil=distil)
    folder = Path(config.output) / "abc"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(config.to_yaml(), encoding="utf-8")
    keep_digests(config, "abc", digests(config, prepare(config)))
    check_resumable(config, "abc", "model")
    (tmp_path / "texts.jsonl").write_text('{"text": "Snow fell."}\n', encoding="utf-8")
    with pytest.raises(ResumeError, match=r"other content of: texts \S+texts\.jsonl;"):
        train(config, resume="abc")
    shutil.rmtree(tmp_path / "teacher")
    with pytest.raises(ResumeError, match=r"other content of: teacher \S+teacher, texts"):
        train(config, resume="abc")


def test_a_model_that_finds_nothing_on_dev_is_registered_only_if_that_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TrainConfig(**tiny_config(tmp_path, epochs=1))
    monkeypatch.setattr(Model, "predict_stream", lambda self, texts: (silent(self, text) for text in texts))
    refused = train(config)
    assert (refused.empty, refused.version, refused.champion) == (True, None, False)
    assert refused.folder.is_dir()
    client = mlflow.MlflowClient(config.tracking.uri)
    assert client.search_registered_models() == []
    assert client.get_run(refused.run_id).info.status == "FINISHED"
    allowed = train(config, resume=refused.run_id, allow_empty=True, watcher=_fail_at(1))
    assert (allowed.run_id, allowed.empty, allowed.version) == (refused.run_id, False, "1")
    assert len(client.search_model_versions("name='conflict-events'")) == 1


def silent(model: Model, text: str) -> Prediction:
    """A prediction of nothing."""
    return Prediction(text, [], [], model.name, 1, model.schema)


def test_unreachable_store_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    settings = tiny_config(tmp_path) | {"tracking": {"uri": f"sqlite:///{tmp_path}/file/mlflow.db"}}
    with pytest.raises(TrackingError, match=r"MLflow at sqlite:.*file/mlflow\.db cannot be used"):
        train(TrainConfig(**settings))


class _BoomError(Exception):
    pass


def _fail_at(step: int) -> Watcher:
    def on_step(state: Any, total: int, left: float) -> None:
        if state.step == step:
            raise _BoomError

    return Watcher(step=on_step)


@pytest.mark.slow
def test_a_crash_ends_the_run_as_failed_and_it_can_be_resumed(tmp_path: Path) -> None:
    config = TrainConfig(**tiny_config(tmp_path))
    with pytest.raises(_BoomError):
        train(config, watcher=_fail_at(3))
    client = mlflow.MlflowClient(config.tracking.uri)
    (run,) = client.search_runs([client.get_experiment_by_name("conflict-events").experiment_id])
    assert run.info.status == "FAILED"
    result = train(config, resume=run.info.run_id)
    assert result.run_id == run.info.run_id
    assert client.get_run(result.run_id).info.status == "FINISHED"


@pytest.mark.slow
def test_a_run_that_failed_after_its_export_is_resumed_without_fitting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TrainConfig(**tiny_config(tmp_path))

    def on_stage(line: str) -> None:
        if line == "logging and registering the model":
            raise _BoomError

    with pytest.raises(_BoomError):
        train(config, watcher=Watcher(stage=on_stage))
    (model,) = Path(config.output).glob("*/model")
    run_id = model.parent.name
    _check_that_changed_data_are_refused(config, run_id)

    def remove(*_: object) -> None:
        raise _BoomError

    client = mlflow.MlflowClient(config.tracking.uri)
    assert client.get_run(run_id).info.status == "FAILED"
    with monkeypatch.context() as patch:
        patch.setattr("training.fit.checkpoint.remove", remove)
        with pytest.raises(_BoomError):  # registered, and not yet ended
            train(config, resume=run_id, watcher=_fail_at(1))
    assert client.get_run(run_id).info.status == "FINISHED"  # nobody may call it failed
    result = train(config, resume=run_id, watcher=_fail_at(1))
    assert (result.run_id, result.version) == (run_id, "1")
    assert mlflow.MlflowClient(config.tracking.uri).get_run(run_id).info.status == "FINISHED"
    with pytest.raises(ResumeError, match="has ended"):
        train(config, resume=run_id)


def _check_that_changed_data_are_refused(config: TrainConfig, run_id: str) -> None:
    path = Path(config.data.train[0])
    whole = path.read_text(encoding="utf-8")
    path.write_text("".join(whole.splitlines(keepends=True)[:-1]), encoding="utf-8")
    with pytest.raises(ResumeError, match="started with other content of: train data;"):
        train(config, resume=run_id)
    path.write_text(whole, encoding="utf-8")


def test_a_run_under_way_elsewhere_is_not_resumed(tmp_path: Path) -> None:
    config = TrainConfig(**tiny_config(tmp_path))
    with tracked_run(config, None) as run:
        mlflow.set_tag("conflict_events.pid", str(os.getppid()))
        with (
            pytest.raises(TrackingError, match=f"in process {os.getppid()}"),
            tracked_run(config, run.info.run_id),
        ):
            pass


def test_a_run_may_be_tracked_outside_of_the_main_thread(tmp_path: Path) -> None:
    config = TrainConfig(**tiny_config(tmp_path))

    def track() -> str:
        with tracked_run(config, None) as run:
            return str(run.info.run_id)

    with ThreadPoolExecutor(1) as pool:
        run_id = pool.submit(track).result()
    assert mlflow.MlflowClient(config.tracking.uri).get_run(run_id).info.status == "FINISHED"


def test_a_dead_run_of_a_process_with_the_same_number_is_ended(tmp_path: Path) -> None:
    config = TrainConfig(**tiny_config(tmp_path))
    with tracked_run(config, None) as run:
        dead = run.info.run_id
    client = mlflow.MlflowClient(config.tracking.uri)
    client.update_run(dead, "RUNNING")
    with tracked_run(config, None) as run:
        assert client.get_run(dead).info.status == "FAILED"
        assert client.get_run(run.info.run_id).info.status == "RUNNING"


@pytest.mark.parametrize("content", ["", "{", "[" * 5])
def test_damaged_digests_of_a_run_are_one_line(content: str, tmp_path: Path) -> None:
    config = TrainConfig(**tiny_config(tmp_path))
    folder = Path(config.output) / "abc"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(config.to_yaml(), encoding="utf-8")
    (folder / "data.json").write_text(content, encoding="utf-8")
    with pytest.raises(ResumeError, match=r"data\.json is damaged"):
        train(config, resume="abc")


def test_a_run_loads_no_code_of_the_choice_what_to_label() -> None:
    with mock.patch.dict(sys.modules):  # the libraries stay loaded, which is what takes seconds
        for name in [name for name in sys.modules if name.split(".")[0] == "training"]:
            del sys.modules[name]
        importlib.import_module("training.run")
        loaded = [name for name in sys.modules if name.startswith("training.")]
    assert "training.run" in loaded
    assert [name for name in loaded if name.startswith("training.curation")] == []
