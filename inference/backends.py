"""Backends: sub-word ids in, logits out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from inference.manifest import ModelError

Ids = npt.NDArray[np.int64]
Logits = npt.NDArray[np.float32]


class Backend(Protocol):
    """Anything that computes logits.

    Takes ids and attention mask, both (batch, sub-words), and returns (batch, sub-words, tags).
    """

    def __call__(self, ids: Ids, mask: Ids) -> Logits:
        """Compute logits."""
        ...


def _finite(logits: Logits, mask: Ids) -> Logits:
    """Return logits as they are; nan would decode to spans that nobody can tell from others."""
    if not np.isfinite(logits[mask.astype(bool)]).all():
        raise ModelError("the model computes logits that are nan or infinite; train or copy the model again")
    return logits


class OnnxBackend:
    """Runs `model.onnx` with onnxruntime.

    Args:
        folder: A model folder whose files are checked.
    """

    def __init__(self, folder: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def __call__(self, ids: Ids, mask: Ids) -> Logits:
        """Compute logits.

        Raises:
            ModelError: One of them is nan or infinite.
        """
        (logits,) = self._session.run(["logits"], {"input_ids": ids, "attention_mask": mask})
        return _finite(np.asarray(logits, dtype=np.float32), mask)


class TorchBackend:
    """Runs `model.safetensors` with torch and transformers.

    Args:
        folder: A model folder whose files are checked.

    Raises:
        ModelError: Weights are missing, which transformers would fill with random numbers.
        ImportError: torch or transformers is not installed.
    """

    def __init__(self, folder: Path) -> None:
        try:
            import torch
            from transformers import AutoModelForTokenClassification
        except ImportError as error:
            raise ImportError("the torch backend needs torch: pip install 'conflict-events[train]'") from error
        self._torch: Any = torch
        model, told = AutoModelForTokenClassification.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, output_loading_info=True
        )
        if told["missing_keys"]:
            missing = ", ".join(sorted(told["missing_keys"]))
            raise ModelError(f"the weights in {folder} lack {missing:.200}; train or copy the model again")
        self._model = model.eval()

    def __call__(self, ids: Ids, mask: Ids) -> Logits:
        """Compute logits.

        Raises:
            ModelError: One of them is nan or infinite.
        """
        with self._torch.inference_mode():
            output = self._model(input_ids=self._torch.from_numpy(ids), attention_mask=self._torch.from_numpy(mask))
        return _finite(np.asarray(output.logits.float().numpy()), mask)


BACKENDS: dict[str, Any] = {"onnx": OnnxBackend, "torch": TorchBackend}


def run(backend: Backend, rows: Sequence[Sequence[int]], budget: int = 2048) -> list[Logits]:
    """Run rows of different lengths in batches.

    Args:
        backend: The backend.
        rows: Sub-word ids with special tokens, one sequence a window.
        budget: Largest number of sub-words in a batch, padding included. Small batches are the faster ones on a CPU.

    Returns:
        Logits (sub-words, tags) of each row, in the order given, padding cut off.
    """
    results: list[Logits] = [np.empty(0, dtype=np.float32)] * len(rows)
    batch: list[int] = []
    for index in sorted(range(len(rows)), key=lambda i: len(rows[i])):
        if batch and len(rows[index]) * (len(batch) + 1) > budget:
            _run_batch(backend, rows, batch, results)
            batch = []
        batch.append(index)
    if batch:
        _run_batch(backend, rows, batch, results)
    return results


def _run_batch(backend: Backend, rows: Sequence[Sequence[int]], batch: Sequence[int], results: list[Logits]) -> None:
    width = max(len(rows[index]) for index in batch)
    ids = np.zeros((len(batch), width), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, index in enumerate(batch):
        ids[row, : len(rows[index])] = rows[index]
        mask[row, : len(rows[index])] = 1
    logits = backend(ids, mask)
    for row, index in enumerate(batch):
        results[index] = logits[row, : len(rows[index])]
