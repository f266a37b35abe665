"""The linker: a learned scorer of pairs of spans, and the events that follow from its scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from annotations.schema import Schema
from annotations.text.reading import read
from annotations.text.sentences import sentences_of
from inference.backends import session
from inference.events.confidence import EVIDENCE, evidence, probability_of
from inference.events.drafts import Draft
from inference.events.facts import Facts
from inference.events.groups import Rated, arguments_of, clusters_of
from inference.events.pairs import argument_pairs, joined, trigger_pairs
from inference.manifest import ModelError

Vectors = npt.NDArray[np.float32]
FILE = "linker.onnx"
_PART = 512  # spans whose pairs are rated at once: the features of one take up to 80 KB


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """How a linker's probabilities become events; fitted on development data.

    Args:
        join: Mean probability of pairs at which two groups of triggers are one event.
        several: Probability at which an argument belongs to an event, besides others.
        least: Probability at which an argument belongs to its best event.
        event: Weights of the evidence for an event; without any, its score is that of its best trigger.
        kept: Score below which an event is left out, unless a caller asks for a least score of their own.
    """

    join: float = 0.5
    several: float = 0.5
    least: float = 0.3
    event: Sequence[float] = ()
    kept: float = 0.0


class Scorer(Protocol):
    """Rates pairs: takes inputs by name, returns the logits of pairs of triggers and of triggers and arguments."""

    def __call__(self, inputs: Mapping[str, npt.NDArray[Any]]) -> tuple[Vectors, Vectors]:
        """Rate pairs."""
        ...


class OnnxScorer:
    """Runs `linker.onnx` with onnxruntime."""

    def __init__(self, path: Path) -> None:
        self._session = session(path)

    def __call__(self, inputs: Mapping[str, npt.NDArray[Any]]) -> tuple[Vectors, Vectors]:
        """Rate pairs."""
        same, belongs = self._session.run(["same", "belongs"], dict(inputs))
        return np.asarray(same), np.asarray(belongs)


class Linker:
    """Groups spans into events: triggers that report the same attack, and the arguments of each.

    Args:
        scorer: Rates pairs.
        settings: How its probabilities become events.
    """

    def __init__(self, scorer: Scorer, settings: LinkSettings) -> None:
        self._scorer = scorer
        self.settings = settings

    def rate(self, facts: Facts, vectors: Vectors) -> Rated:
        """Rate the pairs of a document.

        Args:
            facts: Its spans.
            vectors: Their vectors, (spans, size).

        Raises:
            ModelError: A probability is nan or infinite.
        """
        parts = [self._rate_part(facts, vectors, at) for at in range(0, max(1, len(facts.spans)), _PART)]
        same, belongs = joined([part.same for part in parts]), joined([part.belongs for part in parts])
        found = ([part.same_probability for part in parts], [part.belongs_probability for part in parts])
        return Rated(facts, same, belongs, *map(np.concatenate, found))

    def _rate_part(self, facts: Facts, vectors: Vectors, start: int) -> Rated:
        """Rate the pairs whose second span, or argument, is one of `_PART` spans; their features are not kept."""
        edges = [start, start + _PART]
        same = trigger_pairs(facts, slice(*np.searchsorted(facts.triggers, edges)))
        belongs = argument_pairs(facts, slice(*np.searchsorted(facts.arguments, edges)))
        pairs = [np.stack([found.first, found.second], axis=1) for found in (same, belongs)]
        rows = np.concatenate([np.zeros((1, 2), dtype=np.int64) + start, *pairs])
        low, high = int(rows.min()), int(rows.max()) + 1  # spans that are paired are near each other
        rated = self._scorer(
            {
                "vectors": vectors[low:high],
                "same_pairs": pairs[0] - low,
                "same_features": same.features,
                "belongs_pairs": pairs[1] - low,
                "belongs_features": belongs.features,
            }
        )
        if not all(np.isfinite(found).all() for found in rated):
            raise ModelError("the linker computes numbers that are nan or infinite; link or copy the model again")
        probabilities = (1 / (1 + np.exp(-found.astype(np.float64))) for found in rated)
        return Rated(facts, same.bare(), belongs.bare(), *probabilities)

    def link(self, facts: Facts, vectors: Vectors) -> list[Draft]:
        """Group the spans of a document into events, in order of first mention."""
        return draw(self.rate(facts, vectors), self.settings)


def draw(rated: Rated, settings: LinkSettings) -> list[Draft]:
    """Group spans into events by the probabilities of their pairs.

    Args:
        rated: A document with the probabilities of its pairs.
        settings: The thresholds.
    """
    facts = rated.facts
    clusters = clusters_of(rated, settings.join)
    drafts = [Draft() for _ in clusters]
    for draft, cluster in zip(drafts, clusters, strict=True):
        for row in cluster:
            draft.add_trigger(facts.spans[row])
    for row, chosen in arguments_of(rated, clusters, settings.several, settings.least).items():
        span = facts.spans[row]
        for number in chosen:
            drafts[number].add(facts.schema.role(span.label), span)
    if settings.event:
        for draft, found in zip(drafts, evidence(rated, clusters, drafts), strict=True):
            draft.score = probability_of(found, settings.event)
    return drafts


def check_linker(linker: Linker, schema: Schema, size: int) -> None:
    """Rate the pairs of a document without spans; onnxruntime refuses inputs of another width.

    Args:
        linker: The linker.
        schema: The schema of its spans.
        size: Size of their vectors.

    Raises:
        ValueError: The number of weights is not that of the evidence.
    """
    if len(linker.settings.event) not in (0, len(EVIDENCE)):
        raise ValueError(f"links.event has {len(linker.settings.event)} weights, not {len(EVIDENCE)}")
    reading = read("")
    linker.rate(Facts(reading, sentences_of(reading), [], schema, []), np.zeros((0, size), dtype=np.float32))
