"""WikiEvents: news on attacks with KAIROS events, triggers by token offset, arguments as strings.

The file holds no original text, so the text of a document is its tokens joined by single blanks. It says of no two
triggers that they are one event, so that every trigger makes an event of its own; a trigger that stands twice in the
file makes one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import regex

from annotations.document import Document
from annotations.importers.base import Imported, Loss, Source
from annotations.importers.drafts import Candidate, Draft, Ledger, finished, resolved, trimmed
from annotations.importers.figures import figures
from annotations.importers.people import sets_apart, with_means
from annotations.importers.records import Record, read_json_lines
from annotations.importers.wikievents.ontology import NO_ATTACK_WORDS, attack_type, harm_of, harm_verb_type, label_of
from annotations.importers.wikievents.tokens import Tokens, uncut
from annotations.importers.wikievents.triggers import Trigger, located

COVERAGE = {
    "ATTACK": "some",
    "PERPETRATOR": "some",
    "VICTIM": "some",
    "TOLL": "some",
    "WEAPON": "some",
    "TARGET": "some",
    "LOCATION": "some",
    "DATE": "none",
}
KEYS = {"docid": str, "tokens": list, "event_mentions": list}
UNSPECIFIED = "unspecified_attack"
DOERS = frozenset({"Attacker", "Killer", "Injurer"})
_DENIED = regex.compile(r"\b(?:no|without)(?: other| serious| reported)? $", regex.IGNORECASE)


def read(path: Path) -> Imported:
    """Read a JSON Lines file, or every one in a folder.

    Args:
        path: A file with one article a line, or a folder.

    Returns:
        A document an article, and a loss for each event that is no attack and each argument with no span.

    Raises:
        DataError: With every fault found: lines that are no JSON, keys that are missing or of the wrong type, ids that
            stand twice.
    """
    documents: list[Document] = []
    losses: list[Loss] = []
    aligned: Counter[str] = Counter()
    for record in read_json_lines(path, "docid", KEYS, _problems):
        ledger = Ledger(record["docid"])
        documents.append(_document(record, ledger))
        losses += ledger.losses
        aligned.update(ledger.aligned)
    return Imported(tuple(documents), tuple(losses), dict(aligned))


def _problems(record: Record) -> Iterator[tuple[str, str]]:
    """Yield (place, problem) for what is wrong within a record whose keys are all there."""
    if not all(isinstance(token, str) and token.strip() == token != "" for token in record["tokens"]):
        yield "tokens", "holds what is no token: an empty string, one with blanks around it, or no string"
    for number, event in enumerate(record["event_mentions"]):
        place = f"event_mentions[{number}]"
        if not isinstance(event, dict) or not isinstance(event.get("event_type"), str):
            yield place, "has no 'event_type' that is a string"
            continue
        trigger = event.get("trigger")
        wanted = {"text": str, "start_idx": int, "end_idx": int}
        if not isinstance(trigger, dict) or any(type(trigger.get(key)) is not kind for key, kind in wanted.items()):
            yield place, "has no 'trigger' with 'text', 'start_idx' and 'end_idx'"
        arguments = event.get("arguments")
        if not isinstance(arguments, list) or not all(_is_argument(argument) for argument in arguments):
            yield place, "has no list 'arguments' of objects with 'role' and 'text'"


def _is_argument(argument: object) -> bool:
    return isinstance(argument, dict) and all(isinstance(argument.get(key), str) for key in ("role", "text"))


@dataclass(slots=True)
class _Mention:
    """An event of the file that tells of an attack or of harm, with its trigger found."""

    name: str
    words: str
    arguments: Sequence[Mapping[str, str]]
    span: tuple[int, int]
    sentence: tuple[int, int]
    type: str | None = None  # attack type; None where the words are no trigger of ours
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
    events = _tie_to_events(mentions, triggers)
    spans = resolved(_arguments(mentions, tokens, ledger), ledger, fixed=triggers)
    names = {f"E{n + 1}": sorted({m.name for m in mentions if n in m.events}) for n in range(len(events))}
    meta = {"wikievents": {"text": "tokens joined by single blanks", "event_types": names}}
    return finished(Draft(record["docid"], tokens.text, [(kind, {}) for kind in events], meta), spans, COVERAGE)


def _mentions(events: Sequence[Mapping[str, Any]], tokens: Tokens, ledger: Ledger) -> list[_Mention]:
    """Find the triggers of the events that tell of an attack or of harm."""
    arguments = [tuple(argument["text"] for argument in event["arguments"]) for event in events]
    triggers = [
        Trigger(event["trigger"]["text"], event["trigger"]["start_idx"], told)
        for event, told in zip(events, arguments, strict=True)
    ]
    mentions = []
    for event, trigger, place in zip(events, triggers, located(triggers, tokens), strict=True):
        name, words = event["event_type"], trigger.words
        if attack_type(name, words, ()) is None and harm_of(name) is None:
            reason = "is no attack and no harm to people"
        elif words.lower() in NO_ATTACK_WORDS:
            reason = "its words set no attack apart"
        elif isinstance(place, str):
            reason = place
        elif harm_of(name) and _DENIED.search(tokens.text, 0, place[0]):
            reason = "harm that the text denies"
        else:
            span = with_means(tokens.text, *place)
            mentions.append(_Mention(name, words, event["arguments"], span, tokens.sentence(place[0])))
            continue
        ledger.lose(f"event {name}", words, reason, "; ".join(f"{a['role']}: {a['text']}" for a in event["arguments"]))
    return mentions


def _give_types(mentions: Sequence[_Mention]) -> None:
    """Give attacks their types; where all types told in an article are one, 'the attack' is of that type too."""
    for mention in mentions:
        if harm_of(mention.name) is None:
            mention.type = attack_type(mention.name, mention.words, [a["role"] for a in mention.arguments])
    told = {mention.type for mention in mentions} - {None, UNSPECIFIED}
    if len(told) == 1:
        for mention in mentions:
            mention.type = next(iter(told)) if mention.type else None


def _harm_verbs_as_triggers(mentions: Sequence[_Mention], ledger: Ledger) -> None:
    """Make a harm verb a trigger where its sentence has no other, as the guidelines have it."""
    with_attack = {mention.sentence for mention in mentions if mention.type}
    told = {mention.type for mention in mentions} - {None, UNSPECIFIED}
    for mention in mentions:
        if harm_of(mention.name) is None:
            continue
        verb = harm_verb_type(mention.words)
        if mention.sentence in with_attack:
            reason = "harm told beside a trigger: no trigger, its arguments are used"
        elif verb is None:
            reason = "a word of harm that is never a trigger, its arguments are used"
        else:
            mention.type = next(iter(told)) if verb == UNSPECIFIED and len(told) == 1 else verb
            continue
        ledger.lose(mention.kind, mention.words, reason)


def _triggers(mentions: Sequence[_Mention], ledger: Ledger) -> list[Candidate]:
    """Make the trigger spans, each with an event of its own; but verbs of harm in one sentence tell of one event."""
    seen: dict[tuple[int, int], Candidate] = {}
    for mention in mentions:
        if mention.type is None:
            continue
        if mention.span in seen:
            ledger.lose(mention.kind, mention.words, "the same trigger stands twice: its arguments go to one event")
        else:
            seen[mention.span] = Candidate(*mention.span, "ATTACK", mention.type, mention.kind, mention.words)
    kept = resolved(seen.values(), ledger)
    ledger.aligned.update(trigger.kind for trigger in kept)
    harm = {mention.span: mention.sentence for mention in mentions if harm_of(mention.name)}
    homes = [harm.get((trigger.start, trigger.end), (trigger.start, trigger.end)) for trigger in kept]
    first = {home: number for number, home in reversed(list(enumerate(homes)))}  # verbs of harm share their sentence's
    events = {number: count for count, number in enumerate(sorted(first.values()))}
    return [
        replace(trigger, events=frozenset([events[first[home]]]), type=kept[first[home]].type)
        for trigger, home in zip(kept, homes, strict=True)
    ]


def _tie_to_events(mentions: Sequence[_Mention], triggers: Sequence[Candidate]) -> list[str]:
    """Tie each mention to the event of the trigger that covers its own, or to the only one of its sentence."""
    for mention in mentions:
        start, end = mention.span
        own = [t for t in triggers if mention.type and t.start < end and start < t.end]
        near = {t.events for t in triggers if mention.sentence[0] <= t.start < mention.sentence[1]}
        mention.events = own[0].events if own else near.pop() if len(near) == 1 else frozenset()
    return [str(kind) for _, kind in sorted({(min(trigger.events), trigger.type) for trigger in triggers})]


def _arguments(mentions: Sequence[_Mention], tokens: Tokens, ledger: Ledger) -> Iterator[Candidate]:
    """Yield the spans of all arguments."""
    roles = defaultdict(set)  # of the words of an argument, all over the article
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
    """What the arguments of one article are looked up in."""

    tokens: Tokens
    roles: Mapping[str, set[str]]
    sentences: set[tuple[int, int]]

    def argument(self, mention: _Mention, role: str, value: str) -> tuple[list[Candidate], str]:
        """Return the spans of an argument, and if there are none the reason why.

        A figure that harmed people begin with, or that stands right in front of them, is a TOLL of its own.
        """
        place = self._nearest(value, mention)
        if place is None:
            return [], "does not stand in the text as whole words"
        if self.tokens.sentence(place[0]) not in self.sentences:
            return [], "its nearest mention stands in a sentence with no attack"
        if role == "Victim" and self.roles[value.lower()] & DOERS and sets_apart(value):
            return [], "is a doer elsewhere in the article"
        toll = harm_of(mention.name) if role == "Victim" else None
        figure = self._figure(place) if toll else None
        spans = [Candidate(*figure, "TOLL", toll, f"role {role}", value, mention.events)] if figure else []
        inner = trimmed(self.tokens.text, max(place[0], figure[1] if figure else 0), place[1])
        if inner is None:
            return spans, "" if spans else "nothing but marks and articles"
        words = self.tokens.text[slice(*inner)]
        label, reason = label_of(role, words, self.roles[value.lower()])
        if label:
            spans.append(Candidate(*inner, label, None, f"role {role}", value, mention.events))
        return spans, "" if spans else reason

    def _nearest(self, value: str, mention: _Mention) -> tuple[int, int] | None:
        """Find the mention nearest to a trigger, one in its sentence before any other."""
        (start, end), home = mention.span, mention.sentence
        for wanted in uncut(value):
            if places := self.tokens.places(wanted):
                return min(places, key=lambda p: (not home[0] <= p[0] < home[1], max(p[0] - end, start - p[1]), p))
        return None

    def _figure(self, place: tuple[int, int]) -> tuple[int, int] | None:
        """Find the figure that a mention begins with, or that ends one blank in front of it."""
        for figure in figures(self.tokens.text):
            if figure.end == place[0] - 1 or figure.start <= place[0] < figure.end <= place[1]:
                return figure.start, figure.end
        return None


SOURCE = Source(
    name="wikievents",
    summary="WikiEvents: news articles with KAIROS triggers and arguments as strings (JSON Lines)",
    coverage=COVERAGE,
    read=read,
)
