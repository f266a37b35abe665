"""The second output of a model's file: the vectors that its classifier reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from safetensors.numpy import load_file

from inference import Model
from inference.backends import OnnxBackend
from inference.encoding.subwords import span_vectors
from training.fit.compress import compress
from training.fit.export import add_vectors

IDS = np.array([[5, 9, 12, 7], [8, 6, 0, 0]])
MASK = np.array([[1, 1, 1, 1], [1, 1, 0, 0]])


def test_vectors_are_the_hidden_states_that_torch_gives(tiny_model_folder: Path):
    onnx_backend, torch_backend = (
        Model(tiny_model_folder, backend=name)._windowed.backend for name in ("onnx", "torch")
    )
    assert onnx_backend.vector_size == torch_backend.vector_size == 32
    for one, other in zip(onnx_backend.with_vectors(IDS, MASK), torch_backend.with_vectors(IDS, MASK), strict=True):
        np.testing.assert_allclose(one[MASK == 1], other[MASK == 1], atol=1e-4)


def test_a_file_without_vectors_gets_them_and_keeps_its_logits(tiny_model_folder: Path, tmp_path: Path):
    plain = onnx.load(str(tiny_model_folder / "model.onnx"))
    del plain.graph.output[1:]
    plain.graph.node.pop()
    onnx.save(plain, str(tmp_path / "model.onnx"))
    before = OnnxBackend(tmp_path)
    assert before.vector_size == 0
    onnx.save(add_vectors(plain), str(tmp_path / "model.onnx"))
    after = OnnxBackend(tmp_path)
    assert after.vector_size == 32
    np.testing.assert_array_equal(before(IDS, MASK), after(IDS, MASK))
    assert len(add_vectors(plain).graph.output) == 2


def test_a_compressed_file_keeps_vectors(tiny_model_folder: Path, tmp_path: Path):
    compress(
        tiny_model_folder / "model.onnx", tmp_path / "model.onnx", load_file(tiny_model_folder / "model.safetensors")
    )
    assert OnnxBackend(tmp_path).vector_size == 32


def test_a_graph_that_is_no_classifier_is_refused():
    value = helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1])
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["logits"])], "g", [given], [value])
    with pytest.raises(ValueError, match="matrix product"):
        add_vectors(helper.make_model(graph))


def test_outputs_have_a_row_for_each_word_and_spans_take_the_mean(tiny_model_folder: Path):
    model = Model(tiny_model_folder)
    texts = ["Gunmen opened fire at a market in Ndoro. " * 9, "", "A blast."]
    for text, (pieces, logits, vectors) in zip(texts, model.outputs(texts), strict=True):
        ((_, alone),) = model.logits([text])
        np.testing.assert_allclose(logits, alone, atol=1e-5)
        assert vectors.shape == (len(pieces.words), 32)
        offsets = [(int(start), int(end)) for start, end in pieces.words[:2]]
        np.testing.assert_array_equal(span_vectors(pieces, vectors, offsets), vectors[: len(offsets)])
    assert not span_vectors(pieces, vectors, [(1, 1)]).any()
