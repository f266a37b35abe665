"""Clusters: mentions of one entity, joined step by step, the surest first.

A wrong join harms more than a missed one: two names, two classes of actor, or one person and several are never joined,
and a description that fits two names stays alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import regex

from annotations.schema import Schema
from annotations.text.reading import Reading, read
from inference.entities import joins
from inference.entities.groups import Groups, alike, near
from inference.entities.mention import Mention, Reader
from inference.entities.words import OF_GROUP
from inference.spans import Marked


@dataclass(frozen=True, slots=True)
class Entity:
    """Somebody whom a document mentions, once or several times.

    Args:
        id: `N1`, `N2`, … in order of first mention.
        name: The longest proper name that the document gives; without one, the first mention.
        aliases: Its other proper names, such as an abbreviation.
        kind: `doer` or `victim`; for roles of another schema, their name.
        spans: Ids of its mentions, in order of offset.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    kind: str
    spans: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the entity as plain values for JSON, keys in the documented order."""
        return {
            "id": self.id,
            "name": self.name,
            "aliases": list(self.aliases),
            "kind": self.kind,
            "spans": list(self.spans),
        }


DOER, VICTIM = "doer", "victim"
_REMEMBERED = 30  # mentions of an event that a mention is compared with
# Words in names of groups, and how such names begin.
_GROUP = regex.compile(
    r"\b(?:front|army|movement|party|group|brigades?|command|coalition|alliance|forces?|guard|state|jihad|militia|union"
    r"|team|organi[sz]ation|council|cells?|network|league|band|gang|cartel|vanguard|congress|liberation|taliban)\b"
    r"|^(?:al|abu|ansar\w*|boko|lashkar|jaish|jamaat?|jama\w*|jund\w*|hezb\w*|hizb\w*|harakat|katiba)\b"
)


def find_entities(
    text: str | Reading, spans: Iterable[Marked], schema: Schema, events: Mapping[str, frozenset[str]]
) -> tuple[Entity, ...]:
    """Group the mentions of doers, and those of victims.

    Args:
        text: The document's text, or its reading if it was read before.
        spans: Its spans; those of other roles are left out.
        schema: The role of each label.
        events: Ids of the events that a span belongs to, by its id.

    Returns:
        Entities in order of first mention; each mention is in one.

    Example:
        >>> from annotations import Span, load_schema
        >>> spans = [Span("S1", 4, 23, "PERPETRATOR"), Span("S2", 25, 28, "PERPETRATOR")]
        >>> find_entities("The Volta Defence Front (VDF) struck.", spans, load_schema(), {})[0].aliases
        ('VDF',)
    """
    reading = text if isinstance(text, Reading) else read(text)
    reader, none = Reader(reading.text), frozenset[str]()
    ordered = sorted(spans, key=lambda span: span.start)
    found: list[tuple[str, list[Mention]]] = []
    for role, kind in kinds_of(schema).items():
        mentions = [
            reader.mention(span.id, *reading.find(span.start, span.end), events.get(span.id, none))
            for span in ordered
            if schema.role(span.label) == role
        ]
        found += [(kind, group) for group in _grouped(reading.text, mentions, doers=kind == DOER)]
    found.sort(key=lambda one: one[1][0].start)
    return tuple(
        Entity(f"N{number}", *_names(group), kind, tuple(one.id for one in group))
        for number, (kind, group) in enumerate(found, start=1)
    )


def kinds_of(schema: Schema) -> dict[str, str]:
    """Return the kind of entity by role, for the roles whose mentions are grouped by name.

    Example:
        >>> from annotations import load_schema
        >>> kinds_of(load_schema())
        {'perpetrators': 'doer', 'victims': 'victim'}
    """
    kinds = {"victims": VICTIM} | ({schema.role(schema.actor): DOER} if schema.actor else {})
    return {name: kinds.get(name, name) for name, role in schema.arguments.items() if role.named}


def _grouped(text: str, mentions: Sequence[Mention], *, doers: bool) -> list[list[Mention]]:
    groups = Groups(text, mentions)
    groups.join(
        alike(mentions, lambda one: (one.key, one.name) if one.name else (one.key,), _REMEMBERED), joins.same_name
    )
    abbreviated = alike(mentions, lambda one: [one.letters] if one.letters else one.initials)
    groups.join(abbreviated, lambda a, b: joins.short_for(a, b, groups.between(a, b)))
    groups.join(near(mentions), lambda a, b: joins.short_for(a, b, groups.between(a, b)))
    groups.join_sole(_Index(mentions).fuller_names)
    groups.join(near(mentions), lambda a, b: joins.after_apposition(a, b, groups.between(a, b)))
    groups.join_sole(_Index(mentions).fuller_descriptions)
    if not doers:
        groups.join(alike(mentions, _events, _REMEMBERED), joins.same_description)
        return groups.found()
    groups.join(alike(mentions, lambda one: [one.nation] if one.nation else [], _REMEMBERED), joins.same_state)
    groups.join(alike(mentions, _events, _REMEMBERED), joins.same_act)
    if len({one.nation for one in mentions if one.actor == "army" and one.nation}) <= 1:
        groups.join(
            alike(mentions, lambda one: [one.actor] if one.actor == "army" else [], _REMEMBERED), joins.same_forces
        )
    groups.join_sole(_named_in_event(groups))
    groups.join_sole(_named_at_all(groups))
    return groups.found()


def _events(one: Mention) -> list[str]:
    return sorted(one.events)


class _Index:
    """Mentions by the words they have, one for each name or description."""

    def __init__(self, mentions: Sequence[Mention]) -> None:
        self._by_word: dict[str, dict[tuple[str, ...], Mention]] = {}
        for one in mentions:
            for word in {*one.name, *((one.head,) if one.is_part else ())}:
                self._by_word.setdefault(word, {}).setdefault(one.name or (one.key,), one)

    def fuller_names(self, short: Mention) -> Iterator[Mention]:
        """Yield mentions of which a name is a part."""
        known = self._by_word.get(short.name[0], {}) if short.name else {}
        yield from (full for full in known.values() if joins.shorter_name(short, full))

    def fuller_descriptions(self, short: Mention) -> Iterator[Mention]:
        """Yield mentions for which a single word stands: 'the command'."""
        known = self._by_word.get(short.head, {})
        yield from (full for full in known.values() if joins.shorter_description(short, full))


def _named_in_event(groups: Groups) -> Callable[[Mention], Iterator[Mention]]:
    """A rule: a plural description, and the groups named as doers of an event of it."""
    known: dict[str, dict[int, Mention]] = {}
    for mention in groups.mentions:
        group = groups.of[mention.id]
        if group.names and is_group(group.mentions):
            for event in mention.events:
                known.setdefault(event, {}).setdefault(id(group), mention)

    def allowed(one: Mention) -> Iterator[Mention]:
        if _may_be_named(one, groups):
            yield from (named for event in _events(one) for named in known.get(event, {}).values())

    return allowed


def _named_at_all(groups: Groups) -> Callable[[Mention], Iterable[Mention]]:
    """A rule: 'the rebels', and the groups that are named as doers in the document."""
    different = {id(group): group for group in groups.of.values() if group.names}
    named = [group.mentions[0] for group in different.values() if is_group(group.mentions)]

    def allowed(one: Mention) -> Iterable[Mention]:
        # All of them: the rule is for a text that names one.
        return named[:2] if one.actor == "militants" and one.defined and _may_be_named(one, groups) else ()

    return allowed


def _may_be_named(one: Mention, groups: Groups) -> bool:
    """Whether a mention describes a group that may have a name: 'rebels', 'the attackers'."""
    plain = one.number == "many" and not one.is_part and not one.quoted
    return plain and (one.actor == "militants" or one.by_act) and not groups.of[one.id].names


def is_group(mentions: Sequence[Mention]) -> bool:
    """Whether the name of mentions is surely that of a group, and not of a person or a state."""
    return any(
        one.letters or one.head in OF_GROUP or len(one.name) == 1 or _GROUP.search(" ".join(one.name))
        for one in mentions
        if one.name
    )


def _names(mentions: Sequence[Mention]) -> tuple[str, tuple[str, ...]]:
    """Return the longest proper name of mentions, and the others."""
    named = [one for one in mentions if one.name]
    best = max(named, key=lambda one: (len(one.name), one.head not in OF_GROUP), default=mentions[0])
    others = {one.key: one.text for one in reversed(named) if one.key != best.key}
    return best.text, tuple(reversed(others.values()))
