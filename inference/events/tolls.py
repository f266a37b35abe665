"""Which figures of an event make up its toll."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from annotations.document import Span
from annotations.schema import Schema
from annotations.text.reading import Reading, read
from annotations.text.sentences import Sentences, sentences_of
from inference.events.figures import Figure, Statement, statements, total
from inference.numbers.toll import Toll, normalise
from inference.prediction import Claim, EventToll, PredictedSpan


@dataclass(frozen=True, slots=True)
class Count:
    """The figures that make up a toll."""

    spans: tuple[str, ...] = ()  # ids of their spans
    more: int = 0  # number of people told beside them
    open: bool = False  # whether there may be more than they count
    rivals: tuple[Statement, ...] = ()  # statements that contradict each other, the chosen one first; none if all agree


def counted(text: str, figures: Sequence[Figure]) -> Count:
    """Choose the figures that make up the toll of one kind in one event.

    Within a sentence: a part ('11, three of them children') is not counted in addition to its whole, nor is a figure
    joined to a part, nor figures that add up to the one before them ('six priests, five Spaniards and one Salvadoran').
    Figures joined in one sentence ('six soldiers and four farmers') are added, and so is each single person beside them
    ('and a driver').

    Among several sentences, the last one that revises the toll ('the toll rose to 31 from 27') is chosen. Otherwise an
    exact figure comes before an approximate one ('dozens'), and that before an upper bound alone ('nearly 50'); within
    each group the first one is chosen, which is what the article puts forward where sources differ. What a next
    sentence adds ('another three died overnight') is added. An exact figure far below an approximate one is a part of
    it. A sum over several attacks is chosen only if there is nothing else. Where forces and fighters are counted in
    different sentences, both are added.

    Statements of different sources that cannot both be true ('the army said 12', 'the rebels said three') are kept as
    rivals; the rule above says which of them is chosen.

    Returns:
        The ids of the spans to add, and how many people beside them; no spans without figures.
    """
    found: list[Statement] = []
    for _, together in groupby(figures, key=lambda figure: figure.sentence):
        found += statements(text, list(together))
    revised = [s for n, s in enumerate(found) if s.revised and not _of_some(s, found[:n])]
    chosen = [revised[-1]] if revised else list(filter(None, [_choose(found)]))
    rivals = _rivals(chosen[0], found) if chosen and not revised else ()
    if chosen:
        chosen += _other_side(chosen[0], found)
        chosen += [] if revised else _later(chosen, found)
    return Count(
        tuple(figure.span for statement in chosen for figure in statement.figures),
        sum(statement.more for statement in chosen),
        open=any(statement.open for statement in chosen),
        rivals=rivals,
    )


def _choose(found: Sequence[Statement]) -> Statement | None:
    """Return the first statement of the best kind: exact, approximate, or an upper bound alone."""
    standing = [statement for statement in found if not statement.aside] or list(found)
    standing = [statement for statement in standing if not statement.several] or standing
    # 'No soldiers died, but three civilians were killed': none of one side is not none.
    standing = [statement for statement in standing if statement.toll.max != 0] or standing
    bounded = [statement for statement in standing if statement.toll.min is not None]
    vague = [statement for statement in bounded if statement.toll.approximate]
    loose = [s for s in standing if s.toll.approximate or s.toll.min is None]
    # 'Dozens' may be 19, but 'about 50' is not three.
    least = max((_size(statement.toll) for statement in loose), default=0) / 2
    exact = [s for s in bounded if not s.toll.approximate and _size(s.toll) >= least]
    best = exact or vague or standing
    # A headline shortens 'at least 14' to '14'.
    same = [s for s in best if s.toll.min == best[0].toll.min and s.toll.max is None]
    return next(iter(same or best), None)


def _of_some(revised: Statement, before: Sequence[Statement]) -> bool:
    """Whether a count that rose, or an ordinal, is below an exact one told before it: it counts some of them."""
    least = max((_size(s.toll) for s in before if not (s.aside or s.several or s.toll.approximate)), default=0)
    return not revised.lowered and _size(revised.toll) < least


def _other_side(chosen: Statement, found: Sequence[Statement]) -> list[Statement]:
    """Return what is told of the other side: fighters beside forces, civilians or people, or forces beside fighters."""
    other = {"forces": "fighters", "fighters": "forces", "civilians": "fighters", "": "fighters"}.get(chosen.side)
    best = _choose([statement for statement in found if statement.side == other and not statement.aside])
    # 'Three people' may be the three fighters that another sentence names; figures of both sides hold them.
    again = not chosen.side and (len(chosen.figures) > 1 or (best and _size(best.toll) == _size(chosen.toll)))
    return [best] if other and best and not again else []


def _later(chosen: Sequence[Statement], found: Sequence[Statement]) -> list[Statement]:
    """Return what counts people beside those of the chosen ones: 'another three died overnight', '30 more were killed'.

    Only the last figures before it can be those that it is added to; of others the chosen one may hold it.
    """
    last = max(found.index(one) for one in chosen)
    further = [one for one in found[last + 1 :] if one.further]
    if not further or any(not one.further for one in found[last + 1 : found.index(further[-1])]):
        return []
    added = total([one.toll for one in further])
    rest = [one for one in found if one not in chosen and one not in further]
    held = any(_size(one.toll) + _size(added) == _size(chosen[0].toll) for one in rest)
    return [] if held or any(one.several or one.aside for one in further) else further


def _rivals(chosen: Statement, found: Sequence[Statement]) -> tuple[Statement, ...]:
    """Return the chosen statement and those of other named sources that contradict it."""
    if chosen.aside or chosen.several:
        return ()
    others = [
        one
        for one in found
        if one.by
        and (one.by.casefold() != (chosen.by or "").casefold())
        and not (one.aside or one.several)
        and (not one.side or not chosen.side or one.side == chosen.side)
        and _disjoint(one.toll, chosen.toll)
    ]
    return (chosen, *others) if others else ()


def _disjoint(one: Toll, two: Toll) -> bool:
    """Whether two tolls have no number in common."""
    (first, last), (other_first, other_last) = ((toll.min or 0, toll.max) for toll in (one, two))
    return (last is not None and last < other_first) or (other_last is not None and other_last < first)


def _size(toll: Toll) -> int:
    return toll.min if toll.min is not None else (toll.max or 0)


def read_tolls(text: str, spans: Sequence[Span], schema: Schema) -> dict[str, EventToll]:
    """Read the toll of each kind from the annotated toll spans of one event.

    Returns:
        Toll by kind, in schema order. A kind whose figures have no number has an unclear toll.
    """
    reading = read(text)
    gold = [PredictedSpan(span.id, span.start, span.end, "", span.label, span.type, 1.0) for span in spans]
    located = [as_read(reading, span) for span in gold]
    return event_tolls(sentences_of(reading), located, schema, "range")


def as_read(reading: Reading, span: PredictedSpan) -> PredictedSpan:
    """Return a span with offsets and words of the reading."""
    start, end = reading.find(span.start, span.end)
    return replace(span, start=start, end=end, text=reading.text[start:end])


def event_tolls(
    sentences: Sentences,
    spans: Sequence[PredictedSpan],
    schema: Schema,
    convention: str,
    victims: Sequence[PredictedSpan] = (),
) -> dict[str, EventToll]:
    """Read the toll of each kind from spans of the reading; the choice among figures is the same in any convention."""
    people = tuple(sorted((span.start, span.end) for span in victims))
    figures: dict[str, list[Figure]] = {}
    unread: dict[str, list[PredictedSpan]] = {}
    numbers: dict[str, Toll] = {}
    for span in sorted(spans, key=lambda s: s.start):
        if span.type is None:
            continue
        toll = normalise(span.text)
        number = toll if convention == "range" else normalise(span.text, convention)
        if toll is None or number is None:
            unread.setdefault(span.type, []).append(span)
        else:
            numbers[span.id] = number
            bounds = sentences.bounds(sentences.index(span.start))
            figure = Figure(span.id, span.start, span.end, toll, bounds, span.type, people)
            figures.setdefault(span.type, []).append(figure)
    by_id = {span.id: span for span in spans}
    table = {}
    for kind in schema.toll_kinds:
        count = counted(sentences.text, figures.get(kind, []))
        toll = total([numbers[span] for span in count.spans], count.more) if count.spans else Toll(None, None, True)
        toll = replace(toll, max=None) if count.open else toll
        used = tuple(by_id[span] for span in count.spans) or tuple(unread.get(kind, ()))
        if used:
            claims = tuple(_claim(rival, by_id, numbers) for rival in count.rivals)
            table[kind] = EventToll(toll, used, tuple(span.text for span in used), claims=claims)
    return table


def _claim(rival: Statement, spans: Mapping[str, PredictedSpan], numbers: Mapping[str, Toll]) -> Claim:
    ids = [figure.span for figure in rival.figures]
    return Claim(rival.by, total([numbers[i] for i in ids], rival.more), tuple(spans[i] for i in ids))
