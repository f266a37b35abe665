"""Finding the numbers of victims of a MUC-4 key in the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex

from annotations.importers.alignment.figures import ANY_NUMBER, HEDGE, number
from annotations.importers.alignment.places import Place, distance, whole_words
from annotations.importers.muc4.keys import Filler, Template
from annotations.importers.muc4.values import PLURAL, parse_number
from annotations.text.sentences import split_sentences

TYPE, STAGE, NUMBER, EFFECT, TOTAL = 4, 5, 21, 23, 24  # slots
KINDS = {"DEATH": "killed", "INJURY": "injured"}  # by effect

UNREADABLE = "not a number"
UNHARMED = "the key has no harm to these people"
MIXED = "the key has several kinds of harm for this number"
ALONE = "one person, and the text has no number"
UNQUANTIFIED = "a plural without a number, and the text has none"
FAR = "the number is not in a sentence with its victims"
NO_MENTION = "its victims are not in the text"

VAGUE = ("several", "dozens", "scores", "hundreds", "thousands")  # no exact number
_GAP = 3  # words allowed between a number and its victims ('six of the nuns')
# Numbers that do not count people: days, ages, sums, distances, and those in names such as 'M-19'.
_OTHER_UNIT = regex.compile(
    r"\s*(?:%|percent|years?|months?|weeks?|days?|hours?|minutes|km|kilometers?|meters?|kg|kilograms?|mm|million|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)(?!\w)|[-:]\w",
    regex.IGNORECASE,
)
_NAMED = regex.compile(r"(?:\w[-.:]|\$|(?<!\w)(?:no\.?|numbers?|articles?|law|aged?))\s*$", regex.IGNORECASE)
_HEDGED = regex.compile(rf"(?<!\w){HEDGE}\s+$", regex.IGNORECASE)
_BEFORE = 30  # characters searched before a number


def harm(template: Template, count: Filler) -> tuple[str, ...]:
    """Return the kinds of toll that a number may have, by the harm to the people it counts."""
    effects = [effect for effect in template.fillers(EFFECT) if not count.of or set(effect.of) & set(count.of)]
    kinds = dict.fromkeys(KINDS[value] for effect in effects for value in effect.values if value in KINDS)
    abducted = "KIDNAPPING" in template.slots[TYPE][0] and template.slots[STAGE][0].startswith("ACCOMPLISHED")
    return tuple(kinds) or (("abducted",) if abducted else ())


def counted(template: Template) -> Iterator[tuple[int, Filler]]:
    """Yield the numbers of victims with their slots. A number without names of victims counts all of them."""
    yield from ((slot, filler) for slot in (NUMBER, TOTAL) for filler in template.fillers(slot) if filler.values)


def find_toll(
    text: str, values: Sequence[str], mentions: Sequence[Place], others: Sequence[Place] = ()
) -> tuple[list[Place], str]:
    """Find a number of a key in the text, by its victims.

    Every occurrence right before a mention of its victims is used. If there is none, the occurrence nearest to a
    mention in the same sentence is used.

    Returns:
        The places with their hedges, or no places and the reason.

    Example:
        >>> find_toll("ABOUT SIX OF THE NUNS WERE HURT.", ["6"], [(17, 21)])
        ([(0, 9)], '')
        >>> find_toll("A NUN WAS HURT.", ["1"], [(2, 5)])
        ([], 'one person, and the text has no number')
    """
    if not any(value == PLURAL or parse_number(value) for value in values):
        return [], UNREADABLE
    if not mentions:
        return [], NO_MENTION
    alone = set(values) == {"1"}
    counts = [count for count in _counts(text, values) if not any(_in_front(text, count, o, 0) for o in others)]
    chosen = [count for count in counts if any(_in_front(text, count, m, int(alone) or _GAP) for m in mentions)]
    if not chosen and not alone:
        chosen = _nearest(text, counts, mentions)
    if chosen:
        return [_with_hedge(text, count) for count in chosen], ""
    return [], ALONE if alone else UNQUANTIFIED if set(values) == {PLURAL} else FAR


def _counts(text: str, values: Sequence[str]) -> list[Place]:
    """Return the places of a number, without those that do not count people."""
    keys = (parse_number(value) for value in values if value != PLURAL)
    wanted = {figure for key in keys if key for figure in (key.min, key.max) if figure is not None}
    found = []
    for start, end in whole_words(text, ANY_NUMBER):
        words = text[start:end].lower()
        right = number(words) in wanted or (PLURAL in values and words in VAGUE)
        if right and not _OTHER_UNIT.match(text, end) and not _NAMED.search(text[max(0, start - _BEFORE) : start]):
            found.append((start, end))
    return found


def _in_front(text: str, count: Place, mention: Place, gap: int) -> bool:
    """Whether a number is before a mention, with at most `gap` words and no punctuation between them."""
    between = text[count[1] : mention[0]]
    if count[1] > mention[0] or regex.search(r"[^\w\s]|\n\s*\n", between):
        return False
    return len(between.split()) <= gap


def _nearest(text: str, counts: Sequence[Place], mentions: Sequence[Place]) -> list[Place]:
    """Return the occurrence nearest to a mention in each sentence that has both."""
    if not counts:
        return []
    sentences = split_sentences(text)
    by_sentence: dict[int, list[tuple[int, Place]]] = {}
    for count in counts:
        sentence = sentences.index(count[0])
        gaps = [distance(m, count) for m in mentions if sentences.index(m[0]) == sentence]
        if gaps:
            by_sentence.setdefault(sentence, []).append((min(gaps), count))
    return [min(found)[1] for found in by_sentence.values()]


def _with_hedge(text: str, count: Place) -> Place:
    before = max(0, count[0] - _BEFORE)
    match = _HEDGED.search(text[before : count[0]])
    return (before + match.start(), count[1]) if match else count
