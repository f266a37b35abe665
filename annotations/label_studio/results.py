"""Convert annotations of Label Studio to documents."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

import regex

from annotations.document import Document, Event, Span
from annotations.errors import DataError, Fault, nearest
from annotations.io.config_files import shape_faults
from annotations.label_studio import interface
from annotations.label_studio.browser_text import ShownText
from annotations.label_studio.shapes import Data
from annotations.quantity import HOW_TO_WRITE, Toll
from annotations.schema import TRIGGERS, Schema
from annotations.text.words import words

# Label Studio writes a line end in `text` as a line feed, as two characters, or not at all.
_BLANKS = regex.compile(r"(?:\\n|\s)+")


def read_result(data: Mapping[str, Any], result: Sequence[Mapping[str, Any]], schema: Schema) -> Document:
    """Convert the result of an annotation to a document.

    Regions with the same offsets and label are one span. Triggers linked as the same attack form one event; an argument
    belongs to the events of the triggers it is linked to. Flags and tolls of an event may be set on any of its
    triggers. White space at the edges of a region is removed.

    Raises:
        DataError: With every fault: a region whose words and offsets differ, an unknown label, a missing type, a
            relation between two arguments, an invalid toll.

    Example:
        >>> from annotations import load_schema
        >>> item = {"id": "x", "from_name": "label", "type": "labels", "value": {"start": 0, "end": 6}}
        >>> item["value"]["labels"] = ["PERPETRATOR"]
        >>> read_result({"document": "d1", "text": "Gunmen struck."}, [item], load_schema()).spans[0].label
        'PERPETRATOR'
    """
    document = task_document(data)
    reader = _Reader(document, schema)
    readers = {
        "labels": reader.region,
        "choices": reader.choice,
        "textarea": reader.toll,
        "relation": reader.relation,
    }
    for kind, read in readers.items():  # regions first: the others name them
        for item in result:
            if not _problem(item) and item["type"] == kind:
                read(item)
    for number, item in enumerate(result, start=1):
        problem = _problem(item)
        if problem or item["type"] not in readers:
            what = item.get("type") if isinstance(item, dict) else type(item).__name__
            name = item.get("id") if isinstance(item, dict) else f"{number} of the result"
            detail = f" with {problem}" if problem else ""
            reader.fault(f"is of the kind {what!r:.40}, which is not part of the interface{detail}", f"{name!s:.40}")
    return reader.document()


def _problem(item: object) -> str:
    """Return what is wrong with the structure of a relation, region, choice or text; empty if it is valid."""
    if not isinstance(item, dict) or not isinstance(item.get("type"), str):
        return "no type"
    kind, value = item["type"], item.get("value")
    if kind == "relation":
        ids, names = [item.get("from_id"), item.get("to_id")], item.get("labels") or []
    else:
        key = "text" if kind == "textarea" else kind
        ids, names = [item.get("id")], value.get(key, []) if isinstance(value, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return f"{names!r:.40} for its names"
    return next((f"{one!r:.40} for an id" for one in ids if type(one) not in (str, int)), "")


def task_document(data: Mapping[str, Any]) -> Document:
    """Return the document of a task, with its original text and without spans.

    Raises:
        DataError: The task was not made by this project, or its text was changed.
    """
    document_id, shown = data.get("document"), data.get("text")
    named = document_id if isinstance(document_id, str) else ""
    DataError.check(replace(fault, document=named) for fault in shape_faults(Data, data))
    text = shown if data.get("source") is None else data["source"]
    if document_id is None or text is None:
        problem, remedy = "task has no 'document' and 'text' in its data", "create tasks with 'annotate push'"
        raise DataError.of(problem, remedy, document=named)
    document = Document(document_id, text, meta=data.get("meta") or {})
    shown = ShownText(text if shown is None else shown).text
    if data.get("sha256") not in (None, document.sha256) or ShownText(text).text != shown:
        problem, remedy = "has a different text in Label Studio than was pushed", "push it again with another id"
        raise DataError.of(problem, remedy, document=document_id)
    return document


@dataclass(slots=True)
class _Reader:
    """Collects the regions, choices, tolls and relations of one annotation."""

    source: Document
    schema: Schema
    spans: dict[str, Span] = field(default_factory=dict)  # by region id
    types: dict[str, str] = field(default_factory=dict)
    flags: dict[str, list[str]] = field(default_factory=dict)
    tolls: dict[str, list[tuple[str, Toll]]] = field(default_factory=dict)  # kind and number, by region id
    same: list[tuple[str, str]] = field(default_factory=list)
    part: list[tuple[str, str]] = field(default_factory=list)  # (role, trigger)
    faults: list[Fault] = field(default_factory=list)
    shown: ShownText = field(init=False)
    edges: list[tuple[int, int]] = field(init=False)

    def __post_init__(self) -> None:
        self.shown = ShownText(self.source.text)
        self.edges = words(self.source.text)

    def fault(self, problem: str, region: str, remedy: str = "correct it in Label Studio") -> None:
        span = self.spans.get(region)
        place = f"region {region}"
        if span:
            place += f" [{span.start}:{span.end}] {self.source.mention(span)[:40]!r}"
        self.faults.append(Fault(problem, remedy, document=self.source.id, place=place))

    def region(self, item: Mapping[str, Any]) -> None:
        value, region = item.get("value", {}), str(item.get("id"))
        labels = value.get("labels", [])
        if item.get("from_name") != interface.LABEL or len(labels) != 1:
            self.fault(f"has labels {labels!r} by {item.get('from_name')!r}, not one by {interface.LABEL!r}", region)
            return
        if region in self.spans:
            self.fault("has an id that is used twice", region)
            return
        if labels[0] not in self.schema.labels:
            self.fault(f"unknown label {labels[0]!r}", region, nearest(str(labels[0]), self.schema.labels))
            return
        try:
            start, end = self.shown.characters(value["start"], value["end"])
        except (KeyError, TypeError, ValueError) as error:
            self.fault(f"has no usable offsets: {error}", region)
            return
        chosen = self.source.text[start:end]
        if not chosen.strip():
            self.fault("is empty", region)
            return
        shown = value.get("text")
        if shown is not None and _plain(str(shown)) != _plain(self.shown.text_of(start, end)):
            self.fault(f"has the words {shown!r}, but its offsets are those of {chosen!r}", region)
            return
        first = bisect_right(self.edges, start, key=itemgetter(1))
        behind = bisect_left(self.edges, end, key=itemgetter(0))
        if first >= behind:  # only invisible characters
            self.fault("is empty", region, "draw it again over words")
            return
        self.spans[region] = Span(region, self.edges[first][0], self.edges[behind - 1][1], labels[0])

    def choice(self, item: Mapping[str, Any]) -> None:
        region, control, chosen = str(item.get("id")), item.get("from_name"), item.get("value", {}).get("choices", [])
        if region not in self.spans:
            if not self.faults:  # else the fault of its region is reported already
                self.fault(f"has choices {chosen!r} and no label", region)
            return
        if control == interface.FLAGS:
            unknown = [name for name in chosen if name not in interface.flag_choices(self.schema)]
            for name in unknown:
                self.fault(f"unknown flag {name!r}", region, nearest(str(name), interface.flag_choices(self.schema)))
            self.flags.setdefault(region, []).extend(name for name in chosen if name not in unknown)
        elif control == interface.type_control(self.spans[region].label) and len(chosen) == 1:
            if self.types.get(region, chosen[0]) != chosen[0]:
                self.fault(f"has the types {self.types[region]!r} and {chosen[0]!r}", region, "choose one")
            self.types[region] = chosen[0]
        else:
            self.fault(f"has choices {chosen!r} by {control!r}, which do not fit its label", region)

    def toll(self, item: Mapping[str, Any]) -> None:
        region, control, texts = str(item.get("id")), item.get("from_name"), item.get("value", {}).get("text", [])
        kind = interface.toll_controls(self.schema).get(str(control))
        if kind is None:
            self.fault(f"has the text {texts!r:.60} by {control!r}, which is not part of the interface", region)
            return
        given = [text.strip() for text in texts if text.strip()]  # an empty field means that nobody counted
        span = self.spans.get(region)
        if given and span and span.label != self.schema.trigger:
            problem = f"has the toll {kind!r} {given[0]!r:.60}, but is {span.label}, not {self.schema.trigger}"
            self.fault(problem, region, "set it on the attack")
        elif given and not span and not self.faults:
            self.fault(f"has the toll {kind!r} {given[0]!r:.60} but no label", region)
        for text in given:
            number = Toll.from_text(text)
            if number is None:
                self.fault(
                    f"the toll {kind!r} of its event is {text!r:.60}, which cannot be read", region, HOW_TO_WRITE
                )
            else:
                self.tolls.setdefault(region, []).append((kind, number))

    def relation(self, item: Mapping[str, Any]) -> None:
        ends = str(item.get("from_id")), str(item.get("to_id"))
        if not all(end in self.spans for end in ends):
            if not self.faults:
                self.fault("has a relation to an unknown region", ends[0])
            return
        triggers = [self.spans[end].label == self.schema.trigger for end in ends]
        names, same = item.get("labels") or [], interface.same_event(self.schema)
        if all(triggers) and interface.PART_OF in names:
            problem = f"is linked as {interface.PART_OF!r} to region {ends[1]}, but both are {self.schema.trigger}"
            self.fault(problem, ends[0], f"use {same!r}, or remove the relation")
        elif not all(triggers) and same in names:
            problem = f"is linked as {same!r} to region {ends[1]}, but only one of them is a trigger"
            self.fault(problem, ends[0], f"use {interface.PART_OF!r}")
        elif all(triggers):
            self.same.append(ends)
        elif not any(triggers):
            self.fault(f"is linked to region {ends[1]}, but neither is {self.schema.trigger or 'a trigger'}", ends[0])
        else:
            self.part.append(ends if triggers[1] else (ends[1], ends[0]))

    def document(self) -> Document:
        """Return the document; raise the faults, if any."""
        self._check_types()
        DataError.check(self.faults)
        names, spans = self._numbered()
        events = self._events(names)
        DataError.check(self.faults)
        by_id = {span.id: span for span in spans}
        events.sort(key=lambda event: (by_id[event.roles[TRIGGERS][0]].start, event.id))
        numbered = [replace(event, id=f"E{number}") for number, event in enumerate(events, start=1)]
        return replace(self.source, spans=spans, events=numbered)

    def _check_types(self) -> None:
        for region, span in self.spans.items():
            types, kind = self.schema.labels[span.label].types, self.types.get(region)
            if types and kind is None:
                self.fault(f"is {span.label} but has no type", region, "choose one in Label Studio")
            elif kind is not None and kind not in types:
                self.fault(f"unknown type {kind!r} for {span.label}", region, nearest(kind, types))

    def _numbered(self) -> tuple[dict[str, str], list[Span]]:
        """Number the spans by offset; return the span id of each region, and the spans."""
        places: dict[tuple[int, int, str], list[str]] = {}
        for region, span in self.spans.items():
            places.setdefault((span.start, span.end, span.label), []).append(region)
        names, spans = {}, []
        for number, ((start, end, label), found) in enumerate(sorted(places.items()), start=1):
            if label != self.schema.trigger and len({self.types.get(region) for region in found}) > 1:
                self.fault(f"is marked twice as {label}, with two types", found[1], "keep one of them")
            names.update(dict.fromkeys(found, f"S{number}"))
            spans.append(Span(f"S{number}", start, end, label, self.types.get(found[0])))
        return names, spans

    def _events(self, names: Mapping[str, str]) -> list[Event]:
        triggers = [region for region, span in self.spans.items() if span.label == self.schema.trigger]
        found = clusters(triggers, self.same)
        home = {trigger: number for number, cluster in enumerate(found) for trigger in cluster}
        parts: list[list[str]] = [[] for _ in found]
        for region, trigger in self.part:
            parts[home[trigger]].append(region)
        events: dict[object, Event] = {}
        for cluster, part in zip(found, parts, strict=True):
            event = self._event(cluster, part, names)
            # Two equal regions drawn by mistake give one event.
            key = (event.attack_type, *(frozenset(part.items()) for part in (event.roles, event.flags, event.toll)))
            events.setdefault(key, event)
        return list(events.values())

    def _event(self, cluster: Sequence[str], part: Sequence[str], names: Mapping[str, str]) -> Event:
        """Return the event of linked triggers, with the arguments of each of them."""
        roles: dict[str, dict[str, None]] = {}  # ids of spans, each once
        for region in sorted(dict.fromkeys([*cluster, *part]), key=lambda region: self.spans[region].start):
            roles.setdefault(self.schema.role(self.spans[region].label), {})[names[region]] = None
        types = list(dict.fromkeys(self.types[region] for region in cluster))
        if len(types) > 1:
            kinds = ", ".join(types)
            self.fault(f"is linked as one {self.schema.event} to triggers of different types: {kinds}", cluster[0])
        flags, tolls = self._flags(cluster), self._tolls(cluster)
        return Event(cluster[0], types[0], {r: tuple(ids) for r, ids in roles.items()}, flags, tolls)

    def _flags(self, cluster: Sequence[str]) -> dict[str, Any]:
        """Return the flags set on any trigger of an event."""
        flags: dict[str, Any] = {}
        for region in cluster:
            for name in self.flags.get(region, ()):
                key, value = interface.flag_choices(self.schema)[name]
                if flags.setdefault(key, value) != value:
                    self.fault(f"sets the flag {key!r} to {value!r}, but it is already {flags[key]!r}", region)
        return flags

    def _tolls(self, cluster: Sequence[str]) -> dict[str, Toll]:
        """Return the tolls set on any trigger of an event."""
        tolls: dict[str, Toll] = {}
        for region in cluster:
            for kind, number in self.tolls.get(region, ()):
                known = tolls.setdefault(kind, number)
                if known != number:
                    texts = f"{number.to_text()!r}, but it is already {known.to_text()!r}"
                    self.fault(f"sets the toll {kind!r} of its event to {texts}", region, "keep one of them")
        return tolls


def _plain(words: str) -> str:
    return str(_BLANKS.sub("", words))


def clusters(items: Iterable[str], ties: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Group items that are linked, directly or through others; groups and items keep their order.

    Example:
        >>> clusters("abcd", [("a", "c")])
        [['a', 'c'], ['b'], ['d']]
    """
    group = {item: [item] for item in items}
    for one, other in ties:
        small, large = sorted((group[one], group[other]), key=len)
        if small is not large:
            large.extend(small)
            group.update(dict.fromkeys(small, large))
    order = {item: at for at, item in enumerate(group)}
    return sorted(
        (sorted(found, key=order.__getitem__) for found in {id(found): found for found in group.values()}.values()),
        key=lambda found: order[found[0]],
    )
