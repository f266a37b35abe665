"""Marked texts: the spans of gold and predictions below each other, sentence by sentence, errors where they are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from annotations.agreement.disagreements import BOUNDARY, LABEL, TYPE
from annotations.document import Document
from annotations.text.sentences import split_sentences
from inference.prediction import Prediction
from training.evaluation.errors import MISSED, SPURIOUS, Error

SIGNS = {MISSED: "−", SPURIOUS: "+", BOUNDARY: "↔", TYPE: "≠", LABEL: "≠"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A span as it is shown.

    Args:
        start: Offset of the first character.
        end: Offset behind the last one; an empty mark says of a missed span that other marks cover it.
        label: Its label.
        type: Its type.
        words: The mention.
        error: Kind of error, or empty.
        change: `won` or `lost` where only one of two versions makes this error.
        score: Confidence, of a predicted span. Marks that differ in it alone are the same.
    """

    start: int
    end: int
    label: str
    type: str | None
    words: str
    error: str = ""
    change: str = ""
    score: float | None = field(default=None, compare=False)

    @property
    def tag(self) -> str:
        """What stands behind the mention: error, label and type in words."""
        named = self.label.lower() + (f": {self.type}" if self.type else "")
        told = f"{SIGNS[self.error]} {self.error} · {named}" if self.error else named
        hidden = f" “{self.words}”" if self.start == self.end else ""
        return told + hidden + (f" · {self.change}" if self.change else "")


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of text with the marks of one side, or of several that have the same.

    Args:
        sides: Names of the sides.
        pieces: Words, each with its mark or None.
    """

    sides: tuple[str, ...]
    pieces: tuple[tuple[str, Mark | None], ...]


def gold_marks(document: Document) -> list[Mark]:
    """Return the gold spans of a document as marks."""
    return _placed([Mark(s.start, s.end, s.label, s.type, document.mention(s)) for s in document.spans])


def predicted_marks(
    prediction: Prediction, found: Sequence[Error], changed: Collection[Error] = (), change: str = ""
) -> list[Mark]:
    """Return predicted spans as marks with their errors, and missed spans where nothing is predicted.

    Args:
        prediction: The prediction.
        found: Its errors.
        changed: Those among them that the other version does not make.
        change: What to call these, `won` or `lost`.
    """
    of = {error.predicted.id: error for error in found if error.predicted}
    marks = []
    for span in prediction.spans:
        error = of.get(span.id)
        told = (error.kind, change if error in changed else "") if error else ("", "")
        marks.append(Mark(span.start, span.end, span.label, span.type, span.text, *told, span.score))
    for error in found:
        if error.predicted is None and error.gold is not None:
            one, words = error.gold, prediction.text[error.gold.start : error.gold.end]
            told = (error.kind, change if error in changed else "")
            marks.append(Mark(one.start, one.end, one.label, one.type, words, *told))
    return _placed(marks)


def _placed(marks: Sequence[Mark]) -> list[Mark]:
    """Clip marks to what earlier ones leave free, so that none overlaps another."""
    kept: list[Mark] = []
    starts: list[int] = []
    for mark in marks:
        start, end = mark.start, mark.end
        at = bisect_right(starts, start)
        if at and kept[at - 1].end > start:
            start = kept[at - 1].end
        while at < len(kept) and kept[at].start == start < end:
            start, at = kept[at].end, at + 1
        if at < len(kept):
            end = min(end, kept[at].start)
        kept.insert(at, replace(mark, start=start, end=max(start, end)))
        starts.insert(at, start)
    return kept


def blocks(text: str, sides: Mapping[str, Sequence[Mark]]) -> list[list[Line]]:
    """Cut a text into stretches in which all sides agree, and sentences in which they do not.

    Args:
        text: The text.
        sides: Marks by name of the side, in order of offset.

    Returns:
        Of each stretch its lines, one for all sides that have the same marks.

    Example:
        >>> sides = {"gold": [Mark(0, 6, "PERPETRATOR", None, "Gunmen")], "model": []}
        >>> [[line.sides for line in lines] for lines in blocks("Gunmen came. All fled.", sides)]
        [[('gold',), ('model',)], [('gold', 'model')]]
    """
    made: list[_Stretch] = []
    for start, end in _stretches(text, [mark for marks in sides.values() for mark in marks]):
        names: dict[tuple[Mark, ...], list[str]] = {}
        for name, marks in sides.items():
            low = bisect_left(marks, start, key=lambda mark: mark.start)
            high = bisect_left(marks, end + (end == len(text)), key=lambda mark: mark.start)
            names.setdefault(tuple(marks[low:high]), []).append(name)
        groups = [(tuple(sharing), marks) for marks, sharing in names.items()]
        if len(groups) == 1 and made and len(made[-1].groups) == 1:  # agreement goes on
            last = made.pop()
            marks = (*last.groups[0][1], *groups[0][1])
            made.append(_Stretch(last.start, end, [(groups[0][0], marks)]))
        else:
            made.append(_Stretch(start, end, groups))
    return [
        [Line(names, tuple(_pieces(text, one.start, one.end, marks))) for names, marks in one.groups] for one in made
    ]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Offsets of a stretch, and the sides with their marks, those with the same marks together."""

    start: int
    end: int
    groups: Sequence[tuple[tuple[str, ...], tuple[Mark, ...]]]


def _stretches(text: str, marks: Sequence[Mark]) -> Iterator[tuple[int, int]]:
    """Yield offsets of sentences; those that a mark runs across stay together."""
    starts = split_sentences(text).starts
    across = {i for m in marks for i in range(bisect_right(starts, m.start), bisect_left(starts, m.end))}
    kept = [start for i, start in enumerate(starts) if i not in across]
    yield from zip(kept, [*kept[1:], len(text)], strict=True)


def _pieces(text: str, start: int, end: int, marks: Sequence[Mark]) -> Iterator[tuple[str, Mark | None]]:
    """Yield words with their mark or None; line ends behind them, which part stretches, are left out."""
    at = start
    for mark in marks:
        if at < mark.start:
            yield text[at : mark.start], None
        yield text[mark.start : mark.end], mark
        at = mark.end
    rest = text[at:end].rstrip("\r\n")
    if rest:
        yield rest, None
