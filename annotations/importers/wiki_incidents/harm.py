"""Which numbers of a text count killed and which injured people, by the words next to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from annotations.importers.alignment.figures import Figure, figures
from annotations.text.sentences import Sentences, split_sentences

_KILLED = (
    r"kill(?:ed|s|ing)?|dead|die[sd]?|dying|deaths?|murder(?:ed|s|ing)?|slain|massacred?|execut(?:ed|es|ing)|"
    r"behead(?:ed|ing)|fatalit(?:y|ies)|fatally|lost\ (?:their|his|her)\ li(?:ves|fe)|lives|gunned\ down|"
    r"assassinat(?:ed|es)|slaughtered|perished"
)
_INJURED = r"injur(?:ed|es?|ing|ies|y)|wound(?:ed|s|ing)?|hurt|hospitali[sz]ed|maimed"
_WORD = regex.compile(
    rf"(?<![\p{{L}}-])(?:(?P<killed>{_KILLED})|(?P<injured>{_INJURED}))(?![\p{{L}}])", regex.IGNORECASE | regex.VERBOSE
)
# Allowed between a verb and its figure.
_AT_ONCE = regex.compile(r"\s(?:(?:of|the|all|another|other|an\ additional|a\ further|a\ total\ of)\s)*", regex.VERBOSE)
_AND = regex.compile(r"[\p{L}\p{M}\s'’-]*?(?:,|,?\s(?:and|as\ well\ as|plus))\s(?:another\ |other\ )?", regex.VERBOSE)
# Not allowed between a figure and a word after it: the full stop of an item number ('1. A bomb'), a semicolon.
_NEW_ITEM = regex.compile(r"\.\s|[^;]*;\s")
# Not allowed between a verb and a figure further on: the beginning of another clause.
_NEW_CLAUSE = regex.compile(r"[,:;]|\b(?:and|in|by|after|when|while|where|as|with|for)\b", regex.IGNORECASE)
# Figures before these words do not count people.
_NO_PEOPLE = regex.compile(
    r"\s(?:[\p{L}-]+\s){0,2}(?:bombings?|bombs?|attacks?|explosions?|blasts?|rockets?|shells?|devices?|incidents?|"
    r"incursions|raids|gunmen|hours|days|weeks|months|years|minutes|km|kilomet(?:er|re)s|miles|houses|homes|times|"
    r"vehicles|cars|villages)\b",
    regex.VERBOSE,
)
BEFORE, AFTER, NEAR, JOINED = "verb right in front", "word behind", "word further in front", "joined to such a figure"
_MAX_BEHIND, _MAX_IN_FRONT = 70, 30  # characters


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure of people harmed."""

    figure: Figure  # the figure
    kind: str  # `killed` or `injured`
    rule: str  # the rule that found it


def counted(text: str) -> list[Counted]:
    """Find the figures of a text that count killed or injured people.

    Example:
        >>> text = "A blast killed 3 guards and 2 clerks, 11 others were hurt."
        >>> [(text[c.figure.start:c.figure.end], c.kind, c.rule) for c in counted(text)][:2]
        [('3', 'killed', 'verb right in front'), ('2', 'killed', 'joined to such a figure')]
    """
    words = [(match.start(), match.end(), str(match.lastgroup)) for match in _WORD.finditer(text)]
    all_figures = figures(text)
    sentences = split_sentences(text)
    found: list[Counted] = []
    for number, figure in enumerate(all_figures):
        end = all_figures[number + 1].start if number + 1 < len(all_figures) else len(text)
        if _NO_PEOPLE.match(text, figure.end):
            continue
        reading = _kind_and_rule(sentences, figure, words, all_figures[number - 1].end if number else 0, end)
        if reading is None and found and number and found[-1].figure is all_figures[number - 1]:
            gap = text[found[-1].figure.end : figure.start]
            if found[-1].rule in (BEFORE, JOINED) and _AND.fullmatch(gap) and not _WORD.search(gap):
                reading = (found[-1].kind, JOINED)
        if reading:
            found.append(Counted(figure, *reading))
    return found


def _kind_and_rule(
    sentences: Sentences, figure: Figure, words: Sequence[tuple[int, int, str]], begin: int, end: int
) -> tuple[str, str] | None:
    """Return what a figure counts and the rule: a verb right before it, a word after it, or a word further before it.

    Only words of the sentence between the previous figure (`begin`) and the next one (`end`) are used.
    """
    text, home = sentences.text, sentences.index(figure.start)
    in_front = [(a, b, kind) for a, b, kind in words if begin <= a and b <= figure.start]
    if in_front and _AT_ONCE.fullmatch(text, in_front[-1][1], figure.start):
        return in_front[-1][2], BEFORE
    behind = [(a, b, kind) for a, b, kind in words if figure.end <= a and b <= end]
    if behind:
        gap = text[figure.end : behind[0][0]]
        together = sentences.index(behind[0][0]) == home
        if together and len(gap) <= _MAX_BEHIND and not _NEW_ITEM.match(gap):
            return behind[0][2], AFTER
    if in_front:
        gap = text[in_front[-1][1] : figure.start]
        together = sentences.index(in_front[-1][0]) == home
        if together and len(gap) <= _MAX_IN_FRONT and not _NEW_CLAUSE.search(gap):
            return in_front[-1][2], NEAR
    return None
