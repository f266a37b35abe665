"""Predictions: what `predict` returns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from annotations.document import Document, Span
from annotations.formats.inline import render
from annotations.schema import DATES, LOCATIONS, TOLL, Schema
from inference.dates import Day, as_date, event_date, leaves_open
from inference.entities.clusters import Entity
from inference.html import fragment
from inference.numbers.toll import describe
from inference.places.gazetteer import Place
from inference.places.resolve import locate, place_of
from inference.predicted_event import Attribution, Claim, EventToll, Participant, PredictedEvent
from inference.spacy_doc import spacy_doc
from inference.spans import PredictedSpan, Sentence
from inference.tables import event_columns, event_rows, span_rows
from inference.tables.columns import ATTACKERS
from inference.tables.rows import frame

__all__ = [
    "ATTACKERS",
    "Attribution",
    "Claim",
    "EventToll",
    "Participant",
    "PredictedEvent",
    "PredictedSpan",
    "Prediction",
    "Sentence",
    "predictions_to_dataframe",
]

_LEAD = 30  # characters before a date that may change what it means


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
        relevance: The probability that the text reports an attack; None if the model does not know it.
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
    relevance: float | None = None
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
        events = [
            replace(event, place=place_of((span.id for span in event.mentions.get(LOCATIONS, ())), places))
            for event in self.events
        ]
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

        def words(span: PredictedSpan) -> str:
            """Return the words of a mention; none for 'since Monday' or 'every Monday': the day stays open."""
            return "" if leaves_open(self.text[max(0, span.start - _LEAD) : span.start]) else span.text

        events = [
            replace(event, date=event_date(((span, words(span)) for span in event.mentions.get(DATES, ())), on))
            if event.flags.get("stage") != "threatened"  # its date is still to come
            else event
            for event in self.events
        ]
        return replace(self, events=events, date=on)

    def to_dict(self) -> dict[str, Any]:
        """Return the prediction as plain values; relevance and date only if they are known."""
        return {
            "model": self.model,
            "windows": self.windows,
            "convention": self.convention,
            **({"relevance": round(self.relevance, 4)} if self.relevance is not None else {}),
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

    def to_inline(self, document_id: str = "text") -> str:
        """Return the text in inline markup, as annotators write it; `annotations.formats.inline.parse` reads it back.

        Empty lines at either end of the text are left out, as the markup cannot hold them.

        Args:
            document_id: Id of the document: one line.

        Raises:
            DataError: The id cannot stand on one line.

        Example:
            >>> print(prediction.to_inline("a.txt"))  # doctest: +SKIP
            id: a.txt
            ---
            {Gunmen|PERPETRATOR|E1} {opened fire|ATTACK|E1} in {Gao|LOCATION|E1}.
            ---
            E1: armed_assault
        """
        text = self.text.strip("\n")
        before = self.text.index(text)
        spans = [Span(s.id, s.start - before, s.end - before, s.label, s.type) for s in self.spans]
        events = [replace(event.to_event(), toll=event.numbers) for event in self.events]
        return render(Document(document_id, text, spans, events), self.schema)

    def to_spacy(self, vocab: Any = None) -> Any:
        """Return a spaCy document whose spans are `doc.spans["sc"]`, which displaCy shows with `style="span"`.

        Its tokens are words as models read them, so that all spans keep their offsets. `doc.spans["sc"].attrs` has
        `types` and `scores`, `doc.user_data["events"]` the events as in `to_dict()`, with the ids of spans.

        Args:
            vocab: The vocabulary of a pipeline, such as `nlp.vocab`; by default an empty one.

        Raises:
            ImportError: spaCy is not installed.

        Example:
            >>> [(span.text, span.label_) for span in prediction.to_spacy().spans["sc"]]  # doctest: +SKIP
            [('Gunmen', 'PERPETRATOR'), ('opened fire', 'ATTACK')]
        """
        return spacy_doc(self.text, self.spans, self.to_dict()["events"], vocab)

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
        """Return an HTML fragment, as a notebook shows it: the text with its spans marked, and a table of its events.

        All text is escaped. A span and the rows of its events light up together.
        """
        return fragment(self)

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
        roles = [role for role in self.schema.arguments.values() if role.heading]
        named = {
            role.heading: ", ".join(who.name for who in event.participants.get(role.name, ()))
            for role in roles
            if role.named
        }
        other = {
            role.heading: ", ".join(span.text for span in event.mentions.get(role.name, ()))
            for role in roles
            if not role.named
        }
        toll = "; ".join(
            f"{kind.replace('_', ' ')}: {describe(number.toll)}{' (implied)' if number.implied else ''}"
            for kind, number in event.toll.items()
        )
        return {**named, **({TOLL: toll} if self.schema.quantity else {}), **other}

    def _line(self, event: PredictedEvent) -> str:
        trigger = event.triggers[0]
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
        TypeError: A single prediction.
        ValueError: No prediction, different schemas, or not one id for each prediction.
        ImportError: pandas is not installed.

    Example:
        >>> from inference import predict
        >>> predictions_to_dataframe(predict(["Gunmen struck in Gao.", "Rain fell."]))  # doctest: +SKIP
    """
    if isinstance(predictions, Prediction):
        raise TypeError("predictions_to_dataframe takes several predictions, got one; use its to_dataframe()")
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
