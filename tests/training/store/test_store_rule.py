"""One rule for the store: `--tracking-uri` or `--set tracking.uri`, `MLFLOW_TRACKING_URI`, the config, `mlflow.db`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from annotations.formats.jsonl import write_documents
from inference import ModelError, load
from inference.mlflow_stores import URI_VARIABLE, choose, chosen
from tests.registered import NAME, empty_store
from tests.servers import mlflow_server
from tests.tiny import config as tiny_config
from tests.tiny import documents
from training.cli.app import app
from training.config import load_config
from training.release.steps import PromotionError

Run = Callable[..., Result]
DEFAULT = "sqlite:///mlflow.db"


@pytest.mark.parametrize(
    ("given", "variable", "own", "used"),
    [
        (None, None, None, DEFAULT),
        (None, None, "own", "own"),
        (None, "variable", None, "variable"),
        (None, "variable", "own", "variable"),
        ("given", None, None, "given"),
        ("given", "variable", "own", "given"),
        (None, "", None, DEFAULT),
    ],
)
def test_the_rule(
    given: str | None, variable: str | None, own: str | None, used: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable is not None:
        monkeypatch.setenv(URI_VARIABLE, variable)
    assert choose(given, own).address == used
    if own is None:
        assert chosen(given) == (None if used == DEFAULT else used)  # nothing is here to be read
    content = {"data": {"train": ["a.jsonl"]}} | ({"tracking": {"uri": own}} if own else {})
    Path("mine.yaml").write_text(yaml.safe_dump(content))
    assert load_config("mine.yaml", [f"tracking.uri={given}"] if given else []).tracking.uri == used


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a command in a folder with a config whose own store is own.db, and data to score on."""
    content = tiny_config(tmp_path) | {"tracking": {"uri": "sqlite:///own.db"}}
    content["fit"] |= {"epochs": 1}
    Path("mine.yaml").write_text(yaml.safe_dump(content))
    write_documents("gold.jsonl", documents(3))
    return lambda *words: CliRunner().invoke(app, list(words))


# How `train` is told of its store, and how the commands after it are, so that all look at the same one.
CASES = {
    "nothing said": (["--set", f"tracking.uri={DEFAULT}"], None, []),
    "option, then option": (["--tracking-uri", "{uri}"], None, ["--tracking-uri", "{uri}"]),
    "set, then option": (["--set", "tracking.uri={uri}"], None, ["--tracking-uri", "{uri}"]),
    "set, then variable": (["--set", "tracking.uri={uri}"], "{uri}", []),
    "variable for all": ([], "{uri}", []),
    "option against variable": (["--tracking-uri", "{uri}"], "sqlite:///wrong.db", ["--tracking-uri", "{uri}"]),
}


def _check(case: str, uri: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    training, variable, later = CASES[case]
    if variable:
        monkeypatch.setenv(URI_VARIABLE, variable.format(uri=uri))
    trained = _passed(run("train", "mine.yaml", *(word.format(uri=uri) for word in training)))
    assert f"{NAME}/1" in trained.output
    for words in (
        ("models",),
        ("predict", "Gunmen killed two farmers in Gao."),
        ("evaluate", f"models:/{NAME}/1", "gold.jsonl", "--no-cost"),
        ("compare", f"models:/{NAME}/1", f"models:/{NAME}/1", "--data", "gold.jsonl", "--no-cost", "--contaminated"),
        ("models", "show", "1"),
        ("promote", "1", "--force", "--reason", "first", "--dry-run"),
    ):
        result = run(*words, *(word.format(uri=uri) for word in later))
        # Promotion finds the version, the first and so champion, and changes nothing.
        assert result.exit_code == 0 or isinstance(result.exception, PromotionError), (words, result.output)
        assert f"store: {uri} (" in result.stderr.replace("\n", ""), words
    assert not Path("wrong.db").exists()
    assert not Path("own.db").exists()
    assert uri == DEFAULT or not Path("mlflow.db").exists()


def _passed(result: Result) -> Result:
    assert result.exit_code == 0, (result.output, result.exception)
    return result


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in CASES if case != "nothing said"])
def test_commands_look_at_the_store_that_was_trained_into(case: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _check(case, "sqlite:///kept.db", run, monkeypatch)


@pytest.mark.integration  # opens a store
def test_without_a_word_all_look_at_the_store_in_this_folder(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _check("nothing said", DEFAULT, run, monkeypatch)


def test_the_store_of_one_call_is_not_that_of_the_next(run: Run) -> None:
    """MLflow writes its address into the environment, where the next call would take it for what was asked for."""
    empty_store(Path("kept.db"))
    _passed(run("train", "mine.yaml", "--tracking-uri", "sqlite:///kept.db"))
    assert URI_VARIABLE not in os.environ
    assert chosen() is None
    with pytest.raises(ModelError, match=r"mlflow\.db"):
        load(f"models:/{NAME}/1")
    assert load(f"models:/{NAME}/1", tracking_uri="sqlite:///kept.db").name == f"{NAME}/1"


@pytest.mark.integration  # opens a store
def test_a_dry_run_refuses_a_store_that_a_run_could_not_use(run: Run) -> None:
    Path("mlflow.db").write_bytes(b"no database" * 100)
    result = run("train", "mine.yaml", "--dry-run", "--set", f"tracking.uri={DEFAULT}")
    assert "mlflow.db" in str(result.exception)
    Path("taken").write_text("a file")
    result = run("train", "mine.yaml", "--dry-run", "--tracking-uri", "sqlite:///taken/mlflow.db")
    assert "taken" in str(result.exception)


@pytest.mark.slow
@pytest.mark.parametrize("case", ["option, then option", "variable for all"])
def test_a_server_is_found_by_the_same_rule(
    case: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    with mlflow_server(folder, "sqlite:///server.db", str(folder / "artifacts")) as uri:
        _check(case, uri, run, monkeypatch)
