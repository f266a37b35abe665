"""Marked texts: gold and predicted spans, sentence by sentence, one line per side, with errors marked."""

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
    """A span as shown on a page."""

    start: int  # offset of the first character
    end: int  # offset behind the last one; a mark is empty if other marks cover a missed span
    label: str  # its label
    type: str | None  # its type
    words: str  # the mention
    error: str = ""  # kind of error, or empty
    change: str = ""  # `won` or `lost` if only one of two versions makes this error
    score: float | None = field(default=None, compare=False)  # confidence of a predicted span; ignored in comparisons

    @property
    def tag(self) -> str:
        """The tag behind the mention: error, label and type in words."""
        named = self.label.lower() + (f": {self.type}" if self.type else "")
        shown = f"{SIGNS[self.error]} {self.error} · {named}" if self.error else named
        hidden = f" “{self.words}”" if self.start == self.end else ""
        return shown + hidden + (f" · {self.change}" if self.change else "")


@dataclass(frozen=True, slots=True)
class Line:
    """A part of the text with the marks of one side, or of several sides with the same marks."""

    sides: tuple[str, ...]  # names of the sides
    pieces: tuple[tuple[str, Mark | None], ...]  # words, each with its mark or None


def gold_marks(document: Document) -> list[Mark]:
    """Return the gold spans of a document as marks."""
    return _placed([Mark(s.start, s.end, s.label, s.type, document.mention(s)) for s in document.spans])


def predicted_marks(
    prediction: Prediction, found: Sequence[Error], changed: Collection[Error] = (), change: str = ""
) -> list[Mark]:
    """Return predicted spans as marks with their errors, and missed spans where nothing is predicted. The errors in
    `changed`, which the other version does not make, are marked as `change`: `won` or `lost`."""
    by_span = {error.predicted.id: error for error in found if error.predicted}
    marks = []
    for span in prediction.spans:
        error = by_span.get(span.id)
        kinds = (error.kind, change if error in changed else "") if error else ("", "")
        marks.append(Mark(span.start, span.end, span.label, span.type, span.text, *kinds, span.score))
    for error in found:
        if error.predicted is None and error.gold is not None:
            one, words = error.gold, prediction.text[error.gold.start : error.gold.end]
            kinds = (error.kind, change if error in changed else "")
            marks.append(Mark(one.start, one.end, one.label, one.type, words, *kinds))
    return _placed(marks)


def _placed(marks: Sequence[Mark]) -> list[Mark]:
    """Clip marks so that none overlaps an earlier one."""
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
    """Split a text into parts in which all sides agree, and sentences in which they differ.

    The marks of each side are in order of offset.

    Returns:
        The lines of each part, one for all sides with the same marks.

    Example:
        >>> sides = {"gold": [Mark(0, 6, "PERPETRATOR", None, "Gunmen")], "model": []}
        >>> [[line.sides for line in lines] for lines in blocks("Gunmen came. All fled.", sides)]
        [[('gold',), ('model',)], [('gold', 'model')]]
    """
    made: list[tuple[int, int, list[tuple[tuple[str, ...], tuple[Mark, ...]]]]] = []
    for start, end in _parts(text, [mark for marks in sides.values() for mark in marks]):
        names: dict[tuple[Mark, ...], list[str]] = {}
        for name, marks in sides.items():
            low = bisect_left(marks, start, key=lambda mark: mark.start)
            high = bisect_left(marks, end + (end == len(text)), key=lambda mark: mark.start)
            names.setdefault(tuple(marks[low:high]), []).append(name)
        groups = [(tuple(sharing), marks) for marks, sharing in names.items()]
        if len(groups) == 1 and made and len(made[-1][2]) == 1:  # still agreement: extend the last part
            first, _, [(_, before)] = made.pop()
            made.append((first, end, [(groups[0][0], (*before, *groups[0][1]))]))
        else:
            made.append((start, end, groups))
    return [
        [Line(names, tuple(_pieces(text, start, end, marks))) for names, marks in groups] for start, end, groups in made
    ]


def _parts(text: str, marks: Sequence[Mark]) -> Iterator[tuple[int, int]]:
    """Yield offsets of sentences; sentences that share a mark stay together."""
    starts = split_sentences(text).starts
    across = {i for m in marks for i in range(bisect_right(starts, m.start), bisect_left(starts, m.end))}
    kept = [start for i, start in enumerate(starts) if i not in across]
    yield from zip(kept, [*kept[1:], len(text)], strict=True)


def _pieces(text: str, start: int, end: int, marks: Sequence[Mark]) -> Iterator[tuple[str, Mark | None]]:
    """Yield words with their mark or None, without line ends at the end."""
    at = start
    for mark in marks:
        if at < mark.start:
            yield text[at : mark.start], None
        yield text[mark.start : mark.end], mark
        at = mark.end
    rest = text[at:end].rstrip("\r\n")
    if rest:
        yield rest, None
