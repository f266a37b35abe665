"""The loss: cross-entropy that knows which labels a document leaves unmarked."""

from __future__ import annotations

import torch

from training.fit.examples import IGNORED


def token_loss(logits: torch.Tensor, labels: torch.Tensor, possible: torch.Tensor) -> torch.Tensor:
    """Return the mean loss over the sub-words that teach something; 0 where none does.

    A sub-word with a mark has plain cross-entropy. One without may have any of the tags that its document does not
    annotate exhaustively, so its loss is the negative logarithm of the summed probability of those and of O: the
    marginal likelihood of a partial annotation (Tsuboi et al. 2008, here without transitions). Where every label is
    annotated exhaustively the two are the same.

    Args:
        logits: (batch, sub-words, tags).
        labels: Tag ids, 0 for O, `IGNORED` where nothing is learned, (batch, sub-words).
        possible: Which tags a sub-word without a mark may have, O among them, (batch, tags), boolean.

    Returns:
        A scalar.

    Example:
        >>> logits = torch.tensor([[[1.0, 2.0, 3.0]]])
        >>> open_to_all = torch.tensor([[True, True, True]])
        >>> abs(round(float(token_loss(logits, torch.tensor([[0]]), open_to_all)), 4))
        0.0
    """
    scores = torch.log_softmax(logits, dim=-1)
    marked = scores.gather(-1, labels.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    unmarked = scores.masked_fill(~possible.unsqueeze(1), float("-inf")).logsumexp(-1)
    # A sub-word that may be anything teaches nothing, and is not counted either.
    taught = (labels != IGNORED) & ~((labels == 0) & possible.all(dim=-1, keepdim=True))
    total = torch.where(labels == 0, unmarked, marked).masked_fill(~taught, 0.0).sum()
    return -total / taught.sum().clamp(min=1)
