"""The limit of the machine: the time of a model's matrix products alone, at the speed of the fastest that it does."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from inference.backends import OnnxBackend, session

_SHAPE = (2048, 384, 1536)  # rows, inner size and columns of the product that the peak is measured with
_ROWS, _LENGTH = 8, 256  # of a long batch


@dataclass(frozen=True, slots=True)
class Limit:
    """What one thread can do, and how near the model comes.

    Args:
        peak8: Measured peak of 8-bit products, in billions of operations a second.
        peak32: Measured peak of 32-bit products.
        least: Seconds of the model's products on a long batch at these peaks.
        taken: Seconds that the model takes for it.
    """

    peak8: float
    peak32: float
    least: float
    taken: float


def measure_limit(folder: Path, config: Mapping[str, Any], repeats: int) -> Limit:
    """Measure the peaks and the model on one thread, in turns."""
    backend = OnnxBackend(folder)
    ids = np.random.default_rng(0).integers(1000, 20_000, (_ROWS, _LENGTH))
    mask = np.ones_like(ids)
    works = {"8": _product(eight=True), "32": _product(eight=False), "model": lambda: backend(ids, mask)}
    found: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(repeats + 1):
        for name, work in works.items():
            began = time.thread_time()
            work()
            if turn:  # the first one warms up
                found[name].append(time.thread_time() - began)
    seconds = {name: median(times) for name, times in found.items()}
    one = 2 * math.prod(_SHAPE) / 1e9
    peak8, peak32 = one / min(found["8"]), one / min(found["32"])
    eight, exact = operations(config, _ROWS, _LENGTH)
    return Limit(peak8, peak32, eight / 1e9 / peak8 + exact / 1e9 / peak32, seconds["model"])


def operations(config: Mapping[str, Any], rows: int, length: int) -> tuple[float, float]:
    """Return the operations of a batch in 8-bit products (dense layers) and in 32-bit ones (attention, classifier)."""
    size, inner, layers = config["hidden_size"], config["intermediate_size"], config["num_hidden_layers"]
    tokens = rows * length
    dense = layers * 2 * tokens * (4 * size * size + 2 * size * inner)
    attention = layers * 2 * 2 * tokens * length * size
    return float(dense), float(attention + 2 * tokens * size * len(config["id2label"]))


def _product(*, eight: bool) -> Callable[[], object]:
    """Return a product like the largest of the model in onnxruntime, which also runs the model."""
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(0)
    kind = TensorProto.UINT8 if eight else TensorProto.FLOAT
    rows, inner, columns = _SHAPE
    matrix = random.integers(-127, 127, (inner, columns))
    weights = numpy_helper.from_array(matrix.astype(np.int8 if eight else np.float32), "w")
    constants = [weights]
    given = ["x", "w"]
    if eight:
        constants += [numpy_helper.from_array(np.float32(1), "one"), numpy_helper.from_array(np.uint8(128), "zero")]
        given += ["one", "one", "zero"]
    domain = "com.microsoft" if eight else ""
    node = helper.make_node("MatMulIntegerToFloat" if eight else "MatMul", given, ["y"], domain=domain)
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("x", kind, [rows, inner])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [rows, columns])],
        constants,
    )
    sets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    opened = session(helper.make_model(graph, opset_imports=sets, ir_version=9).SerializeToString())
    x = random.integers(0, 255, (rows, inner)).astype(np.uint8 if eight else np.float32)
    return lambda: opened.run(None, {"x": x})
