"""Resolving: which place each mention means, by what is named around it and the countries that the text is about.

A name that several places have is resolved only if the words around it or the countries of the text decide. Population
alone never does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import regex

from annotations.text.reading import read
from annotations.text.sentences import Sentences, sentences_of
from inference.places.evidence import Evidence, evidence_of
from inference.places.gazetteer import CITY, COUNTRY, DISTRICT, REGION, Candidate, Gazetteer, Place, load_gazetteer
from inference.places.names import Asked, asked, place_key
from inference.spans import Marked

_KNOWN = 50_000  # people of a city whose name is taken for it if no other country has the name
_GREAT = 1_000_000  # people of a city that is taken for it even in a text on other countries
_CLEAR = 5  # times as many people as in other cities of the name in the country
_MOST = 2  # times as much evidence for a country as for another one
_BEFORE_NAME = (  # 'the Afghan [city of] Jalalabad', 'Iraq's [western] Anbar'
    r"far|north|south|east|west|central|border|coastal|capital|city|town|village|port|province|state|region|island"
    r"|district|of|the|\p{Ll}+ern"
)
_LED_BY = regex.compile(rf"^(?:'s|’s)?(?: (?:{_BEFORE_NAME})[\p{{Ll}}-]*){{0,4}} $")
# 'Sangin[, ]Helmand', 'Gao[ in northern ]Mali'
_INSIDE = regex.compile(rf"^(?:,|,? in|,? \()? ?(?:the )?(?:(?:{_BEFORE_NAME})[\p{{Ll}}-]* ){{0,3}}$")
_NAME_AFTER = regex.compile(
    r"^,(?: in)? (?:the )?((?:\p{Lu}[\p{L}\p{M}'’-]+)(?: (?:of |the )?\p{Lu}[\p{L}\p{M}'’-]+){0,3})"
)
_OFTEN = 3  # evidence for a country that a larger city abroad does not outweigh
_OWN = 2  # evidence for a country from a place that is in no other one
_FAR_BEFORE = 40  # characters between a word for a country and a mention it stands before
_FAR = 12  # characters between a mention and the one it is inside of


class At(NamedTuple):
    """A mention of a place, with offsets of the reading."""

    id: str
    start: int
    end: int


@dataclass(frozen=True)
class _Context:
    """What is known of where a text is."""

    sentences: Sentences
    evidence: Sequence[Evidence]
    weights: Counter[str]


def _wider(found: Sequence[Candidate]) -> list[Candidate]:
    """Return the countries and regions that a name may mean."""
    return [place for place in found if place.kind in (COUNTRY, REGION)]


@dataclass(frozen=True)
class _Asking:
    """A mention with what it may mean."""

    at: At
    names: Asked
    candidates: Sequence[Candidate]

    @property
    def countries(self) -> set[str]:
        """The countries of the candidates."""
        return {place.country for place in self.candidates}

    @property
    def is_great(self) -> bool:
        """Whether it is a country, or a city that needs no further words."""
        return any(
            place.kind == COUNTRY
            or (place.people >= _GREAT and self.names.kind in (None, CITY) and self._has_name(place))
            for place in self.candidates
        )

    @property
    def is_sure(self) -> bool:
        """Whether it has the main name of something well known, as it may do in a text that names no country."""
        return any(_is_known(place) and self._has_name(place) for place in self.candidates)

    def may_be_in(self, country: str) -> bool:
        """Whether one sentence that names a country tells enough.

        It does not for a place under an old or a local name, nor where a far larger city abroad has the name: 'a blast
        at the Indian consulate in Jalalabad'.
        """
        named = any(place.country == country and self._has_name(place) for place in self.candidates)
        return named and not self.is_larger_abroad(country)

    def is_larger_abroad(self, country: str) -> bool:
        """Whether a far larger city of another country has the name."""
        own = [place for place in self.candidates if place.country == country]
        abroad = max((place.people for place in self.candidates if place.country != country), default=0)
        return not any(place.kind in (COUNTRY, REGION) or place.people * _CLEAR >= abroad for place in own)

    def _has_name(self, place: Candidate) -> bool:
        return place_key(place.name) in self.names.keys


def resolve(sentences: Sentences, mentions: Sequence[At], gazetteer: Gazetteer) -> dict[str, Place]:
    """Return the place of each mention that is clear."""
    text = sentences.text
    wanted = [asked(text[one.start : one.end]) for one in mentions]
    found = [gazetteer.find(one.keys) for one in wanted]
    evidence = list(evidence_of(text, gazetteer.capitals))
    weights = Counter[str]()
    for word in evidence:
        weights[word.country] += word.weight
    for candidates in found:
        if sole := _sole(candidates):
            weights[sole] += _OWN
    context = _Context(sentences, evidence, weights)
    containers = _containers(text, mentions, found, gazetteer)
    places: dict[str, Place] = {}
    for one, names, candidates in zip(mentions, wanted, found, strict=True):
        place = _place(_Asking(one, names, candidates), containers.get(one.id, ()), context, gazetteer)
        if place:
            places[one.id] = place
    return places


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
        inside[one.id] = _wider(gazetteer.find([place_key(after[1])]) if after else [])
    for number, (one, other) in reversed(list(enumerate(pairwise(mentions)))):
        between = text[one.end : other.start]
        if len(between) <= _FAR and _INSIDE.match(between):
            wider = _wider(found[number + 1])
            inside[one.id] += wider + inside[other.id] if wider else []
    return inside


def _place(asking: _Asking, inside: Sequence[Candidate], context: _Context, gazetteer: Gazetteer) -> Place | None:
    if not asking.candidates:
        return _around(asking.at, inside, context, gazetteer)
    candidates = asking.candidates
    chain = {place.country for place in inside} & asking.countries
    if chain:
        regions = {place.region for place in inside if place.region}
        within = [place for place in candidates if place.country in chain]
        candidates = [place for place in within if place.region in regions] or within
        asking = replace(asking, candidates=candidates)
    elif inside:
        return None  # inside of something that no candidate is in
    country = next(iter(chain)) if len(chain) == 1 else _country(asking, context)
    own = [place for place in candidates if place.country == country]
    return _best(own, asking.names.kind, gazetteer) if own else None


def _around(one: At, inside: Sequence[Candidate], context: _Context, gazetteer: Gazetteer) -> Place | None:
    """Return what an unknown place is told to be in: 'Ndoro, Mali', 'the Malian village of Ndoro'."""
    if len({place.country for place in inside}) == 1 and (
        inside[0].kind == COUNTRY or context.weights[inside[0].country]
    ):
        return gazetteer.place(inside[0])
    led = None if inside else _led_by(one, context)
    return gazetteer.whole_country(led) if led else None


def _led_by(one: At, context: _Context) -> str | None:
    """Return the country that stands right before a mention."""
    near = [e for e in context.evidence if one.start - _FAR_BEFORE <= e.end <= one.start]
    led = [e.country for e in near if _LED_BY.match(context.sentences.text[e.end : one.start])]
    return led[-1] if led else None


def _country(asking: _Asking, context: _Context) -> str | None:
    """Return the country of the candidates that the text decides for."""
    led = _led_by(asking.at, context)
    if led in asking.countries:
        return led
    near = _in_sentence(asking.at, context) & asking.countries
    if len(near) == 1 and asking.may_be_in(next(iter(near))):
        return next(iter(near))
    weights = context.weights.copy()
    if sole := _sole(asking.candidates):
        weights[sole] -= _OWN  # what the mention itself has given
    ranked = sorted(asking.countries, key=lambda code: (-weights[code], code))
    first, second = weights[ranked[0]], weights[ranked[1]] if len(ranked) > 1 else 0
    most = max(weights.values(), default=0)
    clear = first > 0 and first >= _MOST * second and _MOST * first >= most
    if clear and (first >= _OFTEN or not asking.is_larger_abroad(ranked[0])):
        return ranked[0]
    return ranked[0] if len(ranked) == 1 and (asking.is_great or (most <= 0 and asking.is_sure)) else None


def _in_sentence(one: At, context: _Context) -> set[str]:
    """Return the countries named in the sentence of a mention."""
    start, end = context.sentences.bounds(context.sentences.index(one.start))
    return {e.country for e in context.evidence if start <= e.start < end}


def _best(candidates: Sequence[Candidate], kind: str | None, gazetteer: Gazetteer) -> Place:
    """Return the place of candidates of one country; the country if several places in it have the name."""
    kinds = {REGION: (REGION,), DISTRICT: (DISTRICT, CITY), CITY: (CITY,)}.get(kind or "", ())
    fitting = [one for one in candidates if one.kind in kinds] or candidates
    for sort in (COUNTRY, CITY, REGION, DISTRICT):
        found = sorted((one for one in fitting if one.kind == sort), key=lambda one: -one.people)
        if len({one.region for one in found}) == 1 or (len(found) > 1 and found[0].people > _CLEAR * found[1].people):
            return gazetteer.place(found[0])
        if found:
            break
    return gazetteer.whole_country(candidates[0].country)


def locate(text: str, spans: Iterable[Marked]) -> dict[str, Place]:
    """Return the place of each mention that is clear, by the id of its span.

    Raises:
        ImportError: The extra `geo` is not installed.

    Example:
        >>> from annotations import Span
        >>> locate("A bomb went off in Gao, Mali.", [Span("S1", 19, 22, "LOCATION")])["S1"].alpha3  # doctest: +SKIP
        'MLI'
    """
    reading, gazetteer = read(text), load_gazetteer()
    mentions = sorted((At(span.id, *reading.find(span.start, span.end)) for span in spans), key=lambda one: one.start)
    return resolve(sentences_of(reading), mentions, gazetteer)


def place_of(mentions: Iterable[str], places: Mapping[str, Place]) -> Place | None:
    """Return the place of an event: the most precise one that agrees with all of its mentions that are clear.

    Two cities, or a city and a region that it is not in, give the country; several countries give None.
    """
    clear = [places[one] for one in mentions if one in places]
    if len({place.alpha2 for place in clear}) != 1:
        return None
    whole = load_gazetteer().whole_country(clear[0].alpha2)
    for precision in (CITY, REGION, COUNTRY):
        finest = {place.id: place for place in clear if place.precision == precision}
        if finest:
            regions = {place.region for place in clear if place.region}
            return next(iter(finest.values())) if len(finest) == 1 and len(regions) <= 1 else whole
    return whole
