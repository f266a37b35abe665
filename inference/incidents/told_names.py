"""What a text tells beside its spans, by the event that it tells nearest: all proper names, words and figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import regex

from annotations.text.sentences import split_sentences
from inference.incidents.spelling import is_name, name_keys, place_keys, sound, words

Key = TypeVar("Key")
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}\p{N}'’.]*")
_NAMES_FIRST = regex.compile(r"\W*[,—–-]")  # after the name of a place that begins a sentence or a dateline
_JOINTS = frozenset({" ", "-", "–"})  # between the parts of a name that others write as one word


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
    return by_event(_names(text) if text else _of_spans(record), record)


def by_event(keyed: Iterable[tuple[int, Key]], record: Mapping[str, Any]) -> dict[str, frozenset[Key]]:
    """Give each key of a text to the event with the nearest span.

    Args:
        keyed: Offsets and keys.
        record: The prediction.
    """
    starts = {span["id"]: span["start"] for span in record["spans"]}
    anchors = [(starts[i], event["id"]) for event in record["events"] for i in _spans(event)]
    found: dict[str, set[Key]] = {event["id"]: set() for event in record["events"]}
    if len(found) == 1:
        return {event: frozenset(key for _, key in keyed) for event in found}
    for offset, key in keyed if anchors else ():
        found[min(anchors, key=lambda anchor: abs(anchor[0] - offset))[1]].add(key)
    return {event: frozenset(keys) for event, keys in found.items()}


def _spans(event: Mapping[str, Any]) -> Iterator[str]:
    yield from event["triggers"]
    for role in ("weapons", "targets", "locations", "dates"):
        yield from event.get(role, ())
    for role in ("perpetrators", "victims"):
        for who in event.get(role, ()):
            yield from who["spans"]


def _of_spans(record: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    for span in record["spans"]:
        keys = place_keys(span["text"])[0] if span["label"] == "LOCATION" else name_keys(span["text"])
        yield from ((span["start"], key) for key in keys)


def _names(text: str) -> Iterator[tuple[int, str]]:
    """Yield the keys of names with their offsets, and those of two names that others may write as one.

    A word that begins a sentence is a name only if what follows shows it.
    """
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
                yield match.start(), sound(name)
                if follows and text[match.end() : found[at + 1].start()] in _JOINTS:
                    yield match.start(), sound(name + names[at + 1])
