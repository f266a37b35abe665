"""Numbers of victims in MUC-4: which of the numbers in a text a key means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex

from annotations.importers.muc4.keys import Filler, Template
from annotations.importers.muc4.search import HEDGE, TENS, UNITS, VAGUE, Place
from annotations.importers.muc4.values import PLURAL, parse_number
from annotations.text.sentences import split_sentences
from annotations.text.words import words

TYPE, STAGE, NUMBER, EFFECT, TOTAL = 4, 5, 21, 23, 24  # slots
KINDS = {"DEATH": "killed", "INJURY": "injured"}  # by effect

UNREADABLE = "is no number"
UNHARMED = "the key tells of no harm to these people"
MIXED = "the key gives more than one kind of harm for this number"
ALONE = "is one person, whom the text does not count"
UNQUANTIFIED = "is a plural without a figure, and the text counts none"
FAR = "the number does not stand in a sentence with its victims"
NO_MENTION = "its victims do not stand in the text"

_GAP = 3  # words that may stand between a number and its victims ('six of the nuns')
# Numbers that count something else than people: days, ages, sums, distances; and those in names, such as 'M-19'.
_OTHER_UNIT = regex.compile(
    r"\s*(?:%|percent|years?|months?|weeks?|days?|hours?|minutes|km|kilometers?|meters?|kg|kilograms?|mm|million|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)(?!\w)|[-:]\w",
    regex.IGNORECASE,
)
_NAMED = regex.compile(r"(?:\w[-.:]|\$|(?<!\w)(?:no\.?|numbers?|articles?|law|aged?))\s*$", regex.IGNORECASE)
_HEDGED = regex.compile(rf"(?<!\w){HEDGE}\s+$", regex.IGNORECASE)
_BEFORE = 30  # characters in front of a number that are looked at


def harm(template: Template, number: Filler) -> tuple[str, ...]:
    """Return the kinds of toll that a number may be of: what befell the people it counts."""
    effects = [effect for effect in template.fillers(EFFECT) if not number.of or set(effect.of) & set(number.of)]
    kinds = dict.fromkeys(KINDS[value] for effect in effects for value in effect.values if value in KINDS)
    taken = "KIDNAPPING" in template.slots[TYPE][0] and template.slots[STAGE][0].startswith("ACCOMPLISHED")
    return tuple(kinds) or (("abducted",) if taken else ())


def counted(template: Template) -> Iterator[tuple[int, Filler]]:
    """Yield the numbers of victims, each with its slot. A number that names no victims counts all of them."""
    yield from ((slot, filler) for slot in (NUMBER, TOTAL) for filler in template.fillers(slot) if filler.values)


def find_toll(
    text: str, values: Sequence[str], mentions: Sequence[Place], others: Sequence[Place] = ()
) -> tuple[list[Place], str]:
    """Find a number of a key in the text, by its victims.

    In front of a mention of its victims it is taken everywhere. Where it stands in front of none, it must stand in one
    sentence with a mention, and the occurrence nearest to it is taken.

    Args:
        text: The text.
        values: Alternatives as in the key.
        mentions: Where its victims stand.
        others: Where something else stands; a number right in front of it counts that.

    Returns:
        The places with their hedges, or none and the reason.

    Example:
        >>> find_toll("ABOUT SIX OF THE NUNS WERE HURT.", ["6"], [(17, 21)])
        ([(0, 9)], '')
        >>> find_toll("A NUN WAS HURT.", ["1"], [(2, 5)])
        ([], 'is one person, whom the text does not count')
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


def spellings(number: int) -> list[str]:
    r"""Return patterns for a number in figures and in words.

    Example:
        >>> spellings(1200), spellings(23)
        (['1200', '1,200'], ['23', 'twenty[\\s-]three'])
    """
    return list(dict.fromkeys(form for form in (str(number), f"{number:,}", _in_words(number)) if form))


def _in_words(number: int) -> str:
    if number == 0:
        return ""
    if number <= len(UNITS):
        return UNITS[number - 1]
    tens, units = divmod(number, 10)
    if tens < len(UNITS) and tens - 2 < len(TENS):
        return TENS[tens - 2] + (rf"[\s-]{_in_words(units)}" if units else "")
    return ""  # beyond a hundred, newspapers write figures


def _counts(text: str, values: Sequence[str]) -> list[Place]:
    forms = [form for value in values if value != PLURAL for form in _forms(value)]
    if PLURAL in values:
        forms += VAGUE
    if not forms:
        return []
    edges = words(text)
    starts, ends = {start for start, _ in edges}, {end for _, end in edges}
    pattern = regex.compile(rf"(?<!\w)(?:{'|'.join(sorted(forms, key=len, reverse=True))})(?!\w)", regex.IGNORECASE)
    return [
        match.span()
        for match in pattern.finditer(text)
        if match.start() in starts
        and match.end() in ends
        and not _OTHER_UNIT.match(text, match.end())
        and not _NAMED.search(text[max(0, match.start() - _BEFORE) : match.start()])
    ]


def _forms(value: str) -> list[str]:
    number = parse_number(value)
    return [form for figure in number.figures for form in spellings(figure)] if number else []


def _in_front(text: str, count: Place, mention: Place, gap: int) -> bool:
    """Whether a number stands in front of a mention with at most so many words, and no mark, between them."""
    between = text[count[1] : mention[0]]
    if count[1] > mention[0] or regex.search(r"[^\w\s]|\n\s*\n", between):
        return False
    return len(between.split()) <= gap


def _nearest(text: str, counts: Sequence[Place], mentions: Sequence[Place]) -> list[Place]:
    """Return, of each sentence with a mention and the number, the occurrence nearest to a mention."""
    if not counts:
        return []
    sentences = split_sentences(text)
    by_sentence: dict[int, list[tuple[int, Place]]] = {}
    for count in counts:
        sentence = sentences.index(count[0])
        gaps = [max(m[0] - count[1], count[0] - m[1]) for m in mentions if sentences.index(m[0]) == sentence]
        if gaps:
            by_sentence.setdefault(sentence, []).append((min(gaps), count))
    return [min(found)[1] for found in by_sentence.values()]


def _with_hedge(text: str, count: Place) -> Place:
    before = max(0, count[0] - _BEFORE)
    match = _HEDGED.search(text[before : count[0]])
    return (before + match.start(), count[1]) if match else count
