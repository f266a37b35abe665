"""Adjudication: merge several annotations; what annotators disagree on is decided by a rule or left open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from annotations.coverage import exhaustive
from annotations.document import Document, Event, Span
from annotations.errors import DataError, Fault, nearest
from annotations.label_studio.tasks import regions, task_data
from annotations.quantity import Toll
from annotations.schema import TRIGGERS, Schema

MAJORITY = "majority"


@dataclass(slots=True)
class Adjudicated:
    """The result of merging."""

    settled: list[Document] = field(default_factory=list)  # documents without open questions
    # Documents with something that the rule does not decide; they have the spans that it does decide.
    open: list[Document] = field(default_factory=list)
    left: dict[str, list[str]] = field(default_factory=dict)  # messages on what is open, by document id
    # Ids of documents that only one annotator has; they are taken unchanged.
    single: list[str] = field(default_factory=list)


def adjudicate(annotators: Mapping[str, Sequence[Document]], rule: str, schema: Schema) -> Adjudicated:
    """Merge annotations of the same documents.

    By majority, a span is accepted if more than half of the document's annotators marked it with the same offsets,
    label and type. It is rejected if fewer than half did, and open if exactly half did, as with two annotators who
    disagree. Events are accepted if more than half have the same events over the accepted spans (type, flags and
    roles), else they are open. A toll is accepted if more than half of those who counted it have the same number, else
    it is open. An annotator who left it empty has not counted and has no vote.

    Args:
        annotators: Documents by annotator.
        rule: `majority`, or the name of the annotator whose documents are used; documents that this annotator does not
            have are decided by majority.
        schema: The label set.

    Raises:
        DataError: The rule is not an annotator's name, an annotator is called `majority`, texts with the same id
            differ, or a document does not conform to the schema.
    """
    if rule != MAJORITY and rule not in annotators:
        hint = nearest(rule, [MAJORITY, *annotators])
        raise DataError.of(f"rule {rule!r} is neither {MAJORITY!r} nor an annotator", hint)
    if MAJORITY in annotators:
        raise DataError.of(f"an annotator is called {MAJORITY!r}, like the rule", "rename the file")
    result = Adjudicated()
    for name, made in sorted(_versions(annotators, schema).items()):
        if len(made) == 1:
            result.single.append(name)
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


def _versions(annotators: Mapping[str, Sequence[Document]], schema: Schema) -> dict[str, dict[str, Document]]:
    versions: dict[str, dict[str, Document]] = {}
    for name, documents in annotators.items():
        for document in documents:
            versions.setdefault(document.id, {})[name] = document
    faults = [
        Fault("has different texts from different annotators", "annotate the same text", document=name)
        for name, made in versions.items()
        if len({document.text for document in made.values()}) > 1
    ]
    faults += [fault for documents in annotators.values() for d in documents for fault in schema.faults(d)]
    DataError.check(faults)
    return versions


_Key = tuple[int, int, str, str | None]
_EventKey = tuple[str, frozenset[tuple[str, Any]], frozenset[tuple[str, _Key]]]  # type, flags, (role, span) pairs
_Nth = tuple[_EventKey, int]  # events of a document may be equal over the accepted spans, so they are numbered


def _key(span: Span) -> _Key:
    return span.start, span.end, span.label, span.type


def _majority(versions: Sequence[Document], schema: Schema) -> tuple[Document, list[str]]:
    """Return the document that more than half agree on, and messages on what is open."""
    votes = Counter(key for document in versions for key in {_key(span) for span in document.spans})
    kept = {key for key, count in votes.items() if 2 * count > len(versions)}
    half = sorted((key for key, count in votes.items() if 2 * count == len(versions)), key=_order)
    spans = [Span(f"S{number}", *key) for number, key in enumerate(sorted(kept, key=_order), start=1)]
    event_sets = [frozenset(key for (key, _), _ in _events(document, kept)) for document in versions]
    events, count = Counter(event_sets).most_common(1)[0]
    left = [_in_words(versions[0], key) for key in half]
    source = versions[event_sets.index(events)]
    untriggered = any(all(role != TRIGGERS for role, _ in ties) for _, _, ties in events)  # all triggers were rejected
    if 2 * count <= len(versions) or (untriggered and schema.trigger in exhaustive(source, schema)):
        left.append("events")
    merged = replace(source, spans=spans, events=[])
    merged = replace(merged, events=_over(source, {_key(span): span.id for span in spans}))
    votes_on_tolls = _toll_votes(versions, [nth for nth, _ in _events(source, kept)], kept)
    tolls = [_agreed_toll(votes_on_event) for votes_on_event in votes_on_tolls]
    for event, (_, unsettled) in zip(merged.events, tolls, strict=True):
        left += [f"{words} of {_event_in_words(merged, event)}" for words in unsettled]
    counted = [replace(event, toll=toll) for event, (toll, _) in zip(merged.events, tolls, strict=True)]
    return replace(merged, events=counted), left


def _order(key: _Key) -> tuple[int, int, str, str]:
    return (*key[:3], key[3] or "")


def _in_words(document: Document, key: _Key) -> str:
    start, end, label, kind = key
    return f"{label}{':' + kind if kind else ''} [{start}:{end}] {document.text[start:end]!r}"


def _event_in_words(document: Document, event: Event) -> str:
    first = document.span((event.roles[TRIGGERS] or event.span_ids)[0])
    return f"{event.attack_type} [{first.start}:{first.end}] {document.mention(first)!r}"


def _events(document: Document, kept: Set[_Key]) -> Iterator[tuple[_Nth, Event]]:
    """Yield a document's events, each with a key that compares them over the accepted spans; skip empty events."""
    keys = {span.id: _key(span) for span in document.spans}
    seen: Counter[_EventKey] = Counter()
    for event in document.events:
        ties = frozenset((role, keys[i]) for role, ids in event.roles.items() for i in ids if keys[i] in kept)
        key = event.attack_type, frozenset(event.flags.items()), ties
        if ties:
            yield (key, seen[key]), event
            seen[key] += 1


def _toll_votes(
    versions: Sequence[Document], events: Sequence[_Nth], kept: Set[_Key]
) -> list[dict[str, Counter[Toll]]]:
    """For each event, count the numbers that annotators have by kind of toll."""
    last = dict(events)  # number of the last of several equal events
    votes: dict[_Nth, dict[str, Counter[Toll]]] = {nth: {} for nth in events}
    for document in versions:
        for (key, number), event in _events(document, kept):
            if key in last:
                for kind, toll in event.toll.items():
                    votes[key, min(number, last[key])].setdefault(kind, Counter())[toll] += 1
    return list(votes.values())


def _agreed_toll(votes: Mapping[str, Counter[Toll]]) -> tuple[dict[str, Toll], list[str]]:
    """Return the numbers that more than half of those who counted agree on, and messages on the others."""
    toll, left = {}, []
    for kind, numbers in votes.items():
        number, count = numbers.most_common(1)[0]
        if 2 * count > numbers.total():
            toll[kind] = number
        else:
            left.append(f"toll {kind!r} ({' or '.join(sorted(one.to_text() for one in numbers))})")
    return toll, left


def _over(document: Document, names: Mapping[_Key, str]) -> list[Event]:
    """Return a document's events with the accepted spans only, by their new ids."""
    own = {span.id: names[_key(span)] for span in document.spans if _key(span) in names}
    events: list[Event] = []
    for event in document.events:
        roles = {role: tuple(dict.fromkeys(own[i] for i in ids if i in own)) for role, ids in event.roles.items()}
        if any(roles.values()):
            events.append(replace(event, id=f"E{len(events) + 1}", roles=roles))
    return events


def open_tasks(
    adjudicated: Adjudicated, annotators: Mapping[str, Sequence[Document]], schema: Schema
) -> list[dict[str, Any]]:
    """Return the open documents as tasks for Label Studio: what is agreed and each annotator's version as predictions.

    The task's data lists the open questions under `open`.

    Raises:
        DataError: A document has a label, type or flag that the schema does not allow.
    """
    versions = [("agreed", {document.id: document for document in adjudicated.open})]
    versions += [(name, {document.id: document for document in made}) for name, made in annotators.items()]
    return [
        {
            "data": {**task_data(document), "open": adjudicated.left[document.id]},
            "predictions": [
                {"model_version": name, "result": regions(made[document.id], schema)}
                for name, made in versions
                if document.id in made
            ],
        }
        for document in adjudicated.open
    ]
