"""Counts over a dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from annotations.document import Document
from annotations.text.words import Edges, words

COUNTED_META = ("genre", "country")


@dataclass(slots=True)
class Stats:
    """Counts over documents.

    `label` counts spans by label, `type` spans by label:type, `event` events by attack type, and `meta` documents by
    key and value.
    """

    documents: int = 0
    without_events: int = 0
    words: int = 0
    spans: int = 0
    events: int = 0
    label: Counter[str] = field(default_factory=Counter)
    type: Counter[str] = field(default_factory=Counter)
    event: Counter[str] = field(default_factory=Counter)
    meta: dict[str, Counter[str]] = field(default_factory=lambda: {key: Counter() for key in COUNTED_META})

    def add(self, document: Document, edges: Edges | None = None) -> int:
        """Count a document; return the number of its words."""
        pieces = words(document.text) if edges is None else edges
        found = sum(document.text[start].isalnum() for start, _ in pieces)
        self.documents += 1
        self.without_events += not document.events
        self.words += found
        self.spans += len(document.spans)
        self.events += len(document.events)
        self.label.update(span.label for span in document.spans)
        self.type.update(f"{span.label}:{span.type}" for span in document.spans if span.type)
        self.event.update(event.attack_type for event in document.events)
        for key in COUNTED_META:
            if key in document.meta:
                self.meta[key][str(document.meta[key])] += 1
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return all counts as plain values."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: dict(value) if isinstance(value, Counter) else value for name, value in plain.items()}


def count(documents: Iterable[Document]) -> Stats:
    """Count documents, words, spans by label and type, events by attack type, genres and countries.

    Example:
        >>> count([Document("d1", "All quiet.")]).words
        2
    """
    stats = Stats()
    for document in documents:
        stats.add(document)
    return stats
