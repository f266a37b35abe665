"""Participants of events: mentions grouped by name, then by the entities of the document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

import regex

from annotations.schema import Role, Schema
from annotations.text.reading import Reading, plain
from inference.entities.clusters import Entity, find_entities
from inference.entities.spelling import POSSESSIVE, name_key
from inference.predicted_event import Participant, PredictedEvent
from inference.spans import PredictedSpan


def by_entity(
    text: str | Reading, spans: Sequence[PredictedSpan], events: Sequence[PredictedEvent], schema: Schema
) -> tuple[list[PredictedEvent], tuple[Entity, ...]]:
    """Find the entities of a document, and group the participants of its events by them.

    Returns:
        The events, in which one entity is one participant, with its name; and the entities.
    """
    belongs: dict[str, set[str]] = {}
    for event in events:
        for who in chain.from_iterable(event.participants.values()):
            for span in who.spans:
                belongs.setdefault(span.id, set()).add(event.id)
    entities = find_entities(text, spans, schema, {span: frozenset(found) for span, found in belongs.items()})
    owner = {span: entity for entity in entities for span in entity.spans}
    order = {span.id: number for number, span in enumerate(spans)}
    return [
        replace(event, participants={role: _grouped(found, owner, order) for role, found in event.participants.items()})
        for event in events
    ], entities


def _grouped(
    found: Sequence[Participant], owner: Mapping[str, Entity], order: Mapping[str, int]
) -> tuple[Participant, ...]:
    """Group the mentions of participants by entity; the category is that of the first mention that has one."""
    mentions = sorted(((span, who) for who in found for span in who.spans), key=lambda one: order[one[0].id])
    grouped: dict[str, Participant] = {}
    for span, who in mentions:
        entity = owner[span.id]
        known = grouped.get(entity.id)
        grouped[entity.id] = (
            replace(who, name=entity.name, spans=(span,))
            if known is None
            else replace(known, spans=(*known.spans, span), category=known.category or who.category)
        )
    return tuple(grouped.values())


def participants(spans: Sequence[PredictedSpan], role: Role) -> tuple[Participant, ...]:
    """Group mentions by name; an abbreviation joins its full name, in either order."""
    groups: dict[str, list[PredictedSpan]] = {}
    named: dict[str, str] = {}  # group by abbreviation or initials
    for span in spans:
        key = name_key(span.text)
        short = _abbreviation(span.text)
        if key not in groups and short:
            key = named.setdefault(short, key)
        groups.setdefault(key, []).append(span)
    return tuple(
        Participant(
            POSSESSIVE.sub("", plain(group[0].text)),
            tuple(group),
            _category(group[0].text, role.categories),
            bool(role.categories),
        )
        for group in groups.values()
    )


def _abbreviation(name: str) -> str | None:
    """Return the initials of a name of several words, or the letters of a name that is an abbreviation."""
    bare = POSSESSIVE.sub("", name)
    letters = bare.replace(".", "")
    if letters.isupper() and letters.isalpha() and len(letters) > 1:
        return letters
    initials = "".join(word[0] for word in regex.findall(r"[\w']+", bare) if word[0].isupper())
    return initials if len(initials) > 1 else None


def _category(name: str, categories: Mapping[str, str]) -> str | None:
    found = {categories[word] for word in regex.findall(r"\w+", name.casefold()) if word in categories}
    return next((category for category in dict.fromkeys(categories.values()) if category in found), None)
