"""Predictions: what `predict` returns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotations.document import Document, Event, Span
from annotations.schema import Schema
from inference.html import fragment
from inference.toll import Toll, describe


@dataclass(frozen=True, slots=True)
class PredictedSpan:
    """A mention found in a text.

    Args:
        id: `S1`, `S2`, … in order of offset.
        start: Offset of the first character of `text` in the text given.
        end: Offset behind the last character.
        text: The mention.
        label: A label of the model's schema.
        type: A type of that label, or None.
        score: Confidence, 0 to 1, temperature-scaled on development data.
    """

    id: str
    start: int
    end: int
    text: str
    label: str
    type: str | None
    score: float

    def to_dict(self) -> dict[str, Any]:
        """Return the span with its score rounded to four digits."""
        keys = ("id", "start", "end", "text", "label", "type")
        return {**{key: getattr(self, key) for key in keys}, "score": round(self.score, 4)}


@dataclass(frozen=True, slots=True)
class Participant:
    """A perpetrator or victim of an event: its first mention, the ids of all, and for victims a category or None."""

    name: str
    spans: tuple[str, ...]
    category: str | None = None


@dataclass(frozen=True, slots=True)
class EventToll:
    """The toll of one kind in an event, the spans that it was read from, and their words."""

    toll: Toll
    spans: tuple[str, ...]
    words: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return min, max, approximate, spans and words."""
        return {**self.toll.to_dict(), "spans": list(self.spans), "words": list(self.words)}


@dataclass(frozen=True, slots=True)
class PredictedEvent:
    """One attack, however often the text mentions it.

    Args:
        id: `E1`, `E2`, … in order of first mention.
        attack_type: A type of the schema's trigger label.
        score: Confidence of its surest trigger.
        triggers: Ids of the spans that report it.
        perpetrators: Who did it; several where sides clash or blame each other.
        victims: Who was harmed.
        toll: Number by kind (`killed`, …). A kind that nobody reported is absent; a figure that nobody can read gives
            min and max None, approximate.
        weapons: Span ids.
        targets: Span ids.
        locations: Span ids.
        dates: Span ids.
        flags: `suicide`, `claimed`, `stage` where the text says so.
        codes: Names of the attack type in GTD, ACLED and MUC-4.
    """

    id: str
    attack_type: str
    score: float
    triggers: tuple[str, ...]
    perpetrators: tuple[Participant, ...] = ()
    victims: tuple[Participant, ...] = ()
    toll: Mapping[str, EventToll] = field(default_factory=dict)
    weapons: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    flags: Mapping[str, Any] = field(default_factory=dict)
    codes: Mapping[str, str | None] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the event in its documented form."""
        return {
            "id": self.id,
            "attack_type": self.attack_type,
            "score": round(self.score, 4),
            **self.codes,
            "triggers": list(self.triggers),
            "perpetrators": [{"name": who.name, "spans": list(who.spans)} for who in self.perpetrators],
            "victims": [{"name": w.name, "category": w.category, "spans": list(w.spans)} for w in self.victims],
            "toll": {kind: toll.to_dict() for kind, toll in self.toll.items()},
            **{role: list(getattr(self, role)) for role in ("weapons", "targets", "locations", "dates")},
            "flags": dict(self.flags),
        }

    def to_event(self) -> Event:
        """Return the event as documents hold it: ids of spans by role."""
        roles = {
            "triggers": self.triggers,
            "perpetrators": tuple(span for who in self.perpetrators for span in who.spans),
            "victims": tuple(span for who in self.victims for span in who.spans),
            "tolls": tuple(span for toll in self.toll.values() for span in toll.spans),
            **{role: getattr(self, role) for role in ("weapons", "targets", "locations", "dates")},
        }
        return Event(self.id, self.attack_type, roles, self.flags)


@dataclass(frozen=True, slots=True)
class Prediction:
    """Spans and events of one text.

    Args:
        text: The text, exactly as given; all offsets count its characters.
        spans: In order of offset, never overlapping.
        events: In order of first mention.
        model: Name of the model that predicted.
        windows: How many windows the text was read in; 0 for a text without words.
        schema: Labels and colours.
        convention: How vague numbers were read (`inference.conventions`).
    """

    text: str
    spans: Sequence[PredictedSpan]
    events: Sequence[PredictedEvent]
    model: str
    windows: int
    schema: Schema = field(repr=False)
    convention: str = "range"

    def to_dict(self) -> dict[str, Any]:
        """Return model, windows, convention, spans and events as plain values for JSON."""
        return {
            "model": self.model,
            "windows": self.windows,
            "convention": self.convention,
            "spans": [span.to_dict() for span in self.spans],
            "events": [event.to_dict() for event in self.events],
        }

    def to_document(self, document_id: str, meta: Mapping[str, Any] | None = None) -> Document:
        """Return spans and events as a document: to correct by hand, or to compare with gold.

        Args:
            document_id: Id of the document.
            meta: Anything known of it.

        Example:
            >>> from inference import predict
            >>> predict("Gunmen struck in Gao.").to_document("d1")  # doctest: +SKIP
        """
        spans = [Span(span.id, span.start, span.end, span.label, span.type) for span in self.spans]
        return Document(document_id, self.text, spans, [event.to_event() for event in self.events], meta or {})

    def to_json(self, indent: int | None = None) -> str:
        """Return `to_dict()` as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)

    def to_html(self) -> str:
        """Return the text with its spans marked and its events in a table, as an HTML fragment; everything is
        escaped."""
        return fragment(self.text, [span.to_dict() for span in self.spans], self.to_dict()["events"], self.schema)

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        """Show each event in a line: what, who, whom, how many."""
        head = f"Prediction by {self.model}: {len(self.events)} events, {len(self.spans)} spans, {self.windows} windows"
        return "\n".join([head, *(self._line(event) for event in self.events)])

    def _line(self, event: PredictedEvent) -> str:
        by_id = {span.id: span for span in self.spans}
        trigger = by_id[event.triggers[0]]
        parts = [
            f"  {event.id} {event.attack_type} ({event.score:.2f}) {trigger.text!r} [{trigger.start}:{trigger.end}]",
            "by " + ", ".join(who.name for who in event.perpetrators) if event.perpetrators else "",
            "on " + ", ".join(who.name for who in event.victims) if event.victims else "",
            *(f"{kind}: {describe(toll.toll)}" for kind, toll in event.toll.items()),
            "in " + ", ".join(by_id[i].text for i in event.locations) if event.locations else "",
        ]
        return "; ".join(filter(None, parts))
