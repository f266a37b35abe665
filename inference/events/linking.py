"""Events: which mentions belong to one attack.

Rules behind one function, `assemble`. They look at type, place, time and wording; they know labels only by the role
that the schema gives them, and of the types only `killed` and `assassination` by name.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from typing import Any, Protocol

import regex

from annotations.schema import Role, Schema
from annotations.text.layout import Kind
from annotations.text.reading import Reading, plain, read
from annotations.text.sentences import Sentences, sentences_of
from inference.events.tolls import Figure, combine
from inference.numbers.toll import Toll, normalise
from inference.prediction import EventToll, Participant, PredictedEvent, PredictedSpan

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
# Edges of clauses within a sentence; a full stop inside a sentence ends an abbreviation and parts nothing.
_CLAUSE_END = regex.compile(r";|,(?!\d)")
_LEAD_END = regex.compile(r";|,(?!\d)|\b(?:before|but|when|after)\b", regex.I)
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
_CLAIM_EDGE = regex.compile(r"[,;:]|\b(?:but|while|though)\b|\band (?!claim)", regex.I)
_ATTEMPTED = regex.compile(
    r"\b(?:foil\w*|thwart\w*|attempted|failed to|averted|defused|prevented|plot(?:ted|ting)? to|tried to)\b", regex.I
)
_THREATENED = regex.compile(
    r"\b(?:threaten\w* to|threatened|vow\w* to|warned (?:it|they) would|announced (?:it|they) would)\b", regex.I
)
_FILLER = regex.compile(r"^(?:(?:the|a|an|suspected|alleged|unidentified)\s+)+")
_POSSESSIVE = regex.compile(r"(?:(?<=s)'|['’]s)$", regex.I)
_DOTTED = regex.compile(r"\b(?:\p{L}\.){2,}")
# Affinity from which a trigger joins an event; of the values tried, this one groups gold triggers of corpus/train best.
_JOIN_AT = 0.25
_REACH = 3  # sentences without a trigger that may still speak of the event told before them
_REMEMBERED = 50  # events that a trigger is compared with, and names of each that are
_APART = (Kind.ITEM, Kind.ROW)  # each tells of an attack of its own, as a rule
_OWN = (*_APART, Kind.ENTRY)  # what is told in one stays in it
_NEXT_ITEM = 0.5  # what speaks against two items telling of one attack


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
    names: dict[str, deque[str]] = field(default_factory=dict)
    votes: dict[str, float] = field(default_factory=dict)
    unit: int = 0

    def add_trigger(self, trigger: PredictedSpan, unit: int) -> None:
        self.triggers.append(trigger)
        self.unit = unit
        weight = 0.3 if _GENERIC.fullmatch(trigger.text) else 1.0
        self.votes[str(trigger.type)] = self.votes.get(str(trigger.type), 0.0) + weight * trigger.score

    def add(self, role: str, span: PredictedSpan) -> None:
        self.roles.setdefault(role, []).append(span)
        names = self.names.setdefault(role, deque(maxlen=_REMEMBERED))
        key = name_key(span.text)
        if key not in names:
            names.append(key)

    def add_all(self, sentence: _Sentence) -> None:
        """Add the spans of a sentence without a trigger, unless it sums up a longer time."""
        for role, found in sentence.roles.items() if not sentence.sums_up else ():
            for span in found:
                self.add(role, span)

    @property
    def type(self) -> str:
        return max(self.votes, key=lambda kind: self.votes[kind])


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence with its spans by role, and the unit that it is in."""

    number: int
    start: int
    words: str
    unit: int
    kind: Kind
    roles: Mapping[str, Sequence[PredictedSpan]]
    links: Mapping[str, float]  # how much a shared mention says for two triggers reporting one event, by role

    @property
    def sums_up(self) -> bool:
        return bool(_SUMMARY.search(self.words))


@dataclass(frozen=True, slots=True)
class _Told:
    """The event that was told last, and the sentence that told it."""

    sentence: int
    draft: _Draft


def assemble(
    text: str, spans: Sequence[PredictedSpan], schema: Schema, convention: str = "range"
) -> list[PredictedEvent]:
    """Put spans together into events.

    Sentence by sentence, each trigger joins the event that it mentions again or starts a new one; then the other spans
    of the sentence are tied to the nearest trigger, or where there is none to the event last told shortly before. A
    list item, a table row and a timed entry keep their spans to themselves: what stands in an item with an attack
    belongs to that attack, and otherwise to the attack told before the list.

    The rules look at the reading of the text, so that they do not depend on its layout.

    Args:
        text: The document's text.
        spans: Spans in order of offset.
        schema: Which label fills which role, and the codes of attack types.
        convention: How vague numbers are read (`inference.numbers.conventions`).

    Returns:
        Events in order of first mention. Figures over months or a war belong to none, and neither do spans with no
        attack near.
    """
    reading = read(text)
    sentences = sentences_of(reading)
    drafts: list[_Draft] = []
    before: _Told | None = None  # the event told last outside of items
    found = _sentences(reading, sentences, [_as_read(reading, span) for span in spans], schema)
    for _, group in groupby(found, key=lambda sentence: sentence.unit):
        unit = list(group)
        last = _tell(reading.text, unit, drafts, sentences, before)
        # An entry of a live blog goes on with the attack of the entry before; an item of a list does not.
        before = before if unit[0].kind in _APART else last
    return [
        _finish(reading.text, sentences, schema, draft, f"E{number}", convention)
        for number, draft in enumerate(drafts, start=1)
    ]


def _as_read(reading: Reading, span: PredictedSpan) -> PredictedSpan:
    start, end = reading.find(span.start, span.end)
    return replace(span, start=start, end=end, text=reading.text[start:end])


def _tell(
    text: str, unit: Sequence[_Sentence], drafts: list[_Draft], sentences: Sentences, before: _Told | None
) -> _Told | None:
    """Add the spans of one unit to the events; return the event that was told last."""
    own = unit[0].kind in _OWN and any("triggers" in sentence.roles for sentence in unit)
    last = None if own else before
    waiting: list[_Sentence] = []  # for the first attack of their item
    for sentence in unit:
        told = _homes(drafts, sentence, sentences)
        if told:
            _tie_to_nearest(text, sentence, told)
            last = _Told(sentence.number, told[-1][1])
            for early in waiting:
                told[0][1].add_all(early)
            waiting = []
        elif own and last is None:
            waiting.append(sentence)
        elif last and (own or sentence.number - last.sentence <= _REACH):
            last.draft.add_all(sentence)
    return last


def _homes(drafts: list[_Draft], sentence: _Sentence, sentences: Sentences) -> list[tuple[PredictedSpan, _Draft]]:
    """Find or start the event of each trigger of a sentence."""
    told = []
    for trigger in sentence.roles.get("triggers", ()):
        home = _home(drafts, trigger, sentence, sentences)
        if home is None:
            home = _Draft()
            drafts.append(home)
        home.add_trigger(trigger, sentence.unit)
        told.append((trigger, home))
    return told


def _sentences(
    reading: Reading, sentences: Sentences, spans: Sequence[PredictedSpan], schema: Schema
) -> Iterator[_Sentence]:
    """Yield the sentences that hold spans."""
    starts = [unit.start for unit in reading.units]
    links = {role.name: role.link for role in schema.arguments.values() if role.link}
    for number, group in groupby(spans, key=lambda span: sentences.index(span.start)):
        roles: dict[str, list[PredictedSpan]] = {}
        for span in group:
            roles.setdefault(schema.role(span.label), []).append(span)
        start, end = sentences.bounds(number)
        unit = max(0, bisect_right(starts, start) - 1)
        kind = reading.units[unit].kind if reading.units else Kind.TEXT
        yield _Sentence(number, start, reading.text[start:end], unit, kind, roles, links)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a sentence says around a trigger; found once, and compared with many events."""

    trigger: PredictedSpan
    sentence: _Sentence
    generic: bool
    definite: bool
    indefinite: bool
    other: bool
    names: Mapping[str, set[str]]

    @classmethod
    def of(cls, trigger: PredictedSpan, sentence: _Sentence) -> _Said:
        before = sentence.words[: trigger.start - sentence.start]
        return cls(
            trigger,
            sentence,
            generic=bool(_GENERIC.fullmatch(trigger.text)),
            definite=bool(_DEFINITE.search(before)),
            indefinite=bool(_INDEFINITE.search(before)),
            other=bool(_OTHER.search(before)),
            names={role: _names(sentence.roles.get(role, ())) for role in sentence.links},
        )


def _home(drafts: Sequence[_Draft], trigger: PredictedSpan, sentence: _Sentence, sentences: Sentences) -> _Draft | None:
    """Find the event that a trigger mentions again, or None if it reports another one."""
    recent = drafts[-_REMEMBERED:]
    said = _Said.of(trigger, sentence)
    rated = [(_affinity(draft, said, sentences), number) for number, draft in enumerate(recent)]
    best, number = max(rated, default=(_JOIN_AT - 1, 0))
    return recent[number] if best >= _JOIN_AT else None


def _affinity(draft: _Draft, said: _Said, sentences: Sentences) -> float:
    """How much speaks for a trigger mentioning an event again; positive for, negative against."""
    rating = 1.5
    sentence = said.sentence
    if said.trigger.type != draft.type:
        rating = 0.5 if said.generic else -1.0
    first, latest = (sentences.index(draft.triggers[at].start) for at in (0, -1))
    if said.definite:
        rating += 0.75
    if said.indefinite and sentence.number > first + 1:
        rating -= 0.5
    if latest == sentence.number:
        return rating + 0.25
    if sentence.kind in _APART and draft.unit != sentence.unit:
        rating -= _NEXT_ITEM
    if said.other:
        rating -= 1.0
    for role, weight in sentence.links.items():
        here, known = said.names[role], draft.names.get(role, ())
        if here and known:
            rating += weight * 0.5 if _share(here, known) else -weight
    # The nearer the last mention, the likelier it is the one meant.
    return rating - 0.02 * min(sentence.number - latest, 20)


def _names(spans: Iterable[PredictedSpan]) -> set[str]:
    return {name_key(span.text) for span in spans}


def _share(some: Iterable[str], others: Iterable[str]) -> bool:
    return any(a in b or b in a for a in some for b in others)


def _tie_to_nearest(text: str, sentence: _Sentence, told: Sequence[tuple[PredictedSpan, _Draft]]) -> None:
    """Tie the spans of a sentence to the events it tells, each to its nearest trigger."""
    for role, found in sentence.roles.items():
        for span in found if role != "triggers" else ():
            trigger, home = min(told, key=lambda pair: _distance(pair[0], span))
            if role != "tolls" or not _sums_up(text, span, trigger, sentence.start + len(sentence.words)):
                home.add(role, span)


def _sums_up(text: str, figure: PredictedSpan, trigger: PredictedSpan, end: int) -> bool:
    """Whether words that sum up a longer time stand between a figure and its trigger, or right behind the two, in the
    figure's own clause of the sentence that ends at `end`."""
    low, high = min(trigger.start, figure.start), min(max(trigger.end, figure.end) + 60, end)
    left = max((edge.end() for edge in _CLAUSE_END.finditer(text, low, figure.start)), default=low)
    edge = _CLAUSE_END.search(text, figure.end, high + 1)  # with the character that tells whether a comma is an edge
    return bool(_SUMMARY.search(text[left : edge.start() if edge else high]))


def _distance(trigger: PredictedSpan, span: PredictedSpan) -> int:
    return max(span.start - trigger.end, trigger.start - span.end)


def _finish(
    text: str, sentences: Sentences, schema: Schema, draft: _Draft, event_id: str, convention: str
) -> PredictedEvent:
    kind = draft.type
    definition = schema.attack_types.get(kind)
    tolls = _tolls(text, sentences, draft.roles.get("tolls", []), schema, convention)
    return PredictedEvent(
        id=event_id,
        attack_type=kind,
        score=max(trigger.score for trigger in draft.triggers),
        triggers=tuple(trigger.id for trigger in draft.triggers),
        participants={
            role.name: _participants(draft.roles.get(role.name, []), role)
            for role in schema.arguments.values()
            if role.named
        },
        toll=tolls,
        mentions={
            role.name: tuple(span.id for span in draft.roles.get(role.name, []))
            for role in schema.arguments.values()
            if not role.named
        },
        flags=_flags(text, sentences, schema, draft, tolls),
        codes={book: getattr(definition, book, None) for book in schema.code_books},
    )


@lru_cache(maxsize=8192)
def name_key(name: str) -> str:
    """Return what two writings of one name have in common.

    Example:
        >>> [name_key(name) for name in ("suspected Boko Haram's", "al-Shabaab", "Al Shabaab", "V.D.F.", "the FMLN")]
        ['boko haram', 'al shabaab', 'al shabaab', 'vdf', 'fmln']
    """
    key = _FILLER.sub("", _POSSESSIVE.sub("", plain(name)).casefold())
    letters = "".join(c for c in unicodedata.normalize("NFD", key) if not unicodedata.combining(c))
    return " ".join(_DOTTED.sub(lambda match: match[0].replace(".", ""), letters).replace("-", " ").split())


def _participants(spans: Sequence[PredictedSpan], role: Role) -> tuple[Participant, ...]:
    """Group mentions by name; an abbreviation joins the name it abbreviates, whichever of the two comes first."""
    groups: dict[str, list[PredictedSpan]] = {}
    named: dict[str, str] = {}  # the group of each abbreviation and of each name's initials
    for span in spans:
        key = name_key(span.text)
        short = _abbreviation(span.text)
        if key not in groups and short:
            key = named.setdefault(short, key)
        groups.setdefault(key, []).append(span)
    return tuple(
        Participant(
            _POSSESSIVE.sub("", plain(group[0].text)),
            tuple(span.id for span in group),
            _category(group[0].text, role.categories),
            bool(role.categories),
        )
        for group in groups.values()
    )


def _abbreviation(name: str) -> str | None:
    """Return the letters that stand for a name of several words, or those of a name that is an abbreviation."""
    bare = _POSSESSIVE.sub("", name)
    letters = bare.replace(".", "")
    if letters.isupper() and letters.isalpha() and len(letters) > 1:
        return letters
    initials = "".join(word[0] for word in regex.findall(r"[\w']+", bare) if word[0].isupper())
    return initials if len(initials) > 1 else None


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
    reading = read(text)
    return _tolls(reading.text, sentences_of(reading), [_Located.of(reading, span) for span in spans], schema)


@dataclass(frozen=True, slots=True)
class _Located:
    """A toll span with offsets of the reading."""

    id: str
    start: int
    end: int
    type: str | None

    @classmethod
    def of(cls, reading: Reading, span: Quantity) -> _Located:
        return cls(span.id, *reading.find(span.start, span.end), span.type)


def _tolls(
    text: str, sentences: Sentences, spans: Sequence[Quantity], schema: Schema, convention: str = "range"
) -> dict[str, EventToll]:
    figures: dict[str, list[Figure]] = {}
    unread: dict[str, list[str]] = {}
    words = {span.id: text[span.start : span.end] for span in spans}
    for span in sorted(spans, key=lambda s: s.start):
        if span.type is None:
            continue
        toll, wanted = normalise(words[span.id]), normalise(words[span.id], convention)
        if toll is None or wanted is None:
            unread.setdefault(span.type, []).append(span.id)
        else:
            bounds = sentences.bounds(sentences.index(span.start))
            figures.setdefault(span.type, []).append(Figure(span.id, span.start, span.end, toll, bounds, wanted))
    table = {}
    for kind in schema.toll_kinds:
        combined = combine(text, figures.get(kind, []))
        if not combined and kind in unread:
            combined = Toll(None, None, True), tuple(unread[kind])
        if combined:
            toll, used = combined
            table[kind] = EventToll(toll, used, tuple(words[span] for span in used))
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
