"""Backends: sub-word ids in, logits out, and vectors if they are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from annotations.installed import lacking
from inference.manifest import ModelError

Ids = npt.NDArray[np.int64]
Logits = npt.NDArray[np.float32]

VECTORS = "vectors"  # output of `model.onnx`: what the classifier reads, (batch, sub-words, size)


class Backend(Protocol):
    """Computes logits: takes ids and attention mask, both (batch, sub-words), returns (batch, sub-words, tags)."""

    def __call__(self, ids: Ids, mask: Ids) -> Logits:
        """Compute logits."""
        ...


class VectorBackend(Backend, Protocol):
    """A backend that can also give the vectors that its classifier reads."""

    vector_size: int  # 0 if it has none

    def with_vectors(self, ids: Ids, mask: Ids) -> tuple[Logits, Logits]:
        """Compute logits (batch, sub-words, tags) and vectors (batch, sub-words, `vector_size`)."""
        ...


class Joined:
    """Computes logits and vectors as one array (batch, sub-words, tags + vector size).

    Args:
        backend: A backend with vectors.
    """

    def __init__(self, backend: VectorBackend) -> None:
        self._backend = backend
        self.budget = int(getattr(backend, "budget", budget_of("cpu")))

    def __call__(self, ids: Ids, mask: Ids) -> Logits:
        """Compute logits and vectors."""
        return np.concatenate(self._backend.with_vectors(ids, mask), axis=-1)


def all_finite(logits: Logits, mask: Ids) -> bool:
    """Return whether no logit of a sub-word is nan or infinite; nan would decode to spans that look like any other."""
    return bool(np.isfinite(logits[mask.astype(bool)]).all())


def _finite(logits: Logits, mask: Ids) -> Logits:
    if not all_finite(logits, mask):
        raise ModelError("the model computes logits that are nan or infinite; train or copy the model again")
    return logits


class OnnxBackend:
    """Runs `model.onnx` with onnxruntime.

    Args:
        folder: A checked model folder.
    """

    def __init__(self, folder: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        shapes = {output.name: output.shape for output in self._session.get_outputs()}
        self.vector_size = int(shapes[VECTORS][-1]) if VECTORS in shapes else 0

    def __call__(self, ids: Ids, mask: Ids) -> Logits:
        """Compute logits.

        Raises:
            ModelError: A logit is nan or infinite.
        """
        (logits,) = self._session.run(["logits"], {"input_ids": ids, "attention_mask": mask})
        return _finite(np.asarray(logits, dtype=np.float32), mask)

    def with_vectors(self, ids: Ids, mask: Ids) -> tuple[Logits, Logits]:
        """Compute logits and vectors.

        Raises:
            ModelError: A number is nan or infinite.
        """
        logits, vectors = self._session.run(["logits", VECTORS], {"input_ids": ids, "attention_mask": mask})
        return _finite(np.asarray(logits, dtype=np.float32), mask), _finite(np.asarray(vectors, dtype=np.float32), mask)


class TorchBackend:
    """Runs `model.safetensors` with torch and transformers.

    Args:
        folder: A checked model folder.
        device: Where it runs: `cpu` or `cuda`.

    Raises:
        ModelError: Weights are missing, which transformers would initialise randomly; or there is no GPU to run on.
        ImportError: torch or transformers is not installed.
    """

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        try:
            import torch
            from transformers import AutoModelForTokenClassification
        except ImportError as error:
            raise lacking(error, "the torch backend") from error
        if device == "cuda" and not torch.cuda.is_available():
            raise ModelError("torch finds no GPU here; choose the backend torch or onnx")
        model, loaded = AutoModelForTokenClassification.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, output_loading_info=True
        )
        if loaded["missing_keys"]:
            missing = ", ".join(sorted(loaded["missing_keys"]))
            raise ModelError(f"the weights in {folder} lack {missing:.200}; train or copy the model again")
        self._model = model.eval().to(device)
        self._device = device
        self.budget = budget_of(device)
        self.vector_size = int(model.config.hidden_size)

    def __call__(self, ids: Ids, mask: Ids) -> Logits:
        """Compute logits.

        Raises:
            ModelError: A logit is nan or infinite.
        """
        return _finite(torch_logits(self._model, ids, mask, self._device), mask)

    def with_vectors(self, ids: Ids, mask: Ids) -> tuple[Logits, Logits]:
        """Compute logits and vectors.

        Raises:
            ModelError: A number is nan or infinite.
        """
        import torch

        with torch.inference_mode():
            given = {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}
            on_device = {name: tensor.to(self._device) for name, tensor in given.items()}
            output = self._model(**on_device, output_hidden_states=True)
        found = (np.asarray(part.float().cpu().numpy()) for part in (output.logits, output.hidden_states[-1]))
        logits, vectors = (_finite(part, mask) for part in found)
        return logits, vectors


def torch_logits(model: Any, ids: Ids, mask: Ids, device: Any = "cpu") -> Logits:
    """Compute logits with a transformers model on a device."""
    import torch

    with torch.inference_mode():
        output = model(input_ids=torch.from_numpy(ids).to(device), attention_mask=torch.from_numpy(mask).to(device))
    return np.asarray(output.logits.float().cpu().numpy())


BACKENDS: dict[str, Any] = {"onnx": OnnxBackend, "torch": TorchBackend, "cuda": partial(TorchBackend, device="cuda")}


def budget_of(device: str) -> int:
    """Return the sub-words of a batch that suit a device: small batches are faster on a CPU, large ones on a GPU."""
    return 2048 if device == "cpu" else 32_768


def run(backend: Backend, rows: Sequence[Sequence[int]], budget: int | None = None) -> list[Logits]:
    """Run rows of different lengths in batches.

    Args:
        backend: The backend.
        rows: Sub-word ids with special tokens, one sequence a window.
        budget: Maximum number of sub-words in a batch, with padding; None is what suits the backend's device.

    Returns:
        Logits (sub-words, tags) of each row, in the same order, without padding.
    """
    most = budget or int(getattr(backend, "budget", budget_of("cpu")))
    results: list[Logits] = [np.empty(0, dtype=np.float32)] * len(rows)
    batch: list[int] = []
    for index in sorted(range(len(rows)), key=lambda i: len(rows[i])):
        if batch and len(rows[index]) * (len(batch) + 1) > most:
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
