"""Backends: sub-word ids in, logits out, and vectors if they are wanted."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from annotations.installed import lacking
from inference.manifest import ModelError

Ids = npt.NDArray[np.int64]
Logits = npt.NDArray[np.float32]

IDS, MASK = "input_ids", "attention_mask"  # inputs of `model.onnx`; a model without a mask takes rows of one length
VECTORS = "vectors"  # output of `model.onnx`: what the classifier reads, (batch, sub-words, size)


class Backend(Protocol):
    """Computes logits: takes ids and attention mask, both (batch, sub-words), returns (batch, sub-words, tags).

    It may say how it is best used: `budget`, the sub-words of a batch, and `pads`. By default the rows of a batch are
    padded to one length, and one batch is computed at a time; where `pads` is False they are of one length, and
    threads compute several batches. With a `vector_size` above 0, its `with_vectors` also gives the vectors that its
    classifier reads, (batch, sub-words, `vector_size`).
    """

    def __call__(self, ids: Ids, mask: Ids) -> Logits:
        """Compute logits."""
        ...


def all_finite(logits: Logits, mask: Ids) -> bool:
    """Return whether no logit of a sub-word is nan or infinite; nan would decode to spans that look like any other."""
    return bool(np.isfinite(logits[mask.astype(bool)]).all())


def _finite(logits: Logits, mask: Ids) -> Logits:
    if not all_finite(logits, mask):
        raise ModelError("the model computes logits that are nan or infinite; train or copy the model again")
    return logits


class OnnxBackend:
    """Runs `model.onnx` with onnxruntime, one thread a batch: several batches at a time use several processors.

    Rows of a batch are of one length, as padding would be computed for nothing. So a row gives the same numbers in
    whichever batch it is.
    """

    pads = False
    budget = 256  # more is slower: the numbers of a layer no longer fit in the cache of a core

    def __init__(self, folder: Path) -> None:
        self._session = session(folder / "model.onnx")
        shapes = {output.name: output.shape for output in self._session.get_outputs()}
        self.vector_size = int(shapes[VECTORS][-1]) if VECTORS in shapes else 0
        self._masked = MASK in {given.name for given in self._session.get_inputs()}

    def __call__(self, ids: Ids, mask: Ids) -> Logits:
        """Compute logits.

        Raises:
            ModelError: A logit is nan or infinite.
        """
        return self._run(["logits"], ids, mask)[0]

    def with_vectors(self, ids: Ids, mask: Ids) -> tuple[Logits, Logits]:
        """Compute logits and vectors.

        Raises:
            ModelError: A number is nan or infinite.
        """
        logits, vectors = self._run(["logits", VECTORS], ids, mask)
        return logits, vectors

    def _run(self, names: Sequence[str], ids: Ids, mask: Ids) -> list[Logits]:
        if self._masked:
            found = self._session.run(names, {IDS: ids, MASK: mask})
        elif mask.all():
            found = self._session.run(names, {IDS: ids})
        else:
            return self._each(names, ids, mask)
        return [_finite(np.asarray(part, dtype=np.float32), mask) for part in found]

    def _each(self, names: Sequence[str], ids: Ids, mask: Ids) -> list[Logits]:
        """Run the rows of a padded batch one by one with a model that knows no padding; zeros stand for padding."""
        counts = mask.sum(axis=1).tolist()
        rows = [
            self._run(names, ids[at : at + 1, :count], mask[at : at + 1, :count]) for at, count in enumerate(counts)
        ]
        found = [np.zeros((*ids.shape, part.shape[-1]), dtype=np.float32) for part in rows[0]]
        for at, (count, parts) in enumerate(zip(counts, rows, strict=True)):
            for whole, part in zip(found, parts, strict=True):
                whole[at, :count] = part[0]
        return found


@cache
def _may_overflow() -> bool:
    """Whether 8-bit products may overflow: on an x86 processor that does not say that it has instructions for them."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return False
    try:
        return "vnni" not in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux
        return True


def session(model: Path | bytes) -> Any:
    """Open an ONNX file, or its content, with onnxruntime on the CPU, to run on the thread that calls it.

    Where the processor's 8-bit products would overflow, onnxruntime takes slower ones that do not.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    options.add_session_config_entry("session.x64quantprecision", str(int(_may_overflow())))
    return onnxruntime.InferenceSession(
        model if isinstance(model, bytes) else str(model),
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=["SkipLayerNormFusion"],  # the fused node is slower than the two it replaces
    )


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
        output = _torch_output(self._model, ids, mask, self._device, output_hidden_states=True)
        return _finite(_array(output.logits), mask), _finite(_array(output.hidden_states[-1]), mask)


def torch_logits(model: Any, ids: Ids, mask: Ids, device: Any = "cpu") -> Logits:
    """Compute logits with a transformers model on a device."""
    return _array(_torch_output(model, ids, mask, device).logits)


def _torch_output(model: Any, ids: Ids, mask: Ids, device: Any, **options: bool) -> Any:
    import torch

    given = {IDS: torch.from_numpy(ids).to(device), MASK: torch.from_numpy(mask).to(device)}
    with torch.inference_mode():
        return model(**given, **options)


def _array(tensor: Any) -> Logits:
    return np.asarray(tensor.float().cpu().numpy())


BACKENDS: dict[str, Any] = {"onnx": OnnxBackend, "torch": TorchBackend, "cuda": partial(TorchBackend, device="cuda")}


def budget_of(device: str) -> int:
    """Return the sub-words of a batch that suit a device: small batches are faster on a CPU, large ones on a GPU."""
    return 2048 if device == "cpu" else 32_768


def batches(lengths: Sequence[int], budget: int, pads: bool) -> list[list[int]]:
    """Sort rows into batches.

    Args:
        lengths: Number of sub-words of each row.
        budget: Maximum number of sub-words in a batch, with padding; a longer row is a batch of its own.
        pads: Whether rows of different lengths may be in a batch.

    Returns:
        The indices of the rows of each batch, every row once.

    Example:
        >>> batches([4, 2, 4, 3], 8, pads=False), batches([4, 2, 4, 3], 8, pads=True)
        ([[1], [3], [0, 2]], [[1, 3], [0, 2]])
    """
    found: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        batch = found[-1] if found else []
        fits = batch and (pads or lengths[batch[0]] == lengths[index])
        if fits and lengths[index] * (len(batch) + 1) <= budget:
            batch.append(index)
        else:
            found.append([index])
    return found


def padded(rows: Sequence[Sequence[int]]) -> tuple[Ids, Ids]:
    """Return the ids and the attention mask of a batch, both (rows, sub-words)."""
    ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
    mask = np.zeros_like(ids)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = row
        mask[number, : len(row)] = 1
    return ids, mask
