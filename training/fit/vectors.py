"""Vectors: a second output of a model's ONNX file, the hidden states that its classifier reads."""

from __future__ import annotations

from typing import Any

from inference.backends import VECTORS

_LOGITS = "logits"


def add_vectors(model: Any) -> Any:
    """Add the output `vectors` (batch, sub-words, size) to the graph of a tagger.

    The tensor is in the graph already: it is what the classifier's last matrix is multiplied by. So the logits stay
    the same, and the file grows by a node.

    Args:
        model: An ONNX model of a token classifier with the output `logits`; a compressed one too. It is changed.

    Raises:
        ValueError: Its classifier does not end in a matrix product.
    """
    from onnx import TensorProto, helper

    graph = model.graph
    if any(output.name == VECTORS for output in graph.output):
        return model
    made_by = {name: node for node in graph.node for name in node.output}
    sizes = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    node = made_by.get(_LOGITS)
    if node is not None and node.op_type == "Add":
        node = next((made_by[name] for name in node.input if name in made_by), None)
    if node is None or node.op_type not in ("MatMul", "Gemm"):
        raise ValueError("the graph does not end in the matrix product of a classifier; export the model again")
    weight = node.input[1]
    shape = sizes.get(weight) or sizes.get(f"{weight}.integers")
    if shape is None:
        raise ValueError(f"the graph has no weights {weight!r} of a classifier; export the model again")
    logits = next(output for output in graph.output if output.name == _LOGITS)
    tags = logits.type.tensor_type.shape.dim[-1].dim_value
    size = shape[0] if shape[-1] == tags else shape[-1]
    graph.node.append(helper.make_node("Identity", [node.input[0]], [VECTORS]))
    graph.output.append(helper.make_tensor_value_info(VECTORS, TensorProto.FLOAT, ["batch", "length", size]))
    return model
