"""Attention for training in bf16 on a CPU.

PyTorch's fused attention computes in fp32 there, and so does the softmax of autocast. This one multiplies, adds and
normalises bf16 numbers; inside, the softmax and each sum are fp32 all the same. Only training uses it: it is slower to
predict with, and no file of a model names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

_NAME = "conflict-events-bf16"
_KINDS = ("bert", "roberta", "xlm-roberta")  # encoders whose attention is a product, a mask and a softmax, and no more


@contextmanager
def bf16_attention(model: Any) -> Iterator[None]:
    """Let a transformers model compute its attention in bf16 under autocast, and as before afterwards; others stay as
    they are."""
    if model.config.model_type not in _KINDS:
        yield
        return
    _register()
    before = model.config._attn_implementation
    model.set_attn_implementation(_NAME)
    try:
        yield
    finally:
        model.set_attn_implementation(before)


def _register() -> None:
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface, eager_mask

    AttentionInterface.register(_NAME, _attention)
    AttentionMaskInterface.register(_NAME, eager_mask)


def _attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    mask: torch.Tensor | None,
    scaling: float,
    dropout: float = 0.0,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Return what each sub-word reads, (batch, sub-words, heads, size of a head)."""
    with torch.autocast("cpu", enabled=False):  # it would copy the scores to fp32
        scores = torch.matmul(query * scaling, key.transpose(2, 3))
        if mask is not None:
            scores = scores + mask.to(scores.dtype)
        shares = torch.nn.functional.dropout(torch.softmax(scores, dim=-1), dropout, module.training)
        return torch.matmul(shares, value).transpose(1, 2).contiguous(), None
