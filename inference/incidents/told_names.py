"""All proper names of a text, by the event that it tells beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import regex

from annotations.text.sentences import split_sentences
from inference.incidents.spelling import is_name, name_keys, place_keys, sound, words

_WORD = regex.compile(r"\p{L}[\p{L}\p{M}\p{N}'’.]*")
_NAMES_FIRST = regex.compile(r"\W*[,—–-]")  # after the name of a place that begins a sentence or a dateline


def told_names(text: str | None, record: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Return the keys of the proper names in a text by event: each belongs to the event with the nearest span.

    Args:
        text: The text; without it, the names in all spans are taken.
        record: Its prediction.

    Example:
        >>> record = {"spans": [{"id": "S1", "start": 2}], "events": [{"id": "E1", "triggers": ["S1"]}]}
        >>> sorted(told_names("A blast hit Khalis on Monday.", record)["E1"])
        ['kls']
    """
    starts = {span["id"]: span["start"] for span in record["spans"]}
    anchors = [(starts[i], event["id"]) for event in record["events"] for i in _spans(event)]
    found: dict[str, set[str]] = {event["id"]: set() for event in record["events"]}
    keyed = ((offset, {sound(name)}) for offset, name in _names(text)) if text else _of_spans(record)
    for offset, keys in keyed if anchors else ():
        found[min(anchors, key=lambda anchor: abs(anchor[0] - offset))[1]].update(keys)
    return {event: frozenset(names) for event, names in found.items()}


def _spans(event: Mapping[str, Any]) -> Iterator[str]:
    yield from event["triggers"]
    for role in ("weapons", "targets", "locations", "dates"):
        yield from event.get(role, ())
    for role in ("perpetrators", "victims"):
        for who in event.get(role, ()):
            yield from who["spans"]


def _of_spans(record: Mapping[str, Any]) -> Iterator[tuple[int, frozenset[str]]]:
    for span in record["spans"]:
        if span["label"] == "LOCATION":
            yield span["start"], place_keys(span["text"])[0]
        else:
            yield span["start"], name_keys(span["text"])


def _names(text: str) -> Iterator[tuple[int, str]]:
    """Yield names with their offsets. A word that begins a sentence is one only if what follows shows it."""
    sentences = split_sentences(text)
    for number in range(len(sentences.starts)):
        start, end = sentences.bounds(number)
        found = list(_WORD.finditer(text, start, end))
        names = ["".join(words(match[0])[:1]) for match in found]
        for at, (match, name) in enumerate(zip(found, names, strict=True)):
            if not name or not is_name(name):
                continue
            follows = at + 1 < len(found) and names[at + 1] and is_name(names[at + 1])
            if at or follows or _NAMES_FIRST.match(text, match.end()):
                yield match.start(), name
