"""Flags of an event: a suicide attack, a claim, an attempt or a threat, by the words around its mentions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import regex

from annotations.schema import Schema
from annotations.text.sentences import Sentences
from inference.events.stage import find_stage
from inference.prediction import EventToll, PredictedSpan

_SUICIDE = regex.compile(
    r"\bsuicide\b|\bbl(?:ew|own|ow(?:s|ing)?) (?:him|her|them)sel(?:f|ves)\b", regex.I
)
_VEHICLE = r"(?:laden|loaded|filled|packed|rigged|full|crammed)\b[^.;,]{0,40}\b(?:explosives?|fertili[sz]er|tnt|bombs?)"
_RAMMED = r"\b(?:ramm(?:ed|ing)|ram|crash(?:ed|ing)|plough(?:ed|ing)|plow(?:ed|ing)|slamm(?:ed|ing)|dr(?:ove|iv\w+))\b"
# Explosives that are worn, or driven into the target.
_DIES = regex.compile(
    rf"{_VEHICLE}\b[^.;]{{0,60}}{_RAMMED}(?! off)|{_RAMMED} [^.;]{{0,60}}{_VEHICLE}\b[^.;]{{0,40}} into\b"
    r"|\b(?:wearing|wore|strapp\w+|clad in)\b[^.;]{0,40}\b(?:vests?|belts?|jackets?|explosives)\b"
    r"|\bdetonat\w+ (?:[\w'’-]+ ){0,3}(?:vests?|belts?)\b|\bkilling (?:him|her|them)sel(?:f|ves)\b",
    regex.I,
)
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
# Words that negate a claim ('No group has claimed'), searched for between the last clause edge and the claim.
_DENIED = regex.compile(
    r"\b(?:no|none|nobody|neither|nor|not|never|deni\w+|deny\w*|yet to|without|declined to|refused to|whether)\b"
    r"|n['’]t\b",
    regex.I,
)
_ASIDE = regex.compile(r",\s(?:[\w-]+\s?){1,4},")
_CLAIM_EDGE = regex.compile(r"[,;:]|\b(?:but|while|though)\b|\band (?!claim)", regex.I)


@dataclass(frozen=True, slots=True)
class Mentions:
    """What flags are read from.

    Args:
        type: The type of the event.
        triggers: Its triggers.
        doers: Mentions of the schema's actors, such as perpetrators.
    """

    type: str
    triggers: Sequence[PredictedSpan]
    doers: Sequence[PredictedSpan]


def find_flags(
    text: str,
    sentences: Sentences,
    schema: Schema,
    event: Mentions,
    tolls: Mapping[str, EventToll],
) -> dict[str, Any]:
    """Return the flags of an event that the schema has.

    Args:
        text: The text as read.
        sentences: Its sentences.
        schema: The flags there are.
        event: Its type and mentions, with offsets of the reading.
        tolls: Its tolls.
    """
    flags: dict[str, Any] = {}
    mentions = [*event.triggers, *event.doers]
    near = {sentences.bounds(sentences.index(span.start)) for span in mentions}
    reported = {sentences.bounds(sentences.index(span.start)) for span in event.triggers}
    if any(_SUICIDE.search(text[max(0, span.start - 25) : span.end]) for span in mentions) or (
        event.type == "bombing" and any(_DIES.search(text[start:end]) for start, end in reported)
    ):
        flags["suicide"] = True
    if any(_claims(text[start:end]) for start, end in near):
        flags["claimed"] = True
    stage = find_stage(text, sentences, event.type, event.triggers, tolls)
    if stage:
        flags["stage"] = stage
    return {name: value for name, value in flags.items() if name in schema.flags}


def _claims(sentence: str) -> bool:
    """Whether a sentence says that somebody claims an attack, without a negation or a denial."""
    leads = (_ASIDE.sub("", sentence[: match.start()]) for match in _CLAIM.finditer(sentence))
    return any(not _DENIED.search(_CLAIM_EDGE.split(lead)[-1]) for lead in leads)
