"""What a figure is in its sentence: a whole or a part, current or outdated, and which figures belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import regex

from inference.events.beside import people_beside, singles_beside
from inference.events.sources import side_of, source_of
from inference.numbers.toll import Toll

_DEAD = r"(?:dead|killed|wounded|injured|victims?|casualties|fatalities|deaths)"
_PART_BEFORE = regex.compile(
    r"(?:includ(?:ing|es?|ed)|among them|of them|of whom|among whom|among the dead|counting|namely|comprising)\W*"
    r"(?:at least |the |(?:(?:an?|his|her|one) [\w'’-]+(?: [\w'’-]+){0,3}(?:,? and|,) ){1,4}(?:his |her |their )?)?$"
    r"|\bmembers of (?:an?|one|the same) family(?:,|:| -) [^,.;:]{0,40}$",
    regex.I,
)
_PART_AFTER = regex.compile(
    rf"^\W*(?:of them|of whom|of which|of the (?:\w+ )?{_DEAD})\b"
    r"|^(?: [\w-]+){0,3} included\s*(?:[,.;)]|$)"
    r"|^(?: [\w-]+){0,4} among (?:them|the (?:dead|wounded|injured|victims))\b"
    r"|^ (?:\w+ )?(?:seriously|critically|severely|gravely|in (?:a )?(?:critical|serious|grave))\b"
    r"|^(?: [\w-]+){0,4} (?:was|were) among\b"
    r"|^\W*were (?:children|minors|women|men|girls|boys|civilians)\b",
    regex.I,
)
_NEXT_GROUP = regex.compile(r"^ of (?:them|whom) [^,;:]{1,40},(?: and)? $", regex.I)
_SOME = regex.compile(rf"^(?: [\w-]+){{0,4}} (?:was|were) among\b|^ of (?:those|the) (?:hurt|{_DEAD})\b", regex.I)
# 'Of the 103 dead' counts all; later figures of the sentence are parts.
_TOTAL_BEFORE = regex.compile(r"\b(?:of|among) the $", regex.I)
_TOTAL_AFTER = regex.compile(rf"^ (?:\w+ )?{_DEAD}\b", regex.I)
# 'A fourth man died': the count so far. The first to the third may count something else ('the third this year').
_ORDINAL = regex.compile(r"(?:\d(?:st|nd|rd|th)|[a-z](?:th|ieth))$", regex.I)
_COUNT = r"\b(?:toll|number|count|figure|dead|tally|total)\b"
_REVISED = regex.compile(
    rf"(?:{_COUNT}[^;]{{0,60}}?\b(?:rose|risen|rises|climb(?:s|ed)|increased|jumped|grew|grown|fell|fallen"
    rf"|dropped|stands|stood"
    r"|raised|revised|lowered|reduced|cut|updated|corrected|brought)\b"
    rf"|\b(?:raised|revised|lowered|reduced|cut|updated|corrected|increased|brought|bringing) [^,;]{{0,40}}?{_COUNT}"
    rf"|\b(?:later|now) puts? [^,;]{{0,40}}?{_COUNT}"
    rf"|\bputs? [^,;]{{0,20}}?\b(?:new|latest|final|revised) [^,;]{{0,20}}?{_COUNT})"
    r"[^;]{0,60}?\b(?:to|at)(?: at least| about)? $"
    r"|\bcorrect(?:ion|ed|s|ing)?\b[^;]{0,90}$|\b(?:toll|count)\b[^;.]{0,40}\b(?:is|was"
    r"|stands) now (?:\w+ \w+ and )?$",
    regex.I,
)
_LOWERED = regex.compile(
    r"\b(?:fell|fallen|dropped|revis\w+|lower\w*|reduc\w+|cut|correct\w*|updated|latest|final|later|now|down)\b",
    regex.I,
)
_OLD = regex.compile(
    r"\bfrom (?:the |at least |about )?$"
    r"|\b(?:earlier|previous(?:ly)?|initially|at first|had put it at|first reported)\s+(?:\w+\s+){0,3}$"
    r"|\b(?:compared (?:with|to)|rather than|instead of|not)(?: the| about| at least)? $",
    regex.I,
)
# A sum over more than one attack: 'killed 21 in three attacks'.
_ATTACKS = (
    r"(?:attacks|incidents|clashes|bombings|blasts|explosions|strikes|ambushes|shootings|raids|operations"
    r"|assaults|accidents"
    r"|killings|violence|encounters|gunfights|battles|locations|places|parts)"
)
_SEVERAL = regex.compile(
    rf"\b(?:separate|different|various|(?:two|three|four|five|six|seven|several|multiple|dozens of|a (?:series"
    rf"|string|wave|spate) of)"
    rf"(?: [\w-]+){{0,2}}) {_ATTACKS}\b|\b(?:attacks|violence|bombings|bombs|blasts|explosions|strikes|shootings"
    rf"|raids|clashes) (?:(?:in|near|north|south|east|west|across|around|throughout)\b|(?:have |had )?(?:killed"
    rf"|wounded|injured)\b)|\bon both sides\b",
    regex.I,
)
# A sum over more than one attack: 'bringing the number killed in the province this week to 40'.
_SUM = regex.compile(
    r"\bbr(?:inging|ought|ings) [^;]{0,30}?\b(?:number|toll|total|count|tally)\b[^;]{0,60}?"
    r"\b(?:(?:this|last|past) (?:day|week|month|year)|since"
    r"|in (?:the|its) (?:province|region|state|district|country|city))\b"
    r"[^;]{0,60}?\bto (?:at least |about )?$",
    regex.I,
)
# 'Another three died overnight': beside those told before.
_MORE_BEFORE = regex.compile(r"\b(?:another|(?:an? )?(?:further|additional))(?: \w+ly)? $", regex.I)
_MORE_AFTER = regex.compile(
    r"^(?: (?!(?:in|at|near|when)\b)[\w'’-]+){0,4}? (?:(?:have |had |has )?(?:since |later |also )?"
    r"(?:died|succumbed|perished)|(?:were |was )?pronounced dead)\b"
    r"(?! (?:in|at|near) (?:an?|two|three|other|separate)\b(?! (?:\w+ )?(?:hospital|clinic)))",
    regex.I,
)
_HARMED = r"(?:killed|wounded|injured|hurt|abducted|kidnapped)"
# 'Thirty more were killed', 'two rebels were also killed'.
_MORE_HARMED = regex.compile(
    rf"^ more\b(?: [\w'’-]+){{0,3}}? (?:were|was) (?:also )?{_HARMED}\b"
    rf"|^(?: [\w'’-]+){{1,5}}? (?:were|was|have been|had been) also {_HARMED}\b",
    regex.I,
)
_JOINED = regex.compile(r"^[^;:]{0,60}?(?:\band\b|,)[^;:]{0,25}$", regex.I)
_APART = regex.compile(
    r"\b(?:killed|killing|died|wounded|wounding|injured|injuring|said|says|were|was|have|has|according to)\b", regex.I
)
# 'Fourteen citizens, eight of ...', 'six priests, five Spaniards and one Salvadoran', 'six farmers: ...', but not 'six
# soldiers, two drivers and four farmers'.
_SPLIT = regex.compile(
    r"^ (?:[\w'’-]+ ){0,2}?(?:people|persons|citizens|lives|passengers|dead|hostages|victims|employees|workers"
    r"|members|of)\b"
    r"|--|:| [—–-] | \p{Lu}$"
)
_HALVES = regex.compile(
    r"^ (?:\w+ )?(?:men|m[ae]n|wom[ae]n|boys?|girls?|child(?:ren)?|adults?|minors?|females?|males?)\b", regex.I
)
_LEAST_SPLIT = 4  # smaller figures add up to each other by chance


@dataclass(frozen=True, slots=True)
class Figure:
    """A toll span."""

    span: str  # its id
    start: int  # offset of its first character
    end: int  # offset after it
    toll: Toll  # its bounds
    sentence: tuple[int, int]  # offsets of its sentence
    kind: str = "killed"  # kind of toll
    victims: tuple[tuple[int, int], ...] = ()  # offsets of the victims of its event, in order
    # Offsets that stand for people told beside it without a figure (`beside`, `singles`).
    beside: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Statement:
    """What one sentence reports for a kind of toll."""

    toll: Toll  # the sum of its figures and of the people beside them
    figures: tuple[Figure, ...]  # its figures
    more: int  # number of people beside them
    side: str  # the side that all its figures count: `forces`, `fighters`, `civilians`, or '' if that is not told
    revised: bool  # whether it revises an earlier count
    lowered: bool
    aside: bool  # whether it has only parts, or figures of another time
    several: bool  # whether it sums over several attacks
    open: bool  # whether it counts only some of those harmed ('three shepherds were among the dead')
    further: bool  # whether it counts people beside those told before ('another three died', '30 more were killed')
    by: str | None  # who gives the figure, if the sentence says so


def statements(text: str, own: Sequence[Figure]) -> list[Statement]:
    """Group the figures of one kind in one sentence, in order: those that are joined together, the others apart."""
    own = [_with_people(text, figure) for figure in own]
    wholes = _wholes(text, own)
    current = [figure for figure in wholes if not _is_old(text, figure)]
    revised = {f.span for f in current if _REVISED.search(_before(text, f)) or _ORDINAL.search(text[f.start : f.end])}
    groups: list[list[Figure]] = []
    for figure in current or wholes or own:
        if groups and not revised and _joined(text, groups[-1][-1], figure):
            groups[-1].append(figure)
        else:
            groups.append([figure])
    return [_statement(text, group, revised, aside=not current) for group in groups]


def _statement(text: str, group: Sequence[Figure], revised: set[str], *, aside: bool) -> Statement:
    more = len({offset for figure in group for offset in figure.beside})
    sides = {side_of(_after(text, figure)) for figure in group}
    start, end = group[0].sentence
    return Statement(
        total([figure.toll for figure in group], more),
        tuple(group),
        more,
        side=sides.pop() if len(sides) == 1 else "",
        revised=any(figure.span in revised for figure in group),
        lowered=bool(_LOWERED.search(text[start:end])),
        aside=aside,
        several=bool(_SEVERAL.search(text[start:end])),
        by=source_of(text[start:end], group[0].start - start, group[-1].end - start),
        further=_is_further(text, group),
        open=aside and all(_SOME.search(_after(text, figure)) for figure in group),
    )


def _is_further(text: str, group: Sequence[Figure]) -> bool:
    before, after = _before(text, group[0]), _after(text, group[-1])
    return bool(_MORE_BEFORE.search(before) and _MORE_AFTER.search(after)) or bool(_MORE_HARMED.search(after))


def _with_people(text: str, figure: Figure) -> Figure:
    """Return a figure with the people beside it; an ordinal has none, and as many as it counts are its parts."""
    if _ORDINAL.search(text[figure.start : figure.end]) or figure.toll.max == 0:
        return figure
    at = (figure.start, figure.end, figure.sentence, figure.kind)
    found = people_beside(text, *at)
    singles = singles_beside(text, *at, figure.victims)
    nearest = max((end for end in singles if end <= figure.start), default=0)
    for start, end in figure.victims:
        # The one right before a figure may be known by other words: 'Captain Aye, the commander, and two guards'.
        last = figure.start if end == nearest else end
        if end in singles and not any(start <= known <= last for known in found):
            found.add(end)
    after = {at for at in found if at > figure.end}
    return replace(figure, beside=frozenset(found - after if len(after) == figure.toll.max != 1 else found))


def _wholes(text: str, own: Sequence[Figure]) -> list[Figure]:
    """Return the figures of a sentence without parts of others."""
    wholes: list[Figure] = []
    part_before: Figure | None = None
    of_total = False
    number = 0
    while number < len(own):
        figure = own[number]
        number += 1
        joined = part_before is not None and _joined(text, part_before, figure)
        if joined and part_before is not None and not of_total and not _is_part(text, figure):
            between = text[part_before.end : figure.start]
            joined = not _NEXT_GROUP.match(between) and ")" not in between
        if of_total or joined or _is_part(text, figure):
            part_before = figure
            continue
        part_before = None
        of_total = _is_total(text, figure)
        parts = _parts(text, own[number - 1 :])
        if parts:
            last = own[number - 1 + parts]
            figure = replace(figure, beside=frozenset(at for at in figure.beside if at < figure.start))
            number += parts
            part_before = last if number < len(own) and "--" not in text[last.end : own[number].start] else None
        wholes.append(figure)
    return wholes


def parts(text: str, own: Sequence[Figure]) -> set[str]:
    """Return the ids of those figures of one sentence that others hold, as in 'six people, two of them attackers'."""
    wholes = {figure.span for figure in _wholes(text, [_with_people(text, figure) for figure in own])}
    return {figure.span for figure in own} - wholes if wholes else set()


def _parts(text: str, run: Sequence[Figure]) -> int:
    """Return how many of the figures after the first are its parts, because they and the people beside add up to it:
    'six priests, five Spaniards and one Salvadoran'."""
    whole, size = run[0], run[0].toll.min
    if whole.toll.max not in (size, None) or size is None:
        return 0
    small = size < _LEAST_SPLIT and not text.startswith(" of ", whole.end)
    small = small and not regex.match(r" (?:people|persons)\b", text[whole.end :])
    added = 0
    people = {at for at in whole.beside if at > whole.end}
    for number, figure in enumerate(run[1:], start=1):
        if figure.toll.min is None or figure.toll.min != figure.toll.max:
            return 0
        added += figure.toll.min
        people |= figure.beside
        if added + len(people) == size and number + len(people) > 1:
            halves = not _HALVES.search(text[whole.end :]) and all(
                _HALVES.search(text[f.end :]) for f in run[1 : number + 1]
            )
            return number if halves or (not small and _SPLIT.search(text[whole.end : run[1].end + 2])) else 0
    return 0


def _before(text: str, figure: Figure) -> str:
    return text[figure.sentence[0] : figure.start]


def _after(text: str, figure: Figure) -> str:
    return text[figure.end : figure.sentence[1]]


def _is_part(text: str, figure: Figure) -> bool:
    return bool(_PART_BEFORE.search(_before(text, figure)) or _PART_AFTER.search(_after(text, figure)))


def _is_total(text: str, figure: Figure) -> bool:
    return bool(_TOTAL_BEFORE.search(_before(text, figure)) and _TOTAL_AFTER.search(_after(text, figure)))


def _is_old(text: str, figure: Figure) -> bool:
    """Whether a figure is not the current count: outdated, of another attack, or a sum over several."""
    before = _before(text, figure)
    return bool(_OLD.search(before) or _SUM.search(before))


def _joined(text: str, first: Figure, second: Figure) -> bool:
    between = text[first.end : second.start]
    return bool(_JOINED.match(between) and not _APART.search(between))


def total(tolls: Sequence[Toll], more: int = 0) -> Toll:
    """Add tolls, and `more` people; the sum has an upper bound if all have one, and a lower bound if any has one.

    Example:
        >>> total([Toll(6, 6), Toll(9, None)], more=1)
        Toll(min=16, max=None, approximate=False)
    """
    if len(tolls) == 1 and not more:
        return tolls[0]
    lows = [toll.min for toll in tolls]
    highs = [toll.max for toll in tolls]
    return Toll(
        min=None if set(lows) == {None} else sum(low or 0 for low in lows) + more,
        max=None if None in highs else sum(high or 0 for high in highs) + more,
        approximate=any(toll.approximate for toll in tolls),
    )
