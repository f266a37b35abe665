"""Events: which mentions belong to one attack.

Rules behind one function, `assemble`. They look at type, place, time and wording; they know labels only by the role
that the schema gives them, and of the types only `killed` and `assassination` by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Protocol

import regex

from annotations.schema import Schema
from inference.figures import Figure, combine
from inference.prediction import EventToll, Participant, PredictedEvent, PredictedSpan
from inference.sentences import Sentences, split_sentences
from inference.toll import Toll, normalise

# Words that report an attack without telling its kind: they join an event of any type.
_GENERIC = regex.compile(
    r"(?:attacks?|violence|incidents?|assaults?|raids?|killings?|killed|massacre|bloodshed|operation|wounded|murdered|hit|struck|targeted)"
    r"|(?:\w+ )?(?:attack|assault)",
    regex.I,
)
_OTHER = regex.compile(
    r"\b(?:another|separate(?:ly)?|second|third|elsewhere|meanwhile|similar|earlier|previous|also"
    r"|last (?:month|year)|years? ago|months? ago|in a different)\b",
    regex.I,
)
_DEFINITE = regex.compile(r"\b(?:the|this|that|its|their|his)\s+(?:[\w-]+\s+){0,3}$", regex.I)
_INDEFINITE = regex.compile(r"\b(?:an?|two|three|four|five|several|other)\s+(?:[\w-]+\s+){0,3}$", regex.I)
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_SUMMARY = regex.compile(
    rf"\bsince (?:the |last |early |late |mid-)?(?:\d{{4}}|{_MONTHS}|start|beginning|year)"
    r"|\b(?:this|so far this|last) year\b|\b(?:past|last|first|previous) (?:\w+ )?(?:months|years|decades|weeks)\b"
    r"|\b(?:war|conflict|insurgency|rebellion|uprising|unrest) (?:that )?(?:has|have|had)\b"
    r"|\bin \d+ years\b|\bmonths? of\b|\byears? of\b|\bdecades?\b",
    regex.I,
)
_CLAUSE_END = regex.compile(r"[;\n]|[,.](?!\d)")
_LEAD_END = regex.compile(r"[;\n]|,(?!\d)|\b(?:before|but|when|after)\b", regex.I)
_SUICIDE = regex.compile(r"\bsuicide\b|\b(?:blew|blown) (?:him|her|them)sel(?:f|ves)\b", regex.I)
_ATTACK_NOUN = (
    r"(?:\w*attack|\w*bomb(?:ing)?|raid|blast|explosion|killing|murder|ambush|shooting|assault|strike|airstrike|shelling"
    r"|massacre|kidnapping|abduction|assassination|hijacking|hostage[- ]taking|execution|beheading|operation|incursion"
    r"|arson|sabotage|stabbing|siege|violence|mission)(?:e?s)?\b"
)
_CLAIM = regex.compile(
    rf"\bclaim(?:ed|s|ing)? (?:responsibility|credit"
    rf"|(?:the|this|that|both) (?:(?!li(?:fe|ves)\b)[\w-]+ ){{0,2}}{_ATTACK_NOUN})"
    r"|\bsaid (?:it|they|its \w+) (?:was|were|had) (?:behind|carried out)"
    r"|\btook responsibility|\bresponsibility was claimed",
    regex.I,
)
# Words in front of a claim that take it back ('No group has claimed'), looked for since the last clause edge.
_DENIED = regex.compile(
    r"\b(?:no|none|nobody|neither|nor|not|never|deni\w+|deny\w*|yet to|without|declined to|refused to|whether)\b"
    r"|n['’]t\b",
    regex.I,
)
_ASIDE = regex.compile(r",\s(?:[\w-]+\s?){1,4},")
_CLAIM_EDGE = regex.compile(r"[,;:.\n]|\b(?:but|while|though)\b|\band (?!claim)", regex.I)
_ATTEMPTED = regex.compile(
    r"\b(?:foil\w*|thwart\w*|attempted|failed to|averted|defused|prevented|plot(?:ted|ting)? to|tried to)\b", regex.I
)
_THREATENED = regex.compile(
    r"\b(?:threaten\w* to|threatened|vow\w* to|warned (?:it|they) would|announced (?:it|they) would)\b", regex.I
)
_FILLER = regex.compile(r"^(?:the|a|an|suspected|alleged|unidentified)\s+")
# Affinity from which a trigger joins an event; of the values tried, this one groups gold triggers of corpus/train best.
_JOIN_AT = 0.25
_REACH = 3  # sentences without a trigger that may still speak of the event told before them
_REMEMBERED = 50  # events that a trigger is compared with


class Quantity(Protocol):
    """A toll span, gold or predicted."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def start(self) -> int:
        """Offset of the first character."""
        ...

    @property
    def end(self) -> int:
        """Offset behind the last character."""
        ...

    @property
    def type(self) -> str | None:
        """Kind of the toll."""
        ...


@dataclass(slots=True)
class _Draft:
    """An event while it is put together: its triggers, its other spans by role, their names, and votes for its type."""

    triggers: list[PredictedSpan] = field(default_factory=list)
    roles: dict[str, list[PredictedSpan]] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)
    votes: dict[str, float] = field(default_factory=dict)

    def add_trigger(self, trigger: PredictedSpan) -> None:
        self.triggers.append(trigger)
        weight = 0.3 if _GENERIC.fullmatch(trigger.text) else 1.0
        self.votes[str(trigger.type)] = self.votes.get(str(trigger.type), 0.0) + weight * trigger.score

    def add(self, role: str, span: PredictedSpan) -> None:
        self.roles.setdefault(role, []).append(span)
        self.names.setdefault(role, set()).add(_key(span.text))

    @property
    def type(self) -> str:
        return max(self.votes, key=lambda kind: self.votes[kind])


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence with its spans by role."""

    number: int
    start: int
    words: str
    roles: Mapping[str, Sequence[PredictedSpan]]

    @property
    def sums_up(self) -> bool:
        return bool(_SUMMARY.search(self.words))


def assemble(text: str, spans: Sequence[PredictedSpan], schema: Schema) -> list[PredictedEvent]:
    """Put spans together into events.

    Sentence by sentence, each trigger joins the event that it mentions again or starts a new one; then the other spans
    of the sentence are tied to the nearest trigger, or where there is none to the event last told shortly before.

    Args:
        text: The document's text.
        spans: Spans in order of offset.
        schema: Which label fills which role, and the codes of attack types.

    Returns:
        Events in order of first mention. Figures over months or a war belong to none, and neither do spans with no
        attack near.
    """
    sentences = split_sentences(text)
    drafts: list[_Draft] = []
    last: tuple[int, _Draft] | None = None
    for sentence in _sentences(text, sentences, spans, schema):
        told = []
        for trigger in sentence.roles.get("triggers", ()):
            home = _home(drafts, trigger, sentence, sentences)
            if home is None:
                home = _Draft()
                drafts.append(home)
            home.add_trigger(trigger)
            told.append((trigger, home))
        if told:
            _tie_to_nearest(text, sentence, told)
            last = sentence.number, told[-1][1]
        elif last and sentence.number - last[0] <= _REACH and not sentence.sums_up:
            for role, found in sentence.roles.items():
                for span in found:
                    last[1].add(role, span)
    return [_finish(text, sentences, schema, draft, f"E{number}") for number, draft in enumerate(drafts, start=1)]


def _sentences(text: str, sentences: Sentences, spans: Sequence[PredictedSpan], schema: Schema) -> Iterator[_Sentence]:
    """Yield the sentences that hold spans."""
    for number, group in groupby(spans, key=lambda span: sentences.index(span.start)):
        roles: dict[str, list[PredictedSpan]] = {}
        for span in group:
            roles.setdefault(schema.role(span.label), []).append(span)
        start, end = sentences.bounds(number)
        yield _Sentence(number, start, text[start:end], roles)


def _home(drafts: Sequence[_Draft], trigger: PredictedSpan, sentence: _Sentence, sentences: Sentences) -> _Draft | None:
    """Find the event that a trigger mentions again, or None if it reports another one."""
    recent = drafts[-_REMEMBERED:]
    rated = [(_affinity(draft, trigger, sentence, sentences), number) for number, draft in enumerate(recent)]
    best, number = max(rated, default=(_JOIN_AT - 1, 0))
    return recent[number] if best >= _JOIN_AT else None


def _affinity(draft: _Draft, trigger: PredictedSpan, sentence: _Sentence, sentences: Sentences) -> float:
    """How much speaks for a trigger mentioning an event again; positive for, negative against."""
    rating = 1.5
    if trigger.type != draft.type:
        rating = 0.5 if _GENERIC.fullmatch(trigger.text) else -1.0
    before = sentence.words[: trigger.start - sentence.start]
    first, latest = (sentences.index(draft.triggers[at].start) for at in (0, -1))
    if _DEFINITE.search(before):
        rating += 0.75
    if _INDEFINITE.search(before) and sentence.number > first + 1:
        rating -= 0.5
    if latest == sentence.number:
        return rating + 0.25
    if _OTHER.search(before):
        rating -= 1.0
    for role, weight in (("locations", 1.25), ("dates", 0.75), ("targets", 0.5), ("perpetrators", 0.5)):
        here, known = _names(sentence.roles.get(role, ())), draft.names.get(role, set())
        if here and known:
            rating += weight * 0.5 if _share(here, known) else -weight
    # The nearer the last mention, the likelier it is the one meant.
    return rating - 0.02 * min(sentence.number - latest, 20)


def _names(spans: Iterable[PredictedSpan]) -> set[str]:
    return {_key(span.text) for span in spans}


def _share(some: Iterable[str], others: Iterable[str]) -> bool:
    return any(a in b or b in a for a in some for b in others)


def _tie_to_nearest(text: str, sentence: _Sentence, told: Sequence[tuple[PredictedSpan, _Draft]]) -> None:
    """Tie the spans of a sentence to the events it tells, each to its nearest trigger."""
    for role, found in sentence.roles.items():
        for span in found if role != "triggers" else ():
            trigger, home = min(told, key=lambda pair: _distance(pair[0], span))
            if role != "tolls" or not _sums_up(text, span, trigger):
                home.add(role, span)


def _sums_up(text: str, figure: PredictedSpan, trigger: PredictedSpan) -> bool:
    """Whether words that sum up a longer time stand between a figure and its trigger, or right behind the two, in the
    figure's own clause."""
    low, high = min(trigger.start, figure.start), max(trigger.end, figure.end) + 60
    left = max((edge.end() for edge in _CLAUSE_END.finditer(text, low, figure.start)), default=low)
    edge = _CLAUSE_END.search(text, figure.end)
    return bool(_SUMMARY.search(text[left : min(high, edge.start() if edge else high)]))


def _distance(trigger: PredictedSpan, span: PredictedSpan) -> int:
    return max(span.start - trigger.end, trigger.start - span.end)


def _finish(text: str, sentences: Sentences, schema: Schema, draft: _Draft, event_id: str) -> PredictedEvent:
    kind = draft.type
    definition = schema.attack_types.get(kind)
    tolls = _tolls(text, sentences, draft.roles.get("tolls", []), schema)
    ids = {role: tuple(span.id for span in found) for role, found in draft.roles.items()}
    return PredictedEvent(
        id=event_id,
        attack_type=kind,
        score=max(trigger.score for trigger in draft.triggers),
        triggers=tuple(trigger.id for trigger in draft.triggers),
        perpetrators=_participants(draft.roles.get("perpetrators", []), {}),
        victims=_participants(draft.roles.get("victims", []), _categories(schema)),
        toll=tolls,
        weapons=ids.get("weapons", ()),
        targets=ids.get("targets", ()),
        locations=ids.get("locations", ()),
        dates=ids.get("dates", ()),
        flags=_flags(text, sentences, schema, draft, tolls),
        codes={code: getattr(definition, code, None) for code in ("gtd", "acled", "muc4")},
    )


def _key(name: str) -> str:
    return str(_FILLER.sub("", name.casefold()))


def _participants(spans: Sequence[PredictedSpan], categories: Mapping[str, str]) -> tuple[Participant, ...]:
    """Group mentions by name; an abbreviation joins the name it abbreviates."""
    groups: dict[str, list[PredictedSpan]] = {}
    for span in spans:
        key = _key(span.text)
        if key not in groups and span.text.isupper():
            key = next((known for known in groups if _abbreviates(span.text, groups[known][0].text)), key)
        groups.setdefault(key, []).append(span)
    return tuple(
        Participant(group[0].text, tuple(span.id for span in group), _category(group[0].text, categories))
        for group in groups.values()
    )


def _abbreviates(short: str, long: str) -> bool:
    initials = "".join(word[0] for word in regex.findall(r"[\w']+", long) if word[0].isupper())
    return len(short) > 1 and short.replace(".", "") == initials


def _categories(schema: Schema) -> dict[str, str]:
    """Category by word; where a word stands in two categories the first one has it."""
    table: dict[str, str] = {}
    for label in schema.labels.values():
        if label.role == "victims":
            for category, words in label.categories.items():
                for word in words:
                    table.setdefault(word, category)
    return table


def _category(name: str, categories: Mapping[str, str]) -> str | None:
    found = {categories[word] for word in regex.findall(r"\w+", name.casefold()) if word in categories}
    return next((category for category in dict.fromkeys(categories.values()) if category in found), None)


def read_tolls(text: str, spans: Sequence[Quantity], schema: Schema) -> dict[str, EventToll]:
    """Read the toll of each kind off the toll spans of one event.

    Args:
        text: The document's text.
        spans: Spans of the schema's quantity label, in any order.
        schema: The kinds of toll.

    Returns:
        Toll by kind, in schema order. Figures that cannot be read make an unclear number where no other one can.
    """
    return _tolls(text, split_sentences(text), spans, schema)


def _tolls(text: str, sentences: Sentences, spans: Sequence[Quantity], schema: Schema) -> dict[str, EventToll]:
    figures: dict[str, list[Figure]] = {}
    unread: dict[str, list[str]] = {}
    for span in sorted(spans, key=lambda s: s.start):
        if span.type is None:
            continue
        toll = normalise(text[span.start : span.end])
        if toll is None:
            unread.setdefault(span.type, []).append(span.id)
        else:
            bounds = sentences.bounds(sentences.index(span.start))
            figures.setdefault(span.type, []).append(Figure(span.id, span.start, span.end, toll, bounds))
    table = {}
    for kind in schema.labels[schema.quantity].types:
        combined = combine(text, figures.get(kind, []))
        if combined:
            table[kind] = EventToll(*combined)
        elif kind in unread:
            table[kind] = EventToll(Toll(None, None, True), tuple(unread[kind]))
    return table


def _flags(
    text: str, sentences: Sentences, schema: Schema, draft: _Draft, tolls: Mapping[str, EventToll]
) -> dict[str, Any]:
    flags: dict[str, Any] = {}
    mentions = [*draft.triggers, *draft.roles.get("perpetrators", [])]
    near = {sentences.bounds(sentences.index(span.start)) for span in mentions}
    if any(_SUICIDE.search(text[max(0, span.start - 25) : span.end]) for span in mentions):
        flags["suicide"] = True
    if any(_claims(text[start:end]) for start, end in near):
        flags["claimed"] = True
    stage = _stage(text, sentences, draft, tolls)
    if stage:
        flags["stage"] = stage
    return {name: value for name, value in flags.items() if name in schema.flags}


def _claims(sentence: str) -> bool:
    """Whether a sentence claims an attack, and does not say that nobody did or that somebody denied it."""
    leads = (_ASIDE.sub("", sentence[: match.start()]) for match in _CLAIM.finditer(sentence))
    return any(not _DENIED.search(_CLAIM_EDGE.split(lead)[-1]) for lead in leads)


def _stage(text: str, sentences: Sentences, draft: _Draft, tolls: Mapping[str, EventToll]) -> str | None:
    """Whether an attack was only attempted or threatened, by the words of its triggers' clauses in front of them.

    What killed somebody was carried out, but an attempt on one life may take another.
    """
    killed = tolls["killed"].toll.min if "killed" in tolls else None
    if killed and draft.type != "assassination":
        return None
    starts = [(sentences.bounds(sentences.index(t.start))[0], t.start) for t in draft.triggers]
    leads = [_LEAD_END.split(text[start:end])[-1] for start, end in starts]
    if any(_ATTEMPTED.search(lead) for lead in leads):
        return "attempted"
    return "threatened" if all(_THREATENED.search(lead) for lead in leads) else None
