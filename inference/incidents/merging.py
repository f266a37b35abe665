"""Merge the events of many articles to incidents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from annotations.errors import DataError
from inference.incidents.clusters import COMPARED, attach, candidates, clusters
from inference.incidents.incident import Incident, Mention
from inference.incidents.report import Report, mention, reports
from inference.incidents.summary import summarise
from inference.incidents.weights import Scorer, Weights, learned, probability


def merge(predictions: Iterable[Mapping[str, Any]], weights: Weights | None = None) -> list[Incident]:
    """Merge the events of different articles that report one attack.

    Args:
        predictions: One for each article: `{"id": …} | prediction.to_dict()`, as `predict --format jsonl` writes
            them. With the article under the key `text`, the names in it are compared too, which finds many more
            reports of one attack. They are read once, and only what is compared is kept.
        weights: Weights of the evidence. Default: those of the package.

    Returns:
        Incidents, by first day, place and id. Each event is in exactly one of them. The order of the predictions makes
        no difference. Two events of one article are one only if they agree in all that is compared. With texts, an
        article in which the model finds no event is one of the `mentions` of the incident that it fits best, if any.

    Raises:
        DataError: Two predictions have the same id.

    Example:
        >>> event = {"id": "E1", "attack_type": "bombing", "score": 0.9, "triggers": ["S1"], "toll": {}, "flags": {}}
        >>> spans = [{"id": "S1", "start": 0, "end": 5, "text": "Blast", "label": "ATTACK"}]
        >>> [incident.reports for incident in merge([{"id": "a", "spans": spans, "events": [event]}])]
        [1]
    """
    same, mentions = _distinct(predictions)
    events = len(same)
    found = [*(alike[0] for alike in same), *mentions]
    compared = [pair for pair in candidates(found) if min(pair) < events]
    scorer = Scorer(found, weights or learned(), compared)
    pairs = [pair for pair in compared if max(pair) < events]
    scored = ((i, j, scorer(i, j)) for i, j in pairs)
    keys = [report.key for report in found[:events]]
    groups = clusters(keys, ((i, j, value) for i, j, value in scored if value > 0), scorer)
    given = attach(groups, ((j, i) for i, j in compared if j >= events), scorer)
    incidents = []
    for number, group in enumerate(groups):
        told = (Mention(found[i].document, probability(value)) for i, value in given.get(number, ()))
        incidents.append(_incident([same[i] for i in group], group, scorer, tuple(sorted(told, key=str))))
    return sorted(incidents, key=lambda one: (one.start is None, one.start, one.places, one.id))


def _distinct(predictions: Iterable[Mapping[str, Any]]) -> tuple[list[list[Report]], list[Report]]:
    """Return the reports, those of one article that say the same together, and articles without an event."""
    held: dict[tuple[Any, ...], list[Report]] = {}
    documents: set[str] = set()
    mentions = []
    for record in predictions:
        name = str(record["id"])
        if name in documents:
            raise DataError.of("is the id of two predictions", "give each article its own id", document=name)
        documents.add(name)
        for report in sorted(reports(record), key=lambda report: report.key):
            held.setdefault((name, report.content), []).append(report)
        if (told := mention(record)) is not None:
            mentions.append(told)
    return list(held.values()), mentions


def _incident(
    alike: Sequence[Sequence[Report]], group: Sequence[int], scorer: Scorer, mentions: tuple[Mention, ...]
) -> Incident:
    scores: dict[tuple[str, str], float] = {}
    for i, reports_alike in zip(group, alike, strict=True):
        others = [scorer(i, j) for j in group[: COMPARED + 1] if j != i]
        score = probability(sum(others) / len(others)) if others else 1.0
        scores |= {report.key: score for report in reports_alike}
    members = sorted((report for one in alike for report in one), key=lambda report: report.key)
    return summarise(members, scores, mentions)
