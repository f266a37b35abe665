"""Scores against what coders wrote down without spans: numbers, types and countries of short reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import regex

from annotations.document import Document
from annotations.errors import DataError
from annotations.importers.wiki_incidents.attack_types import attack_types
from annotations.schema import LOCATIONS, Schema
from inference.numbers.exact import SPELLED
from inference.numbers.toll import normalise
from inference.places.names import place_key
from inference.places.nations import country_names
from inference.prediction import Prediction
from training.evaluation.counts import rounded

COLUMNS = "wiki_incidents"  # key of the meta under which the importer keeps the columns
KINDS = ("killed", "injured")
_NUMBER = rf"\b(?P<n>\d[\d,]*|{'|'.join(SPELLED[1:])})\b"
_HEDGE = (
    r"(?:\s+(?:at|least|more|than|about|around|up|to|some|over|nearly|almost|as|many|the|all|approximately|an?))*\s+"
)
_VERBS = {  # before a number, and after one
    "killed": (r"kill(?:s|ed|ing)", r"killed|dead|died|deaths|slain"),
    "injured": (r"(?:injur|wound)(?:es|s|ed|ing)", r"injured|wounded|hurt"),
}
_FLOOR = {
    kind: (rf"\b(?:{after}){_HEDGE}{_NUMBER}", rf"{_NUMBER}(?:\s+(?!and\b)[\w'-]+){{0,5}}?\s+(?:{before})\b")
    for kind, (after, before) in _VERBS.items()
}


@dataclass(frozen=True, slots=True)
class Share:
    """A number of incidents that are right, of all that count."""

    right: int
    of: int

    @property
    def value(self) -> float:
        """The share; NaN of none."""
        return self.right / self.of if self.of else float("nan")


def columns(document: Document) -> Mapping[str, Any]:
    """Return the coded columns of an incident.

    Raises:
        DataError: The document has none.
    """
    found = document.meta.get(COLUMNS)
    if not isinstance(found, Mapping):
        remedy = "import the lists with 'conflict-events data import wiki-incidents'"
        raise DataError.of("has no coded columns", remedy, document=document.id)
    return found


def score(documents: Sequence[Document], predictions: Sequence[Prediction]) -> dict[str, Share]:
    """Compare predictions with the columns of coded incidents.

    Args:
        documents: Incidents as the importer `wiki-incidents` returns them.
        predictions: One for each.

    Returns:
        `killed` and `injured`: the incidents whose coded number stands in the text as a figure or a word, right where
        the largest number of an event is the lower or upper coded one. `type`: the incidents with a type of the schema,
        right where an event has one of the listed types. `gtd`: the same by the types' names in the Global Terrorism
        Database, which has one for an assault and for a clash, as the lists have 'shooting'.
    """
    pairs = [(columns(document), prediction) for document, prediction in zip(documents, predictions, strict=True)]
    texts = [document.text for document in documents]
    found = {kind: _numbers(kind, texts, [(row, _largest(one, kind)) for row, one in pairs]) for kind in KINDS}
    typed = [((set(attack_types(row["type"])), {event.attack_type for event in one.events}), one) for row, one in pairs]
    names = [(_gtd(coded, one.schema), _gtd(types, one.schema)) for (coded, types), one in typed]
    return found | {"type": _shared([pair for pair, _ in typed]), "gtd": _shared(names)}


def _gtd(types: Iterable[str], schema: Schema) -> set[str | None]:
    return {schema.attack_types[kind].gtd for kind in types if kind in schema.attack_types} - {None}


def _shared(pairs: Sequence[tuple[Set[Any], Set[Any]]]) -> Share:
    """The share of incidents with a coded name of which a predicted one is among the coded."""
    coded = [(one, other) for one, other in pairs if one]
    return Share(sum(bool(one & other) for one, other in coded), len(coded))


def floor(documents: Sequence[Document]) -> dict[str, Share]:
    """Return the scores of two regular expressions for each kind: a number after the verb, else one before it."""
    texts = [document.text for document in documents]
    rows = [columns(document) for document in documents]
    return {
        kind: _numbers(kind, texts, [(row, _matched(text, kind)) for row, text in zip(rows, texts, strict=True)])
        for kind in KINDS
    }


def _numbers(kind: str, texts: Sequence[str], rows: Sequence[tuple[Mapping[str, Any], int | None]]) -> Share:
    pairs = [(row[kind], number, text) for text, (row, number) in zip(texts, rows, strict=True) if row[kind]]
    counted = [(coded, number) for coded, number, text in pairs if _stands(text, coded["min"])]
    return Share(sum(number in (coded["min"], coded["max"]) for coded, number in counted), len(counted))


def _stands(text: str, number: int) -> bool:
    """Whether a number above 0 stands in a text, as a figure or a word."""
    forms = [str(number), f"{number:,}", *SPELLED[number : number + 1]]
    return number > 0 and bool(regex.search(rf"\b(?:{'|'.join(forms)})\b", text, regex.IGNORECASE))


def _largest(prediction: Prediction, kind: str) -> int | None:
    tolls = [event.toll[kind].toll for event in prediction.events if kind in event.toll]
    numbers = [toll.max if toll.min is None else toll.min for toll in tolls if toll is not None]
    return max((number for number in numbers if number is not None), default=None)


def _matched(text: str, kind: str) -> int | None:
    for pattern in _FLOOR[kind]:
        if match := regex.search(pattern, text, regex.IGNORECASE):
            toll = normalise(match["n"])
            return toll.min if toll else None
    return None


@dataclass(frozen=True, slots=True)
class Countries:
    """How many events got a country, and how many the right one."""

    events: int  # events with a mention of a place, in documents with a coded country
    placed: int  # those with a country
    right: int  # those with the coded one

    def to_dict(self) -> dict[str, Any]:
        """Return the counts with `precision`, right of placed, and `coverage`, placed of all."""
        return {
            "events": self.events,
            "placed": self.placed,
            "right": self.right,
            "precision": rounded(self.right / self.placed if self.placed else float("nan")),
            "coverage": rounded(self.placed / self.events if self.events else float("nan")),
        }


def coded_country(document: Document) -> str | None:
    """Return the code of a document's country, from its meta: `country`, or the end of a coded location.

    An event abroad counts as wrong: the country is that of the document.

    Example:
        >>> coded_country(Document("d", "A bomb.", meta={"country": "Mali"}))
        'ML'
    """
    told = document.meta.get("country") or document.meta.get(COLUMNS, {}).get("location") or ""
    names = {place_key(name): code for name, code in country_names().items()}
    return names.get(place_key(str(told).rpartition(",")[2]))


def country_scores(documents: Sequence[Document], predictions: Sequence[Prediction]) -> Countries:
    """Compare the countries of predicted and located events with those coded for their documents, where there
    are some."""
    found = [
        (code, event.place)
        for document, prediction in zip(documents, predictions, strict=True)
        if (code := coded_country(document))
        for event in prediction.events
        if event.mentions.get(LOCATIONS)
    ]
    placed = [(code, place) for code, place in found if place]
    return Countries(len(found), len(placed), sum(code == place.alpha2 for code, place in placed))
