"""Clusters: mentions of one entity, joined step by step, the surest first.

A wrong join harms more than a missed one: two names, two classes of actor, or one person and several are never joined,
and a description that fits two names stays alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import regex

from inference.entities.entity import Entity
from inference.entities.joins import (
    after_apposition,
    same_act,
    same_description,
    same_forces,
    same_name,
    same_state,
    short_for,
    shorter_description,
    shorter_name,
    side_by_side,
)
from inference.entities.mention import Mention, Reader
from inference.entities.words import OF_GROUP

_FIELDS = ("actor", "nation", "number")
_FAR = 90  # characters between two mentions within which words may tie them
# Words in names of groups, and how such names begin.
_GROUP = regex.compile(
    r"\b(?:front|army|movement|party|group|brigades?|command|coalition|alliance|forces?|guard|state|jihad|militia|union"
    r"|team|organi[sz]ation|council|cells?|network|league|band|gang|cartel|vanguard|congress|liberation|taliban)\b"
    r"|^(?:al|abu|ansar\w*|boko|lashkar|jaish|jamaat?|jama\w*|jund\w*|hezb\w*|hizb\w*|harakat|katiba)\b"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A span that may be grouped, with offsets of the reading.

    Args:
        id: Its id.
        start: Offset of its first character.
        end: Offset after its last character.
        label: Its label.
    """

    id: str
    start: int
    end: int
    label: str


def find_entities(
    text: str, spans: Sequence[Named], kinds: Mapping[str, str], events: Mapping[str, frozenset[str]]
) -> tuple[Entity, ...]:
    """Group the mentions of each kind.

    Args:
        text: The text as read.
        spans: Spans in order of offset.
        kinds: The kind of entity by label; spans of other labels are left out.
        events: Ids of the events that a span belongs to, by its id.

    Returns:
        Entities in order of first mention; each mention is in one.

    Example:
        >>> spans = [Named("S1", 4, 23, "DOER"), Named("S2", 25, 28, "DOER")]
        >>> find_entities("The Volta Defence Front (VDF) struck.", spans, {"DOER": "doer"}, {})[0].aliases
        ('VDF',)
    """
    reader = Reader(text)
    none: frozenset[str] = frozenset()
    clusters = [
        cluster
        for label in kinds
        for cluster in _clusters(
            text,
            [reader.mention(s.id, label, s.start, s.end, events.get(s.id, none)) for s in spans if s.label == label],
            doers=kinds[label] == "doer",
        )
    ]
    clusters.sort(key=lambda mentions: mentions[0].start)
    return tuple(
        Entity(f"N{number}", *_names(mentions), kinds[mentions[0].label], tuple(one.id for one in mentions))
        for number, mentions in enumerate(clusters, start=1)
    )


def _clusters(text: str, mentions: Sequence[Mention], *, doers: bool) -> list[list[Mention]]:
    groups = _Groups(text, mentions)
    groups.join(_pair(same_name))
    groups.join(short_for)
    groups.join_sole(shorter_name)
    groups.join(lambda a, b, between: len(between) < _FAR and after_apposition(a, b, between))
    groups.join_sole(shorter_description)
    if not doers:
        groups.join(_pair(same_description))
        return groups.found()
    groups.join(_pair(same_state))
    groups.join(_pair(same_act))
    if len({one.nation for one in mentions if one.actor == "army" and one.nation}) <= 1:
        groups.join(_pair(same_forces))
    groups.join_sole(_named_in_event(groups))
    groups.join_sole(_named_at_all(groups))
    return groups.found()


def _pair(rule: Callable[[Mention, Mention], bool]) -> Callable[[Mention, Mention, str], bool]:
    return lambda a, b, between: rule(a, b)


class _Groups:
    """Groups of mentions, joined by rules; a join that anything said of the two excludes is not made."""

    def __init__(self, text: str, mentions: Sequence[Mention]) -> None:
        self._text = text
        self._mentions = mentions
        self.group = {one.id: [one] for one in mentions}

    def found(self) -> list[list[Mention]]:
        """Return the groups, each in order of offset."""
        return list({id(group): sorted(group, key=lambda one: one.start) for group in self.group.values()}.values())

    def join(self, rule: Callable[[Mention, Mention, str], bool]) -> None:
        """Join the groups of two mentions for which a rule holds; it is given the earlier one first."""
        for a, b in combinations(self._mentions, 2):
            if self.group[a.id] is not self.group[b.id] and rule(a, b, self._between(a, b)):
                self._unite(a, b)

    def join_sole(self, rule: Callable[[Mention, Mention], bool]) -> None:
        """Join a mention to the group that a rule allows, if it allows exactly one."""
        for one in self._mentions:
            own = self.group[one.id]
            allowed = {
                id(self.group[other.id]): other
                for other in self._mentions
                if self.group[other.id] is not own and rule(one, other)
            }
            if len(allowed) == 1:
                self._unite(one, next(iter(allowed.values())))

    def _between(self, a: Mention, b: Mention) -> str:
        return self._text[a.end : b.start] if b.start - a.end < _FAR else " " * _FAR

    def _unite(self, a: Mention, b: Mention) -> None:
        one, other = self.group[a.id], self.group[b.id]
        if one is other or not self._fit(one, other):
            return
        one += other
        for mention in other:
            self.group[mention.id] = one

    def _fit(self, one: Sequence[Mention], other: Sequence[Mention]) -> bool:
        """Whether nothing excludes that two groups are one."""
        for field in _FIELDS:
            values = {value for mention in (*one, *other) if (value := getattr(mention, field))}
            if len(values) > 1:
                return False
        names = [{mention.name for mention in group if mention.name} for group in (one, other)]
        if all(names) and not any(_akin(a, b) for a in names[0] for b in names[1]):
            return any(mention.letters for mention in (*one, *other))
        pairs = (sorted((a, b), key=lambda mention: mention.start) for a in one for b in other)
        return not any(side_by_side(self._between(a, b)) and not _tied(a, b) for a, b in pairs)


def _akin(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    return set(a) <= set(b) or set(b) <= set(a)


def _tied(a: Mention, b: Mention) -> bool:
    """Whether ', ' between two mentions may be an apposition: 'a farmer, Amina Sow,'."""
    return bool(a.name) != bool(b.name)


def _named_in_event(groups: _Groups) -> Callable[[Mention, Mention], bool]:
    """A rule: a plural description and the only group named as doer of an event of it."""

    def rule(one: Mention, other: Mention) -> bool:
        return _may_be_named(one, groups) and bool(one.events & other.events) and is_group(groups.group[other.id])

    return rule


def _named_at_all(groups: _Groups) -> Callable[[Mention, Mention], bool]:
    """A rule: 'the rebels', and the only group that is named as a doer in the document."""

    def rule(one: Mention, other: Mention) -> bool:
        sure = one.actor == "militants" and one.defined
        return sure and _may_be_named(one, groups) and is_group(groups.group[other.id])

    return rule


def _may_be_named(one: Mention, groups: _Groups) -> bool:
    """Whether a mention describes a group that may have a name: 'rebels', 'the attackers'."""
    nameless = not any(mention.name for mention in groups.group[one.id])
    plain = one.number == "many" and not one.is_part and not one.quoted
    return nameless and plain and (one.actor == "militants" or one.by_act)


def is_group(mentions: Sequence[Mention]) -> bool:
    """Whether the name of mentions is surely that of a group, and not of a person or a state."""
    names = [one for one in mentions if one.name]
    return bool(names) and any(
        one.letters or one.head in OF_GROUP or len(one.name) == 1 or _GROUP.search(" ".join(one.name)) for one in names
    )


def _names(mentions: Sequence[Mention]) -> tuple[str, tuple[str, ...]]:
    """Return the longest proper name of mentions, and the others."""
    named = list(_proper(mentions))
    best = max(named, key=lambda one: (len(one.name), one.head not in OF_GROUP), default=mentions[0])
    others = {one.key: one.text for one in reversed(named) if one.key != best.key}
    return best.text, tuple(reversed(others.values()))


def _proper(mentions: Sequence[Mention]) -> Iterator[Mention]:
    yield from (one for one in mentions if one.name)
