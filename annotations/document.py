"""Documents, spans and events: the one data model of the project."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from annotations.errors import DataError, Fault, nearest
from annotations.io.json_text import half_pair_faults, value_faults
from annotations.quantity import Toll, toll_faults

# The roles of events about attacks, in the order in which they are stored. A schema may have others.
ROLES = ("triggers", "perpetrators", "victims", "tolls", "weapons", "targets", "locations", "dates")
SPAN_KEYS = ("id", "start", "end", "label", "type")
# Keys of a stored event that are no roles. All other keys are roles, and hold lists of span ids.
EVENT_KEYS = ("id", "attack_type", "toll", "flags")
DOCUMENT_KEYS = ("id", "text", "spans", "events", "meta")


@dataclass(frozen=True, slots=True)
class Span:
    """A marked mention.

    Args:
        id: Unique within its document.
        start: Offset of the first character, counted in Unicode code points from 0.
        end: Offset after the last character: the mention is `text[start:end]`.
        label: A label of the schema.
        type: A type of that label, for labels that have types.
    """

    id: str
    start: int
    end: int
    label: str
    type: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the span as it is stored, keys in the documented order."""
        return {key: getattr(self, key) for key in SPAN_KEYS}


class _Roles(dict[str, tuple[str, ...]]):
    """Span ids by role; a missing role is empty."""

    def __missing__(self, role: str) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Event:
    """One event that a document reports, once or several times.

    Args:
        id: Unique within its document.
        attack_type: A type of the schema's trigger label.
        roles: Span ids by role of the schema; roles that are missing are empty.
        flags: Further attributes, such as `{"suicide": True}`.
        toll: The number of people by kind, as an annotator counted them; empty if nobody has counted.
    """

    id: str
    attack_type: str
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    flags: Mapping[str, Any] = field(default_factory=dict)
    toll: Mapping[str, Toll] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Keep a role of another name even if it is empty, so that the schema can refuse it.
        own = [role for role in self.roles if role not in ROLES]
        filled = [role for role in ROLES if self.roles.get(role)]
        roles = _Roles((role, tuple(self.roles[role])) for role in (*filled, *own))
        object.__setattr__(self, "roles", MappingProxyType(roles))
        object.__setattr__(self, "flags", MappingProxyType(dict(self.flags)))
        object.__setattr__(self, "toll", MappingProxyType(dict(self.toll)))

    @property
    def span_ids(self) -> tuple[str, ...]:
        """Ids of all spans of the event, role by role."""
        return tuple(span for spans in self.roles.values() for span in spans)

    def to_dict(self) -> dict[str, Any]:
        """Return the event as it is stored, keys in the documented order; `toll` only if it was counted.

        An event with roles other than `ROLES` stores the roles it has; any other event stores all of `ROLES`.
        """
        named = self.roles if set(self.roles) - set(ROLES) else ROLES
        roles = {role: list(self.roles[role]) for role in named}
        toll = {"toll": {kind: number.to_dict() for kind, number in self.toll.items()}} if self.toll else {}
        return {"id": self.id, "attack_type": self.attack_type, **roles, **toll, "flags": dict(self.flags)}


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its spans and events. Immutable, and checked when it is created.

    Args:
        id: Unique within a data set.
        text: The text, exactly as given.
        spans: Sorted by offset when the document is created.
        events: In the order given.
        meta: Anything known about the document: genre, country, date, source.

    Raises:
        DataError: An offset is outside the text, an id is used twice, an event names an unknown span, or a toll has an
            invalid bound.

    Example:
        >>> document = Document("d1", "Gunmen opened fire.", spans=[Span("S1", 0, 6, "PERPETRATOR")])
        >>> document.mention(document.spans[0])
        'Gunmen'
    """

    id: str
    text: str
    spans: Sequence[Span] = ()
    events: Sequence[Event] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        spans = tuple(sorted(self.spans, key=lambda s: (s.start, s.end, s.label, s.id)))
        object.__setattr__(self, "spans", spans)
        object.__setattr__(self, "events", tuple(self.events))
        object.__setattr__(self, "meta", MappingProxyType(dict(self.meta)))
        faults = [*_text_faults(self), *_span_faults(self), *_event_faults(self)]
        DataError.check(replace(fault, document=self.id) for fault in faults)

    def mention(self, span: Span) -> str:
        """Return the words that a span marks."""
        return self.text[span.start : span.end]

    def span(self, span_id: str) -> Span:
        """Return the span with this id. Raises KeyError if there is none."""
        for span in self.spans:
            if span.id == span_id:
                return span
        raise KeyError(span_id)

    @property
    def sha256(self) -> str:
        """SHA-256 of the text in UTF-8."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Return the document as it is stored, keys in the documented order."""
        return {
            "id": self.id,
            "text": self.text,
            "spans": [span.to_dict() for span in self.spans],
            "events": [event.to_dict() for event in self.events],
            "meta": dict(self.meta),
        }

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Document:
        """Read a stored document.

        Args:
            record: A mapping with the keys of `to_dict()`; `spans`, `events` and `meta` may be missing.

        Raises:
            DataError: With every fault found: missing, unknown or wrongly typed keys, then everything the constructor
                checks.
        """
        document_id = str(record.get("id")) if isinstance(record.get("id"), str) else ""
        DataError.check(replace(fault, document=document_id) for fault in _record_faults(record))
        return cls(
            id=record["id"],
            text=record["text"],
            spans=[Span(**{"type": None, **span}) for span in record.get("spans", ())],
            events=[_event(event) for event in record.get("events", ())],
            meta=record.get("meta", {}),
        )


def repeated_ids(ids: Iterable[str], file: str = "") -> list[Fault]:
    """Return a fault for each id that two documents have."""
    counts = Counter(ids)
    return [
        Fault("is the id of two documents", "rename one of them", file, document=i) for i, n in counts.items() if n > 1
    ]


def _event(record: Mapping[str, Any]) -> Event:
    roles = {role: tuple(spans) for role, spans in record.items() if role not in EVENT_KEYS}
    toll = {kind: Toll(**number) for kind, number in record.get("toll", {}).items()}
    return Event(record["id"], record["attack_type"], roles, record.get("flags", {}), toll)


def _text_faults(document: Document) -> Iterable[Fault]:
    if not document.id:
        yield Fault("has an empty id", "give it an id")
    yield from half_pair_faults(document.text)
    # Everything stored besides the text: an id or label that cannot be encoded in UTF-8 would break files and pages.
    if any(value_faults(_beside_text(document))):
        yield from value_faults({**document.to_dict(), "text": ""})


def _beside_text(document: Document) -> tuple[Any, ...]:
    """Return what may hold strings, as deep as in `to_dict`, which takes several times as long to make."""
    spans = [(span.id, span.label, span.type) for span in document.spans]
    events = [(e.id, e.attack_type, e.roles, e.flags, list(e.toll)) for e in document.events]
    return document.id, spans, events, document.meta


def _span_faults(document: Document) -> Iterable[Fault]:
    seen: set[str] = set()
    for span in document.spans:
        place = f"span {span.id} [{span.start}:{span.end}]"
        if span.id in seen:
            yield Fault("has an id that is used twice", "renumber the spans", place=place)
        seen.add(span.id)
        if not 0 <= span.start < span.end <= len(document.text):
            problem = f"is empty or outside the text, which has {len(document.text)} characters"
            yield Fault(problem, "count offsets in Unicode characters from 0, with an exclusive end", place=place)


def _event_faults(document: Document) -> Iterable[Fault]:
    known = {span.id for span in document.spans}
    seen: set[str] = set()
    for event in document.events:
        place = f"event {event.id}"
        if event.id in seen:
            yield Fault("has an id that is used twice", "renumber the events", place=place)
        seen.add(event.id)
        for span_id in event.span_ids:
            if span_id not in known:
                problem = f"names span {span_id!r}, which is not in the document"
                yield Fault(problem, "add the span or remove the reference", place=place)
        for kind, number in event.toll.items():
            yield from toll_faults(kind, number.to_dict(), place)


def _record_faults(record: Mapping[str, Any]) -> Iterable[Fault]:
    yield from _key_faults(record, DOCUMENT_KEYS, ("id", "text"), "document")
    yield from _type_faults(record, {"id": str, "text": str, "spans": list, "events": list, "meta": dict}, "document")
    for name, faults in (("spans", _stored_span_faults), ("events", _stored_event_faults)):
        items = record.get(name)
        for number, item in enumerate(items if isinstance(items, list) else ()):
            place = f"{name}[{number}]"
            if isinstance(item, dict):
                yield from faults(item, place)
            else:
                yield Fault(f"is {type(item).__name__}, not an object", "write an object in braces", place=place)


def _stored_span_faults(span: Mapping[str, Any], place: str) -> Iterable[Fault]:
    yield from _key_faults(span, SPAN_KEYS, ("id", "start", "end", "label"), place)
    yield from _type_faults(span, {"id": str, "start": int, "end": int, "label": str}, place)
    if not isinstance(span.get("type"), str | None):
        yield Fault(f"'type' is {type(span['type']).__name__}, not str", "correct the value", place=place)


def _stored_event_faults(event: Mapping[str, Any], place: str) -> Iterable[Fault]:
    """Yield the faults of a stored event; the schema checks whether its roles exist."""
    roles = [key for key in event if key not in EVENT_KEYS]
    yield from _key_faults(event, tuple(event), ("id", "attack_type"), place)
    for role in roles:
        if role in ROLES or isinstance(event[role], list):
            yield from _type_faults(event, {role: list}, place)
        else:
            yield Fault(f"unknown key {role!r}", nearest(role, (*EVENT_KEYS, *ROLES)), place=place)
    yield from _type_faults(event, {"id": str, "attack_type": str, "flags": dict, "toll": dict}, place)
    toll = event.get("toll")
    for kind, number in toll.items() if isinstance(toll, dict) else ():
        yield from toll_faults(str(kind), number, place)
    for role in roles:
        for entry in event[role] if isinstance(event[role], list) else ():
            if not isinstance(entry, str):
                yield Fault(f"{role!r} holds {entry!r:.40}, which is not a span id", "use a span id", place=place)


def _key_faults(record: Mapping[str, Any], known: Sequence[str], needed: Sequence[str], place: str) -> Iterable[Fault]:
    for key in record:
        if key not in known:
            yield Fault(f"unknown key {key!r}", nearest(key, known), place=place)
    for key in needed:
        if key not in record:
            yield Fault(f"lacks the key {key!r}", "add it", place=place)


def _type_faults(record: Mapping[str, Any], types: Mapping[str, type], place: str) -> Iterable[Fault]:
    for key, wanted in types.items():
        value = record.get(key)
        if type(value) is wanted:  # the usual case
            continue
        if key in record and (not isinstance(value, wanted) or isinstance(value, bool)):
            yield Fault(f"{key!r} is {type(value).__name__}, not {wanted.__name__}", "correct the value", place=place)
