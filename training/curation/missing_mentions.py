"""Missing mentions: a known actor or a number of people in an attack sentence without annotation."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from annotations.coverage import exhaustive
from annotations.document import Document
from annotations.schema import Schema
from annotations.text.sentences import split_sentences
from annotations.text.words import Edges, word_offsets, words
from inference.numbers.toll import normalise

KNOWN_ACTOR = 2  # least number of documents that annotate a name as an actor
COUNTED_NOUN = 3  # least number of times that a word follows a toll,
COUNTED_SHARE = 0.2  # and least share of its occurrences that follow a toll
SMALLEST = 2  # 'one' and 'a' are mostly not counts
_CONTEXT = 40


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What is looked at in the text of a document."""

    words: npt.NDArray[np.int32]  # start and end of each word
    attacks: Sequence[tuple[int, int]]  # start and end of each sentence with a trigger

    @classmethod
    def of(cls, document: Document, schema: Schema) -> Seen:
        """Look at a document."""
        sentences = split_sentences(document.text)
        numbers = {sentences.index(span.start) for span in document.spans if span.label == schema.trigger}
        return cls(word_offsets(document.text), [sentences.bounds(number) for number in sorted(numbers)])


@dataclass(frozen=True, slots=True)
class Unmarked:
    """A likely mention in an attack sentence that is not annotated here, but elsewhere."""

    document: str  # document id
    start: int  # offset of its first character
    end: int  # offset after its last character
    words: str  # the words
    before: str  # text before it
    after: str  # text after it
    reason: str  # why it looks like a mention

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def unfinished(
    documents: Sequence[Document], schema: Schema, seen: Sequence[Seen] | None = None
) -> list[Unmarked] | None:
    """Return likely mentions without annotation in sentences with a trigger.

    A name is a known actor if at least `KNOWN_ACTOR` documents annotate it as one. A number is a likely toll if the
    word after it follows tolls at least `COUNTED_NOUN` times, and in at least `COUNTED_SHARE` of its occurrences.
    Documents that do not annotate triggers, actors and tolls exhaustively are skipped; None if all are. The words and
    attack sentences of the documents are given as `seen` if they are known.
    """
    seen = seen if seen is not None else [Seen.of(document, schema) for document in documents]
    names = _known_actors(documents, schema.actor) if schema.actor else {}
    nouns = _counted_nouns(documents, schema.quantity, seen) if schema.quantity else {}
    needed = {label for label in (schema.trigger, schema.quantity, schema.actor) if label}
    whole = [pair for pair in zip(documents, seen, strict=True) if needed <= exhaustive(pair[0], schema)]
    if not whole:
        return None
    longest = max(map(len, names), default=0)
    found = []
    for document, one in whole:
        pieces = one.words.tolist()
        for start, end in one.attacks:
            within = [(a, b) for a, b in pieces if start <= a and b <= end]
            found += [*_actors(document, within, names, longest), *_numbers(document, within, nouns)]
    return found


def _known_actors(documents: Sequence[Document], actor: str) -> Mapping[tuple[str, ...], int]:
    """Return names, as words, with a capital first letter that several documents annotate."""
    mentions: dict[str, set[str]] = defaultdict(set)  # first as texts, of which few differ
    for document in documents:
        for span in document.spans:
            mention = document.mention(span)
            if span.label == actor and mention[:1].isupper():
                mentions[mention].add(document.id)
    homes: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for mention, ids in mentions.items():
        homes[tuple(mention[a:b] for a, b in words(mention))] |= ids
    return {name: len(ids) for name, ids in homes.items() if len(ids) >= KNOWN_ACTOR}


def _counted_nouns(documents: Sequence[Document], quantity: str, seen: Sequence[Seen]) -> Mapping[str, int]:
    """Return the words that follow tolls, with their counts."""
    counts: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for document, one in zip(documents, seen, strict=True):
        pieces = one.words.tolist()
        total.update(document.text[a:b].lower() for a, b in pieces)
        follower = {end: following for (_, end), following in pairwise(pieces)}
        for span in document.spans:
            if span.label == quantity and span.end in follower:
                start, end = follower[span.end]
                word = document.text[start:end].lower()
                counts[word] += word.isalpha()
    return {w: n for w, n in counts.items() if n >= COUNTED_NOUN and n >= COUNTED_SHARE * total[w]}


def _actors(document: Document, edges: Edges, names: Mapping[tuple[str, ...], int], longest: int) -> Iterator[Unmarked]:
    tokens = [document.text[a:b] for a, b in edges]
    at = 0
    while at < len(tokens):
        sizes = range(min(longest, len(tokens) - at), 0, -1)
        size = next((n for n in sizes if tuple(tokens[at : at + n]) in names), 0)
        if size and not _marked(document, edges[at][0], edges[at + size - 1][1]):
            count = names[tuple(tokens[at : at + size])]
            yield _unmarked(document, edges[at][0], edges[at + size - 1][1], f"an actor in {count} documents")
        at += size or 1


def _numbers(document: Document, edges: Edges, nouns: Mapping[str, int]) -> Iterator[Unmarked]:
    for (a, b), (c, d) in pairwise(edges):
        noun = document.text[c:d].lower()
        toll = normalise(document.text[a:b]) if noun in nouns else None
        if toll is not None and (toll.min or 0) >= SMALLEST and not _marked(document, a, b):
            yield _unmarked(document, a, b, f"a number before {noun!r}, which follows {nouns[noun]} tolls")


def _marked(document: Document, start: int, end: int) -> bool:
    return any(span.start < end and start < span.end for span in document.spans)


def _unmarked(document: Document, start: int, end: int, reason: str) -> Unmarked:
    text = document.text
    before, after = text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]
    return Unmarked(document.id, start, end, text[start:end], before, after, reason)
