"""Resolving: which place each mention means, by what is named around it and the countries that the text is about.

A name that several places have is resolved only if the words around it or the countries of the text decide. Population
alone never does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import regex

from annotations.text.sentences import Sentences
from inference.places.evidence import Evidence, evidence_of
from inference.places.gazetteer import CITY, COUNTRY, DISTRICT, REGION, Candidate, Gazetteer
from inference.places.names import asked, place_key
from inference.places.place import Place

_KNOWN = 50_000  # people of a city whose name is taken for it if no other country has the name
_GREAT = 1_000_000  # people of a city that is taken for it even in a text on other countries
_CLEAR = 5  # times as many people as in other cities of the name in the country
_MOST = 2  # times as much evidence for a country as for another one
_LED_BY = regex.compile(r"^(?:'s|’s)?(?: [\p{Ll}-]+){0,4} $")  # 'the Afghan [city of] Jalalabad', 'Iraq['s] Anbar'
_INSIDE = regex.compile(r"^(?:,|,? in|,? \()? ?(?:the )?(?:[\p{Ll}-]+ ){0,2}$")  # 'Sangin[, ]Helmand', 'Gao[ in ]Mali'
_NAME_AFTER = regex.compile(r"^,(?: in)? (?:the )?((?:\p{Lu}[\p{L}\p{M}'’-]+)(?: (?:of |the )?\p{Lu}[\p{L}\p{M}'’-]+){0,3})")
_OWN = 2  # evidence for a country from a place that is in no other one
_FAR = 12  # characters between a mention and the one it is inside of


class At(NamedTuple):
    """A mention of a place, with offsets of the reading."""

    id: str
    start: int
    end: int


@dataclass(frozen=True)
class _Context:
    """What is known of where a text is.

    Args:
        text: The text as read.
        sentences: Its sentences.
        evidence: Words for countries.
        weights: How much each country is named.
    """

    text: str
    sentences: Sentences
    evidence: Sequence[Evidence]
    weights: Counter[str]


def resolve(text: str, sentences: Sentences, mentions: Sequence[At], gazetteer: Gazetteer) -> dict[str, Place]:
    """Return the place of each mention that is clear.

    Args:
        text: The text as read.
        sentences: Its sentences.
        mentions: Mentions of places, in order of offset.
        gazetteer: The known places.
    """
    found = [_candidates(text[one.start : one.end], gazetteer) for one in mentions]
    evidence = list(evidence_of(text))
    weights = Counter[str]()
    for one in evidence:
        weights[one.country] += one.weight
    for sole in filter(None, map(_sole, found)):
        weights[sole] += _OWN
    context = _Context(text, sentences, evidence, weights)
    containers = _containers(text, mentions, found, gazetteer)
    places: dict[str, Place] = {}
    for one, candidates in zip(mentions, found, strict=True):
        place = _place(one, candidates, containers.get(one.id, ()), context, gazetteer)
        if place:
            places[one.id] = place
    return places


def _candidates(words: str, gazetteer: Gazetteer) -> list[Candidate]:
    """Return what a mention may mean, of the kind that its noun says if there is one."""
    wanted = asked(words)
    found = gazetteer.find(wanted.keys)
    kinds = {REGION: (REGION,), DISTRICT: (DISTRICT, CITY), CITY: (CITY,)}.get(wanted.kind or "", ())
    return [one for one in found if one.kind in kinds] or found


def _sole(candidates: Sequence[Candidate]) -> str | None:
    """Return the country of a mention that is known in one country only."""
    countries = {one.country for one in candidates}
    return next(iter(countries)) if len(countries) == 1 and any(map(_is_known, candidates)) else None


def _is_known(one: Candidate) -> bool:
    return one.kind in (COUNTRY, REGION) or one.people >= _KNOWN


def _containers(
    text: str, mentions: Sequence[At], found: Sequence[Sequence[Candidate]], gazetteer: Gazetteer
) -> dict[str, list[Candidate]]:
    """Return what each mention is told to be inside of: 'Sangin district, Helmand province, Afghanistan'."""
    inside: dict[str, list[Candidate]] = {}
    for one in mentions:
        after = _NAME_AFTER.match(text[one.end : one.end + 80])
        named = gazetteer.find([place_key(after[1])]) if after else []
        inside[one.id] = [place for place in named if place.kind in (COUNTRY, REGION)]
    for number, (one, other) in reversed(list(enumerate(pairwise(mentions)))):
        between = text[one.end : other.start]
        if len(between) <= _FAR and _INSIDE.match(between):
            wider = [place for place in found[number + 1] if place.kind in (COUNTRY, REGION, DISTRICT)]
            inside[one.id] += wider + inside[other.id] if wider else []
    return inside


def _place(
    one: At, candidates: Sequence[Candidate], inside: Sequence[Candidate], context: _Context, gazetteer: Gazetteer
) -> Place | None:
    if not candidates:
        return None
    countries = {place.country for place in candidates}
    chain = {place.country for place in inside} & countries
    if chain:
        regions = {place.region for place in inside if place.region}
        within = [place for place in candidates if place.country in chain]
        narrow = [place for place in within if place.region in regions] or within
        if len({place.country for place in narrow}) == 1:
            return _best(narrow, gazetteer)
        candidates, countries = narrow, chain
    elif inside:
        return None  # inside of something that no candidate is in
    country = _country(one, candidates, countries, context)
    return _best([place for place in candidates if place.country == country], gazetteer) if country else None


def _country(one: At, candidates: Sequence[Candidate], countries: set[str], context: _Context) -> str | None:
    """Return the country of the candidates that the text decides for."""
    led = [e for e in context.evidence if e.end <= one.start and _LED_BY.match(context.text[e.end : one.start])]
    if led and led[-1].country in countries:
        return led[-1].country
    for near in _scopes(one, context):
        if len(near & countries) == 1:
            return next(iter(near & countries))
    weights = context.weights.copy()
    if sole := _sole(candidates):
        weights[sole] -= _OWN  # what the mention itself has given
    ranked = sorted(countries, key=lambda code: (-weights[code], code))
    first, second = weights[ranked[0]], weights[ranked[1]] if len(ranked) > 1 else 0
    most = max(weights.values(), default=0)
    if first > 0 and first >= _MOST * second and _MOST * first >= most:
        return ranked[0]
    if len(countries) > 1:
        return None
    great = any(place.kind == COUNTRY or (place.people >= _GREAT and is_main_name(place, one, context)) for place in candidates)
    return ranked[0] if great or (most <= 0 and sole) else None


def is_main_name(place: Candidate, one: At, context: _Context) -> bool:
    """Whether a mention has the main name of a place, not an old or a local one."""
    return place_key(place.name) in asked(context.text[one.start : one.end]).keys


def _scopes(one: At, context: _Context) -> Iterator[set[str]]:
    """Yield the countries named in the sentence."""
    start, end = context.sentences.bounds(context.sentences.index(one.start))
    yield {e.country for e in context.evidence if start <= e.start < end}


def _best(candidates: Sequence[Candidate], gazetteer: Gazetteer) -> Place | None:
    """Return the place of candidates of one country; the country if several places in it have the name."""
    if not candidates:
        return None
    for kind in (COUNTRY, CITY, REGION, DISTRICT):
        found = sorted((one for one in candidates if one.kind == kind), key=lambda one: -one.people)
        if len({one.region for one in found}) == 1 or (len(found) > 1 and found[0].people > _CLEAR * found[1].people):
            return gazetteer.place(found[0])
        if found:
            break
    return gazetteer.whole_country(candidates[0].country)


def common_place(places: Sequence[Place], gazetteer: Gazetteer) -> Place | None:
    """Return the most precise place that agrees with all places of an event; None if they are in several countries.

    Two cities of one region give the region; of two regions, the country.
    """
    if len({place.alpha2 for place in places}) != 1:
        return None
    for precision in (CITY, REGION, COUNTRY):
        finest = {place.id: place for place in places if place.precision == precision}
        if len(finest) == 1:
            one = next(iter(finest.values()))
            rest = {place.region for place in places if place.region}
            return one if len(rest) <= 1 else gazetteer.whole_country(one.alpha2)
        if finest:
            break
    return gazetteer.whole_country(places[0].alpha2)
