"""The released model: a small copy, checked against its parent."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from annotations import Document, read_documents
from inference import Model
from training.cli.app import app
from training.config import load_config
from training.release import package
from training.release.package import ReleaseError, release

DATA = "corpus/dev"


@pytest.fixture
def documents() -> list[Document]:
    return read_documents(DATA)[:3]


def test_a_release_replaces_the_one_before_it_and_has_no_other_weights(
    tiny_model_folder: Path, tmp_path: Path, documents: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "MOST_EVENTS_LOST", 1.0)
    monkeypatch.setattr(package, "MOST_LOST", 1.0)  # an untrained model is no measure
    target = tmp_path / "released"
    target.mkdir()
    (target / "old.json").write_text("{}", encoding="utf-8")
    made = release(Model(tiny_model_folder), {DATA: documents}, target)
    names = {path.name for path in target.iterdir()}
    assert {"model.onnx", "manifest.json", "tokenizer.json", "schema.yaml", "config.json"} <= names
    assert not names & {"old.json", "model.safetensors"}
    assert made.size == sum(path.stat().st_size for path in target.iterdir())
    measures = ["strict_core", "event_detection", "event_argument_classification"]
    assert [(one.data, one.measure) for one in made.parity] == [(DATA, measure) for measure in measures]
    assert Model(target).manifest.scores["released_core_f1"][DATA].keys() >= {"strict", "partial"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["released"]


@pytest.mark.parametrize(("limit", "value"), [("LARGEST", 10), ("MOST_LOST", -1.0), ("MOST_EVENTS_LOST", -1.0)])
def test_a_copy_that_is_too_large_or_loses_too_much_leaves_the_old_one(
    tiny_model_folder: Path,
    tmp_path: Path,
    documents: list[Document],
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    value: float,
) -> None:
    monkeypatch.setattr(package, "MOST_LOST", 1.0)
    monkeypatch.setattr(package, "MOST_EVENTS_LOST", 1.0)
    monkeypatch.setattr(package, limit, value)
    (tmp_path / "released").mkdir()
    with pytest.raises(ReleaseError, match=r"allowed|lost"):
        release(Model(tiny_model_folder), {DATA: documents}, tmp_path / "released")
    assert list((tmp_path / "released").iterdir()) == []


def test_a_model_without_weights_cannot_be_released(tiny_model_folder: Path, tmp_path: Path) -> None:
    model = Model(tiny_model_folder)
    model.folder = tmp_path
    with pytest.raises(ReleaseError, match=r"model\.safetensors"):
        release(model, {}, tmp_path / "released")


def test_the_command_reports_what_the_copy_lost(
    tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "MOST_LOST", 1.0)
    monkeypatch.setattr(package, "MOST_EVENTS_LOST", 1.0)
    target, folder = tmp_path / "out", tmp_path / "model"
    shutil.copytree(tiny_model_folder, folder)
    words = ["release", str(folder), "--data", DATA, "--to", str(target), "--card", str(tmp_path / "CARD.md")]
    assert isinstance(CliRunner().invoke(app, words).exception, ReleaseError)  # it does not say how it was trained
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    config = load_config("released").to_dict()
    facts = {"run": "abc", "commit": "def", "config": config, "epochs": 4, "train_texts": ["a" * 64], "dev_texts": []}
    (folder / "manifest.json").write_text(json.dumps({**manifest, "training": facts}), encoding="utf-8")
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    card = (tmp_path / "CARD.md").read_text(encoding="utf-8")
    assert all(f"| {label} |" in card for label in Model(target).schema.labels)
    assert "| several attacks | 13 |" in card
    assert "&" not in card
    assert DATA in result.output
    assert " MB" in result.output
    assert Model(target).schema.labels
