"""The scorer of pairs of spans: a torch module, how it is learned from examples, and its ONNX file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from inference.events.linker import Vectors
from training.links.examples import Example

_PROJECTED, _HIDDEN = 48, 96
_DROPPED = 0.25  # share of the inputs that are dropped in training
_BATCH = 24  # documents
_WEIGHT_DECAY = 1e-2


class PairScorer(nn.Module):
    """Rates pairs of spans by their vectors and features.

    Args:
        size: Length of a vector.
        same_features: Features of a pair of triggers.
        belongs_features: Features of a pair of a trigger and an argument.
    """

    def __init__(self, size: int, same_features: int, belongs_features: int) -> None:
        super().__init__()
        self.same = _Head(size, same_features)
        self.belongs = _Head(size, belongs_features)

    def forward(self, given: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the logits of both kinds of pairs; the inputs are those of `linker.onnx`, by name."""
        vectors = given["vectors"]
        return (
            self.same(vectors, given["same_pairs"], given["same_features"]),
            self.belongs(vectors, given["belongs_pairs"], given["belongs_features"]),
        )


class _Head(nn.Module):
    """Rates pairs of one kind."""

    mean: torch.Tensor
    scale: torch.Tensor

    def __init__(self, size: int, features: int) -> None:
        super().__init__()
        self.first = nn.Linear(size, _PROJECTED)
        self.second = nn.Linear(size, _PROJECTED)
        self.hidden = nn.Linear(3 * _PROJECTED + features, _HIDDEN)
        self.hidden2 = nn.Linear(_HIDDEN, _HIDDEN)
        self.out = nn.Linear(_HIDDEN, 1)
        self.drop = nn.Dropout(_DROPPED)
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("scale", torch.ones(features))

    def standardise(self, features: torch.Tensor) -> None:
        """Take mean and scale from the features of all pairs; without any, they stay 0 and 1."""
        if not len(features):
            return
        self.mean.copy_(features.mean(dim=0))
        self.scale.copy_(1 / features.std(dim=0, unbiased=False).clamp_min(0.05))

    def forward(self, vectors: torch.Tensor, pairs: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        first = self.drop(self.first(vectors))[pairs[:, 0]]
        second = self.drop(self.second(vectors))[pairs[:, 1]]
        known = (features - self.mean) * self.scale
        hidden = torch.relu(self.hidden(torch.cat([first, second, first * second, known], dim=1)))
        hidden = torch.relu(self.hidden2(self.drop(hidden)))
        rated: torch.Tensor = self.out(self.drop(hidden))[:, 0]
        return rated


def write_onnx(scorer: PairScorer, path: Path) -> None:
    """Write a scorer as one ONNX file, whose inputs have any number of spans and pairs."""
    import onnx
    from onnx import TensorProto, helper

    nodes: list[Any] = []
    constants: list[Any] = []
    inputs = [_input("vectors", TensorProto.FLOAT, scorer.same.first.in_features, "spans")]
    for name, head in (("same", scorer.same), ("belongs", scorer.belongs)):
        inputs.append(_input(f"{name}_pairs", TensorProto.INT64, 2, name))
        inputs.append(_input(f"{name}_features", TensorProto.FLOAT, len(head.mean), name))
        _add_head(name, head, nodes, constants)
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [name]) for name in ("same", "belongs")]
    graph = helper.make_graph(nodes, "linker", inputs, outputs, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def _input(name: str, kind: int, width: int, rows: str) -> Any:
    from onnx import helper

    return helper.make_tensor_value_info(name, kind, [rows, width])


def _add_head(name: str, head: _Head, nodes: list[Any], constants: list[Any]) -> None:
    """Add the nodes of one head to a graph; they compute what `_Head.forward` does without dropout."""
    from onnx import helper, numpy_helper

    def add(operator: str, inputs: list[str], output: str, **settings: Any) -> str:
        nodes.append(helper.make_node(operator, inputs, [f"{name}.{output}"], **settings))
        return f"{name}.{output}"

    def constant(key: str, values: Any) -> str:
        constants.append(numpy_helper.from_array(np.asarray(values, order="C"), f"{name}.{key}"))
        return f"{name}.{key}"

    def linear(layer: nn.Linear, key: str, given: str) -> str:
        weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
        parts = [given, constant(f"{key}.weight", weight), constant(f"{key}.bias", bias)]
        return add("Gemm", parts, key, transB=1)

    columns = []
    for key, layer, place in (("first", head.first, 0), ("second", head.second, 1)):
        projected = linear(layer, key, "vectors")
        column = constant(f"{key}.place", np.array(place, np.int64))
        at = add("Gather", [f"{name}_pairs", column], f"{key}.rows", axis=1)
        columns.append(add("Gather", [projected, at], f"{key}.picked", axis=0))
    columns.append(add("Mul", columns[:2], "product"))
    centred = add("Sub", [f"{name}_features", constant("mean", head.mean.numpy())], "centred")
    columns.append(add("Mul", [centred, constant("scale", head.scale.numpy())], "known"))
    hidden = add("Relu", [linear(head.hidden, "hidden", add("Concat", columns, "all", axis=1))], "relu")
    hidden = add("Relu", [linear(head.hidden2, "hidden2", hidden)], "relu2")
    rated = linear(head.out, "out", hidden)
    axis = constant("axis", np.array([1], np.int64))
    nodes.append(helper.make_node("Squeeze", [rated, axis], [name]))


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
    pair. The same seed of weights, order and dropout gives the same scorer.
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
