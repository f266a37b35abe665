"""Fast model files: a graph that multiplies 8-bit numbers, with the results of the model it was made from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from inference.backends import OnnxBackend
from inference.contents import read_json
from training.fit.compress import is_compressed, weights
from training.fit.fast import has_fast_form, write_fast

IDS = np.arange(5, 29).reshape(3, 8)
MASK = np.ones_like(IDS)


@pytest.fixture(scope="module")
def fast(tiny_model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fast") / "model"
    shutil.copytree(tiny_model_folder, folder, ignore=shutil.ignore_patterns("model.*", "manifest.json"))
    state, config = load_file(tiny_model_folder / "model.safetensors"), read_json(folder / "config.json")
    write_fast(folder / "model.onnx", state, config)
    return folder


def test_it_computes_nearly_the_same_logits_and_vectors(tiny_model_folder: Path, fast: Path) -> None:
    before = OnnxBackend(tiny_model_folder).with_vectors(IDS, MASK)
    after = OnnxBackend(fast).with_vectors(IDS, MASK)
    for one, other in zip(before, after, strict=True):
        assert one.shape == other.shape
        assert 0 < np.abs(one - other).max() < 0.03 * np.abs(one).max()


def test_a_row_has_the_same_numbers_alone_and_among_others(fast: Path) -> None:
    backend = OnnxBackend(fast)
    whole = backend(IDS, MASK)
    for row in range(len(IDS)):
        assert (backend(IDS[row : row + 1], MASK[:1])[0] == whole[row]).all()


def test_padding_is_left_out(fast: Path) -> None:
    backend, mask = OnnxBackend(fast), MASK.copy()
    mask[1, 3:] = 0
    found = backend(IDS, mask)
    assert (found[1, :3] == backend(IDS[1:2, :3], MASK[:1, :3])[0]).all()
    assert not found[1, 3:].any()


def test_training_can_go_on_from_its_weights(tiny_model_folder: Path, fast: Path) -> None:
    stored, found = load_file(tiny_model_folder / "model.safetensors"), weights(fast / "model.onnx")
    assert is_compressed(fast / "model.onnx")
    assert found.keys() == stored.keys()
    for name, array in stored.items():
        assert found[name].shape == array.shape
        np.testing.assert_allclose(found[name], array, atol=0.01 * max(1e-6, np.abs(array).max()))


def test_integers_written_again_from_read_weights_are_the_same(fast: Path, tmp_path: Path) -> None:
    found = weights(fast / "model.onnx")
    write_fast(tmp_path / "again.onnx", found, read_json(fast / "config.json"))
    again = weights(tmp_path / "again.onnx")
    assert all(np.allclose(again[name], array, rtol=1e-6, atol=0) for name, array in found.items())


@pytest.mark.parametrize(
    "change", [{"model_type": "roberta"}, {"hidden_act": "relu"}, {"position_embedding_type": "relative_key"}]
)
def test_other_encoders_are_refused(tmp_path: Path, fast: Path, change: dict[str, str]) -> None:
    config = json.loads((fast / "config.json").read_text(encoding="utf-8")) | change
    assert not has_fast_form(config)
    with pytest.raises(ValueError, match="fast form"):
        write_fast(tmp_path / "model.onnx", {}, config)
