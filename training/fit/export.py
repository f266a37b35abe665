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
from inference.backends import OnnxBackend, torch_logits
from inference.manifest import FILE, Manifest, check_values, write_manifest
from training.fit.compress import without_traces
from training.fit.finite import check_weights
from training.fit.vectors import add_vectors

TOLERANCE = 1e-3  # maximum difference of a logit between torch and onnxruntime
OPSET = 18


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
