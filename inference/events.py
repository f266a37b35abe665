"""Events: which mentions belong to one attack.

Rules behind one function, `assemble`. They look at type, place, time and wording; they know labels only by the role that the schema gives them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import regex

from annotations.schema import Schema
from inference.figures import Figure, combine
from inference.prediction import EventToll, Participant, PredictedEvent, PredictedSpan
from inference.sentences import Sentences, split_sentences
from inference.toll import normalise

# Words that report an attack without telling its kind: they join an event of any type.
_GENERIC = regex.compile(
    r"(?:attacks?|violence|incidents?|assaults?|raids?|killings?|killed|massacre|bloodshed|operation|wounded|murdered|hit|struck|targeted)"
    r"|(?:\w+ )?(?:attack|assault)",
    regex.I,
)
_OTHER = regex.compile(
    r"\b(?:another|separate(?:ly)?|second|third|elsewhere|meanwhile|similar|earlier|previous|also|last (?:month|year)|years? ago|months? ago|in a different)\b",
    regex.I,
)
_DEFINITE = regex.compile(r"\b(?:the|this|that|its|their|his)\s+(?:[\w-]+\s+){0,3}$", regex.I)
_INDEFINITE = regex.compile(r"\b(?:an?|two|three|four|five|several|other)\s+(?:[\w-]+\s+){0,3}$", regex.I)
_SUMMARY = regex.compile(
    r"\bsince (?:the |last |early |late |mid-)?(?:\d{4}|january|february|march|april|may|june|july|august|september|october|november|december|start|beginning|year)"
    r"|\b(?:this|so far this|last) year\b|\b(?:past|last|first|previous) (?:\w+ )?(?:months|years|decades|weeks)\b"
    r"|\b(?:war|conflict|insurgency|rebellion|uprising|unrest) (?:that )?(?:has|have|had)\b|\bin \d+ years\b|\bmonths? of\b|\byears? of\b|\bdecades?\b",
    regex.I,
)
_SUICIDE = regex.compile(r"\bsuicide\b|\b(?:blew|blown) (?:him|her|them)sel(?:f|ves)\b", regex.I)
_CLAIM = regex.compile(
    r"\bclaim(?:ed|s|ing)? (?:responsibility|credit|the (?:attack|bombing|raid|blast|killing))"
    r"|\bsaid (?:it|they|its \w+) (?:was|were|had) (?:behind|carried out)|\btook responsibility|\bresponsibility was claimed",
    regex.I,
)
_ATTEMPTED = regex.compile(
    r"\b(?:foil\w*|thwart\w*|attempted|failed to|averted|defused|prevented|plot(?:ted|ting)? to|tried to)\b", regex.I
)
_THREATENED = regex.compile(
    r"\b(?:threaten\w* to|threatened|vow\w* to|warned (?:it|they) would|announced (?:it|they) would)\b", regex.I
)
_JOIN_AT = 1.0


@dataclass(slots=True)
class _Draft:
    """An event while it is put together."""

    triggers: list[PredictedSpan]
    roles: dict[str, list[PredictedSpan]] = field(default_factory=dict)

    def names(self, role: str) -> set[str]:
        return {_key(span.text) for span in self.roles.get(role, [])}

    @property
    def type(self) -> str:
        votes: dict[str, float] = {}
        for trigger in self.triggers:
            weight = 0.3 if _GENERIC.fullmatch(trigger.text) else 1.0
            votes[str(trigger.type)] = votes.get(str(trigger.type), 0.0) + weight * trigger.score
        return max(votes, key=lambda kind: votes[kind])


@dataclass(frozen=True, slots=True)
class _Context:
    text: str
    sentences: Sentences
    spans: Sequence[PredictedSpan]
    schema: Schema

    def sentence(self, span: PredictedSpan) -> int:
        return self.sentences.index(span.start)

    def words_of(self, index: int) -> str:
        return self.text[slice(*self.sentences.bounds(index))]

    def role(self, span: PredictedSpan) -> str:
        return self.schema.role(span.label)

    def names(self, sentence: int, role: str) -> set[str]:
        return {_key(s.text) for s in self.spans if self.role(s) == role and self.sentence(s) == sentence}


def assemble(text: str, spans: Sequence[PredictedSpan], schema: Schema) -> list[PredictedEvent]:
    """Put spans together into events.

    Args:
        text: The document's text.
        spans: Spans in order of offset.
        schema: Which label fills which role, and the codes of attack types.

    Returns:
        Events in order of first mention. Figures over months or a war belong to none, and neither do spans with no attack near.
    """
    context = _Context(text, split_sentences(text), spans, schema)
    drafts: list[_Draft] = []
    for trigger in (span for span in spans if context.role(span) == "triggers"):
        home = _home(context, drafts, trigger)
        if home is None:
            home = _Draft([])
            drafts.append(home)
        home.triggers.append(trigger)
        # Places and names of the sentence tell the event apart from later ones, so they are tied while triggers are grouped.
        _tie(context, drafts, context.sentence(trigger))
    for sentence in sorted({context.sentence(span) for span in spans}):
        _tie(context, drafts, sentence)
    return [_finish(context, draft, f"E{number}") for number, draft in enumerate(drafts, start=1)]


def _home(context: _Context, drafts: Sequence[_Draft], trigger: PredictedSpan) -> _Draft | None:
    """Find the event that a trigger mentions again, or None if it reports another one."""
    rated = [(_affinity(context, draft, trigger), number) for number, draft in enumerate(drafts)]
    best, number = max(rated, default=(0.0, -1))
    return drafts[number] if best >= _JOIN_AT else None


def _affinity(context: _Context, draft: _Draft, trigger: PredictedSpan) -> float:
    """How much speaks for a trigger mentioning an event again; positive for, negative against."""
    sentence = context.sentence(trigger)
    same_sentence = context.sentence(draft.triggers[-1]) == sentence
    generic = bool(_GENERIC.fullmatch(trigger.text))
    if trigger.type == draft.type:
        rating = 1.5
    else:
        rating = 0.5 if generic else -1.0
    before = context.text[context.sentences.bounds(sentence)[0] : trigger.start]
    if _DEFINITE.search(before):
        rating += 0.75
    if _INDEFINITE.search(before) and sentence > context.sentence(draft.triggers[0]) + 1:
        rating -= 0.5
    if same_sentence:
        return rating + 0.25
    if _OTHER.search(before):
        rating -= 1.0
    for role, weight in (("locations", 1.25), ("dates", 0.75), ("targets", 0.5), ("perpetrators", 0.5)):
        here, known = context.names(sentence, role), draft.names(role)
        if here and known:
            rating += weight * 0.5 if _share(here, known) else -weight
    # The nearer the last mention, the likelier it is the one meant.
    return rating - 0.02 * min(sentence - context.sentence(draft.triggers[-1]), 20)


def _share(some: Iterable[str], others: Iterable[str]) -> bool:
    return any(a in b or b in a for a in some for b in others)


def _tie(context: _Context, drafts: Sequence[_Draft], sentence: int) -> None:
    """Tie the roles of a sentence to events: the nearest trigger in it, else the event last told before it."""
    triggers = [(t, draft) for draft in drafts for t in draft.triggers if context.sentence(t) == sentence]
    summary = bool(_SUMMARY.search(context.words_of(sentence)))
    for span in (s for s in context.spans if context.sentence(s) == sentence and context.role(s) != "triggers"):
        if triggers:
            if summary and context.role(span) == "tolls" and not _near(context, span, [t for t, _ in triggers]):
                continue
            _, home = min(triggers, key=lambda pair: _distance(pair[0], span))
        elif summary or not (home := _last_told(context, drafts, sentence)):
            continue
        known = home.roles.setdefault(context.role(span), [])
        if span not in known and not any(span in d.roles.get(context.role(span), []) for d in drafts):
            known.append(span)


def _near(context: _Context, span: PredictedSpan, triggers: Sequence[PredictedSpan]) -> bool:
    """A figure beside a trigger stays with it, unless the words that sum up stand between or right behind the figure."""
    trigger = min(triggers, key=lambda t: _distance(t, span))
    low, high = min(trigger.start, span.start), max(trigger.end, span.end)
    return not _SUMMARY.search(context.text[low : high + 60])


def _last_told(context: _Context, drafts: Sequence[_Draft], sentence: int) -> _Draft | None:
    told = [(t.start, draft) for draft in drafts for t in draft.triggers if 0 < sentence - context.sentence(t) <= 3]  # noqa: PLR2004
    return max(told, key=lambda pair: pair[0])[1] if told else None


def _distance(trigger: PredictedSpan, span: PredictedSpan) -> int:
    return max(span.start - trigger.end, trigger.start - span.end)


def _finish(context: _Context, draft: _Draft, event_id: str) -> PredictedEvent:
    kind = draft.type
    definition = context.schema.attack_types.get(kind)
    ids = {role: tuple(span.id for span in found) for role, found in draft.roles.items()}
    return PredictedEvent(
        id=event_id,
        attack_type=kind,
        score=max(trigger.score for trigger in draft.triggers),
        triggers=tuple(trigger.id for trigger in draft.triggers),
        perpetrators=_participants(draft.roles.get("perpetrators", []), {}),
        victims=_participants(draft.roles.get("victims", []), _categories(context.schema)),
        toll=_tolls(context, draft),
        weapons=ids.get("weapons", ()),
        targets=ids.get("targets", ()),
        locations=ids.get("locations", ()),
        dates=ids.get("dates", ()),
        flags=_flags(context, draft),
        codes={code: getattr(definition, code, None) for code in ("gtd", "acled", "muc4")},
    )


def _key(name: str) -> str:
    return regex.sub(r"^(?:the|a|an|suspected|alleged|unidentified)\s+", "", name.casefold())


def _participants(spans: Sequence[PredictedSpan], categories: Mapping[str, str]) -> tuple[Participant, ...]:
    """Group mentions by name; an abbreviation joins the name it abbreviates."""
    groups: list[list[PredictedSpan]] = []
    for span in spans:
        for group in groups:
            if _key(group[0].text) == _key(span.text) or _abbreviates(span.text, group[0].text):
                group.append(span)
                break
        else:
            groups.append([span])
    return tuple(
        Participant(group[0].text, tuple(span.id for span in group), _category(group[0].text, categories))
        for group in groups
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


def _tolls(context: _Context, draft: _Draft) -> dict[str, EventToll]:
    figures: dict[str, list[Figure]] = {}
    for span in sorted(draft.roles.get("tolls", []), key=lambda s: s.start):
        toll = normalise(span.text)
        if toll is not None and span.type is not None:
            bounds = context.sentences.bounds(context.sentence(span))
            figures.setdefault(span.type, []).append(Figure(span.id, span.start, span.end, toll, bounds))
    combined = {kind: combine(context.text, found) for kind, found in figures.items()}
    order = context.schema.labels[context.schema.quantity].types
    return {kind: EventToll(*combined[kind]) for kind in order if combined.get(kind)}  # type: ignore[misc]


def _flags(context: _Context, draft: _Draft) -> dict[str, Any]:
    flags: dict[str, Any] = {}
    mentions = [*draft.triggers, *draft.roles.get("perpetrators", [])]
    near = {context.sentence(span) for span in mentions}
    if any(_SUICIDE.search(span.text) for span in mentions) or any(
        _SUICIDE.search(context.text[max(0, span.start - 25) : span.end]) for span in draft.triggers
    ):
        flags["suicide"] = True
    if any(_CLAIM.search(context.words_of(sentence)) for sentence in near):
        flags["claimed"] = True
    leads = [context.text[context.sentences.bounds(context.sentence(t))[0] : t.start] for t in draft.triggers]
    if any(_ATTEMPTED.search(lead) for lead in leads):
        flags["stage"] = "attempted"
    elif leads and all(_THREATENED.search(lead) for lead in leads):
        flags["stage"] = "threatened"
    return {name: value for name, value in flags.items() if name in context.schema.flags}
