"""Convert documents to tasks of Label Studio, and spans and events to regions and relations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from annotations.coverage import KEY as COVERAGE
from annotations.document import Document, Event, Span
from annotations.errors import DataError
from annotations.label_studio import interface
from annotations.label_studio.browser_text import ShownText
from annotations.schema import TRIGGERS, Schema


def task_data(document: Document) -> dict[str, Any]:
    r"""Return the data of a document's task: its id, the text to show, and what is needed to restore the original text.

    Example:
        >>> task_data(Document("d1", "In\r\nGao"))["text"]
        'In\nGao'
    """
    shown = ShownText(document.text).text
    # Annotators mark every label, so the document's coverage no longer applies.
    meta = {key: value for key, value in document.meta.items() if key != COVERAGE}
    data = {"document": document.id, "text": shown, "sha256": document.sha256, "meta": meta}
    return data if shown == document.text else {**data, "source": document.text}


def regions(document: Document, schema: Schema, scores: Mapping[str, float] | None = None) -> list[dict[str, Any]]:
    """Return the spans and events of a document as Label Studio's regions, choices, texts and relations.

    A trigger of several events gets one region per event. The regions of an event have a relation to the region of its
    first trigger, which has the flags and tolls of the event. An event without a trigger cannot be shown (see
    `untriggered`); its spans are shown without relations.

    Returns:
        Items of the `result` of an annotation or a prediction; offsets are UTF-16 units of the shown text.

    Raises:
        DataError: The document has a label, type or flag that the schema does not allow.

    Example:
        >>> from annotations import load_schema
        >>> document = Document("d1", "Gunmen struck.", [Span("S1", 0, 6, "PERPETRATOR")])
        >>> regions(document, load_schema())[0]["value"]
        {'start': 0, 'end': 6, 'text': 'Gunmen', 'labels': ['PERPETRATOR']}
    """
    writer = _Writer(document, schema, scores or {})
    # On the page all triggers of an event have its type; in a prediction they may have other types.
    spans = [replace(span, type=o.attack_type) if (o := writer.owner(span)) else span for span in document.spans]
    DataError.check(schema.faults(replace(document, spans=spans)))
    for span in spans:
        writer.add_region(span.id, span, span.type)
    for event in document.events:
        if event.roles[TRIGGERS]:
            writer.add_event(event)
    return writer.items


def untriggered(document: Document, schema: Schema) -> list[str]:
    """Return the ids of events without a trigger, which Label Studio cannot show."""
    return [event.id for event in document.events if not event.roles[TRIGGERS]]


def left_out(documents: Sequence[Document], schema: Schema) -> str:
    """Return a message on what Label Studio cannot show of some documents; empty if it shows everything.

    Example:
        >>> from annotations import load_schema
        >>> from annotations.quantity import Toll
        >>> event = Event("E1", "bombing", toll={"killed": Toll(3, 3)})
        >>> left_out([Document("d1", "Three died.", events=[event])], load_schema())
        '1 events have no trigger and cannot be shown, such as d1 E1, nor can their 1 counted tolls'
    """
    hidden = [(document, untriggered(document, schema)) for document in documents]
    names = [f"{document.id} {event}" for document, events in hidden for event in events]
    tolls = sum(len(event.toll) for document, events in hidden for event in document.events if event.id in events)
    if not names:
        return ""
    told = f"{len(names)} events have no trigger and cannot be shown, such as {names[0]}"
    return f"{told}, nor can their {tolls} counted tolls" if tolls else told


@dataclass(slots=True)
class _Writer:
    """Collects the items of one document."""

    document: Document
    schema: Schema
    scores: Mapping[str, float]
    items: list[dict[str, Any]] = field(default_factory=list)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)  # offsets and words of each region
    shown: ShownText = field(init=False)
    spans: dict[str, Span] = field(init=False)  # by id
    tied: dict[str, list[Event]] = field(init=False)  # events by trigger id

    def __post_init__(self) -> None:
        self.shown = ShownText(self.document.text)
        self.spans = {span.id: span for span in self.document.spans}
        self.tied = {}
        for event in self.document.events:
            for trigger in event.roles[TRIGGERS]:
                self.tied.setdefault(trigger, []).append(event)

    def owner(self, span: Span) -> Event | None:
        """Return the event of a trigger's own region: one of the same type, or the first."""
        if span.label != self.schema.trigger:
            return None
        tied = self.tied.get(span.id, [])
        return next((event for event in tied if event.attack_type == span.type), tied[0] if tied else None)

    def add_region(self, region: str, span: Span, kind: str | None) -> None:
        start, end = self.shown.units(span.start, span.end)
        self.values[region] = {"start": start, "end": end, "text": self.shown.text_of(span.start, span.end)}
        score = {"score": round(self.scores[span.id], 4)} if span.id in self.scores else {}
        self._add(region, interface.LABEL, "labels", [span.label], **score)
        if kind is not None:
            self._add(region, interface.type_control(span.label), "choices", [kind])

    def add_event(self, event: Event) -> None:
        triggers = event.roles[TRIGGERS]
        first, *others = [self._trigger_region(event, self.spans[span_id]) for span_id in triggers]
        if event.flags:
            names = {pair: name for name, pair in interface.flag_choices(self.schema).items()}
            self._add(first, interface.FLAGS, "choices", [names[pair] for pair in event.flags.items()])
        for control, kind in interface.toll_controls(self.schema).items():
            if kind in event.toll:
                self._add(first, control, "textarea", [event.toll[kind].to_text()])
        for region in others:
            self._relate(region, first, interface.same_event(self.schema))
        own = frozenset(triggers)
        for span_id in event.span_ids:
            if span_id not in own:
                self._relate(span_id, first, interface.PART_OF)

    def _trigger_region(self, event: Event, span: Span) -> str:
        """Return the region of a trigger for an event: its own, or a second one if its own belongs to another event."""
        if self.owner(span) is event:
            return span.id
        twin = f"{span.id}~{event.id}"
        self.add_region(twin, span, event.attack_type)
        return twin

    def _add(self, region: str, control: str, kind: str, chosen: list[str], **more: Any) -> None:
        value = {**self.values[region], "text" if kind == "textarea" else kind: chosen}
        place = {"id": region, "from_name": control, "to_name": interface.TEXT, "type": kind}
        self.items.append({**place, "value": value, **more})

    def _relate(self, start: str, end: str, name: str) -> None:
        relation = {"from_id": start, "to_id": end, "type": "relation", "direction": "right", "labels": [name]}
        self.items.append(relation)
