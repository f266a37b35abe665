"""Slices: parts of the test data on which a model is looked at by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from annotations.document import Document
from annotations.io.config_files import find_config, read_yaml
from annotations.schema import Schema
from annotations.text.words import words
from inference.prediction import Prediction
from training.evaluation.counts import Measure, Tally, stacked
from training.evaluation.events import has_events
from training.evaluation.resampling import FEWEST
from training.evaluation.scores import HasSpan, match_counts, scored_spans
from training.evaluation.spans import PRIMARY

Mentions = Mapping[str, frozenset[str]]  # mentions of the training data by label, case folded
_YEAR = 4  # digits
_LENGTHS = ((0, 150), (150, 300), (300, 600), (600, None))  # words


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the test data.

    Args:
        kind: What it is cut by, such as `genre`.
        value: Such as `wire`.
        documents: Indices of its documents.
        gold: Number of its gold spans.
        tally: Counts of these documents.
        measure: What is measured: partial match on core labels for documents, strict match for mentions.
    """

    kind: str
    value: str
    documents: tuple[int, ...]
    gold: int
    tally: Tally
    measure: Measure


def slices(
    documents: Sequence[Document],
    predictions: Sequence[Prediction],
    tally: Tally,
    measures: Sequence[Measure],
    schema: Schema,
    seen: Mentions | None = None,
) -> list[Slice]:
    """Cut test data by attack type, region, genre, length, number of events, decade and year (those with
    at least five documents), and mentions by letter case and by whether training data had them.

    Args:
        documents: Gold documents.
        predictions: One for each, in the same order.
        tally: Counts of these documents.
        measures: The measures of the tally.
        schema: The label set.
        seen: Mentions of the training data; without them that slice is left out.

    Returns:
        Slices with at least one document; a document can stand in several.
    """
    primary = next(measure for measure in measures if measure.name == PRIMARY)
    found = []
    for kind, values in _CUTS.items():
        homes: dict[str, list[int]] = {}
        for number, document in enumerate(documents):
            for value in values(document) if kind not in _BY_EVENTS or has_events(document, schema) else ():
                homes.setdefault(value, []).append(number)
        order = [_length(low, high) for low, high in _LENGTHS] if kind == "words" else sorted(homes)
        fewest = FEWEST if kind == "year" else 1  # single years are many; decades have them all
        for value in (value for value in order if len(homes.get(value, ())) >= fewest):
            part = tally.of(homes[value])
            found.append(Slice(kind, value, tuple(homes[value]), part.score(*primary.rows).gold, part, primary))
    gold, predicted = scored_spans(documents, [prediction.spans for prediction in predictions], schema)
    texts = [document.text for document in documents]
    return [*found, *_mention_slices(texts, gold, predicted, seen)]


def _types(document: Document) -> Iterable[str]:
    return sorted({event.attack_type for event in document.events}) or ["none"]


def _region(document: Document) -> Iterable[str]:
    country = document.meta.get("country")
    return [_regions().get(country, "other")] if isinstance(country, str) else []


@cache
def _regions() -> dict[str, str]:
    content = read_yaml(find_config("regions", "evaluation"))
    return {country: region for region, countries in content.items() for country in countries}


def _genre(document: Document) -> Iterable[str]:
    genre = document.meta.get("genre")
    return [genre] if isinstance(genre, str) else []


def _words(document: Document) -> Iterable[str]:
    number = len(words(document.text))
    return [_length(low, high) for low, high in _LENGTHS if low <= number and (high is None or number < high)]


def _length(low: int, high: int | None) -> str:
    return f"{low} or more" if high is None else f"under {high}" if not low else f"{low} to {high - 1}"


def _events(document: Document) -> Iterable[str]:
    number = len(document.events)
    return ["3 or more" if number > 2 else str(number)]  # noqa: PLR2004


def _year(document: Document) -> Iterable[str]:
    date = str(document.meta.get("date", ""))
    return [date[:_YEAR]] if len(date) >= _YEAR and date[:_YEAR].isdigit() else []


def _decade(document: Document) -> Iterable[str]:
    return [f"{year[:3]}0s" for year in _year(document)]


_CUTS: Mapping[str, Callable[[Document], Iterable[str]]] = {
    "attack type": _types,
    "region": _region,
    "genre": _genre,
    "words": _words,
    "events": _events,
    "decade": _decade,
    "year": _year,
}
_BY_EVENTS = ("attack type", "events")  # what documents without events of their own cannot tell


def _mention_slices(
    texts: Sequence[str],
    gold: Sequence[Sequence[HasSpan]],
    predicted: Sequence[Sequence[HasSpan]],
    seen: Mentions | None,
) -> list[Slice]:
    """Cut mentions, not documents; under strict match a span and its match have the same words."""
    cuts: dict[str, Callable[[str, str], str]] = {"letter case": lambda _, mention: _case(mention)}
    if seen is not None:
        cuts["mention in training"] = lambda label, m: "seen" if m.casefold() in seen.get(label, ()) else "unseen"
    found = []
    for kind, cut in cuts.items():
        sides = [
            [[(span, cut(span.label, text[span.start : span.end])) for span in spans]
             for text, spans in zip(texts, side, strict=True)]
            for side in (gold, predicted)
        ]  # fmt: skip
        for value in sorted({value for side in sides for spans in side for _, value in spans}):
            chosen = [[[span for span, own in spans if own == value] for spans in side] for side in sides]
            tally = stacked({"strict/all": match_counts("strict", chosen[0], chosen[1], lambda _: True)})
            holders = tuple(number for number, spans in enumerate(chosen[0]) if spans)
            measure = Measure("strict_all", ("strict/all",))
            number = sum(map(len, chosen[0]))
            found.append(Slice(kind, value, holders, number, tally, measure))
    return found


def _case(mention: str) -> str:
    first = mention[:1]
    if not first.isalpha():
        return "no letter first"
    if mention.isupper():
        return "all capitals"
    return "capitalised" if first.isupper() else "lower case" if first.islower() else "without case"
