"""Slices: parts of the test data that are scored by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

from annotations.document import Document
from annotations.io.config_files import find_config, read_yaml
from annotations.text.words import words
from training.evaluation.counts import Measure, Tally, stacked
from training.evaluation.evaluate import Evaluation
from training.evaluation.events import has_events
from training.evaluation.resampling import FEWEST
from training.evaluation.scores import PRIMARY, AnySpan, match_counts, scored_spans

Mentions = Mapping[str, frozenset[str]]  # mentions of the training data by label, case folded
_YEAR = 4  # digits
_LENGTHS = ((0, 150), (150, 300), (300, 600), (600, None))  # words


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the test data."""

    kind: str  # the property that it is defined by, such as `genre`
    value: str  # such as `wire`
    documents: tuple[int, ...]  # indices of its documents
    gold: int  # number of its gold spans
    tally: Tally  # counts of these documents
    measure: Measure  # what is measured: partial match on core labels for documents, strict match for mentions


def slices(one: Evaluation, seen: Mentions | None = None) -> list[Slice]:
    """Slice test data by attack type, region, genre, source, length, number of events, decade and year (those with
    at least five documents), and mentions by letter case and by whether they occur in the training data.

    Without the mentions of the training data, the last one is left out.

    Returns:
        Slices with at least one document; a document can be in several.
    """
    documents, schema, primary = one.documents, one.schema, one.measures[PRIMARY]
    found = []
    for kind, values in _CUTS.items():
        homes: dict[str, list[int]] = {}
        for number, document in enumerate(documents):
            for value in values(document) if kind not in _BY_EVENTS or has_events(document, schema) else ():
                homes.setdefault(value, []).append(number)
        order = [_length(low, high) for low, high in _LENGTHS] if kind == "words" else sorted(homes)
        fewest = FEWEST if kind == "year" else 1  # there are many single years; the decades include all
        for value in (value for value in order if len(homes.get(value, ())) >= fewest):
            part = one.tally.of(homes[value])
            found.append(Slice(kind, value, tuple(homes[value]), part.score(*primary.rows).gold, part, primary))
    gold, predicted = scored_spans(documents, [prediction.spans for prediction in one.predictions], schema)
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


def _stated(key: str, document: Document) -> Iterable[str]:
    value = document.meta.get(key)
    return [value] if isinstance(value, str) else []


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
    "genre": partial(_stated, "genre"),
    "source": partial(_stated, "source"),
    "words": _words,
    "events": _events,
    "decade": _decade,
    "year": _year,
}
_BY_EVENTS = ("attack type", "events")  # unknown for documents whose events are not annotated


def _mention_slices(
    texts: Sequence[str],
    gold: Sequence[Sequence[AnySpan]],
    predicted: Sequence[Sequence[AnySpan]],
    seen: Mentions | None,
) -> list[Slice]:
    """Slice mentions, not documents; under strict match a span and its match have the same words."""
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
