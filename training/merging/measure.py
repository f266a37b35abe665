"""How well events are merged, beside a baseline: pairs of articles, and B-cubed over articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inference.incidents import Incident, merge
from inference.incidents.report import reports
from inference.incidents.weights import Weights
from training.evaluation.counts import Score, rounded
from training.merging.reports import main_events, without_texts


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
    """Merge predictions, as `merge` takes them with texts, and compare the groups of articles with the known incidents.

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


def pair_score(found: Mapping[str, Hashable], gold: Mapping[str, Hashable]) -> Score:
    """Return the score over pairs of articles that tell of one attack.

    Args:
        found: The group of each article; an article without an event has none, and misses all its pairs.
        gold: The incident of each article.

    Example:
        >>> pair_score({"a": 1, "b": 1}, {"a": "x", "b": "x", "c": "x"}).recall
        0.3333333333333333
    """
    both = Counter((found[one], gold[one]) for one in gold if one in found)
    return Score(
        _pairs(both), _pairs(Counter(found[one] for one in gold if one in found)), _pairs(Counter(gold.values()))
    )


def b_cubed(found: Mapping[str, Hashable], gold: Mapping[str, Hashable]) -> tuple[float, float]:
    """Return precision and recall of B-cubed (Bagga and Baldwin 1998): of each article's group, averaged.

    An article without a group counts in recall only, and as found by none.

    Example:
        >>> b_cubed({"a": 1, "b": 1}, {"a": "x", "b": "y", "c": "x"})
        (0.5, 0.5)
    """
    groups, incidents = Counter(found[one] for one in gold if one in found), Counter(gold.values())
    both = Counter((found[one], gold[one]) for one in gold if one in found)
    held = [one for one in gold if one in found]
    right = {one: both[found[one], gold[one]] for one in held}
    precision = sum(right[one] / groups[found[one]] for one in held) / max(1, len(held))
    return precision, sum(right[one] / incidents[gold[one]] for one in held) / max(1, len(gold))


def by_first_event(predictions: Iterable[Mapping[str, Any]], incidents: Iterable[Incident]) -> dict[str, str]:
    """Return the incident of each article by its id: of the event told first, or of one that it mentions."""
    incidents = list(incidents)
    mentioned = {one.document: incident.id for incident in incidents for one in incident.mentions}
    of = {(one.document, one.event): incident.id for incident in incidents for one in incident.members}
    return mentioned | {one["id"]: of[one["id"], one["events"][0]["id"]] for one in predictions if one["events"]}


def exact_groups(predictions: Iterable[Mapping[str, Any]]) -> dict[str, Hashable]:
    """Return the baseline: articles whose first events agree in type, days and first place are together.

    An event without a date or a place is alone.
    """
    found: dict[str, Hashable] = {}
    for one in predictions:
        for report in list(reports(one))[:1]:
            places: Sequence[str] = report.shown["places"][:1]
            whole = report.dated and places
            found[one["id"]] = (report.kind, report.days, places[0].casefold()) if whole else one["id"]
    return found


def _pairs(counts: Counter[Any]) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())
