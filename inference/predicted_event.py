"""Events as a model found them: their spans by role, participants, tolls, flags and attribution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from annotations.document import Event
from inference.dates import EventDate
from inference.numbers.toll import Toll
from inference.places.gazetteer import Place
from inference.spans import PredictedSpan
from inference.tables.columns import ATTACKERS

Spans = tuple[PredictedSpan, ...]


@dataclass(frozen=True, slots=True)
class Participant:
    """Who has a role in an event: the first mention, all mentions, and a category if the role has any."""

    name: str
    spans: Spans
    category: str | None = None
    has_category: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return name, category (if the role has categories) and the ids of its spans."""
        category = {"category": self.category} if self.has_category else {}
        return {"name": self.name, **category, "spans": _ids(self.spans)}


@dataclass(frozen=True, slots=True)
class Claim:
    """One of several figures that contradict each other: who gives it (None if the article itself), and its spans."""

    by: str | None
    toll: Toll
    spans: Spans

    def to_dict(self) -> dict[str, Any]:
        """Return by, min, max, approximate and the ids of its spans."""
        return {"by": self.by, **self.toll.to_dict(), "spans": _ids(self.spans)}


@dataclass(frozen=True, slots=True)
class EventToll:
    """The toll of one kind in an event.

    Args:
        toll: The number.
        spans: The spans it comes from.
        words: Their text.
        implied: Whether no figure is given: people told one by one ('a soldier was killed', 'and another wounded').
        claims: If sources contradict each other, all their figures, the chosen one first.
        included: For `killed_attackers`: whether the figure of `killed` counts them, too ('six dead, two of them
            attackers').
    """

    toll: Toll
    spans: Spans
    words: tuple[str, ...] = ()
    implied: bool = False
    claims: tuple[Claim, ...] = ()
    included: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return min, max, approximate, ids of spans and words; implied, included and claims if there are any."""
        further: dict[str, Any] = {key: True for key in ("implied", "included") if getattr(self, key)}
        if self.claims:
            further["claims"] = [claim.to_dict() for claim in self.claims]
        return {**self.toll.to_dict(), "spans": _ids(self.spans), "words": list(self.words), **further}


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who is said to have done an attack: names as in the text.

    Args:
        claimed_by: Who claims it.
        denied_by: Who denies it.
        blamed: Who is blamed or accused by others.
    """

    claimed_by: tuple[str, ...] = ()
    denied_by: tuple[str, ...] = ()
    blamed: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, list[str]]:
        """Return the names by key."""
        return {key: list(getattr(self, key)) for key in ("claimed_by", "denied_by", "blamed")}


@dataclass(frozen=True, slots=True)
class PredictedEvent:
    """One event, such as an attack, with all its mentions in the text.

    The arguments of a role are attributes too: `event.perpetrators`, `event.locations` and so on. All of them hold
    spans: `event.locations[0].text`, `event.perpetrators[0].spans[0].start`. `to_dict` has the ids of spans instead.

    Args:
        id: `E1`, `E2`, … in order of first mention.
        attack_type: A type of the schema's trigger label.
        score: The probability that the text reports it, with this type, if the model's linker gives one; else the
            highest confidence of its triggers.
        triggers: Its trigger spans.
        participants: Participants by role, for roles whose mentions are grouped by name, such as `perpetrators` and
            `victims`; several perpetrators if sides clash or blame each other.
        toll: Toll by kind (`killed`, …). A kind that is not reported is absent; a figure without a number has min
            and max None, and is approximate. `killed_attackers` counts the attackers' own dead. `reported` has only
            the kinds that figures tell.
        mentions: Spans by role, for all other roles, such as `weapons`, `targets`, `locations` and `dates`.
        flags: `suicide`, `claimed` and `stage`, if the text says so.
        codes: The attack type in the code books of the schema (GTD, ACLED, MUC-4).
        attribution: Who claims it, denies it, or is blamed for it.
        date: When it happened; None if its mentions do not tell, or if it was only threatened.
        place: Where it happened; None if its mentions do not tell clearly, or if nobody asked (`Prediction.located`).
    """

    id: str
    attack_type: str
    score: float
    triggers: Spans
    participants: Mapping[str, tuple[Participant, ...]] = field(default_factory=dict)
    toll: Mapping[str, EventToll] = field(default_factory=dict)
    mentions: Mapping[str, Spans] = field(default_factory=dict)
    flags: Mapping[str, Any] = field(default_factory=dict)
    codes: Mapping[str, str | None] = field(default_factory=dict)
    attribution: Attribution = Attribution()
    date: EventDate | None = None
    place: Place | None = None

    @property
    def reported(self) -> Mapping[str, EventToll]:
        """Toll by kind as figures tell it: without implied tolls and the attackers' own dead."""
        return {kind: toll for kind, toll in self.toll.items() if kind != ATTACKERS and not toll.implied}

    @property
    def numbers(self) -> Mapping[str, Toll]:
        """The numbers of `reported` by kind, without those that words leave open ('many')."""
        tolls = ((kind, toll.toll) for kind, toll in self.reported.items())
        return {kind: toll for kind, toll in tolls if toll.min is not None or toll.max is not None}

    def to_dict(self) -> dict[str, Any]:
        """Return the event as plain values for JSON, keys in the documented order."""
        return {
            "id": self.id,
            "attack_type": self.attack_type,
            "score": round(self.score, 4),
            **self.codes,
            "triggers": _ids(self.triggers),
            **{role: [who.to_dict() for who in found] for role, found in self.participants.items()},
            "toll": {kind: toll.to_dict() for kind, toll in self.toll.items()},
            **{role: _ids(spans) for role, spans in self.mentions.items()},
            "flags": dict(self.flags),
            "attribution": self.attribution.to_dict(),
            **({"date": self.date.to_dict()} if self.date else {}),
            **({"place": self.place.to_dict()} if self.place else {}),
        }

    def to_event(self) -> Event:
        """Return the event as in a `Document`: span ids by role."""
        roles = {
            "triggers": self.triggers,
            **{role: tuple(span for who in found for span in who.spans) for role, found in self.participants.items()},
            "tolls": tuple(span for toll in self.reported.values() for span in toll.spans),
            **self.mentions,
        }
        ids = {role: tuple(_ids(spans)) for role, spans in roles.items() if spans}
        return Event(self.id, self.attack_type, ids, self.flags)

    def with_spans(self, spans: Mapping[str, PredictedSpan]) -> PredictedEvent:
        """Return the event with other spans of the same ids, such as those with offsets in another form of the text."""

        def found(old: Spans) -> Spans:
            return tuple(spans[span.id] for span in old)

        def told(toll: EventToll) -> EventToll:
            claims = tuple(replace(claim, spans=found(claim.spans)) for claim in toll.claims)
            return replace(toll, spans=found(toll.spans), claims=claims)

        return replace(
            self,
            triggers=found(self.triggers),
            participants={
                role: tuple(replace(who, spans=found(who.spans)) for who in group)
                for role, group in self.participants.items()
            },
            toll={kind: told(toll) for kind, toll in self.toll.items()},
            mentions={role: found(held) for role, held in self.mentions.items()},
            date=replace(self.date, span=spans[self.date.span.id]) if self.date else None,
        )

    def __getattr__(self, role: str) -> tuple[Any, ...]:
        """Return the arguments of a role: participants if its mentions are grouped by name, else spans."""
        # A field that arrives here is not set yet, for example while an event is copied.
        for filled in () if role in self.__slots__ else (self.participants, self.mentions):
            if role in filled:
                return filled[role]
        raise AttributeError(f"this event has no role {role!r}")


def _ids(spans: Spans) -> list[str]:
    return [span.id for span in spans]
