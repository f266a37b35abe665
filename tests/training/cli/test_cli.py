"""The command line, as a user calls it: output, messages and exit codes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import mlflow
import pytest
import yaml

from annotations import load_schema, write_documents
from annotations.formats.inline import parse
from inference.numbers.conventions import CONVENTIONS
from tests.helpers import run, run_process
from tests.registered import empty_store, register
from tests.tiny import config as tiny_config
from tests.tiny import documents
from training.run import Result


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_documents(tmp_path / "data.jsonl", documents(4))
    return tmp_path / "data.jsonl"


TEXT = "Gunmen opened fire at a market in Ndoro, killing 12 traders."


def test_help_teaches_and_wrong_calls_exit_with_2() -> None:
    assert "Example:" in run("train", "--help").stdout
    assert run("train").returncode == 2
    assert run_process("nonsense").returncode == 2


def test_the_version_is_shown_without_a_command() -> None:
    assert run("--version").stdout.split() == ["conflict-events", version("conflict-events")]


def test_completion_is_there_on_request() -> None:
    environment = {"_CONFLICT_EVENTS_COMPLETE": "complete_bash", "COMP_WORDS": "conflict-events pro", "COMP_CWORD": "1"}
    code = "import sys; sys.argv = ['conflict-events']; from training.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )
    assert done.stdout.split() == ["promote"]


@pytest.mark.parametrize("word", ["champion", "1"])
def test_predict_says_which_version_answers(word: str, tmp_path: Path, tiny_model_folder: Path) -> None:
    uri = empty_store(tmp_path / "mlflow.db")
    mlflow.set_tracking_uri(uri)
    register(tiny_model_folder, tmp_path / "one", [])
    mlflow.MlflowClient().set_registered_model_alias("conflict-events", "champion", "1")
    answer = run("predict", TEXT, "--model", word, "--format", "json")
    assert json.loads(answer.stdout)["model"] == "conflict-events/1"
    assert "model: conflict-events/1" in answer.stderr.splitlines()
    wrong = run("predict", TEXT, "--model", "champoin")
    assert wrong.returncode == 1
    assert "did you mean 'champion'?" in wrong.stderr


def test_a_run_whose_model_finds_nothing_ends_with_1_and_says_how_to_go_on(
    tmp_path: Path, tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(tiny_config(tmp_path)), encoding="utf-8")
    asked = {}

    def train(config: object, **options: object) -> Result:
        asked.update(options)
        (tmp_path / "abc").mkdir()
        shutil.copytree(tiny_model_folder, tmp_path / "abc" / "model")
        return Result("abc", tmp_path / "abc" / "model", "conflict-events", None, False, {}, empty=True)

    monkeypatch.setattr("training.run.train", train)
    ended = run("train", "mine.yaml", "--set", "fit.epochs=1", "--allow-empty")
    assert ended.returncode == 1
    assert "--resume abc --allow-empty" in ended.stderr
    assert (asked["name"], asked["allow_empty"]) == ("mine-13 epochs=1", True)


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (("predict", TEXT, "--format", "xml"), ("json", "jsonl", "html", "inline", "table")),
        (("predict", TEXT, "--backend", "tensorflow"), ("onnx", "torch", "cuda")),
        (("predict", TEXT, "--convention", "acle"), tuple(CONVENTIONS)),
        (("data", "stats", "corpus/dev", "--format", "xml"), ("table", "json")),
        (("annotate", "agreement", "x", "--format", "xml"), ("table", "json", "html")),
    ],
)
def test_an_unknown_choice_is_a_wrong_call_and_the_known_ones_are_named(
    words: tuple[str, ...], known: tuple[str, ...]
) -> None:
    result = run(*words)
    assert result.returncode == 2
    assert all(f"'{name}'" in result.stderr for name in known)


@pytest.mark.slow
def test_a_users_mistake_is_a_message_and_exit_1(tmp_path: Path, data: Path) -> None:
    for words, message in (
        (("train", "defalt"), "did you mean 'default'"),
        (("train", "default", "--set", "fit.epoch=1"), "did you mean 'epochs'"),
        (("predict", "missing.txt"), "missing.txt: no such file"),
        (("evaluate", "no/such/folder", str(data)), "there is no model folder no/such/folder"),
        (("data", "stats", "corpus/trian"), "did you mean 'corpus/train'"),
        (("models",), "there is no local store mlflow.db here"),
    ):
        result = run_process(*words, cwd=tmp_path)
        assert result.returncode == 1, (words, result.stdout, result.stderr)
        assert message in result.stderr
        assert "Traceback" not in result.stderr


def test_predict_takes_text_files_folders_lines_and_standard_input(tmp_path: Path, tiny_model_folder: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    (folder / "b.txt").write_text("Ein Anschlag.\r\n💥", encoding="utf-8", newline="")
    (tmp_path / "lines.jsonl").write_text(json.dumps({"id": "x", "text": TEXT}) + "\n", encoding="utf-8")
    model = ("--model", str(tiny_model_folder), "--format", "jsonl")
    found = run_process("predict", TEXT, str(folder), str(tmp_path / "lines.jsonl"), "-", *model, stdin=TEXT)
    assert found.returncode == 0, found.stderr
    rows = [json.loads(line) for line in found.stdout.splitlines()]
    assert [row["id"] for row in rows] == ["text", str(folder / "a.txt"), str(folder / "b.txt"), "x", "stdin"]
    same = [{key: value for key, value in rows[i].items() if key != "id"} for i in (0, 1, 3, 4)]
    assert all(row == same[0] for row in same)


def test_predict_writes_json_html_and_a_table(tiny_model_folder: Path) -> None:
    model = ("--model", str(tiny_model_folder))
    forms = ("json", "html", "inline", "table")
    shown = {form: run("predict", TEXT, *model, "--format", form) for form in forms}
    assert all(result.returncode == 0 for result in shown.values())
    assert set(json.loads(shown["json"].stdout)) == {
        "id",
        "model",
        "windows",
        "convention",
        "spans",
        "events",
        "entities",
    }
    assert shown["html"].stdout.startswith("<!doctype html>")
    marked = parse(shown["inline"].stdout, load_schema())
    assert (marked.id, marked.text) == ("text", TEXT.strip("\n"))
    spans = json.loads(shown["json"].stdout)["spans"]
    assert [(span.start, span.end, span.label) for span in marked.spans] == [
        (span["start"], span["end"], span["label"]) for span in spans
    ]
    assert "Gunmen" in shown["table"].stdout


@pytest.mark.slow
def test_evaluate_scores_and_warns_of_documents_trained_on(data: Path, tiny_model_folder: Path) -> None:
    result = run_process("evaluate", str(tiny_model_folder), str(data), "--format", "json")
    assert result.returncode == 0, result.stderr
    scores = json.loads(result.stdout)
    assert scores["documents"] == 4
    assert scores["strict"]["micro"]["gold"] == sum(len(d.spans) for d in documents(4))
    assert "macro" in run_process("evaluate", str(tiny_model_folder), str(data)).stdout


def test_data_commands_count_check_and_convert(tmp_path: Path, data: Path) -> None:
    stats = json.loads(run("data", "stats", str(data), "--format", "json").stdout)
    assert (stats["documents"], stats["without_events"]) == (4, 1)
    assert run("data", "convert", str(data), str(tmp_path / "marked")).returncode == 0
    assert run("data", "convert", str(tmp_path / "marked"), str(tmp_path / "back.jsonl")).returncode == 0
    assert (tmp_path / "back.jsonl").read_text() == data.read_text()
    assert run("data", "validate", str(data)).returncode == 0
    broken = data.read_text().replace('"label": "VICTIM"', '"label": "VICTM"')
    (tmp_path / "broken.jsonl").write_text(broken)
    result = run("data", "validate", str(tmp_path / "broken.jsonl"))
    assert result.returncode == 1
    assert "broken.jsonl:1: document 'd000': span S" in result.stderr
    assert "unknown label 'VICTM'; did you mean 'VICTIM'?" in result.stderr


def test_articles_without_their_texts_are_said_to_be_left_out() -> None:
    result = run("data", "validate", "articles")
    assert result.returncode == 0
    assert "10 skipped" in result.stdout
    assert "CONFLICT_EVENTS_ARTICLES" in result.stderr


@pytest.mark.slow
def test_dry_run_trains_nothing_and_train_prints_a_prediction(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(tiny_config(tmp_path)), encoding="utf-8")
    dry = run_process("train", "mine.yaml", "--dry-run", cwd=tmp_path)
    assert dry.returncode == 0, dry.stderr
    assert "gold spans lost" in dry.stdout
    assert not (tmp_path / "mlflow.db").exists()
    trained = run_process("train", "mine.yaml", "--set", "fit.epochs=1", cwd=tmp_path)
    assert trained.returncode == 0, trained.stderr
    assert "registered as conflict-events/1, champion" in trained.stdout
    assert "Gunmen" in trained.stdout
    assert "conflict-events" in run_process("models", cwd=tmp_path).stdout


def test_a_long_paragraph_is_text_and_a_lonely_value_is_no_text(tmp_path: Path, tiny_model_folder: Path) -> None:
    model = ("--model", str(tiny_model_folder), "--format", "json")
    found = run("predict", TEXT * 20, *model)
    assert (found.returncode, json.loads(found.stdout)["id"]) == (0, "text")
    (tmp_path / "bad.jsonl").write_text('{"text": "a"}\n{"text": 5}\n')
    refused = run("predict", str(tmp_path / "bad.jsonl"), *model)
    assert refused.returncode == 1
    assert "bad.jsonl:2: " in refused.stderr


def test_convert_writes_nothing_outside_its_folder_and_nothing_empty(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run("data", "convert", "empty", "kept.jsonl", cwd=tmp_path)
    assert "the folder has no .txt file" in result.stderr
    (tmp_path / "evil.jsonl").write_text('{"id": "../evil", "text": "Rain."}\n')
    result = run("data", "convert", "evil.jsonl", "marked", cwd=tmp_path)
    assert result.returncode == 1
    assert "file name" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "evil.jsonl"]


def test_an_unknown_store_is_a_message(tmp_path: Path) -> None:
    result = run("models", "--uri", "nowhere://there", cwd=tmp_path)
    assert result.returncode == 1
    assert "MLflow at nowhere://there cannot be used" in result.stderr
