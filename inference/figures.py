"""From the figures of an event to its toll."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import regex

from inference.toll import Toll

_PART_BEFORE = regex.compile(
    r"(?:including|among them|of them|of whom|among whom|among the dead|counting)\W*(?:at least |the )?$", regex.I
)
_PART_AFTER = regex.compile(
    r"^\W*(?:of them|of whom|of the (?:dead|wounded|injured|victims)|were (?:children|women|civilians))\b", regex.I
)
_REVISED = regex.compile(
    r"\b(?:(?:rose|risen|rises|climbed|climbs|increased|jumped|revised|raised|lowered|cut|updated|brought|bringing|corrected)\b"
    r"|up from|down from|now stands? at|new toll|latest toll|final toll)",
    regex.I,
)
_OLD = regex.compile(
    r"\b(?:from|earlier|previous(?:ly)?|initially|at first|had put it at|first reported)\s+(?:\w+\s+){0,3}$", regex.I
)
_JOINED = regex.compile(r"^[^.;:\n]{0,60}?(?:\band\b|,)[^.;:\n]{0,25}$", regex.I)
_VERB = regex.compile(
    r"\b(?:killed|killing|died|wounded|wounding|injured|injuring|said|says|were|was|have|has)\b", regex.I
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One toll span in its text: offsets, the number it says, and its sentence's offsets."""

    span: str
    start: int
    end: int
    toll: Toll
    sentence: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Statement:
    """What one sentence says of a kind of toll."""

    toll: Toll
    spans: tuple[str, ...]
    revised: bool


def combine(text: str, figures: Sequence[Figure]) -> tuple[Toll, tuple[str, ...]] | None:
    """Read one number off all the figures of one kind in one event.

    A part ('11, three of them children') is not counted beside its whole. Figures joined in one sentence ('six
    soldiers and four
    farmers') are added. Of several statements the last one that says it revises wins ('rose to 31 from 27'); otherwise
    the
    largest exact one, because smaller ones are repeats or parts; vague words ('dozens') count only where nothing exact
    is said.

    Args:
        text: The document's text.
        figures: Figures of one kind, in order of offset.

    Returns:
        The toll and the ids of the spans it was read from; None without figures.
    """
    statements = []
    for sentence, together in groupby(figures, key=lambda figure: figure.sentence):
        own = list(together)
        wholes = [figure for figure in own if not _is_part(text, figure)]
        current = [figure for figure in wholes if not _is_old(text, figure)]
        statements += _statements(text, current or wholes or own, bool(_REVISED.search(text[slice(*sentence)])))
    revised = [statement for statement in statements if statement.revised]
    if revised:
        return revised[-1].toll, revised[-1].spans
    exact = [statement for statement in statements if statement.toll.min is None or not statement.toll.approximate]
    chosen = max(exact or statements, key=lambda statement: _size(statement.toll), default=None)
    return (chosen.toll, chosen.spans) if chosen else None


def _is_part(text: str, figure: Figure) -> bool:
    before, after = text[figure.sentence[0] : figure.start], text[figure.end : figure.sentence[1]]
    return bool(_PART_BEFORE.search(before) or _PART_AFTER.search(after))


def _is_old(text: str, figure: Figure) -> bool:
    return bool(_OLD.search(text[figure.sentence[0] : figure.start]))


def _statements(text: str, figures: Sequence[Figure], revised: bool) -> list[_Statement]:
    """Add figures that are joined; keep the others apart."""
    groups: list[list[Figure]] = []
    for figure in figures:
        between = text[groups[-1][-1].end : figure.start] if groups else ""
        if groups and _JOINED.match(between) and not _VERB.search(between) and not revised:
            groups[-1].append(figure)
        else:
            groups.append([figure])
    return [_Statement(_sum([f.toll for f in group]), tuple(f.span for f in group), revised) for group in groups]


def _sum(tolls: Sequence[Toll]) -> Toll:
    if len(tolls) == 1:
        return tolls[0]
    lows = [toll.min for toll in tolls]
    highs = [toll.max for toll in tolls]
    return Toll(
        min=None if set(lows) == {None} else sum(low or 0 for low in lows),
        max=None if None in highs else sum(high or 0 for high in highs),
        approximate=any(toll.approximate for toll in tolls),
    )


def _size(toll: Toll) -> int:
    return toll.min if toll.min is not None else (toll.max or 0)
