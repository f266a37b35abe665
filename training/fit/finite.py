"""Finite numbers: a run that computes nan or infinity stops, and nothing of it is kept."""

from __future__ import annotations

import torch

from annotations.errors import ExplainedError


class NotFiniteError(ExplainedError, ArithmeticError):
    """A loss, a gradient, a weight or a logit that is nan or infinite."""


def check_weights(model: torch.nn.Module, remedy: str) -> None:
    """Refuse a model with a weight that is not finite.

    Args:
        model: The model.
        remedy: What to do about it.

    Raises:
        NotFiniteError: There is such a weight; the message names the tensor that holds it.
    """
    for name, tensor in model.state_dict().items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise NotFiniteError(f"the weights {name} hold nan or infinity; {remedy}")
