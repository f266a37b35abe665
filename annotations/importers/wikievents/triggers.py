"""The tokens of an article, and its triggers, whose offsets are only partly reliable.

In copies of WikiEvents with arguments as strings, an offset points to the first occurrence of the trigger's first word,
even if another occurrence was meant. If the word occurs several times, the arguments decide which one is meant, or the
file has as many triggers as there are occurrences. An offset of a later occurrence is reliable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import regex

from annotations.importers.alignment.places import Place, distance, occurrences, trimmed_all

NOWHERE = "its words are not in the text"
AMBIGUOUS = "its words occur more often than the file has triggers, and no argument decides which one is meant"
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


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger as the file has it."""

    words: str  # its words
    start: int  # number of its first token
    arguments: Sequence[str]  # the words of the arguments of its event


def located(triggers: Sequence[Trigger], tokens: Tokens) -> list[Place | str]:
    """Find the places of triggers.

    Returns:
        The place of each trigger, or the reason why it has none.

    Example:
        >>> tokens = Tokens("A blast hit Gao . The blast in Kidal hurt two .".split())
        >>> triggers = [Trigger("blast", 1, ("Kidal",)), Trigger("blast", 1, ("Gao",))]
        >>> located(triggers, tokens)
        [(22, 27), (2, 7)]
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for number, trigger in enumerate(triggers):
        groups[trigger.words].append(number)
    found: dict[int, Place | str] = {}
    for words, members in groups.items():
        places = _places(words, tokens)
        if places:
            found |= _assigned({member: triggers[member] for member in members}, places, tokens)
        else:
            found |= dict.fromkeys(members, NOWHERE)
    return [found[number] for number in range(len(triggers))]


def _places(words: str, tokens: Tokens) -> list[Place]:
    """Find words with the same case, or if there are none, in any case."""
    for wanted in uncut(words):
        anywhere = tokens.places(wanted)
        exact = [place for place in anywhere if tokens.text[slice(*place)] == wanted]
        if anywhere:
            return trimmed_all(tokens.text, exact or anywhere)
    return []


def _assigned(triggers: dict[int, Trigger], places: list[Place], tokens: Tokens) -> dict[int, Place | str]:
    """Give each trigger with the same words its own place: reliable offsets first, then the nearest, then the rest."""
    found: dict[int, Place | str] = {}
    free = list(places)
    options = [(_rank(t, p, tokens), n, p) for n, t in triggers.items() for p in places]
    for rank, number, place in sorted(options, key=lambda o: (o[0] is None, o[0] or 0, o[1], o[2])):
        if rank is not None and number not in found and place in free:
            found[number] = place
            free.remove(place)
    rest = [number for number in triggers if number not in found]
    if len(rest) < len(free):
        return found | dict.fromkeys(rest, AMBIGUOUS)
    # At least as many triggers as places: all places are triggers, and surplus ones are duplicates of the first.
    return found | dict(zip(rest, [*free, *[places[0]] * len(rest)], strict=False))


def _rank(trigger: Trigger, place: Place, tokens: Tokens) -> int | None:
    """Return how far the arguments are from a place, the lower the better; None if none is in its sentence."""
    begin, end = tokens.sentence(place[0])
    offset = tokens.spans[trigger.start][0] if 0 <= trigger.start < len(tokens.spans) else -1
    if offset == place[0] and tokens.tokens.index(tokens.tokens[trigger.start]) != trigger.start:
        return -1_000_000
    nearest = []
    for argument in trigger.arguments:
        near = [p for p in tokens.places(argument) if begin <= p[0] < end]
        nearest += [min(distance(p, place) for p in near)] if near else []
    # The number of arguments in the sentence counts first, then their distance.
    return sum(nearest) - 10_000 * len(nearest) if nearest else None
