"""Learning: a scorer of pairs from examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from inference.events.linker import Vectors
from training.links.examples import Example
from training.links.network import PairScorer

_BATCH = 24  # documents
_WEIGHT_DECAY = 1e-2


class TorchScorer:
    """A scorer in memory, as the linker uses it."""

    def __init__(self, network: PairScorer) -> None:
        self.network = network.eval()

    def __call__(self, inputs: Any) -> tuple[Vectors, Vectors]:
        """Rate pairs."""
        with torch.inference_mode():
            same, belongs = self.network({name: torch.from_numpy(found) for name, found in inputs.items()})
        return same.numpy(), belongs.numpy()


def learn(examples: Sequence[Example], *, epochs: int, learning_rate: float, seed: int) -> PairScorer:
    """Train a scorer.

    An argument belongs to an event if it belongs to one of its triggers, so the loss of an event is that of its best
    pair. The same seed gives the same scorer.

    Args:
        examples: Documents with pairs.
        epochs: Passes over them.
        learning_rate: Peak rate.
        seed: Seed of weights, order and dropout.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        first = examples[0]
        network = PairScorer(first.vectors.shape[1], first.same.features.shape[1], first.belongs.features.shape[1])
        network.same.standardise(torch.from_numpy(np.concatenate([e.same.features for e in examples])))
        network.belongs.standardise(torch.from_numpy(np.concatenate([e.belongs.features for e in examples])))
        optimizer = torch.optim.AdamW(network.parameters(), lr=learning_rate, weight_decay=_WEIGHT_DECAY)
        order = np.random.default_rng(seed)
        steps = epochs * -(-len(examples) // _BATCH)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=steps + 1, pct_start=0.1)
        network.train()
        for _ in range(epochs):
            places = order.permutation(len(examples))
            for start in range(0, len(places), _BATCH):
                loss = _loss(network, [examples[at] for at in places[start : start + _BATCH]])
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimizer.step()
                schedule.step()
    return network.eval()


def _loss(network: PairScorer, batch: Sequence[Example]) -> torch.Tensor:
    rows = np.cumsum([0, *(len(example.vectors) for example in batch)])
    groups = np.cumsum([0, *(len(example.belongs_answer) for example in batch)])

    def pairs(kind: str) -> torch.Tensor:
        found = [getattr(example, kind) for example in batch]
        return torch.from_numpy(
            np.concatenate([np.stack([p.first, p.second], 1) + at for p, at in zip(found, rows, strict=False)])
        )

    def joined(parts: list[Any]) -> torch.Tensor:
        return torch.from_numpy(np.concatenate(parts))

    same, belongs = network(
        {
            "vectors": joined([example.vectors for example in batch]),
            "same_pairs": pairs("same"),
            "same_features": joined([example.same.features for example in batch]),
            "belongs_pairs": pairs("belongs"),
            "belongs_features": joined([example.belongs.features for example in batch]),
        }
    )
    event = joined([example.event + at for example, at in zip(batch, groups, strict=False)])
    best = torch.full((int(groups[-1]),), -torch.inf).scatter_reduce(0, event, belongs, "amax")
    return _cross_entropy(same, joined([e.same_answer for e in batch])) + _cross_entropy(
        best, joined([e.belongs_answer for e in batch])
    )


def _cross_entropy(logits: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    known = ~answers.isnan()
    total = nn.functional.binary_cross_entropy_with_logits(logits[known], answers[known], reduction="sum")
    return total / max(1, int(known.sum()))
