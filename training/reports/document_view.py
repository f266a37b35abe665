"""The view of a document on a page: gold and the predictions of one or two versions, as text and as events."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annotations.coverage import exhaustive
from annotations.document import Document, Event, Span
from annotations.schema import Schema
from annotations.text.words import words
from inference.numbers.toll import Toll, describe
from inference.prediction import Prediction
from training.evaluation.alignment import Alignment, Attack
from training.evaluation.compare import VersionComparison
from training.evaluation.errors import ERRORS, Change, Error
from training.evaluation.evaluate import Evaluation
from training.evaluation.events import has_events
from training.reports.marked_text import Line, blocks, gold_marks, predicted_marks

MODEL = "model"
WON, LOST = "won", "lost"
_LONGEST = 120  # characters of a mention or of a metadata value
GOLD = "gold"


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """An error in words: its kind, `won` or `lost`, and both sides."""

    kind: str
    change: str
    gold: str
    predicted: str


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document as a page shows it."""

    anchor: str  # id of its element, unique on a page
    document: Document  # the gold document
    schema: Schema  # the label set
    f1: float  # F1 on core labels, partial match; of the candidate in a comparison
    difference: float | None  # F1 of the candidate minus that of the baseline; None in an evaluation
    version: str  # name of the candidate; empty in an evaluation
    sides: int  # number of sides: gold and the versions
    blocks: Sequence[Sequence[Line]]  # the text in blocks, each with one line for sides that agree
    found: Mapping[str, Sequence[Error]]  # its errors, in a comparison as `won` and `lost`
    events: Sequence[Sequence[EventRow]]  # events, each gold event grouped with those aligned with it

    @property
    def words(self) -> int:
        """Number of words."""
        return len(words(self.document.text))

    @property
    def facts(self) -> str:
        """Its metadata in words."""
        plain = ((key, value) for key, value in self.document.meta.items() if isinstance(value, str | int | float))
        return ", ".join(f"{key}: {_cut(str(value))}" for key, value in plain)

    @property
    def unscored(self) -> list[str]:
        """Labels that it does not annotate exhaustively."""
        kept = exhaustive(self.document, self.schema)
        return [label for label in self.schema.labels if label not in kept]

    @property
    def errors(self) -> list[ErrorRow]:
        """Its errors in words."""
        return [
            ErrorRow(error.kind, change, _named(self.document, error.gold), _named(self.document, error.predicted))
            for change, made in self.found.items()
            for error in made
        ]

    @property
    def counts(self) -> list[tuple[str, list[tuple[str, int]]]]:
        """Number of errors by change and kind; without zeros."""
        counted = {change: Counter(error.kind for error in made) for change, made in self.found.items() if made}
        return [
            (change, [(kind, counter[kind]) for kind in ERRORS if counter[kind]]) for change, counter in counted.items()
        ]

    @property
    def made(self) -> str:
        """Kinds and labels (of either side) of errors as JSON, for the filters."""
        all_made = (error for made in self.found.values() for error in made)
        sides = ((error.kind, span.label) for error in all_made for span in (error.gold, error.predicted) if span)
        return json.dumps(sorted(set(sides)), ensure_ascii=False)


def evaluated(evaluation: Evaluation, number: int) -> DocumentView:
    """Show a document of an evaluation, by its index."""
    document, prediction, schema = evaluation.documents[number], evaluation.predictions[number], evaluation.schema
    found = evaluation.errors[number]
    sides = {GOLD: gold_marks(document), MODEL: predicted_marks(prediction, found)}
    return DocumentView(
        anchor=f"d{number}",
        document=document,
        schema=schema,
        f1=float(evaluation.document_f1[number]),
        difference=None,
        version="",
        sides=len(sides),
        blocks=blocks(document.text, sides),
        found={"": found},
        events=event_groups(document, {MODEL: (prediction, evaluation.alignments[number])}, schema),
    )


def compared(comparison: VersionComparison, change: Change, names: tuple[str, str]) -> DocumentView:
    """Show a document of a comparison by what has changed in it; `names` are those of the baseline and the
    candidate."""
    document, schema = comparison.first.documents[change.document], comparison.first.schema
    versions = comparison.first, comparison.second
    pair = [side.predictions[change.document] for side in versions]
    found = [side.errors[change.document] for side in versions]
    events = [(side.predictions[change.document], side.alignments[change.document]) for side in versions]
    sides = {
        GOLD: gold_marks(document),
        names[0]: predicted_marks(pair[0], found[0], set(change.won), WON),
        names[1]: predicted_marks(pair[1], found[1], set(change.lost), LOST),
    }
    return DocumentView(
        anchor=f"{names[1].replace(' ', '-')}-d{change.document}",
        document=document,
        schema=schema,
        f1=float(comparison.second.document_f1[change.document]),
        difference=change.difference,
        version=names[1],
        sides=len(sides),
        blocks=blocks(document.text, sides),
        found={WON: change.won, LOST: change.lost},
        events=event_groups(document, dict(zip(names, events, strict=True)), schema),
    )


def _named(document: Document, span: Span | None) -> str:
    if span is None:
        return "nothing"
    return f"{_cut(document.mention(span))} ({span.label.lower()}{f': {span.type}' if span.type else ''})"


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event of one side, in words."""

    side: str  # `gold`, or the name of a version
    id: str  # its id; empty if the side has no such event
    attack_type: str = ""  # its type and flags
    type_wrong: bool = False  # whether the type differs from that of the gold event
    roles: Mapping[str, str] | None = None  # mentions by role, for roles with a table heading
    tolls: Sequence[tuple[str, str, bool]] = ()  # kind, number, and whether it is wrong; includes missing numbers
    note: str = ""  # a note, such as that the event is not in gold


@dataclass(frozen=True, slots=True)
class _Side:
    """One side: its events with offsets and numbers, and mentions by span id."""

    name: str
    events: Sequence[Event]
    attacks: Sequence[Attack]
    mentions: Mapping[str, str]
    shown: Sequence[str]

    def row(self, number: int, gold: Attack | None, tolls_scored: bool, note: str = "") -> EventRow:
        event, attack = self.events[number], self.attacks[number]
        flags = [name if value is True else str(value) for name, value in event.flags.items()]
        return EventRow(
            self.name,
            event.id,
            ", ".join([event.attack_type, *flags]),
            gold is not None and gold.attack_type != attack.attack_type,
            {role: _listed([self.mentions[key] for key in event.roles[role]]) for role in self.shown},
            list(_tolls(attack.toll, gold.toll if gold and tolls_scored else attack.toll)),
            note,
        )


def event_groups(
    document: Document, versions: Mapping[str, tuple[Prediction, Alignment]], schema: Schema
) -> list[list[EventRow]]:
    """Return a document's events: each gold event with the predicted ones aligned with it, then the spurious ones.

    There is at least one version: the prediction of the text, and the alignment of its events.
    """
    scored, tolls = has_events(document, schema), schema.quantity in exhaustive(document, schema)
    shown = [role.name for role in schema.arguments.values() if role.heading]
    mentions = {span.id: document.mention(span) for span in document.spans}
    attacks = next(iter(versions.values()))[1].gold
    gold = _Side(GOLD, document.events, attacks, mentions, shown)
    groups = [[gold.row(number, None, tolls)] for number in range(len(gold.events))]
    for name, (prediction, events) in versions.items():
        side = _Side(
            name,
            [event.to_event() for event in prediction.events],
            events.predicted,
            {span.id: span.text for span in prediction.spans},
            shown,
        )
        partner = events.partner
        for i, attack in enumerate(gold.attacks):
            found = side.row(partner[i], attack, tolls) if i in partner else EventRow(name, "", note="not found")
            groups[i].append(found)
        note = "not in gold" if scored else "events are not annotated here"
        groups += [[side.row(j, None, tolls, note)] for j in range(len(side.events)) if j not in partner.values()]
    return groups


def _tolls(own: Mapping[str, Toll], gold: Mapping[str, Toll]) -> list[tuple[str, str, bool]]:
    return [
        (kind, describe(own[kind]) if kind in own else "none", own.get(kind) != gold.get(kind))
        for kind in dict.fromkeys([*gold, *own])
    ]


def _listed(mentions: Sequence[str]) -> str:
    """List each mention once, ignoring case."""
    first: dict[str, str] = {}
    for mention in mentions:
        first.setdefault(mention.casefold(), mention)
    return ", ".join(first.values())
