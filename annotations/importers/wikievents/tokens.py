"""A text of which only the tokens are known."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import regex

from annotations.importers.alignment.places import Place, occurrences

_STOPS = frozenset(".!?")
# A full stop after one of these ends no sentence.
_ABBREVIATION = regex.compile(r"\p{L}|Mr|Mrs|Ms|Dr|Lt|Gen|Col|Sgt|Capt|Maj|Rep|Sen|Gov|St|Jr|Sr|No|Inc|Ltd")


def uncut(value: str) -> tuple[str, ...]:
    """Return a string, and the string with its last character repeated once and twice.

    In some copies of the data, a run of equal characters at the end was cut to one: 'wal' for 'wall', '2 , 0' for
    '2 , 000'.

    Example:
        >>> uncut("wal")
        ('wal', 'wall', 'walll')
    """
    return (value, value + value[-1:], value + 2 * value[-1:])


class Tokens:
    """Tokens joined by single blanks, with their offsets.

    Example:
        >>> tokens = Tokens(["Gen", ".", "Sow", "fled", ".", "He", "was", "hit", "."])
        >>> tokens.text
        'Gen . Sow fled . He was hit .'
        >>> [tokens.text[start:end] for start, end in tokens.sentences]
        ['Gen . Sow fled .', 'He was hit .']
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tuple(tokens)
        self.text = " ".join(tokens)
        self.spans: list[Place] = []
        at = 0
        for token in tokens:
            self.spans.append((at, at + len(token)))
            at += len(token) + 1
        self._places: dict[str, list[Place]] = {}

    def places(self, words: str) -> list[Place]:
        """Return where words occur in the text. Results are cached."""
        if words not in self._places:
            self._places[words] = occurrences(self.text, words)
        return self._places[words]

    @cached_property
    def sentences(self) -> list[Place]:
        """Offsets of the sentences, in order."""
        found: list[Place] = []
        begin = 0
        for number, token in enumerate(self.tokens):
            last = number + 1 == len(self.tokens)
            mark = token in _STOPS
            short = mark and number > 0 and _ABBREVIATION.fullmatch(self.tokens[number - 1])
            if last or (mark and not short):
                found.append((self.spans[begin][0], self.spans[number][1]))
                begin = number + 1
        return found

    def sentence(self, offset: int) -> Place:
        """Return the sentence of an offset."""
        return next(span for span in self.sentences if offset < span[1])
