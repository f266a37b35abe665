"""Relevance: the probability that a text reports an attack at all."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from annotations.schema import Schema
from inference.events.confidence import probability_of

EVIDENCE = ("bias", "best word", "sum of words", "length")
_EDGE = 1e-3  # probabilities nearer to 0 or 1 count as this far from it


class Relevance:
    """Collects what speaks for an attack in a text while its words are decoded.

    Example:
        >>> relevance = Relevance([1])
        >>> relevance.add(np.array([[0.9, 0.1], [0.2, 0.8]]))
        >>> [round(value, 2) for value in relevance.evidence()]
        [1.0, 1.39, 0.64, 1.1]
    """

    def __init__(self, columns: Sequence[int]) -> None:
        self._columns = list(columns)
        self._best = 0.0
        self._sum = 0.0
        self._words = 0

    def add(self, probabilities: npt.NDArray[np.float64]) -> None:
        """Add the probabilities of the tags of the next words, (words, tags)."""
        trigger = probabilities[:, self._columns].sum(axis=1)
        self._best = max(self._best, float(trigger.max(initial=0.0)))
        self._sum += float(trigger.sum())
        self._words += len(trigger)

    def evidence(self) -> list[float]:
        """Return the evidence in the order of `EVIDENCE`.

        It is 1, the log-odds of the word that is most probably part of a trigger, and the logarithms of the expected
        number of such words and of the number of all words, both plus 1.
        """
        best = min(max(self._best, _EDGE), 1 - _EDGE)
        return [1.0, math.log(best / (1 - best)), math.log1p(self._sum), math.log1p(self._words)]

    def probability(self, weights: Sequence[float]) -> float:
        """Return the probability that the text reports an attack, by the weights of a logistic model."""
        return probability_of(self.evidence(), weights)


def trigger_columns(schema: Schema) -> list[int]:
    """Return the columns of the tags of triggers; none if the schema has no triggers."""
    return [at for at, tag in enumerate(schema.tags) if schema.trigger and tag[2:].split(":")[0] == schema.trigger]
