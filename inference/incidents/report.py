"""A report: one event of one article, reduced to what tells attacks apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from annotations.quantity import Toll
from annotations.text.reading import plain
from inference.dates import Day
from inference.incidents.spelling import head, name_keys, place_keys
from inference.incidents.told import Days, by_event, days_of, told_countries, told_days, told_figures, told_names

_plain = lru_cache(maxsize=65536)(plain)  # the same names come again and again
_Told = tuple[frozenset[str], frozenset[int], frozenset[str], frozenset[int]]
_ROLES = {  # by label, where an event has them
    "LOCATION": "locations",
    "DATE": "dates",
    "TARGET": "targets",
    "PERPETRATOR": "perpetrators",
    "VICTIM": "victims",
}
NO_EVENT = ""  # in place of the id of an event, in an article in which the model finds none
ANY_TYPE = "unspecified_attack"  # fits all types
_ENCLOSED = 4  # characters between a place and the one that holds it, as in 'Binnish, Idlib'


@dataclass(frozen=True, slots=True)
class Report:
    """One event of one article."""

    document: str  # id of the document
    event: str  # id of the event in it
    first: bool  # whether the article tells it before its other events
    kind: str  # its attack type
    stage: str  # `attempted` or `threatened`; empty if it was carried out
    score: float  # its confidence
    published: int | None  # day of the article, as an ordinal; None if it is not known
    days: tuple[int, int]  # first and last day on which the event may have happened, as ordinals
    dated: bool  # whether the article tells when; else the days follow from its publication
    places: frozenset[str]  # keys of towns, villages and the like
    regions: frozenset[str]  # keys of places that hold them: provinces, countries, the place of a dateline
    doers: frozenset[str]  # keys of proper names of perpetrators
    names: frozenset[str]  # keys of proper names of victims and targets
    heads: frozenset[str]  # what victims and targets are: 'teacher', 'bus'
    # Keys of all proper names in the part of the text that tells of the event, if the text is at hand.
    told: frozenset[str]
    figures: frozenset[int]  # figures in this part, from 10 on
    countries: frozenset[str]  # codes of the countries that the text names
    days_told: frozenset[int]  # days that the text tells, as ordinals
    tolls: Mapping[str, Toll]  # toll by kind
    implied: frozenset[str]  # the kinds for which no figure is told
    shown: Mapping[str, tuple[str, ...]]  # names by role, as the article writes them

    @property
    def names_told(self) -> frozenset[str]:
        """All names in it but those of doers."""
        return self.places | self.regions | self.names | self.told

    @property
    def key(self) -> tuple[str, str]:
        """Document and event: a key of its own."""
        return self.document, self.event

    @property
    def content(self) -> tuple[Any, ...]:
        """All that it says: two events of one article that agree in it are one."""
        tolls = tuple(sorted((kind, toll.to_text()) for kind, toll in self.tolls.items()))
        return self.kind, self.stage, self.days, self.places, self.regions, self.doers, self.names, self.heads, tolls


def gap(a: Report, b: Report) -> int:
    """Return the days from one event to the other; at most 0 if both may have happened on the same day."""
    return max(a.days[0] - b.days[1], b.days[0] - a.days[1])


def reports(record: Mapping[str, Any]) -> Iterator[Report]:
    """Yield the events of a prediction.

    Args:
        record: A line of `predict --format jsonl`: id, and `to_dict()` of a prediction with the day of the text. With
            the text under `text`, all its proper names count too.
    """
    published = Day.fromisoformat(record["date"]).toordinal() if record.get("date") else None
    spans = {span["id"]: span for span in record["spans"]}
    text = record.get("text") or ""
    told = told_names(text, record)
    figures = by_event(told_figures(text), record)
    whole = told_countries(text), told_days(text, published)
    dates = [_plain(span["text"]) for span in record["spans"] if span.get("label") == "DATE"]
    for number, event in enumerate(record["events"]):
        own = [_plain(spans[i]["text"]) for i in event.get("dates", ())]
        days = days_of(event, dates if len(record["events"]) == 1 else own, published)
        part = told[event["id"]], figures[event["id"]]
        yield _report(str(record["id"]), event, spans, published, days, (*part, *whole), number == 0)


def _report(
    document: str,
    event: Mapping[str, Any],
    spans: Mapping[str, Any],
    published: int | None,
    days: tuple[Days, bool],
    told: _Told,
    first: bool,
) -> Report:
    text = {name: _plain(span["text"]) for name, span in spans.items()}
    doers = tuple(_plain(who["name"]) for who in event.get("perpetrators", ()))
    victims = tuple(_plain(who["name"]) for who in event.get("victims", ()))
    targets = tuple(text[i] for i in event.get("targets", ()))
    located = [spans[i] for i in event.get("locations", ())]
    places, regions = _places(located)
    tolls = {kind: Toll(one["min"], one["max"], one["approximate"]) for kind, one in event["toll"].items()}
    return Report(
        document,
        event["id"],
        first,
        event["attack_type"],
        event["flags"].get("stage") or "",
        event["score"],
        published,
        *days,
        places,
        regions,
        _keys(doers),
        _keys((*victims, *targets)),
        frozenset(found for found in map(head, (*victims, *targets)) if found),
        *told,
        tolls,
        frozenset(kind for kind, one in event["toll"].items() if one.get("implied")),
        {"places": tuple(_plain(one["text"]) for one in located), "perpetrators": doers, "victims": victims},
    )


def _keys(mentions: Iterable[str]) -> frozenset[str]:
    return frozenset(key for mention in mentions for key in name_keys(mention))


def _places(located: list[Mapping[str, Any]]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the keys of places, and of the regions around them."""
    places: set[str] = set()
    regions: set[str] = set()
    ordered = sorted(located, key=lambda span: span["start"])
    for number, span in enumerate(ordered):
        keys, wide = place_keys(_plain(span["text"]))
        encloses = number > 0 and 0 <= span["start"] - ordered[number - 1]["end"] <= _ENCLOSED
        dateline = span["start"] == 0 and span["text"].isupper() and len(ordered) > 1
        (regions if wide or encloses or dateline else places).update(keys)
    return frozenset(places), frozenset(regions - places)


def mention(record: Mapping[str, Any]) -> Report | None:
    """Return what an article tells in which the model finds no event; None without its text, or with an event.

    Its days are those before its publication, or those that it tells; its places and people those of all spans.
    """
    if record["events"] or not record.get("text"):
        return None
    ids: dict[str, list[str]] = {label: [] for label in _ROLES}
    for span in record["spans"]:
        ids.get(span["label"], []).append(span["id"])
    names = {span["id"]: span["text"] for span in record["spans"]}
    event: dict[str, Any] = {"id": NO_EVENT, "attack_type": ANY_TYPE, "score": 0.0, "toll": {}, "flags": {}}
    event |= {role: ids[label] for label, role in _ROLES.items()}
    for role in ("perpetrators", "victims"):
        event[role] = [{"name": names[i], "spans": [i]} for i in event[role]]
    return next(reports({**record, "events": [event | {"triggers": list(names)}]}))
