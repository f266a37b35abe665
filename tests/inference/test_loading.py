"""Addresses: where `load` and `predict` find a model."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import mlflow
import pytest

from inference import ModelError, load, predict
from inference.loading import MODEL_VARIABLE, in_store
from tests.registered import NAME, empty_store, register

TEXT = "Gunmen opened fire at a market, killing at least 12 soldiers."


@pytest.mark.parametrize("call", [load, lambda: predict(TEXT)], ids=["load", "predict"])
def test_without_any_model_the_error_tells_how_to_get_one(call):
    with pytest.raises(ModelError) as caught:
        call()
    message = str(caught.value)
    assert "no model is named, and there is no local store mlflow.db here" in message
    for remedy in (
        "conflict-events train default",
        "load('path/to/model')",
        "models:/conflict-events/1",
        MODEL_VARIABLE,
    ):
        assert remedy in message


def test_folder_is_loaded(tiny_model_folder: Path):
    assert load(tiny_model_folder).folder == tiny_model_folder
    assert load(str(tiny_model_folder)).name == "tiny"


def test_folder_may_be_given_to_predict(tiny_model_folder: Path):
    assert predict(TEXT, model=tiny_model_folder) == load(tiny_model_folder).predict(TEXT)
    assert [found.text for found in predict([TEXT, ""], model=str(tiny_model_folder))] == [TEXT, ""]


def test_folder_below_home_is_found(tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "mine").symlink_to(tiny_model_folder)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load("~/mine").name == "tiny"


def test_backend_may_be_chosen(tiny_model_folder: Path):
    onnx, torch = (load(tiny_model_folder, backend=backend).predict(TEXT) for backend in ("onnx", "torch"))
    assert [span.text for span in torch.spans] == [span.text for span in onnx.spans]
    with pytest.raises(ValueError, match="unknown backend 'abacus'"):
        load(tiny_model_folder, backend="abacus")


def test_variable_names_the_model(tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(MODEL_VARIABLE, str(tiny_model_folder))
    assert load().folder == tiny_model_folder
    assert predict(TEXT).model == "tiny"


def test_address_given_stands_before_the_variable(tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(MODEL_VARIABLE, "nowhere")
    assert load(tiny_model_folder).name == "tiny"


def test_variable_that_names_no_folder_is_refused_by_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(MODEL_VARIABLE, "nowhere/at-all")
    with pytest.raises(ModelError, match="there is no model folder nowhere/at-all"):
        predict(TEXT)


@pytest.mark.parametrize("wrong", [3, b"model", ["model"]])
def test_address_of_another_type_is_refused(wrong: object):
    with pytest.raises(TypeError, match=f"load takes a path or an address, got {type(wrong).__name__}"):
        load(wrong)  # type: ignore[arg-type]


def test_what_is_no_string_is_refused(tiny_model_folder: Path):
    with pytest.raises(TypeError, match="predict takes a string or an iterable of strings, got int"):
        predict(12, model=tiny_model_folder)  # type: ignore[call-overload]


def test_without_a_name_the_champion_is_taken_and_never_a_newer_version(
    tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    uri = empty_store(tmp_path / "store.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    mlflow.set_tracking_uri(uri)
    for number in (1, 2):
        register(tiny_model_folder, tmp_path / str(number), [])
    assert load().name == "conflict-events/1"
    mlflow.MlflowClient().set_registered_model_alias("conflict-events", "champion", "2")
    assert load().name == "conflict-events/2"


def test_the_released_model_is_used_unless_the_store_has_a_champion(
    tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("inference.loading.RELEASED", tiny_model_folder)
    assert load().folder == tiny_model_folder
    uri = empty_store(tmp_path / "store.db")
    mlflow.set_tracking_uri(uri)
    register(tiny_model_folder, tmp_path / "1", [])
    assert in_store(uri=uri)
    assert load(tracking_uri=uri).folder == tiny_model_folder
    mlflow.MlflowClient().set_registered_model_alias("conflict-events", "champion", "1")
    assert load(tracking_uri=uri).name == "conflict-events/1"


@pytest.mark.parametrize(
    "use",
    [
        lambda dead, _: load("champion", tracking_uri=dead),
        lambda dead, environment: environment.setenv("MLFLOW_TRACKING_URI", dead) or predict(TEXT, model="champion"),
    ],
    ids=["load", "predict"],
)
def test_a_store_whose_server_is_down_is_said_at_once(
    use: Callable[[str, pytest.MonkeyPatch], object], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", raising=False)  # MLflow would try for minutes
    dead, start = "http://127.0.0.1:9", time.monotonic()
    with pytest.raises(ModelError, match=f"{dead}.*MLFLOW_TRACKING_URI"):
        use(dead, monkeypatch)
    assert time.monotonic() - start < 30


def test_a_missing_gpu_is_said(tiny_model_folder: Path) -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        assert load(tiny_model_folder, backend="cuda").predict(TEXT).windows == 1
    else:
        with pytest.raises(ModelError, match="GPU"):
            load(tiny_model_folder, backend="cuda")


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory: pytest.TempPathFactory, tiny_model_folder: Path) -> str:
    """The address of a store with two versions, the second of them champion."""
    folder, before = tmp_path_factory.mktemp("store"), Path.cwd()
    uri = empty_store(folder / "mlflow.db")
    os.chdir(folder)
    try:
        mlflow.set_tracking_uri(uri)
        for number in (1, 2):
            register(tiny_model_folder, folder / str(number), [])
        mlflow.MlflowClient().set_registered_model_alias(NAME, "champion", "2")
    finally:
        os.chdir(before)
    return uri


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("champion", 2),
        ("@champion", 2),
        ("1", 1),
        (f"{NAME}/1", 1),
        (f"{NAME}@champion", 2),
        (f"models:/{NAME}/1", 1),
        (f"models:/{NAME}@champion", 2),
        (f"models:/{NAME}/latest", "latest"),
    ],
)
def test_a_version_is_named_in_few_letters(
    word: str, number: int | str, two_versions: str, monkeypatch: pytest.MonkeyPatch
):
    assert load(word, tracking_uri=two_versions).name == f"{NAME}/{number}"
    assert in_store(word, two_versions)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", two_versions)
    monkeypatch.setenv(MODEL_VARIABLE, word)
    assert load().name == f"{NAME}/{number}"


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("champoin", ["conflict-events has no alias 'champoin'", "did you mean 'champion'?", "versions 2, 1"]),
        ("@rival", ["has no alias 'rival'", "versions 2, 1; aliases champion"]),
        ("7", ["conflict-events has no version 7", "2, 1; aliases champion"]),
        (f"models:/{NAME}/7", ["has no version 7", "2, 1; aliases champion"]),
        ("conflict-event@champion", ["no version of conflict-event;", "did you mean 'conflict-events'?"]),
        ("runs/7", ["no version of runs", NAME, "no such folder"]),
        ("runs/1/model", ["there is no model folder runs/1/model"]),
    ],
)
def test_a_word_that_names_nothing_is_answered_with_what_there_is(word: str, parts: list[str], two_versions: str):
    with pytest.raises(ModelError) as caught:
        load(word, tracking_uri=two_versions)
    assert [part for part in parts if part not in str(caught.value)] == []


def test_a_folder_is_meant_with_a_slash_or_where_no_version_has_its_name(
    two_versions: str, tiny_model_folder: Path, tmp_path: Path
):
    for name in ("champion", "mine", f"{NAME}/1"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(tiny_model_folder)
    names = {
        word: load(word, tracking_uri=two_versions).name
        for word in ("champion", "./champion", "@champion", "mine", "./mine", f"{NAME}/1", f"{NAME}@champion")
    }
    tiny = load(tiny_model_folder).name
    assert names == {
        "champion": f"{NAME}/2",
        "./champion": tiny,
        "@champion": f"{NAME}/2",
        "mine": tiny,
        "./mine": tiny,
        f"{NAME}/1": tiny,
        f"{NAME}@champion": f"{NAME}/2",
    }
    assert load(Path("champion"), tracking_uri=two_versions).name == tiny
    assert predict(TEXT, model=Path("champion")).model == tiny
    assert load("champion").name == tiny  # no store at all
    assert not in_store("champion")
    assert not in_store("./champion", two_versions)


def test_a_short_address_without_a_store_is_refused_with_the_way_to_one():
    with pytest.raises(ModelError, match=r"no local store mlflow\.db here to find champion in.*no such folder.*train"):
        load("champion")
