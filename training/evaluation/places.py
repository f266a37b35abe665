"""Countries of events against countries that somebody has coded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from annotations.document import Document
from annotations.schema import LOCATIONS
from inference.places.names import place_key
from inference.places.nations import country_names
from inference.prediction import Prediction
from training.evaluation.counts import rounded

INCIDENTS = "wiki_incidents"  # key of the meta under which the importer of Wikipedia's lists keeps the columns


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
    told = document.meta.get("country") or document.meta.get(INCIDENTS, {}).get("location") or ""
    names = {place_key(name): code for name, code in country_names().items()}
    return names.get(place_key(str(told).rpartition(",")[2]))


def country_scores(documents: Sequence[Document], predictions: Sequence[Prediction]) -> Countries:
    """Compare the countries of predicted events with those coded for their documents.

    Args:
        documents: Gold documents; those without a coded country are left out.
        predictions: One for each, located.
    """
    found = [
        (code, event.place)
        for document, prediction in zip(documents, predictions, strict=True)
        if (code := coded_country(document))
        for event in prediction.events
        if event.mentions.get(LOCATIONS)
    ]
    placed = [(code, place) for code, place in found if place]
    return Countries(len(found), len(placed), sum(code == place.alpha2 for code, place in placed))
