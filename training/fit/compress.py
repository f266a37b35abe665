"""Smaller model files: weights of an ONNX file as 8-bit numbers with a scale per output.

Only the stored weights shrink. onnxruntime multiplies them out once, when it loads the file, and then computes with
32-bit numbers as before: activations are not quantised. This works for any encoder; `fast` beside it also computes with
8-bit numbers, for the encoders it knows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

WEIGHTS = "weights"  # key of the file's metadata: parameter name to (name in the file, whether it is transposed)
_LARGE = 10_000  # numbers from which a matrix is stored in 8 bits
_STEPS = 127
_SMALLEST = 1e-30  # what is smaller is stored as 0; its scale would not be a normal number

Array = npt.NDArray[Any]


def quantise(matrix: Array, axis: int) -> tuple[Array, Array]:
    """Return a matrix as 8-bit integers and the scales to multiply them by.

    Args:
        matrix: Weights, (rows, columns).
        axis: The axis that a scale is shared along: 1 for a scale per row, 0 for a scale per column.

    Returns:
        Integers from -127 to 127 with the shape of the matrix, and scales that broadcast to it; the largest number of
        a row or column is exact.

    Example:
        >>> integers, scales = quantise(np.array([[1.27, -0.635], [0.0, 0.0]], np.float32), axis=1)
        >>> integers.tolist(), [round(scale, 3) for scale in scales.ravel().tolist()]
        ([[127, -64], [0, 0]], [0.01, 1.0])
    """
    largest = np.abs(matrix).max(axis=axis, keepdims=True)
    scales = np.where(largest > _SMALLEST, largest / _STEPS, 1).astype(np.float32)
    return np.rint(matrix / scales).astype(np.int8), scales


def without_traces(model: Any) -> Any:
    """Remove from an ONNX model what the exporter notes of its source: stack traces, with the paths of this machine."""
    for node in model.graph.node:
        del node.metadata_props[:]
    del model.graph.metadata_props[:]
    return model


def compress(source: Path, target: Path, state: Mapping[str, Array]) -> None:
    """Write an ONNX file with 8-bit weights.

    Args:
        source: A file written by `training.fit.export.to_onnx`.
        target: The file to write.
        state: The parameters of the model it was exported from, by name, as 32-bit numbers; `weights` finds them in
            the file again.
    """
    import onnx
    from onnx import helper, numpy_helper

    model = without_traces(onnx.load(str(source)))
    names = _names(state)
    graph = model.graph
    nodes, stored, found = [], [], {}
    for tensor in graph.initializer:
        array = numpy_helper.to_array(tensor)
        found.update({name: [tensor.name, turned] for name, turned in names.get(_key(array), ())})
        if array.dtype != np.float32 or array.size < _LARGE or array.ndim != 2:  # noqa: PLR2004
            stored.append(tensor)
            continue
        rows = any(node.op_type == "Gather" and node.input[0] == tensor.name for node in graph.node)
        integers, scales = quantise(array, axis=1 if rows else 0)
        name = tensor.name
        stored.append(numpy_helper.from_array(integers, f"{name}.integers"))
        stored.append(numpy_helper.from_array(scales, f"{name}.scales"))
        nodes.append(helper.make_node("Cast", [f"{name}.integers"], [f"{name}.floats"], to=onnx.TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [f"{name}.floats", f"{name}.scales"], [name]))
    del graph.initializer[:]
    graph.initializer.extend(stored)
    old = list(graph.node)
    del graph.node[:]
    graph.node.extend([*nodes, *old])
    del graph.value_info[:]
    helper.set_model_props(model, {WEIGHTS: json.dumps(found)})
    onnx.save(model, str(target))


def is_compressed(path: Path) -> bool:
    """Whether an ONNX file lists its weights, as `compress` writes it, and no safetensors file is beside it."""
    if not path.is_file() or any(path.parent.glob("*.safetensors")):
        return False
    import onnx

    model = onnx.load(str(path), load_external_data=False)
    return any(item.key == WEIGHTS for item in model.metadata_props)


def weights(path: Path) -> dict[str, Array]:
    """Return the parameters of a model from a file that `compress` wrote, by name, as 32-bit numbers.

    Raises:
        ValueError: The file was not written by `compress`.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.load(str(path))
    listed = {item.key: item.value for item in model.metadata_props}.get(WEIGHTS)
    if listed is None:
        raise ValueError(f"{path} does not list its weights")
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}

    def read(name: str, turned: bool) -> Array:
        if name in tensors:
            array = tensors[name]
        else:
            array = tensors[f"{name}.integers"].astype(np.float32) * tensors[f"{name}.scales"]
        return np.array(array.T if turned else array, order="C")  # a copy: tensors in the file cannot be written to

    return {parameter: read(name, turned) for parameter, (name, turned) in json.loads(listed).items()}


def _names(state: Mapping[str, Array]) -> dict[bytes, list[tuple[str, bool]]]:
    """Return the parameters by their content: names, and whether the content is transposed."""
    found: dict[bytes, list[tuple[str, bool]]] = {}
    for name, array in state.items():
        for turned in (False, True) if array.ndim == 2 else (False,):  # noqa: PLR2004
            found.setdefault(_key(array.T if turned else array), []).append((name, turned))
    return found


def _key(array: Array) -> bytes:
    return repr((array.shape, array.dtype.str)).encode() + np.ascontiguousarray(array).tobytes()
