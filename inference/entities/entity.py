"""Entities of a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


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
