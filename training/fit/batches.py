"""Batches of windows, in an order that depends only on seed and epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from training.fit.examples import IGNORED

PAD_TO = 32  # lengths are rounded up to it, because the CPU library compiles a kernel for every new shape
_BUCKET = 64  # windows sorted by length together; with more, some batches would have short documents only


def plan(
    lengths: Sequence[int], tokens: int, seed: int, epoch: int, weights: Sequence[float] | None = None
) -> list[list[int]]:
    """Group windows into batches of about equal length.

    Args:
        lengths: Sub-words of each window.
        tokens: Maximum number of sub-words in a batch, with padding; a longer window is a batch of its own.
        seed: Seed of the run.
        epoch: Number of the epoch; every epoch has its own order.
        weights: How often to read each window; of 2.5, a window is read twice, or three times with probability 0.5.

    Returns:
        Window indices of each batch. Without weights, every window is in exactly one batch.

    Example:
        >>> plan([10, 12], 1000, seed=1, epoch=0)
        [[0, 1]]
    """
    random = np.random.default_rng([seed, epoch])
    every = np.arange(len(lengths))
    if weights is not None and any(weight != 1 for weight in weights):
        often = np.asarray(weights)
        every = np.repeat(every, np.floor(often + random.random(len(often))).astype(int))
    order = random.permutation(every)
    batches: list[list[int]] = []
    for at in range(0, len(order), _BUCKET):
        bucket = sorted(order[at : at + _BUCKET].tolist(), key=lambda i: (lengths[i], i))
        batch: list[int] = []
        for index in bucket:
            if batch and padded(lengths[index]) * (len(batch) + 1) > tokens:
                batches.append(batch)
                batch = []
            batch.append(index)
        batches.append(batch)
    return [batches[i] for i in random.permutation(len(batches))]


def padded(length: int) -> int:
    """Round a length up to a multiple of `PAD_TO`."""
    return -(-length // PAD_TO) * PAD_TO


def collate(rows: Sequence[dict[str, Any]], pad_id: int, tags: int) -> dict[str, torch.Tensor]:
    """Pad windows to the same length.

    Args:
        rows: Windows with `input_ids`, `labels` and `possible`.
        pad_id: The tokenizer's padding id.
        tags: Number of tags.

    Returns:
        `input_ids`, `attention_mask` and `labels`, each (batch, sub-words), and `possible`, (batch, tags), boolean.
    """
    width = padded(max(len(row["input_ids"]) for row in rows))
    ids = torch.full((len(rows), width), pad_id)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    labels = torch.full((len(rows), width), IGNORED)
    possible = torch.zeros((len(rows), tags), dtype=torch.bool)
    for number, row in enumerate(rows):
        length = len(row["input_ids"])
        ids[number, :length] = torch.tensor(row["input_ids"])
        labels[number, :length] = torch.tensor(row["labels"])
        mask[number, :length] = 1
        possible[number, row["possible"]] = True
    return {"input_ids": ids, "attention_mask": mask, "labels": labels, "possible": possible}


def hide(batch: dict[str, torch.Tensor], rate: float, mask_id: int, seed: Sequence[int]) -> dict[str, torch.Tensor]:
    """Replace some sub-words by the mask token, so that the encoder learns from context.

    Args:
        batch: From `collate`.
        rate: Share of sub-words to mask; special tokens and padding are kept.
        mask_id: The tokenizer's mask id.
        seed: Numbers that identify this batch; the same numbers mask the same sub-words.

    Returns:
        The batch with new `input_ids`.
    """
    if not rate:
        return batch
    chosen = torch.from_numpy(np.random.default_rng(list(seed)).random(batch["input_ids"].shape) < rate)
    chosen &= batch["labels"] != IGNORED
    return {**batch, "input_ids": batch["input_ids"].masked_fill(chosen, mask_id)}
