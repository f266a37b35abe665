"""Agreement of the rules with the tolls that annotators counted. Each difference is an error of one or the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from annotations.document import Document
from annotations.quantity import Toll
from annotations.schema import Schema
from inference.events.tolls import read_tolls


@dataclass(frozen=True, slots=True)
class CountedToll:
    """A toll that annotators counted, and the toll that the rules read from the same gold spans."""

    document: str  # document id
    event: str  # event id
    kind: str  # kind of toll
    counted: Toll  # the toll that annotators counted
    read: Toll | None  # the toll that the rules read; None if they read none
    mentions: tuple[str, ...]  # the words of the toll spans of this kind

    @property
    def agrees(self) -> bool:
        """Whether the bounds and `approximate` are the same."""
        return self.counted == self.read

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)


def counted_tolls(documents: Sequence[Document], schema: Schema) -> list[CountedToll]:
    """Return every toll that annotators counted in gold documents, with the toll that the rules read."""
    found = []
    for document in documents:
        for event in document.events:
            spans = [document.span(key) for key in event.roles["tolls"]]
            read = read_tolls(document.text, spans, schema) if event.toll else {}
            for kind, counted in event.toll.items():
                mentions = tuple(document.mention(span) for span in spans if span.type == kind)
                toll = read[kind].toll if kind in read else None
                found.append(CountedToll(document.id, event.id, kind, counted, toll, mentions))
    return found
