"""Predictions: what `predict` returns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from annotations.document import Document, Event, Span
from annotations.schema import DATES, EVENT, TOLL, TYPE, Schema
from inference.dates import Day, EventDate, as_date, event_date, leaves_open
from inference.decode import PredictedSpan
from inference.entities.entity import Entity
from inference.html import fragment
from inference.numbers.toll import Toll, describe
from inference.places.locate import LOCATIONS, locate, place_of
from inference.places.place import Place
from inference.tables import event_columns, event_rows, span_rows
from inference.tables.frames import frame

__all__ = [
    "ATTACKERS",
    "Attribution",
    "Claim",
    "EventToll",
    "Participant",
    "PredictedEvent",
    "PredictedSpan",
    "Prediction",
    "predictions_to_dataframe",
]


_LEAD = 30  # characters before a date that may change what it means
# Key of the attackers' own dead, beside the kinds of toll of a schema.
ATTACKERS = "killed_attackers"


@dataclass(frozen=True, slots=True)
class Participant:
    """Who has a role in an event: the name in the text, the ids of its mentions, and a category if the role has any."""

    name: str
    spans: tuple[str, ...]
    category: str | None = None
    has_category: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return name, category (if the role has categories) and spans."""
        category = {"category": self.category} if self.has_category else {}
        return {"name": self.name, **category, "spans": list(self.spans)}


@dataclass(frozen=True, slots=True)
class Claim:
    """One of several figures that contradict each other: who gives it (None if the article itself), and its spans."""

    by: str | None
    toll: Toll
    spans: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return by, min, max, approximate and spans."""
        return {"by": self.by, **self.toll.to_dict(), "spans": list(self.spans)}


@dataclass(frozen=True, slots=True)
class EventToll:
    """The toll of one kind in an event.

    Args:
        toll: The number.
        spans: The spans it comes from.
        words: Their text.
        implied: Whether no figure is given: one victim, told in words ('a soldier was killed').
        claims: If sources contradict each other, all their figures, the chosen one first.
    """

    toll: Toll
    spans: tuple[str, ...]
    words: tuple[str, ...] = ()
    implied: bool = False
    claims: tuple[Claim, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return min, max, approximate, spans and words; implied and claims if there are any."""
        further: dict[str, Any] = {"implied": True} if self.implied else {}
        if self.claims:
            further["claims"] = [claim.to_dict() for claim in self.claims]
        return {**self.toll.to_dict(), "spans": list(self.spans), "words": list(self.words), **further}


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who is said to have done an attack: names as in the text.

    Args:
        claimed_by: Who claims it.
        denied_by: Who denies it.
        blamed: Who is blamed or accused by others.
    """

    claimed_by: tuple[str, ...] = ()
    denied_by: tuple[str, ...] = ()
    blamed: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, list[str]]:
        """Return the names by key."""
        return {key: list(getattr(self, key)) for key in ("claimed_by", "denied_by", "blamed")}


@dataclass(frozen=True, slots=True)
class PredictedEvent:
    """One event, such as an attack, with all its mentions in the text.

    The arguments of a role are attributes too: `event.perpetrators`, `event.locations` and so on.

    Args:
        id: `E1`, `E2`, … in order of first mention.
        attack_type: A type of the schema's trigger label.
        score: The probability that the text reports it, with this type, if the model's linker gives one; else the
            highest confidence of its triggers.
        triggers: Ids of its trigger spans.
        participants: Participants by role, for roles whose mentions are grouped by name, such as `perpetrators` and
            `victims`; several perpetrators if sides clash or blame each other.
        toll: Toll by kind (`killed`, …). A kind that is not reported is absent; a figure without a number has min
            and max None, and is approximate. `killed_attackers` counts the attackers' own dead. `reported` has only
            the kinds that figures tell.
        mentions: Span ids by role, for all other roles, such as `weapons`, `targets`, `locations` and `dates`.
        flags: `suicide`, `claimed` and `stage`, if the text says so.
        codes: The attack type in the code books of the schema (GTD, ACLED, MUC-4).
        attribution: Who claims it, denies it, or is blamed for it.
        date: When it happened; None if its mentions do not tell, or if it was only threatened.
        place: Where it happened; None if its mentions do not tell clearly, or if nobody asked (`Prediction.located`).
    """

    id: str
    attack_type: str
    score: float
    triggers: tuple[str, ...]
    participants: Mapping[str, tuple[Participant, ...]] = field(default_factory=dict)
    toll: Mapping[str, EventToll] = field(default_factory=dict)
    mentions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    flags: Mapping[str, Any] = field(default_factory=dict)
    codes: Mapping[str, str | None] = field(default_factory=dict)
    attribution: Attribution = Attribution()
    date: EventDate | None = None
    place: Place | None = None

    @property
    def reported(self) -> Mapping[str, EventToll]:
        """Toll by kind as figures tell it: without implied tolls and the attackers' own dead."""
        return {kind: toll for kind, toll in self.toll.items() if kind != ATTACKERS and not toll.implied}

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain values for JSON, keys in the documented order."""
        return {
            "id": self.id,
            "attack_type": self.attack_type,
            "score": round(self.score, 4),
            **self.codes,
            "triggers": list(self.triggers),
            **{role: [who.to_dict() for who in found] for role, found in self.participants.items()},
            "toll": {kind: toll.to_dict() for kind, toll in self.toll.items()},
            **{role: list(spans) for role, spans in self.mentions.items()},
            "flags": dict(self.flags),
            "attribution": self.attribution.to_dict(),
            **({"date": self.date.to_dict()} if self.date else {}),
            **({"place": self.place.to_dict()} if self.place else {}),
        }

    def to_event(self) -> Event:
        """Return the event as in a `Document`: span ids by role."""
        roles = {
            "triggers": self.triggers,
            **{role: tuple(i for who in found for i in who.spans) for role, found in self.participants.items()},
            "tolls": tuple(span for toll in self.reported.values() for span in toll.spans),
            **self.mentions,
        }
        return Event(self.id, self.attack_type, {role: ids for role, ids in roles.items() if ids}, self.flags)

    def __getattr__(self, role: str) -> tuple[Any, ...]:
        """Return the arguments of a role: participants if its mentions are grouped by name, else span ids."""
        # A field that arrives here is not set yet, for example while an event is copied.
        for filled in () if role in self.__slots__ else (self.participants, self.mentions):
            if role in filled:
                return filled[role]
        raise AttributeError(f"this event has no role {role!r}")


@dataclass(frozen=True, slots=True)
class Prediction:
    """The spans and events that a model found in one text.

    Args:
        text: The text, exactly as given. Offsets are counted in its characters (Unicode code points).
        spans: Spans in order of offset, never overlapping.
        events: Events in order of first mention.
        model: Name of the model.
        windows: Number of windows in which the text was read; 0 for a text without words.
        schema: The model's label set.
        convention: How vague numbers were read (`inference.numbers.conventions`).
        date: The day of the text, from which the dates of events are counted; None if it is not known.
        entities: Doers and victims of the document, in order of first mention; each of their spans is in one.
        places: The place of each mention that is clear, by id of the span; None if nobody asked (`located`).
    """

    text: str
    spans: Sequence[PredictedSpan]
    events: Sequence[PredictedEvent]
    model: str
    windows: int
    schema: Schema = field(repr=False)
    convention: str = "range"
    date: Day | None = None
    entities: Sequence[Entity] = ()
    places: Mapping[str, Place] | None = None

    def located(self) -> Prediction:
        """Return the prediction with the places of its mentions and events, from an offline gazetteer.

        Raises:
            ImportError: The extra `geo` is not installed.

        Example:
            >>> prediction.located().events[0].place.alpha2  # doctest: +SKIP
            'ML'
        """
        places = locate(self.text, [span for span in self.spans if self.schema.role(span.label) == LOCATIONS])
        events = [replace(event, place=place_of(event.mentions.get(LOCATIONS, ()), places)) for event in self.events]
        return replace(self, events=events, places=places)

    def dated(self, date: str | Day | None) -> Prediction:
        """Return the prediction with the dates of its events, counted from the day of the text.

        Args:
            date: The day of the text, such as `2021-03-04`; None if it is not known: then only dates with a year can
                be resolved.

        Raises:
            ValueError: A text that is no date.

        Example:
            >>> prediction.dated("2021-03-04").events[0].date.start  # doctest: +SKIP
            datetime.date(2021, 3, 1)
        """
        on = as_date(date)
        spans = {span.id: span for span in self.spans}

        def words(name: str) -> str:
            """Return the words of a mention; none for 'since Monday' or 'every Monday': the day stays open."""
            span = spans[name]
            return "" if leaves_open(self.text[max(0, span.start - _LEAD) : span.start]) else span.text

        events = [
            replace(event, date=event_date(((i, words(i)) for i in event.mentions.get(DATES, ())), on))
            if event.flags.get("stage") != "threatened"  # its date is still to come
            else event
            for event in self.events
        ]
        return replace(self, events=events, date=on)

    def to_dict(self) -> dict[str, Any]:
        """Return model, windows, convention, date if it is known, spans, events and entities as plain values."""
        return {
            "model": self.model,
            "windows": self.windows,
            "convention": self.convention,
            **({"date": self.date.isoformat()} if self.date else {}),
            "spans": [span.to_dict() for span in self.spans],
            "events": [event.to_dict() for event in self.events],
            "entities": [entity.to_dict() for entity in self.entities],
            **({} if self.places is None else {"places": {i: place.to_dict() for i, place in self.places.items()}}),
        }

    def to_document(self, document_id: str, meta: Mapping[str, Any] | None = None) -> Document:
        """Return spans and events as a document, to correct it by hand or to compare it with gold.

        Args:
            document_id: Id of the document.
            meta: Its metadata.

        Example:
            >>> from inference import predict
            >>> predict("Gunmen struck in Gao.").to_document("d1")  # doctest: +SKIP
        """
        spans = [Span(span.id, span.start, span.end, span.label, span.type) for span in self.spans]
        return Document(document_id, self.text, spans, [event.to_event() for event in self.events], meta or {})

    def to_json(self, indent: int | None = None) -> str:
        """Return `to_dict()` as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)

    def to_rows(self, source_id: str = "") -> list[dict[str, str | int | float | bool | None]]:
        """Return one row for each event, with the columns of `docs/codebook.md`; None where the text tells nothing.

        Args:
            source_id: Id of the text, for the column `source_id` (not part of `event_id`).

        Example:
            >>> prediction.to_rows("a.txt")[0]["fatalities_low"]  # doctest: +SKIP
            12
        """
        return event_rows(source_id, self.text, self.to_dict(), self.schema)

    def to_span_rows(self, source_id: str = "") -> list[dict[str, str | int | float | bool | None]]:
        """Return one row for each span; arguments as for `to_rows`."""
        return span_rows(source_id, self.text, self.to_dict(), self.schema)

    def to_dataframe(self, source_id: str = "") -> Any:
        """Return `to_rows()` as a pandas data frame; a cell is missing, never 0, where the text tells nothing.

        Raises:
            ImportError: pandas is not installed.
        """
        return frame(self.to_rows(source_id), event_columns(self.schema))

    def to_html(self) -> str:
        """Return an HTML fragment: the text with its spans marked, and a table of its events. All text is escaped."""
        rows = [
            {EVENT: event.id, TYPE: f"{event.attack_type} ({event.score:.2f})", **self.cells(event)}
            for event in self.events
        ]
        return fragment(self.text, self.spans, rows, self.schema)

    def _repr_html_(self) -> str:
        return self.to_html()

    def __repr__(self) -> str:
        """Show one line per event: type, trigger, arguments, toll."""
        head = f"Prediction by {self.model}: {len(self.events)} events, {len(self.spans)} spans, {self.windows} windows"
        return "\n".join([head, *(self._line(event) for event in self.events)])

    def cells(self, event: PredictedEvent) -> dict[str, str]:
        """Return the cells of an event in tables, by heading: its arguments and its toll.

        Example:
            >>> prediction.cells(prediction.events[0])  # doctest: +SKIP
            {'Perpetrators': 'Gunmen', 'Victims': 'traders', 'Toll': 'killed: 12', 'Where': 'Gao', 'When': ''}
        """
        by_id = {span.id: span.text for span in self.spans}
        roles = [role for role in self.schema.arguments.values() if role.heading]
        named = {
            role.heading: ", ".join(who.name for who in event.participants.get(role.name, ()))
            for role in roles
            if role.named
        }
        other = {
            role.heading: ", ".join(by_id[i] for i in event.mentions.get(role.name, ()))
            for role in roles
            if not role.named
        }
        toll = "; ".join(
            f"{kind.replace('_', ' ')}: {describe(number.toll)}{' (implied)' if number.implied else ''}"
            for kind, number in event.toll.items()
        )
        return {**named, **({TOLL: toll} if self.schema.quantity else {}), **other}

    def _line(self, event: PredictedEvent) -> str:
        trigger = next(span for span in self.spans if span.id == event.triggers[0])
        parts = [
            f"  {event.id} {event.attack_type} ({event.score:.2f}) {trigger.text!r} [{trigger.start}:{trigger.end}]",
            *(f"{name}: {words}" for name, words in self.cells(event).items() if words),
        ]
        return "; ".join(parts)


def predictions_to_dataframe(predictions: Sequence[Prediction], source_ids: Sequence[str] | None = None) -> Any:
    """Return the events of several texts as one pandas data frame.

    Args:
        predictions: At least one prediction, all of them with the same schema.
        source_ids: The id of each text; by default `1`, `2`, …

    Raises:
        ValueError: No prediction, different schemas, or not one id for each prediction.
        ImportError: pandas is not installed.

    Example:
        >>> from inference import predict
        >>> predictions_to_dataframe(predict(["Gunmen struck in Gao.", "Rain fell."]))  # doctest: +SKIP
    """
    if not predictions:
        raise ValueError("there is no prediction, so the columns are not known; give at least one")
    names = [str(number) for number in range(1, len(predictions) + 1)] if source_ids is None else source_ids
    if len(names) != len(predictions):
        raise ValueError(f"{len(names)} source_ids for {len(predictions)} predictions; give one for each")
    schema = predictions[0].schema
    if any(prediction.schema != schema for prediction in predictions):
        raise ValueError("the predictions have different schemas; make one data frame for each schema")
    rows = [row for name, one in zip(names, predictions, strict=True) for row in one.to_rows(name)]
    return frame(rows, event_columns(schema))
