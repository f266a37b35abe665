"""Fast model files: a BERT tagger as an ONNX graph that multiplies 8-bit numbers.

Weights have a scale per output column. Activations are quantised too while the model runs, with a scale per sub-word:
the numbers of a sub-word depend on nothing else in its batch, so a text gets the same prediction alone and among
others. (One scale for a whole batch, as in onnxruntime's dynamic quantisation, loses more and makes them depend on it.)
The graph is written for speed: no attention mask, since batches are not padded (`inference.backends.OnnxBackend`), and
onnxruntime's fused nodes for attention and GELU.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from inference.backends import IDS, VECTORS
from training.fit.compress import WEIGHTS, Array, quantise

_OPSET, _IR = 21, 10
_FUSED = "com.microsoft"  # the domain of onnxruntime's own nodes
_STEPS = 127
_LEAST = 1e-6  # of the largest number of a sub-word, so that nothing is divided by 0
_GELU_LEAST = 0.17  # no output of GELU is below -0.17


def has_fast_form(config: Mapping[str, Any]) -> bool:
    """Whether `write_fast` can write a model, by the content of its `config.json`.

    Example:
        >>> has_fast_form({"model_type": "bert", "hidden_act": "gelu"}), has_fast_form({"model_type": "deberta-v2"})
        (True, False)
    """
    places = config.get("position_embedding_type") or "absolute"
    return (config.get("model_type"), config.get("hidden_act"), places) == ("bert", "gelu", "absolute")


def write_fast(target: Path, state: Mapping[str, Array], config: Mapping[str, Any]) -> None:
    """Write the fast form of a BERT token classifier.

    Args:
        target: The ONNX file to write. It lists its weights, so `compress.weights` reads them.
        state: The parameters of the model by name, as 32-bit numbers.
        config: The content of its `config.json`.

    Raises:
        ValueError: The encoder is not one that has a fast form.
    """
    import onnx

    if not has_fast_form(config):
        raise ValueError(f"a model of type {config.get('model_type')!r} has no fast form; use compress")
    onnx.save(_Graph(state, config).model(), str(target))


class _Graph:
    """Builds the graph, node by node; each method returns the name of a result."""

    def __init__(self, state: Mapping[str, Array], config: Mapping[str, Any]) -> None:
        self._state, self._config = state, config
        self._nodes: list[Any] = []
        self._stored: dict[str, Any] = {}
        self._listed: dict[str, tuple[str, bool]] = {}

    def model(self) -> Any:
        """Return the whole model."""
        from onnx import TensorProto, helper

        x = self._embeddings()
        for number in range(self._config["num_hidden_layers"]):
            x = self._layer(x, f"bert.encoder.layer.{number}")
        weight = self._parameter("classifier.weight", turned=True)
        self._node("Identity", x, name=VECTORS)
        self._node("Add", self._node("MatMul", x, weight), self._parameter("classifier.bias"), name="logits")
        tags, size = self._state["classifier.weight"].shape
        given = [helper.make_tensor_value_info(IDS, TensorProto.INT64, ["batch", "length"])]
        made = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", "length", width])
            for name, width in (("logits", tags), (VECTORS, size))
        ]
        graph = helper.make_graph(self._nodes, "tagger", given, made, list(self._stored.values()))
        sets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_FUSED, 1)]
        model = helper.make_model(graph, opset_imports=sets, ir_version=_IR, producer_name="conflict-events")
        helper.set_model_props(model, {WEIGHTS: json.dumps(self._listed)})
        return model

    def _embeddings(self) -> str:
        name = "bert.embeddings"
        words, scales = self._integers(f"{name}.word_embeddings.weight", axis=1, turned=False)
        found = self._node("Cast", self._node("Gather", words, IDS), to=1)
        found = self._node("Mul", found, self._node("Gather", scales, IDS))
        start, row = self._stored_as("first", np.array([0], np.int64)), self._stored_as("row", np.array(0, np.int64))
        length = self._node("Shape", IDS, start=1, end=2)
        places = self._node("Slice", self._parameter(f"{name}.position_embeddings.weight"), start, length, start)
        kind = self._node("Gather", self._parameter(f"{name}.token_type_embeddings.weight"), row)
        return self._normal(self._node("Add", found, self._node("Add", places, kind)), f"{name}.LayerNorm")

    def _layer(self, x: str, name: str) -> str:
        own = f"{name}.attention.self"
        quantised = self._quantised(x)
        parts = [f"{own}.{part}" for part in ("query", "key", "value")]
        bias = self._node("Concat", *(self._parameter(f"{part}.bias") for part in parts), axis=0)
        given = [*(self._product(quantised, part) for part in parts), bias]
        heads = self._config["num_attention_heads"]
        read = self._node("MultiHeadAttention", *given, domain=_FUSED, num_heads=heads)
        x = self._added(self._product(self._quantised(read), f"{name}.attention.output.dense"), x, f"{name}.attention")
        inner, outer = f"{name}.intermediate.dense", f"{name}.output.dense"
        wide = self._product(self._quantised(x), inner)
        wide = self._node("BiasGelu", wide, self._parameter(f"{inner}.bias"), domain=_FUSED)
        return self._added(self._product(self._quantised_gelu(wide), outer), x, name, self._gelu_shift(outer))

    def _added(self, found: str, before: str, name: str, shift: str | None = None) -> str:
        """Add a bias and what was there before, and normalise."""
        bias = self._parameter(f"{name}.output.dense.bias")
        bias = self._node("Sub", bias, shift) if shift else bias  # once, when the file is loaded
        return self._normal(self._node("Add", self._node("Add", found, bias), before), f"{name}.output.LayerNorm")

    def _normal(self, x: str, name: str) -> str:
        weights = [self._parameter(f"{name}.{part}") for part in ("weight", "bias")]
        return self._node("LayerNormalization", x, *weights, epsilon=self._config["layer_norm_eps"])

    def _quantised(self, x: str) -> tuple[str, str, str]:
        """Return 8-bit numbers, the step between two of them for each sub-word, and the number that stands for 0."""
        most = self._node("Max", self._most(self._node("Abs", x)), self._stored_as("least", np.float32(_LEAST)))
        return self._steps(x, most, _STEPS, self._stored_as("middle", np.uint8(_STEPS + 1)))

    def _quantised_gelu(self, x: str) -> tuple[str, str, str]:
        """Quantise what GELU returns, plus the number below which it never is, so that twice as many steps are used."""
        least = self._stored_as("gelu", np.float32(_GELU_LEAST))
        x = self._node("Add", x, least)
        return self._steps(
            x, self._node("Max", self._most(x), least), 2 * _STEPS + 1, self._stored_as("zero", np.uint8(0))
        )

    def _most(self, x: str) -> str:
        return self._node("ReduceMax", x, self._stored_as("last", np.array([-1], np.int64)), keepdims=1)

    def _steps(self, x: str, most: str, steps: int, zero: str) -> tuple[str, str, str]:
        step = self._node("Mul", most, self._stored_as(f"step.{steps}", np.float32(1 / steps)))
        scaled = self._node("Mul", x, self._node("Reciprocal", step))
        return self._node("QuantizeLinear", scaled, self._one(), zero), step, zero

    def _gelu_shift(self, name: str) -> str:
        """Return what a layer makes of the number that was added to its input."""
        integers, scales = quantise(self._state[f"{name}.weight"].T, 0)
        shift = _GELU_LEAST * integers.sum(axis=0, dtype=np.float64) * scales.ravel()
        return self._stored_as(f"{name}.shift", shift.astype(np.float32))

    def _product(self, quantised: tuple[str, str, str], name: str) -> str:
        """Multiply by the weights of a layer, without its bias."""
        x, step, zero = quantised
        integers, scales = self._integers(f"{name}.weight", axis=0, turned=True)
        found = self._node("MatMulIntegerToFloat", x, integers, self._one(), scales, zero, domain=_FUSED)
        return self._node("Mul", found, step)

    def _one(self) -> str:
        return self._stored_as("one", np.float32(1))

    def _integers(self, name: str, *, axis: int, turned: bool) -> tuple[str, str]:
        """Store a matrix in 8 bits; its scales are a column of rows, or for columns a plain row."""
        integers, scales = quantise(self._state[name].T if turned else self._state[name], axis)
        self._listed[name] = (name, turned)
        return (
            self._stored_as(f"{name}.integers", integers),
            self._stored_as(f"{name}.scales", scales if axis else scales.ravel()),
        )

    def _parameter(self, name: str, *, turned: bool = False) -> str:
        self._listed[name] = (name, turned)
        return self._stored_as(name, self._state[name].T if turned else self._state[name])

    def _stored_as(self, name: str, array: Array | np.generic) -> str:
        from onnx import numpy_helper

        if name not in self._stored:
            self._stored[name] = numpy_helper.from_array(np.array(array, order="C"), name)
        return name

    def _node(self, kind: str, *given: str, name: str = "", domain: str = "", **settings: Any) -> str:
        from onnx import helper

        made = name or f"{kind}.{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(given), [made], domain=domain, **settings))
        return made
