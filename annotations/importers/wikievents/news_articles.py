"""WikiEvents: news on attacks with KAIROS events, triggers by token offset, arguments as strings.

The file has no original text, so the text of a document is its tokens joined by single blanks. It has no event
coreference, so every trigger makes an event of its own; duplicate triggers make one event.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import regex
from pydantic import AfterValidator

from annotations.coverage import NONE, SOME
from annotations.document import Document
from annotations.importers.alignment.candidates import Candidate, Ledger, finished, imported, resolved
from annotations.importers.alignment.figures import figures
from annotations.importers.alignment.places import Place, distance, overlap, trimmed
from annotations.importers.base import Imported, Source, shipped_schema
from annotations.importers.people import is_specific, with_means
from annotations.importers.records import Id, Record, read_records
from annotations.importers.wikievents.ontology import NO_ATTACK_WORDS, attack_type, harm_of, harm_verb_type, label_of
from annotations.importers.wikievents.triggers import Tokens, Trigger, located, uncut
from annotations.io.config_files import Shape

COVERAGE = dict.fromkeys(shipped_schema().labels, SOME) | {"DATE": NONE}
UNSPECIFIED = "unspecified_attack"
ATTACKER_ROLES = frozenset({"Attacker", "Killer", "Injurer"})
_DENIED = regex.compile(r"\b(?:no|without)(?: other| serious| reported)? $", regex.IGNORECASE)


def _is_token(token: str) -> str:
    if not token or token != token.strip():
        raise ValueError("should be a token, neither empty nor with blanks around it")
    return token


class _Trigger(Shape):
    text: str
    start_idx: int
    end_idx: int


class _Argument(Shape):
    role: str
    text: str


class _Event(Shape):
    event_type: str
    trigger: _Trigger
    arguments: list[_Argument]


class _Record(Shape):
    docid: Id
    tokens: list[Annotated[str, AfterValidator(_is_token)]]
    event_mentions: list[_Event]


def read(path: Path) -> Imported:
    """Read a JSON Lines file, or all of a folder.

    Returns:
        One document an article, and a loss for each event that is no attack and each argument without a span.

    Raises:
        DataError: With every fault found: lines that are not JSON, keys that are missing or of a wrong type, duplicate
            ids.
    """
    return imported(read_records(path, "*.jsonl", "docid", _Record), _document)


@dataclass(slots=True)
class _Mention:
    """An event of the file that is an attack or harm to people, with its trigger found."""

    name: str
    words: str
    arguments: Sequence[Mapping[str, str]]
    span: Place
    sentence: Place
    type: str | None = None  # attack type; None if the words are no trigger by the guidelines
    events: frozenset[int] = frozenset()

    @property
    def kind(self) -> str:
        return f"event {self.name}"


def _document(record: Record, ledger: Ledger) -> Document:
    tokens = Tokens(record["tokens"])
    mentions = _mentions(record["event_mentions"], tokens, ledger)
    _give_types(mentions)
    _harm_verbs_as_triggers(mentions, ledger)
    triggers = _triggers(mentions, ledger)
    events = _assign_events(mentions, triggers)
    spans = resolved(_arguments(mentions, tokens, ledger), ledger, fixed=triggers)
    names = {f"E{n + 1}": sorted({m.name for m in mentions if n in m.events}) for n in range(len(events))}
    meta = {"wikievents": {"text": "tokens joined by single blanks", "event_types": names}}
    return finished(record["docid"], tokens.text, spans, COVERAGE, meta, [(kind, {}) for kind in events])


def _mentions(events: Sequence[Mapping[str, Any]], tokens: Tokens, ledger: Ledger) -> list[_Mention]:
    """Find the triggers of the events that are attacks or harm to people."""
    triggers = [
        Trigger(event["trigger"]["text"], event["trigger"]["start_idx"], [a["text"] for a in event["arguments"]])
        for event in events
    ]
    mentions = []
    for event, trigger, place in zip(events, triggers, located(triggers, tokens), strict=True):
        name, words = event["event_type"], trigger.words
        if attack_type(name, words, ()) is None and harm_of(name) is None:
            reason = "is neither an attack nor harm to people"
        elif words.lower() in NO_ATTACK_WORDS:
            reason = "its trigger names no particular attack"
        elif isinstance(place, str):
            reason = place
        elif harm_of(name) and _DENIED.search(tokens.text, 0, place[0]):
            reason = "the text says that there was no such harm"
        else:
            span = with_means(tokens.text, *place)
            mentions.append(_Mention(name, words, event["arguments"], span, tokens.sentence(place[0])))
            continue
        ledger.lose(f"event {name}", words, reason, "; ".join(f"{a['role']}: {a['text']}" for a in event["arguments"]))
    return mentions


def _give_types(mentions: Sequence[_Mention]) -> None:
    """Give attacks their types. If an article has one type only, 'the attack' is of that type too."""
    for mention in mentions:
        if harm_of(mention.name) is None:
            mention.type = attack_type(mention.name, mention.words, [a["role"] for a in mention.arguments])
    known = {mention.type for mention in mentions} - {None, UNSPECIFIED}
    if len(known) == 1:
        for mention in mentions:
            mention.type = next(iter(known)) if mention.type else None


def _harm_verbs_as_triggers(mentions: Sequence[_Mention], ledger: Ledger) -> None:
    """Make a harm verb a trigger if its sentence has no other one, by the guidelines."""
    with_attack = {mention.sentence for mention in mentions if mention.type}
    known = {mention.type for mention in mentions} - {None, UNSPECIFIED}
    for mention in mentions:
        if harm_of(mention.name) is None:
            continue
        verb = harm_verb_type(mention.words)
        if mention.sentence in with_attack:
            reason = "harm in a sentence with a trigger: not a trigger, its arguments are used"
        elif verb is None:
            reason = "a word of harm that is never a trigger: its arguments are used"
        else:
            mention.type = next(iter(known)) if verb == UNSPECIFIED and len(known) == 1 else verb
            continue
        ledger.lose(mention.kind, mention.words, reason)


def _triggers(mentions: Sequence[_Mention], ledger: Ledger) -> list[Candidate]:
    """Make the trigger spans, each with an event of its own; harm verbs of one sentence share an event."""
    seen: dict[Place, Candidate] = {}
    for mention in mentions:
        if mention.type is None:
            continue
        if mention.span in seen:
            ledger.lose(mention.kind, mention.words, "a duplicate trigger: its arguments go to one event")
        else:
            seen[mention.span] = Candidate(*mention.span, "ATTACK", mention.type, mention.kind, mention.words)
    kept = resolved(seen.values(), ledger)
    ledger.aligned.update(trigger.kind for trigger in kept)
    harm = {mention.span: mention.sentence for mention in mentions if harm_of(mention.name)}
    homes = [harm.get(trigger.place, trigger.place) for trigger in kept]  # harm verbs share one by sentence
    first = {home: number for number, home in reversed(list(enumerate(homes)))}
    events = {number: count for count, number in enumerate(sorted(first.values()))}
    return [
        replace(trigger, events=frozenset([events[first[home]]]), type=kept[first[home]].type)
        for trigger, home in zip(kept, homes, strict=True)
    ]


def _assign_events(mentions: Sequence[_Mention], triggers: Sequence[Candidate]) -> list[str]:
    """Assign each mention to the event of the trigger that overlaps it, or to the only event of its sentence."""
    for mention in mentions:
        own = [t for t in triggers if mention.type and overlap(t.place, mention.span)]
        near = {t.events for t in triggers if mention.sentence[0] <= t.start < mention.sentence[1]}
        mention.events = own[0].events if own else near.pop() if len(near) == 1 else frozenset()
    return [str(kind) for _, kind in sorted({(min(trigger.events), trigger.type) for trigger in triggers})]


def _arguments(mentions: Sequence[_Mention], tokens: Tokens, ledger: Ledger) -> Iterator[Candidate]:
    """Yield the spans of all arguments."""
    roles = defaultdict(set)  # by the words of an argument, in the whole article
    for mention in mentions:
        for argument in mention.arguments:
            roles[argument["text"].lower()].add(argument["role"])
    article = _Article(tokens, roles, {mention.sentence for mention in mentions})
    for mention in mentions:
        for argument in mention.arguments:
            spans, reason = article.argument(mention, argument["role"], argument["text"])
            yield from spans
            if reason:
                ledger.lose(f"role {argument['role']}", argument["text"], reason, mention.name)
            else:
                ledger.aligned[f"role {argument['role']}"] += 1


@dataclass(frozen=True, slots=True)
class _Article:
    """Where the arguments of an article are looked up."""

    tokens: Tokens
    roles: Mapping[str, set[str]]
    sentences: set[Place]

    def argument(self, mention: _Mention, role: str, value: str) -> tuple[list[Candidate], str]:
        """Return the spans of an argument, or the reason why it has none.

        A number at the beginning of a victim mention or right before it is a TOLL of its own.
        """
        place = self._nearest(value, mention)
        if place is None:
            return [], "not found in the text as whole words"
        if self.tokens.sentence(place[0]) not in self.sentences:
            return [], "its nearest mention is in a sentence without an attack"
        if role == "Victim" and self.roles[value.lower()] & ATTACKER_ROLES and is_specific(value):
            return [], "is an attacker elsewhere in the article"
        toll = harm_of(mention.name) if role == "Victim" else None
        figure = self._figure(place) if toll else None
        spans = [Candidate(*figure, "TOLL", toll, f"role {role}", value, mention.events)] if figure else []
        inner = trimmed(self.tokens.text, max(place[0], figure[1] if figure else 0), place[1])
        if inner is None:
            return spans, "" if spans else "only punctuation and articles"
        words = self.tokens.text[slice(*inner)]
        label, reason = label_of(role, words, self.roles[value.lower()])
        if label:
            spans.append(Candidate(*inner, label, None, f"role {role}", value, mention.events))
        return spans, "" if spans else reason

    def _nearest(self, value: str, mention: _Mention) -> Place | None:
        """Find the mention nearest to a trigger; those in its sentence come first."""
        home = mention.sentence
        for wanted in uncut(value):
            if places := self.tokens.places(wanted):
                return min(places, key=lambda p: (not home[0] <= p[0] < home[1], distance(p, mention.span), p))
        return None

    def _figure(self, place: Place) -> Place | None:
        """Find the number that a mention begins with, or that ends one blank before it."""
        for figure in figures(self.tokens.text):
            if figure.end == place[0] - 1 or figure.start <= place[0] < figure.end <= place[1]:
                return figure.place
        return None


SOURCE = Source("WikiEvents: news articles with KAIROS triggers and arguments as strings (JSON Lines)", COVERAGE, read)
