"""The loss: cross-entropy for documents that may annotate only some labels; and numbers that are not finite."""

from __future__ import annotations

import torch

from annotations.errors import ExplainedError
from training.fit.examples import IGNORED


def token_loss(
    logits: torch.Tensor, labels: torch.Tensor, possible: torch.Tensor, among: int | None = None
) -> torch.Tensor:
    """Return the mean loss over the sub-words with information; 0 if there is none.

    An annotated sub-word has plain cross-entropy. Any other one may have each of the tags that its document does not
    annotate exhaustively, so its loss is the negative logarithm of the summed probability of those tags and O: the
    marginal likelihood of a partial annotation (Tsuboi et al. 2008, here without transitions). If every label is
    annotated exhaustively, both are the same.

    Args:
        logits: (batch, sub-words, tags).
        labels: Tag ids, 0 for O, `IGNORED` for sub-words without loss, (batch, sub-words).
        possible: Which tags a sub-word without annotation may have, with O, (batch, tags), boolean.
        among: Number of sub-words with information in the whole batch, if this is a part of it; the losses of all parts
            add up to that of the batch.

    Returns:
        A scalar.

    Example:
        >>> logits = torch.tensor([[[1.0, 2.0, 3.0]]])
        >>> open_to_all = torch.tensor([[True, True, True]])
        >>> abs(round(float(token_loss(logits, torch.tensor([[0]]), open_to_all)), 4))
        0.0
    """
    scores = torch.log_softmax(logits, dim=-1)
    annotated = scores.gather(-1, labels.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    unannotated = scores.masked_fill(~possible.unsqueeze(1), float("-inf")).logsumexp(-1)
    counted = informative(labels, possible)
    total = torch.where(labels == 0, unannotated, annotated).masked_fill(~counted, 0.0).sum()
    return -total / (counted.sum().clamp(min=1) if among is None else max(1, among))


def informative(labels: torch.Tensor, possible: torch.Tensor) -> torch.Tensor:
    """Return which sub-words can be learned from, (batch, sub-words), as for `token_loss`: one that may have any tag
    cannot."""
    return (labels != IGNORED) & ~((labels == 0) & possible.all(dim=-1, keepdim=True))


class NotFiniteError(ExplainedError, ArithmeticError):
    """A loss, a gradient, a weight or a logit that is nan or infinite."""


def check_weights(model: torch.nn.Module, remedy: str) -> None:
    """Refuse a model with a weight that is not finite; the remedy goes into the message.

    Raises:
        NotFiniteError: A weight is nan or infinite; the message names its tensor.
    """
    for name, tensor in model.state_dict().items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise NotFiniteError(f"the weights {name} have nan or infinity; {remedy}")
