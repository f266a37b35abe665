"""Small model files: 8-bit weights that are multiplied out when the file is loaded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from safetensors.numpy import load_file

from inference.backends import OnnxBackend
from training.config import TrainConfig
from training.fit import compress as module
from training.fit.compress import compress, is_compressed, quantise, weights
from training.fit.encoders import EncoderError, training_before
from training.fit.starting import new_model


@given(arrays(np.float32, (3, 5), elements=st.floats(-100, 100, width=32)), st.sampled_from([0, 1]))
def test_no_number_is_off_by_more_than_half_a_step(matrix: np.ndarray, axis: int) -> None:
    integers, scales = quantise(matrix, axis)
    assert integers.dtype == np.int8
    assert (np.abs(integers * scales - matrix) <= scales * 0.5001).all()


@pytest.fixture
def small(tiny_model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model folder whose ONNX file is compressed, matrices of any size, without other weights."""
    monkeypatch.setattr(module, "_LARGE", 10)
    folder = tmp_path / "small"
    shutil.copytree(tiny_model_folder, folder, ignore=shutil.ignore_patterns("model.*", "manifest.json"))
    compress(
        tiny_model_folder / "model.onnx", folder / "model.onnx", load_file(tiny_model_folder / "model.safetensors")
    )
    return folder


def test_a_compressed_file_computes_nearly_the_same_and_is_smaller(tiny_model_folder: Path, small: Path) -> None:
    ids = np.arange(5, 25).reshape(2, 10)
    before, after = (OnnxBackend(folder)(ids, np.ones_like(ids)) for folder in (tiny_model_folder, small))
    assert 0 < np.abs(before - after).max() < 0.1 * np.abs(before).max()
    assert (small / "model.onnx").stat().st_size < 0.9 * (tiny_model_folder / "model.onnx").stat().st_size


def test_an_exported_file_has_no_path_of_the_machine(tiny_model_folder: Path, small: Path) -> None:
    for folder in (tiny_model_folder, small):
        content = (folder / "model.onnx").read_bytes()
        assert not [mark for mark in (b"stack_trace", b".py", str(Path.home()).encode()) if mark in content]


def test_training_goes_on_from_a_compressed_model_with_its_head(tiny_model_folder: Path, small: Path) -> None:
    stored = load_file(tiny_model_folder / "model.safetensors")
    found = weights(small / "model.onnx")
    assert found.keys() == stored.keys()
    assert is_compressed(small / "model.onnx")
    assert not is_compressed(tiny_model_folder / "model.onnx")
    from annotations.schema import load_schema

    config = TrainConfig(encoder=str(small), data={"train": ["none"]})
    model = new_model(config, load_schema())
    for name, tensor in model.state_dict().items():
        np.testing.assert_allclose(tensor.numpy(), found[name])
        np.testing.assert_allclose(tensor.numpy(), stored[name], atol=0.02 * max(1, np.abs(stored[name]).max()))


def test_other_labels_get_a_new_head(small: Path) -> None:
    from annotations.schema import load_schema

    schema = load_schema(Path(__file__).parents[2] / "schemas" / "recalls.yaml")
    model = new_model(TrainConfig(encoder=str(small), data={"train": ["none"]}), schema)
    found = weights(small / "model.onnx")
    assert model.classifier.weight.shape[0] == len(schema.tags) != found["classifier.weight"].shape[0]
    name = next(name for name in found if name.endswith("word_embeddings.weight"))
    np.testing.assert_allclose(model.state_dict()[name].numpy(), found[name])


def test_a_damaged_compressed_model_is_refused_as_an_encoder(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from annotations.schema import load_schema

    monkeypatch.setattr("training.fit.starting.weights", lambda path: {})
    with pytest.raises(EncoderError, match="lack"):
        new_model(TrainConfig(encoder=str(small), data={"train": ["none"]}), load_schema())


def test_how_an_encoder_was_trained_before_is_known(tiny_model_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "trained"
    shutil.copytree(tiny_model_folder, folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["training"] = {"train_texts": ["a" * 64, "b" * 64], "dev_texts": ["c" * 64]}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert training_before(str(folder)) == manifest["training"]
    assert training_before("a-hub/id") == {}
