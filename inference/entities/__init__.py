"""Entities: which mentions of a document name the same doers or the same victims."""

from inference.entities.clusters import find_entities
from inference.entities.entity import Entity

__all__ = ["Entity", "find_entities"]
