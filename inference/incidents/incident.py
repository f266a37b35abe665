"""An incident: one attack as all its reports tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from annotations.quantity import Toll
from inference.dates import Day


@dataclass(frozen=True, slots=True)
class Member:
    """An event of a document that tells of an incident.

    Args:
        document: Id of the document.
        event: Id of the event in it.
        score: Probability that it tells of the same attack as the other members, on average; 1 if there is no other.
    """

    document: str
    event: str
    score: float

    def to_dict(self) -> dict[str, Any]:
        """Return document, event and score."""
        return {"document": self.document, "event": self.event, "score": round(self.score, 4)}


@dataclass(frozen=True, slots=True)
class Mention:
    """A document in which the model finds no event, and which tells of an incident all the same.

    Args:
        document: Id of the document.
        score: Probability that it does.
    """

    document: str
    score: float

    def to_dict(self) -> dict[str, Any]:
        """Return document and score."""
        return {"document": self.document, "score": round(self.score, 4)}


@dataclass(frozen=True, slots=True)
class TollReport:
    """The toll that one document gives, and the day of the document if it is known."""

    date: Day | None
    source: str
    toll: Toll

    def to_dict(self) -> dict[str, Any]:
        """Return date, source, min, max and approximate."""
        return {"date": self.date.isoformat() if self.date else None, "source": self.source, **self.toll.to_dict()}


@dataclass(frozen=True, slots=True)
class TollOverTime:
    """A toll over sources and time.

    Args:
        best: The toll to use (`summary.py`).
        min: The smallest number that a source gives; None if none does.
        max: The largest one.
        reports: The toll of each document that gives one, the earliest first.
    """

    best: Toll
    min: int | None
    max: int | None
    reports: tuple[TollReport, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return best, min, max and reports."""
        return {
            "best": self.best.to_dict(),
            "min": self.min,
            "max": self.max,
            "reports": [report.to_dict() for report in self.reports],
        }


@dataclass(frozen=True, slots=True)
class Incident:
    """One attack.

    Args:
        id: `i` and a hash of its members: the same for the same members, whatever else is merged.
        attack_type: The type that most of its reports give; `unspecified_attack` only if no other is given.
        confidence: Highest confidence of an event among its members.
        members: Its events, at most one of a document, in order of document.
        start: First day on which it may have happened; None if no report tells.
        end: Last one.
        stage: `attempted` or `threatened` if most reports say so; else empty.
        places: Towns, villages and the like, and without any the regions; those in most reports first.
        perpetrators: Those in most reports first, and names before words such as 'gunmen'.
        victims: In the same order.
        toll: Toll by kind.
        mentions: Documents without an event that tell of it, in order of document. Nothing else comes from them.
    """

    id: str
    attack_type: str
    confidence: float
    members: tuple[Member, ...]
    start: Day | None = None
    end: Day | None = None
    stage: str = ""
    places: tuple[str, ...] = ()
    perpetrators: tuple[str, ...] = ()
    victims: tuple[str, ...] = ()
    toll: Mapping[str, TollOverTime] = field(default_factory=dict)
    mentions: tuple[Mention, ...] = ()

    @property
    def reports(self) -> int:
        """Number of documents with an event that report it."""
        return len({member.document for member in self.members})

    def to_dict(self) -> dict[str, Any]:
        """Return the incident as plain values for JSON, keys in the documented order."""
        date = {"start": self.start.isoformat(), "end": self.end.isoformat()} if self.start and self.end else None
        return {
            "id": self.id,
            "attack_type": self.attack_type,
            "confidence": round(self.confidence, 4),
            "date": date,
            "stage": self.stage or None,
            "places": list(self.places),
            "perpetrators": list(self.perpetrators),
            "victims": list(self.victims),
            "toll": {kind: toll.to_dict() for kind, toll in self.toll.items()},
            "reports": self.reports,
            "members": [member.to_dict() for member in self.members],
            "mentions": [mention.to_dict() for mention in self.mentions],
        }
