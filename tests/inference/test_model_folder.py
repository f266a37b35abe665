"""Model folders: what is refused, by name, and what other programs can load."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from inference import Model, ModelError
from inference.manifest import Manifest, read_manifest, write_manifest


@pytest.fixture
def folder(tiny_model_folder: Path, tmp_path: Path) -> Path:
    """A copy of the model folder that a test may spoil."""
    return Path(shutil.copytree(tiny_model_folder, tmp_path / "copy"))


def rewrite_manifest(folder: Path, **values: object) -> None:
    """Change keys of a manifest."""
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **values}), encoding="utf-8")


def names_of(folder: Path) -> list[str]:
    """The files that a manifest lists."""
    return sorted(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"])


def test_sound_folder_is_loaded_and_shown_by_name(folder: Path):
    model = Model(folder)
    assert repr(model) == f"Model('tiny', folder={str(folder)!r})"
    assert (model.window, model.overlap) == (32, 8)
    assert model.manifest == read_manifest(folder)


def test_name_may_be_given(folder: Path):
    assert Model(folder, name="conflict-events/3").predict("Gunmen fired.").model == "conflict-events/3"


def test_folder_holds_what_inference_needs_and_lists_it(folder: Path):
    listed = names_of(folder)
    assert {"model.onnx", "model.safetensors", "tokenizer.json", "schema.yaml", "config.json"} <= set(listed)
    assert sorted(file.name for file in folder.iterdir()) == sorted([*listed, "manifest.json"])


def test_every_file_is_checked_for_damage(folder: Path):
    for name in names_of(folder):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(
            ModelError, match=rf"{re.escape(name)} is damaged: SHA-256 [0-9a-f]{{64}}, the manifest says"
        ):
            Model(folder)
        (folder / name).write_bytes(content)
    assert Model(folder).name == "tiny"


def test_every_file_is_missed(folder: Path):
    for name in names_of(folder):
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        with pytest.raises(ModelError, match=rf"{re.escape(name)} is missing; copy the whole model folder"):
            Model(folder)
        (folder / name).write_bytes(content)
    assert Model(folder).name == "tiny"


def test_foreign_file_is_refused(folder: Path):
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ModelError, match=r"notes\.txt is not listed in manifest\.json; move it out"):
        Model(folder)


def test_foreign_folder_is_refused(folder: Path):
    (folder / "checkpoint").mkdir()
    with pytest.raises(ModelError, match=r"checkpoint is not listed in manifest\.json"):
        Model(folder)


def test_missing_manifest_is_refused(folder: Path):
    (folder / "manifest.json").unlink()
    with pytest.raises(ModelError, match=r"copy .*manifest\.json"):
        Model(folder)


def test_missing_folder_is_refused_with_advice(tmp_path: Path):
    with pytest.raises(
        ModelError, match=r"there is no model folder .*nowhere; train one with 'conflict-events train default'"
    ):
        Model(tmp_path / "nowhere")


def test_unknown_format_is_refused(folder: Path):
    rewrite_manifest(folder, format=99)
    with pytest.raises(ModelError, match=r"manifest\.json has format 99, this release reads 1"):
        Model(folder)


def test_unknown_format_is_named_even_if_it_has_other_keys(folder: Path):
    rewrite_manifest(folder, format=2, signature="…")
    with pytest.raises(ModelError, match=r"manifest\.json has format 2, this release reads 1"):
        Model(folder)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff", b'{"name": "half"}', b'{"format": 1, "color": "red"}']
)
def test_manifest_that_cannot_be_read_is_refused(folder: Path, content: bytes):
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(ModelError, match=r"manifest\.json cannot be read: .*; train or copy the model again"):
        Model(folder)


def test_unknown_backend_is_refused(folder: Path):
    with pytest.raises(ValueError, match="unknown backend 'tensorflow'; known are: onnx, torch"):
        Model(folder, backend="tensorflow")


def test_manifest_comes_back_as_it_was_written(tmp_path: Path):
    for name in ("config.json", "schema.yaml", "tokenizer.json"):
        (tmp_path / name).write_bytes(b"123")
    given = Manifest(
        "né", 64, 16, temperature=1.3, outside_weight=0.7, training={"seed": 3}, scores={"dev": {"f1": 0.5}}
    )
    written = write_manifest(tmp_path, given)
    assert read_manifest(tmp_path) == written
    digest = "a665a45920422f9d417e4867efdc4fb8a04a1f3fff1fa07e998e86f7f7a27ae3"
    assert written.files == dict.fromkeys(("config.json", "schema.yaml", "tokenizer.json"), digest)
    assert (written.name, written.temperature, written.training) == ("né", 1.3, {"seed": 3})


def test_calibration_in_the_manifest_is_used(folder: Path):
    text = "Gunmen opened fire at a market, killing at least 12 soldiers."
    rewrite_manifest(folder, temperature=1.0, outside_weight=1.0)
    plain = Model(folder).predict(text)
    rewrite_manifest(folder, temperature=4.0, outside_weight=1.0)
    cooler = Model(folder).predict(text)
    rewrite_manifest(folder, temperature=100.0, outside_weight=100.0)
    wary = Model(folder).predict(text)
    assert max(span.score for span in cooler.spans) < max(span.score for span in plain.spans)
    assert plain.spans
    assert not wary.spans


def test_folder_loads_in_a_transformers_pipeline(folder: Path):
    from transformers import pipeline

    tagger = pipeline("token-classification", model=str(folder))
    text = "Gunmen opened fire at a market."
    found = tagger(text)
    assert found
    assert {token["entity"][:2] for token in found} <= {"B-", "I-"}
    assert {token["entity"] for token in found} <= set(Model(folder).schema.tags)
    assert all(text[token["start"] : token["end"]].lower() == token["word"].removeprefix("##") for token in found)
