"""Entity measures: how mentions of doers and victims are grouped, by B-cubed and CEAF-E."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from annotations.document import Document
from annotations.entities import gold_entities
from annotations.schema import Schema
from inference.entities.clusters import find_entities
from inference.entities.spelling import name_key
from inference.prediction import Prediction
from training.evaluation.counts import rounded

Offsets = tuple[int, int]
Clusters = Sequence[frozenset[Offsets]]


@dataclass(frozen=True, slots=True)
class Grouping:
    """How well mentions are grouped: sums over documents of what precision and recall are made of."""

    precise: float = 0.0  # sum of what counts for precision
    predicted: int = 0  # what it is divided by
    found: float = 0.0  # sum of what counts for recall
    gold: int = 0  # what it is divided by

    def __add__(self, other: Grouping) -> Grouping:
        return Grouping(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def to_dict(self) -> dict[str, float | None]:
        """Return precision, recall and F1; None where they are undefined."""
        precision = self.precise / self.predicted if self.predicted else float("nan")
        recall = self.found / self.gold if self.gold else float("nan")
        both = precision + recall
        f1 = 2 * precision * recall / both if both else 0.0
        return {"precision": rounded(precision), "recall": rounded(recall), "f1": rounded(f1)}


def b_cubed(gold: Clusters, predicted: Clusters) -> Grouping:
    """Return B-cubed: for each mention, how much of its cluster is right (Bagga and Baldwin 1998).

    A mention that the other side lacks counts 0.

    Example:
        >>> one, two, three = (0, 1), (2, 3), (4, 5)
        >>> b_cubed([frozenset([one, two]), frozenset([three])], [frozenset([one, two, three])]).to_dict()["recall"]
        1.0
    """

    def share(some: Clusters, others: Clusters) -> float:
        whole = {mention: cluster for cluster in others for mention in cluster}
        none: frozenset[Offsets] = frozenset()
        return sum(len(own & whole.get(mention, none)) / len(own) for own in some for mention in own)

    return Grouping(share(predicted, gold), sum(map(len, predicted)), share(gold, predicted), sum(map(len, gold)))


def ceaf_e(gold: Clusters, predicted: Clusters) -> Grouping:
    """Return CEAF-E: clusters aligned one to one, each pair with its Dice coefficient (Luo 2005, φ4)."""
    if not gold or not predicted:
        return Grouping(0.0, len(predicted), 0.0, len(gold))
    table = np.array([[2 * len(a & b) / (len(a) + len(b)) for b in predicted] for a in gold])
    total = float(table[linear_sum_assignment(table, maximize=True)].sum())
    return Grouping(total, len(predicted), total, len(gold))


MEASURES: Mapping[str, Callable[[Clusters, Clusters], Grouping]] = {"b_cubed": b_cubed, "ceaf_e": ceaf_e}


def entity_scores(
    documents: Sequence[Document], predictions: Sequence[Prediction], schema: Schema
) -> dict[str, Any] | None:
    """Score entities on the documents whose mentions an annotator grouped; None if there are none.

    Args:
        documents: Gold documents.
        predictions: One for each.
        schema: The label set.

    Returns:
        `documents`, their number, and by kind: `gold_spans`, the rules on gold spans and gold events; `same_spelling`,
        gold spans grouped by their spelling alone, to compare with; `predicted`, predicted entities, where a mention
        with other offsets is wrong. Each with B-cubed and CEAF-E. MUC-4 has no `predicted`: not all of its mentions
        are marked.
    """
    totals: dict[tuple[str, str, str], Grouping] = defaultdict(Grouping)
    number = 0
    for document, prediction in zip(documents, predictions, strict=True):
        gold = gold_entities(document)
        number += gold is not None
        for kind, clusters in (gold or {}).items():
            place = {span.id: (span.start, span.end) for span in document.spans}
            true = [frozenset(place[i] for i in cluster) for cluster in clusters]
            for system, found in _systems(document, prediction, schema, kind, true).items():
                for name, measure in MEASURES.items():
                    totals[kind, system, name] += measure(true, found)
    if not number:
        return None
    scores: dict[str, Any] = {}
    for (kind, system, name), total in totals.items():
        scores.setdefault(kind, {}).setdefault(system, {})[name] = total.to_dict()
    return {"documents": number, **scores}


def _systems(
    document: Document, prediction: Prediction, schema: Schema, kind: str, gold: Clusters
) -> dict[str, Clusters]:
    """Return the clusters of a kind by who made them."""
    mentions = {span.id: (span.start, span.end) for span in document.spans}
    wanted = {offsets for cluster in gold for offsets in cluster}
    events: dict[str, set[str]] = {}
    for event in document.events:
        for name in event.span_ids:
            events.setdefault(name, set()).add(event.id)
    spans = [span for span in document.spans if (span.start, span.end) in wanted]
    ruled = find_entities(document.text, spans, schema, {name: frozenset(ids) for name, ids in events.items()})
    spelled: dict[str, set[Offsets]] = {}
    for span in spans:
        spelled.setdefault(name_key(document.mention(span)), set()).add(mentions[span.id])
    found = {
        "gold_spans": _kept((entity.spans for entity in ruled), mentions),
        "same_spelling": [frozenset(cluster) for cluster in spelled.values()],
    }
    if kind in schema.labels:
        places = {span.id: (span.start, span.end) for span in prediction.spans if span.label == kind}
        found["predicted"] = _kept((entity.spans for entity in prediction.entities), places)
    return found


def _kept(entities: Iterable[Sequence[str]], places: Mapping[str, Offsets]) -> Clusters:
    kept = (frozenset(places[i] for i in spans if i in places) for spans in entities)
    return [cluster for cluster in kept if cluster]
