"""Export: a trained model as a folder for inference and transformers."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from annotations.errors import ExplainedError
from annotations.io.writing import write_text
from annotations.schema import Schema
from inference.backends import VECTORS, OnnxBackend, torch_logits
from inference.manifest import FILE, Manifest, check_values, write_manifest
from training.fit.compress import without_traces
from training.fit.loss import check_weights

TOLERANCE = 1e-3  # maximum difference of a logit between torch and onnxruntime
OPSET = 18
_LOGITS = "logits"


class ExportError(ExplainedError, RuntimeError):
    """An export whose output differs from that of its model."""


def export_model(
    folder: Path, *, model: Any, tokenizer: Tokenizer, auto_tokenizer: Any, schema: Schema, manifest: Manifest
) -> Manifest:
    """Write a model folder.

    Args:
        folder: A new folder; it is written under another name and then renamed.
        model: The trained transformers model.
        tokenizer: The tokenizer that training used.
        auto_tokenizer: The transformers tokenizer around it, for its config files.
        schema: The label set.
        manifest: The manifest, without hashes.

    Returns:
        The manifest as written.

    Raises:
        NotFiniteError: A weight is nan or infinite.
        ModelError: A number in the manifest is nan or infinite.
        ExportError: The logits of onnxruntime and torch differ by more than `TOLERANCE`, or are not finite.
    """
    check_weights(model, "train it again with a lower learning rate")
    check_values(manifest.values(), FILE)
    temporary = folder.with_name(f"{folder.name}.partial")
    temporary.mkdir(parents=True)
    model = model.to("cpu").float().eval()
    model.save_pretrained(temporary)
    auto_tokenizer.save_pretrained(temporary)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.save(str(temporary / "tokenizer.json"))
    write_text(temporary / "schema.yaml", schema.to_yaml())
    to_onnx(model, temporary / "model.onnx")
    check_parity(model, temporary, manifest.window)
    complete = write_manifest(temporary, manifest)
    temporary.rename(folder)
    return complete


class _Logits(torch.nn.Module):
    """Takes ids and mask and returns only logits, as the graph should."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def to_onnx(model: Any, path: Path) -> None:
    """Write a model as one ONNX file with dynamic batch size and length."""
    import onnx

    batch, length = torch.export.Dim("batch", min=1, max=4096), torch.export.Dim("length", min=2, max=512)
    example = torch.ones((2, 16), dtype=torch.long)
    shapes = {"input_ids": {0: batch, 1: length}, "attention_mask": {0: batch, 1: length}}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns about its own future versions
        torch.onnx.export(
            _Logits(model),
            (example, example.clone()),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_shapes=shapes,
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    onnx.save(add_vectors(without_traces(onnx.load(str(path)))), str(path))


def check_parity(model: Any, folder: Path, window: int) -> float:
    """Compare onnxruntime with torch on random sub-words of several shapes, with padding.

    Returns:
        The maximum difference of a logit.

    Raises:
        ExportError: It is above `TOLERANCE`, or a logit is nan or infinite.
    """
    backend = OnnxBackend(folder)
    random = np.random.default_rng(0)
    differences = []
    for rows, length in ((1, 3), (3, window), (2, 17)):
        ids = random.integers(5, model.config.vocab_size, (rows, length))
        mask = np.ones_like(ids)
        mask[-1, length // 2 :] = 0
        difference = np.abs(backend(ids, mask) - torch_logits(model, ids, mask))
        differences.append(difference[mask.astype(bool)].max())
    worst = float(np.max(differences))  # nan if any is nan, which Python's max would ignore
    if not worst <= TOLERANCE:
        raise ExportError(f"logits of model.onnx differ from torch's by up to {worst:.2g}, allowed is {TOLERANCE:.0e}")
    return worst


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
