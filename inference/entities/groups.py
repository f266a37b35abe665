"""Groups of mentions that are one entity so far, and which of them may not be joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from inference.entities.joins import side_by_side
from inference.entities.mention import Mention

FAR = 90  # characters between two mentions within which words may tie them or set them apart
_FIELDS = ("actor", "nation", "number")
Pair = tuple[Mention, Mention]


class Group:
    """Mentions of one entity."""

    def __init__(self, mention: Mention, apart: set[str]) -> None:
        self.mentions = [mention]
        self.apart = apart
        self.said = {field: {value} if (value := getattr(mention, field)) else set() for field in _FIELDS}
        self.names = {mention.name} if mention.name else set()
        self.lettered = bool(mention.letters)

    def fits(self, other: Group) -> bool:
        """Whether nothing that is said of two groups excludes that they are one."""
        if any(len(self.said[field] | other.said[field]) > 1 for field in _FIELDS):
            return False
        named = self.names and other.names and not (self.lettered or other.lettered)
        if named and not any(set(a) <= set(b) or set(b) <= set(a) for a in self.names for b in other.names):
            return False
        small, large = sorted((self, other), key=lambda group: len(group.mentions))
        return not any(mention.id in large.apart for mention in small.mentions)

    def add(self, other: Group) -> None:
        """Add the mentions of another group."""
        self.mentions += other.mentions
        self.apart |= other.apart
        self.names |= other.names
        self.lettered |= other.lettered
        for field in _FIELDS:
            self.said[field] |= other.said[field]


class Groups:
    """The mentions of one role in a document, joined by rules."""

    def __init__(self, text: str, mentions: Sequence[Mention]) -> None:
        self._text = text
        self.mentions = mentions
        apart: dict[str, set[str]] = {one.id: set() for one in mentions}
        for a, b in pairwise(mentions):
            between = self.between(a, b)
            # 'a farmer, Amina Sow,' may be one.
            if side_by_side(between) and (between != ", " or bool(a.name) == bool(b.name)):
                apart[a.id].add(b.id)
                apart[b.id].add(a.id)
        self.of = {one.id: Group(one, apart[one.id]) for one in mentions}

    def between(self, a: Mention, b: Mention) -> str:
        """Return the words between two mentions, blank if they are far from each other."""
        return self._text[a.end : b.start] if b.start - a.end < FAR else " " * FAR

    def join(self, pairs: Iterable[Pair], rule: Callable[[Mention, Mention], bool]) -> None:
        """Join the groups of each pair for which a rule holds; the earlier mention comes first."""
        for a, b in pairs:
            if self.of[a.id] is not self.of[b.id] and rule(a, b):
                self._unite(a, b)

    def join_sole(self, allowed: Callable[[Mention], Iterable[Mention]]) -> None:
        """Join each mention to the group that a rule allows, if it allows exactly one."""
        for one in self.mentions:
            found = {id(self.of[other.id]): other for other in allowed(one)}
            found.pop(id(self.of[one.id]), None)
            if len(found) == 1:
                self._unite(one, next(iter(found.values())))

    def found(self) -> list[list[Mention]]:
        """Return the groups, each in order of offset."""
        groups = {id(group): group for group in self.of.values()}
        return [sorted(group.mentions, key=lambda one: one.start) for group in groups.values()]

    def _unite(self, a: Mention, b: Mention) -> None:
        small, large = sorted((self.of[a.id], self.of[b.id]), key=lambda group: len(group.mentions))
        if not large.fits(small):
            return
        large.add(small)
        for mention in small.mentions:
            self.of[mention.id] = large


def near(mentions: Sequence[Mention]) -> Iterator[Pair]:
    """Yield each mention with the two before it, as far as words may tie them."""
    for number, b in enumerate(mentions):
        yield from ((a, b) for a in mentions[max(0, number - 2) : number] if b.start - a.end < FAR)


def alike(mentions: Sequence[Mention], keys: Callable[[Mention], Iterable[object]], last: int = 1) -> Iterator[Pair]:
    """Yield each mention with the last ones that share a key with it."""
    known: dict[object, list[Mention]] = {}
    for b in mentions:
        for key in keys(b):
            before = known.setdefault(key, [])
            yield from ((a, b) for a in before[-last:])
            before.append(b)
