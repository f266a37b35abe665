"""One annotation out of several: what annotators agree on is kept, the rest is decided by rule or left open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from annotations.document import Document, Event, Span
from annotations.errors import DataError, Fault, nearest
from annotations.label_studio.tasks import regions, task_data
from annotations.schema import Schema

MAJORITY = "majority"


@dataclass(slots=True)
class Adjudicated:
    """What came of merging.

    Args:
        settled: Documents on which nothing is open.
        open: Documents with spans that the rule does not decide; they hold the spans that it does.
        left: What is left open, by document id.
    """

    settled: list[Document] = field(default_factory=list)
    open: list[Document] = field(default_factory=list)
    left: dict[str, list[Span]] = field(default_factory=dict)


def adjudicate(annotators: Mapping[str, Sequence[Document]], rule: str, schema: Schema) -> Adjudicated:
    """Merge annotations of the same documents.

    By majority, a span is in where more than half of the document's annotators marked it, with the same offsets, label
    and type; it is out where fewer than half did; it is open where exactly half did, as with two annotators who differ.
    Events are those of the annotator whose spans are nearest to the result; spans that this one lacks are tied as the
    others tied them.

    Args:
        annotators: Documents by annotator.
        rule: `majority`, or the name of the annotator whose documents win.
        schema: The label set.

    Raises:
        DataError: The rule is no annotator's name, or texts under one id differ.
    """
    if rule != MAJORITY and rule not in annotators:
        hint = nearest(rule, [MAJORITY, *annotators])
        raise DataError([Fault(f"rule {rule!r} is neither {MAJORITY!r} nor an annotator", hint)])
    versions: dict[str, dict[str, Document]] = {}
    for name, documents in annotators.items():
        for document in documents:
            versions.setdefault(document.id, {})[name] = document
    faults = [
        Fault("has another text with each annotator", "annotate one text", document=name)
        for name, made in versions.items()
        if len({document.text for document in made.values()}) > 1
    ]
    if faults:
        raise DataError(faults)
    result = Adjudicated()
    for name, made in sorted(versions.items()):
        if rule in made:
            result.settled.append(made[rule])
            continue
        document, left = _majority(list(made.values()), schema)
        if left:
            result.open.append(document)
            result.left[name] = left
        else:
            result.settled.append(document)
    return result


_Key = tuple[int, int, str, str | None]


def _key(span: Span) -> _Key:
    return span.start, span.end, span.label, span.type


def _majority(versions: Sequence[Document], schema: Schema) -> tuple[Document, list[Span]]:
    votes = Counter(_key(span) for document in versions for span in document.spans)
    kept = {key for key, count in votes.items() if 2 * count > len(versions)}
    half = {key for key, count in votes.items() if 2 * count == len(versions)}
    merged = replace(versions[0], spans=_numbered(kept, "S"), events=[])
    nearest_first = sorted(versions, key=lambda document: -len({_key(span) for span in document.spans} & kept))
    return replace(merged, events=_events(nearest_first, merged, schema)), _numbered(half, "O")


def _numbered(keys: Iterable[_Key], letter: str) -> list[Span]:
    ordered = sorted(keys, key=lambda key: (key[:3], key[3] or ""))
    return [Span(f"{letter}{number}", *key) for number, key in enumerate(ordered, start=1)]


def _events(versions: Sequence[Document], merged: Document, schema: Schema) -> list[Event]:
    """Return the first version's events over the spans that are in; what it lacks is tied as later versions tie it.

    A later version's spans join the event that has one of their triggers, or make one of their own.
    """
    role = schema.role(schema.trigger)
    names = {_key(span): span.id for span in merged.spans}
    seen: set[str] = set()
    events: list[Event] = []
    for version in versions:
        own = {span.id: names[_key(span)] for span in version.spans if _key(span) in names}
        for event in version.events:
            ties = {r: [own[i] for i in ids if i in own] for r, ids in event.roles.items()}
            new = {r: tuple(i for i in ids if i not in seen) for r, ids in ties.items()}
            home = next((at for at, e in enumerate(events) if seen and set(ties[role]) & set(e.roles[role])), None)
            if home is not None:
                joined = {r: (*ids, *(i for i in new[r] if i not in ids)) for r, ids in events[home].roles.items()}
                events[home] = replace(events[home], roles=joined)
            elif new[role]:
                events.append(replace(event, roles=new))
        seen |= set(own.values())
    return [replace(event, id=f"E{number}") for number, event in enumerate(events, start=1)]


def open_tasks(
    adjudicated: Adjudicated, annotators: Mapping[str, Sequence[Document]], schema: Schema
) -> list[dict[str, Any]]:
    """Return the open documents as tasks for Label Studio: what is agreed and each annotator's version as predictions.

    Raises:
        DataError: An event has no trigger.
    """
    versions = [("agreed", {document.id: document for document in adjudicated.open})]
    versions += [(name, {document.id: document for document in made}) for name, made in annotators.items()]
    return [
        {
            "data": task_data(document),
            "predictions": [
                {"model_version": name, "result": regions(made[document.id], schema)}
                for name, made in versions
                if document.id in made
            ],
        }
        for document in adjudicated.open
    ]
