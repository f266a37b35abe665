"""How well events are merged, beside a baseline."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inference.incidents import merge
from inference.incidents.weights import Weights
from training.evaluation.counts import Score, rounded
from training.merging.reports import main_events, without_texts
from training.merging.scores import b_cubed, by_first_event, exact_groups, pair_score


@dataclass(frozen=True, slots=True)
class Measured:
    """Scores over pairs of articles, and precision and recall of B-cubed."""

    pairs: Score
    b_cubed: tuple[float, float]

    @property
    def b_cubed_f1(self) -> float:
        """Harmonic mean of both."""
        precision, recall = self.b_cubed
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return all figures."""
        names = ("b_cubed_precision", "b_cubed_recall", "b_cubed_f1")
        cubed = zip(names, (*self.b_cubed, self.b_cubed_f1), strict=True)
        return {"pairs": self.pairs.to_dict()} | {name: rounded(value) for name, value in cubed}


def measure(
    predictions: Sequence[Mapping[str, Any]], gold: Mapping[str, str], weights: Weights | None = None
) -> dict[str, Measured]:
    """Merge predictions and compare the groups of articles with the known incidents.

    Args:
        predictions: As `merge` takes them, with texts.
        gold: The incident of each article.
        weights: Weights of the evidence. Default: those of the package.

    Returns:
        `all`: all events are merged, and an article without an event misses its pairs. `main event`: only the first
        event of each article, and articles without one count nowhere, which measures merging alone. `without texts`:
        like `all`, from the predictions alone. `exact`: like `all`, by equal type, days and first place.
    """
    main = main_events(predictions)
    bare = without_texts(predictions)
    given = {one["id"]: gold[one["id"]] for one in main}
    return {
        "all": _measured(by_first_event(predictions, merge(predictions, weights)), gold),
        "main event": _measured(by_first_event(main, merge(main, weights)), given),
        "without texts": _measured(by_first_event(bare, merge(bare, weights)), gold),
        "exact": _measured(exact_groups(predictions), gold),
    }


def _measured(found: Mapping[str, Hashable], gold: Mapping[str, Hashable]) -> Measured:
    return Measured(pair_score(found, gold), b_cubed(found, gold))
