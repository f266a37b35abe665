"""Flags of an event: a suicide attack, a claim, an attempt or a threat, by the words around its mentions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import regex

from annotations.schema import Schema
from annotations.text.sentences import Sentences
from inference.events.claims import find_claims
from inference.events.stage import find_stage
from inference.prediction import Attribution, EventToll, PredictedSpan

_SUICIDE = regex.compile(r"\bsuicide\b|\bbl(?:ew|own|ow(?:s|ing)?) (?:him|her|them)sel(?:f|ves)\b", regex.I)
_VEHICLE = r"(?:laden|loaded|filled|packed|rigged|full|crammed)\b[^.;,]{0,40}\b(?:explosives?|fertili[sz]er|tnt|bombs?)"
_RAMMED = r"\b(?:ramm(?:ed|ing)|ram|crash(?:ed|ing)|plough(?:ed|ing)|plow(?:ed|ing)|slamm(?:ed|ing)|dr(?:ove|iv\w+))\b"
# Explosives that are worn, or driven into the target.
_DIES = regex.compile(
    rf"{_VEHICLE}\b[^.;]{{0,60}}{_RAMMED}(?! off)|{_RAMMED} [^.;]{{0,60}}{_VEHICLE}\b[^.;]{{0,40}} into\b"
    r"|\b(?:wearing|wore|strapp\w+|clad in)\b[^.;]{0,40}\b(?:vests?|belts?|jackets?|explosives)\b"
    r"|\bdetonat\w+ (?:[\w'’-]+ ){0,3}(?:vests?|belts?)\b|\bkilling (?:him|her|them)sel(?:f|ves)\b",
    regex.I,
)


@dataclass(frozen=True, slots=True)
class Mentions:
    """What flags are read from."""

    type: str  # the type of the event
    triggers: Sequence[PredictedSpan]  # its triggers
    doers: Sequence[PredictedSpan]  # mentions of the schema's actors, such as perpetrators


def find_flags(
    sentences: Sentences,
    schema: Schema,
    event: Mentions,
    tolls: Mapping[str, EventToll],
) -> tuple[dict[str, Any], Attribution]:
    """Return the flags of an event that the schema has, and who claims it, denies it, or is blamed."""
    flags: dict[str, Any] = {}
    text = sentences.text
    mentions = [*event.triggers, *event.doers]
    reported = {sentences.bounds(sentences.index(span.start)) for span in event.triggers}
    if any(_SUICIDE.search(text[max(0, span.start - 25) : span.end]) for span in mentions) or (
        event.type == "bombing" and any(_DIES.search(text[start:end]) for start, end in reported)
    ):
        flags["suicide"] = True
    claimed, attribution = find_claims(sentences, event.type, event.triggers, event.doers)
    stage = find_stage(sentences, event.type, event.triggers, tolls)
    if claimed and stage != "threatened":
        flags["claimed"] = True
    if stage:
        flags["stage"] = stage
    return {name: value for name, value in flags.items() if name in schema.flags}, attribution
