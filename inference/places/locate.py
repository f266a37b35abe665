"""Locating: the places of the mentions of a text, and of its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from annotations.text.reading import read
from annotations.text.sentences import sentences_of
from inference.places.gazetteer import load_gazetteer
from inference.places.place import Place
from inference.places.resolve import At, common_place, resolve
from inference.spans import Marked

LOCATIONS = "locations"  # the role whose mentions are places


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
    return resolve(reading.text, sentences_of(reading), mentions, gazetteer)


def place_of(mentions: Iterable[str], places: Mapping[str, Place]) -> Place | None:
    """Return the place of an event: the most precise one that agrees with all of its mentions that are clear."""
    return common_place([places[one] for one in mentions if one in places], load_gazetteer())
