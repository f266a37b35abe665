"""Finite numbers: a run that computes nan or infinity stops before the result is saved."""

from __future__ import annotations

import torch

from annotations.errors import ExplainedError


class NotFiniteError(ExplainedError, ArithmeticError):
    """A loss, a gradient, a weight or a logit that is nan or infinite."""


def check_weights(model: torch.nn.Module, remedy: str) -> None:
    """Refuse a model with a weight that is not finite.

    Args:
        model: The model.
        remedy: What to do, for the message.

    Raises:
        NotFiniteError: A weight is nan or infinite; the message names its tensor.
    """
    for name, tensor in model.state_dict().items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise NotFiniteError(f"the weights {name} have nan or infinity; {remedy}")
