"""Counts over a dataset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from annotations.document import Document
from annotations.text.words import words


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
    meta: dict[str, Counter[str]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return all counts as plain values."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: dict(value) if isinstance(value, Counter) else value for name, value in plain.items()}


COUNTED_META = ("genre", "country")


def count(documents: Iterable[Document]) -> Stats:
    """Count documents, words, spans by label and type, events by attack type, genres and countries.

    Example:
        >>> count([Document("d1", "All quiet.")]).words
        2
    """
    stats = Stats(meta={key: Counter() for key in COUNTED_META})
    for document in documents:
        stats.documents += 1
        stats.without_events += not document.events
        stats.words += sum(document.text[start].isalnum() for start, _ in words(document.text))
        stats.spans += len(document.spans)
        stats.events += len(document.events)
        stats.label.update(span.label for span in document.spans)
        stats.type.update(f"{span.label}:{span.type}" for span in document.spans if span.type)
        stats.event.update(event.attack_type for event in document.events)
        for key in COUNTED_META:
            if key in document.meta:
                stats.meta[key][str(document.meta[key])] += 1
    return stats
