"""Work that grows with the length of a text, and no faster: counted, not timed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import regex

from annotations import Document, Event, Span, load_schema
from annotations.label_studio import results
from annotations.label_studio.results import clusters, read_result
from annotations.label_studio.tasks import regions, task_data
from annotations.text.words import words
from inference.events import flags, linking
from inference.events.linking import assemble
from inference.prediction import PredictedSpan
from tests.benchmarks.texts import HARD, hard

SCHEMA = load_schema()


class Counting:
    """A pattern that notes how many characters it is given to look through."""

    def __init__(self, pattern: regex.Pattern[str]) -> None:
        self.pattern = pattern
        self.looked: list[int] = []

    def search(self, text: str, start: int = 0, end: int | None = None) -> regex.Match[str] | None:
        self.looked.append((len(text) if end is None else end) - start)
        return self.pattern.search(text, start, len(text) if end is None else end)

    def finditer(self, text: str, start: int, end: int) -> Iterator[regex.Match[str]]:
        self.looked.append(end - start)
        return self.pattern.finditer(text, start, end)


def predicted(document: Document) -> list[PredictedSpan]:
    return [
        PredictedSpan(span.id, span.start, span.end, document.mention(span), span.label, span.type, 1.0)
        for span in document.spans
    ]


def counting(name: str, monkeypatch: pytest.MonkeyPatch) -> Counting:
    module = next(one for one in (linking, flags) if hasattr(one, name))
    pattern = Counting(getattr(module, name))
    monkeypatch.setattr(module, name, pattern)
    return pattern


@pytest.mark.parametrize("kind", HARD)
def test_no_rule_of_events_looks_through_the_rest_of_a_text(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document = hard(kind, 20_000)
    patterns = [counting(name, monkeypatch) for name in ("_CLAUSE_END", "SUMMARY", "DEFINITE", "_SUICIDE")]
    assert assemble(document.text, predicted(document), SCHEMA)
    assert any(pattern.looked for pattern in patterns)
    assert max(max(pattern.looked, default=0) for pattern in patterns) < 1200  # a sentence is at most 1000 long


def test_words_before_a_trigger_are_read_once_however_many_events_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    document = hard("capitals", 8000)
    spans = predicted(document)
    pattern = counting("DEFINITE", monkeypatch)
    events = assemble(document.text, spans, SCHEMA)
    assert len(events) > 10
    assert len(pattern.looked) == sum(span.label == SCHEMA.trigger for span in spans)


class Asked(str):
    """An id that counts how often it is compared."""

    times = 0

    def __eq__(self, other: object) -> bool:
        Asked.times += 1
        return str.__eq__(self, other)  # type: ignore[arg-type]

    __hash__ = str.__hash__


def many(count: int, name: type[str] = str) -> Document:
    """A document of attacks, each an event of its own with its place."""
    text = "raid in Gao. " * count
    spans, events = [], []
    for number in range(count):
        trigger, place = name(f"T{number}"), name(f"P{number}")
        at = number * len("raid in Gao. ")
        spans += [
            Span(trigger, at, at + 4, SCHEMA.trigger, "armed_assault"),
            Span(place, at + 8, at + 11, "LOCATION"),
        ]
        events.append(Event(f"E{number}", "armed_assault", {"triggers": (trigger,), "locations": (place,)}))
    return Document("d1", text, spans, events)


def test_ids_are_compared_a_few_times_each_for_a_task() -> None:
    document = many(200, Asked)
    Asked.times = 0
    assert len(regions(document, SCHEMA)) > 200
    assert Asked.times < 50 * 200


def test_events_of_a_task_are_not_compared_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0
    equal = Event.__eq__

    def counted(one: Event, other: object) -> bool:
        nonlocal compared
        compared += 1
        return equal(one, other)

    document = many(200)
    items = regions(document, SCHEMA)
    monkeypatch.setattr(Event, "__eq__", counted)
    assert len(read_result(task_data(document), items, SCHEMA).events) == 200
    assert compared < 200


class Edges(list[Any]):
    """Words of a text; notes how many of them are looked at."""

    taken = 0

    def __iter__(self) -> Iterator[Any]:
        Edges.taken += len(self)
        return super().__iter__()

    def __getitem__(self, index: Any) -> Any:
        Edges.taken += 1
        return super().__getitem__(index)


def test_a_region_looks_at_few_words_of_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "words", lambda text: Edges(words(text)))
    document = many(200)
    Edges.taken = 0
    read_result(task_data(document), regions(document, SCHEMA), SCHEMA)
    assert Edges.taken < 50 * len(document.spans)


def test_chained_ties_make_one_cluster() -> None:
    items = [str(number) for number in range(3000)]
    ties = [(items[at], items[at + 1]) for at in reversed(range(len(items) - 1))]
    assert clusters(items, ties) == [items]
