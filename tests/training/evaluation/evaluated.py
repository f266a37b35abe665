"""Documents in inline markup, predictions that equal them, and drawn documents, for the tests of evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hypothesis import strategies as st

from annotations import Document, Event, Span, load_schema
from annotations.formats.inline import parse
from inference.events.tolls import read_tolls
from inference.prediction import Participant, PredictedEvent, PredictedSpan, Prediction
from training.evaluation.evaluate import Evaluation

SCHEMA = load_schema()
TEXT = "4 " * 30  # thirty words, each of which a toll can be read from


def marked(text: str, events: str = "", **meta: object) -> Document:
    """A document in inline markup."""
    document = parse(f"id: d1\n---\n{text}\n---\n{events}\n", SCHEMA)
    return replace(document, meta=meta)


def guess(document: Document, scores: Mapping[str, float] | None = None) -> Prediction:
    """A prediction that says what a document says; scores by span id, 0.9 where none is given."""
    known = scores or {}
    by_id = {span.id: span for span in document.spans}
    spans = [
        PredictedSpan(s.id, s.start, s.end, document.mention(s), s.label, s.type, known.get(s.id, 0.9))
        for s in document.spans
    ]

    found = {span.id: span for span in spans}

    def named(ids: Sequence[str]) -> tuple[Participant, ...]:
        return tuple(Participant(found[key].text, (found[key],)) for key in ids)

    events = [
        PredictedEvent(
            event.id,
            event.attack_type,
            0.9,
            tuple(found[key] for key in event.roles["triggers"]),
            participants={role: named(event.roles[role]) for role in ("perpetrators", "victims")},
            toll=read_tolls(document.text, [by_id[key] for key in event.roles["tolls"]], SCHEMA),
            mentions={
                role: tuple(found[key] for key in event.roles[role])
                for role in ("weapons", "targets", "locations", "dates")
            },
            flags=event.flags,
        )
        for event in document.events
    ]
    return Prediction(document.text, spans, events, "tiny", 1, SCHEMA)


def evaluated(*pairs: tuple[Document, Document], model: str = "tiny") -> Evaluation:
    """Documents and what was predicted for each."""
    documents = [replace(gold, id=f"d{number}") for number, (gold, _) in enumerate(pairs)]
    return Evaluation(model, documents, [guess(found) for _, found in pairs], SCHEMA)


@st.composite
def layouts(draw: st.DrawFn, text: str = TEXT) -> Document:
    """A document of one-digit words with spans of any class that do not overlap, in events or in none."""
    spans: list[Span] = []
    at = 0
    for gap, length, (label, kind) in draw(
        st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.sampled_from(SCHEMA.classes)), max_size=9)
    ):
        start = at + gap
        at = start + length
        if 2 * at <= len(text):
            spans.append(Span(f"S{len(spans) + 1}", 2 * start, 2 * at - 1, label, kind))
    homes = [draw(st.integers(0, 3)) for _ in spans]  # 0 is none
    return Document("d1", text, spans, _events(spans, homes))


def _events(spans: Sequence[Span], homes: Sequence[int]) -> list[Event]:
    """Events with a trigger, of its type, and at most one figure of a kind."""
    made = []
    for home in (1, 2, 3):
        roles: dict[str, list[str]] = {}
        kinds: set[str | None] = set()
        for span, own in zip(spans, homes, strict=True):
            if own == home and not (span.label == SCHEMA.quantity and span.type in kinds):
                kinds.add(span.type)
                roles.setdefault(SCHEMA.role(span.label), []).append(span.id)
        triggers = [span for span in spans if span.id in roles.get("triggers", ())]
        if triggers:
            made.append(Event(f"E{home}", str(triggers[0].type), {r: tuple(ids) for r, ids in roles.items()}))
    return made


COVERAGES = st.dictionaries(st.sampled_from(list(SCHEMA.labels)), st.sampled_from(["all", "some"]), max_size=3)
PAIRS = st.lists(st.tuples(layouts(), layouts(), COVERAGES), min_size=1, max_size=4)
Pairs = list[tuple[Document, Document, dict[str, str]]]


def mixed(pairs: Pairs) -> Evaluation:
    """An evaluation of drawn documents, some of them annotated in part."""
    return evaluated(*((replace(gold, meta={"coverage": stated}), found) for gold, found, stated in pairs))


GOLD = marked(
    "{Gunmen|PERPETRATOR|E1} {shot|ATTACK|E1} {four|TOLL:killed|E1} {farmers|VICTIM|E1} and wounded "
    "{two|TOLL:injured|E1} in {Gao|LOCATION|E1}. A {bomb|WEAPON|E2} {exploded|ATTACK|E2} in {Ndoro|LOCATION|E2}.",
    "E1: armed_assault; claimed\nE2: bombing; suicide; stage=attempted",
)
FOUND = marked(
    "{Gunmen|PERPETRATOR|E2} {shot|ATTACK|E2} {four|TOLL:killed|E2} {farmers|TARGET|E2} and {wounded|ATTACK|E3} "
    "{two|TOLL:killed|E3} in {Gao|LOCATION|E2}. A bomb {exploded|ATTACK|E1} in {Ndoro|LOCATION|E1}.",
    "E1: bombing; suicide; claimed\nE2: armed_clash; claimed\nE3: abduction",
)
