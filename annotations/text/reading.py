"""Reading: the normalised text that rules and the encoder use, with a mapping to the original offsets.

The same report may be wrapped at 72 columns or have CRLF, double spaces, curly quotes or decomposed accents. This must
not change the result. So all later steps use the reading instead of the original text, and offsets are mapped back at
the end.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import regex

from annotations.text.layout import Line, Unit, units_of

Offsets = npt.NDArray[np.int32]

_LINE_END = r"\r\n|[\r\n\v\f\x1C-\x1E\x85\u2028\u2029]"
_RAISED = r"\u00B9\u00B2\u00B3\u2070\u2074-\u2079"
# Marks of a footnote at the end of a word or sentence: '12¹', '12[3]', '12*'.
_NOTE = (
    rf"(?<=[\p{{L}}\p{{N}}\p{{Pe}}\p{{Pf}}.,;:!?\"'])(?:[{_RAISED}]+|\[(?:\d{{1,3}}|[a-z])\])"
    r"|(?<=\d)[*†‡§]+(?![\w*†‡§])"
)
# Including the letter before a combining mark.
_OTHER = rf"(?:[\x20-\x7E](?=\p{{M}}))?[^\t\x20-\x7E{_RAISED}]+"
_FOLDED = rf"(?P<line>{_LINE_END})|(?P<note>{_NOTE})|(?P<dots>\.{{3,}})|(?P<other>{_OTHER})"
# Most characters start none of these; a look at the first one passes them over several times faster.
_ODD = regex.compile(rf"(?=[^\t\x20-)+-\-/-Z\\-\x7E]|[\x20-\x7E]\p{{M}})(?:{_FOLDED})")
# What is composed together: a character with its combining marks, or the parts of a Korean syllable.
_CLUSTER = regex.compile(r"\r\n|[\p{Cf}\p{Cc}\p{Z}]|[\u1100-\u115F]+[\u1160-\u11A7]*[\u11A8-\u11FF]*|.\p{M}*", regex.S)
_DROPPED = "Cf"  # the category of format characters: zero-width spaces, direction marks, soft hyphens
_QUOTES = {**dict.fromkeys("‘’‚‛ʼ′", "'"), **dict.fromkeys("“”„‟″«»", '"'), "‐": "-", "‑": "-", "−": "-"}
# Compatibility forms of the same letters or digits: ligatures, full-width and Arabic presentation forms.
_SAME = ("<wide>", "<narrow>", "<noBreak>", "<initial>", "<medial>", "<final>", "<isolated>", "<compat>")
_FRONT = regex.compile(r"[ \t]*(?:>+(?:[ \t]+|$))*")  # white space, and the quote marks of e-mails
_KEPT = 100_000  # characters of a text whose reading is kept; of more it would take much memory
_BLANKS = regex.compile(r"[ \t]*\t[ \t]*|  +")


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    r"""A text with normalised layout and encoding.

    Line ends within a paragraph become spaces, other line ends a single line feed; spaces are single; quotation marks
    are straight; characters are composed (NFC); format characters, control characters and footnote marks are removed.

    Example:
        >>> reading = read("Six soldiers and\r\nfour  farmers were killed.")
        >>> reading.text
        'Six soldiers and four farmers were killed.'
        >>> reading.source(17, 21), reading.find(18, 22)
        ((18, 22), (17, 21))
    """

    text: str  # the normalised text
    starts: Offsets  # for each character of `text`, its start offset in the source
    ends: Offsets  # for each character of `text`, its end offset in the source
    # Paragraphs, headings, list items, table rows and timed entries, in order, with offsets in `text`.
    units: tuple[Unit, ...]

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the source offsets of a non-empty range of `text`."""
        return int(self.starts[start]), int(self.ends[end - 1])

    def find(self, start: int, end: int) -> tuple[int, int]:
        """Return the offsets in `text` of a range of the source; an empty range if all of it was removed."""
        # np.int32, as the arrays: for another type numpy would convert the whole array at each call.
        first = int(np.searchsorted(self.ends, np.int32(start), side="right"))
        last = int(np.searchsorted(self.starts, np.int32(end), side="left"))
        return first, max(first, last)


def read(text: str) -> Reading:
    """Normalise a text. The last reading is kept, as several checks of one text follow each other.

    Returns:
        Its reading. Each character corresponds to one or more neighbouring characters of the source, in order.
    """
    return _kept(text) if len(text) <= _KEPT else _read(text)


def _read(text: str) -> Reading:
    folded, starts, ends = _fold(text)
    pieces: list[str] = []
    indices: list[Offsets] = []
    units: list[Unit] = []
    length = 0
    lines = list(_lines(folded))
    for kind, group in units_of([line for _, line in lines]):
        if pieces:
            length += _add(pieces, indices, "\n", lines[group[0]][0] - 1 - lines[group[0]][1].indent)
        start = length
        for number in group:
            at, line = lines[number]
            joint = _joint(lines[number - 1][1].text, line.text) if number != group[0] else ""
            length += _add(pieces, indices, joint, at - 1 - line.indent)
            length += sum(_add(pieces, indices, piece, index) for piece, index in _single_blanks(line.text, at))
        units.append(Unit(start, length, kind))
    index = np.concatenate(indices) if indices else np.zeros(0, dtype=np.int32)
    return Reading("".join(pieces), starts[index], ends[index], tuple(units))


_kept = lru_cache(maxsize=1)(_read)


def plain(text: str) -> str:
    r"""Return a short mention normalised: on one line, with single spaces, straight quotes and composed characters.

    Example:
        >>> plain("Volta\nDefence  Front’s")
        "Volta Defence Front's"
    """
    return " ".join(_fold(text)[0].split())


def _fold(text: str) -> tuple[str, Offsets, Offsets]:
    """Normalise characters; return the text, and the start and end offset of each character in the source."""
    pieces: list[str] = []
    starts: list[Offsets] = []
    ends: list[Offsets] = []
    at = 0
    for start, end, folded in _folds(text):
        kept = np.arange(at, start, dtype=np.int32)
        pieces += text[at:start], folded
        starts += kept, np.full(len(folded), start, dtype=np.int32)
        ends += kept + 1, np.full(len(folded), end, dtype=np.int32)
        at = end
    kept = np.arange(at, len(text), dtype=np.int32)
    pieces.append(text[at:])
    return "".join(pieces), np.concatenate([*starts, kept]), np.concatenate([*ends, kept + 1])


def _folds(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the ranges that change, each with its replacement."""
    for match in _ODD.finditer(text):
        start, end = match.span()
        match match.lastgroup:
            case "line":
                yield start, end, "\n"
            case "note":
                yield start, end, ""
            case "dots":
                yield start, end, "…"
            case _:
                yield from _clusters(text, start, end)


def _clusters(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    for match in _CLUSTER.finditer(text, start, end):
        folded = _fold_cluster(match[0])
        if folded != match[0]:
            yield *match.span(), folded


@lru_cache(maxsize=4096)
def _fold_cluster(cluster: str) -> str:
    if cluster == "\r\n":
        return "\n"
    return "".join(_fold_character(character) for character in unicodedata.normalize("NFC", cluster))


def _fold_character(character: str) -> str:
    if regex.fullmatch(_LINE_END, character):
        return "\n"
    category = unicodedata.category(character)
    if category in ("Zs", "Cc"):
        return " "
    if category == _DROPPED:
        return ""
    if character in _QUOTES:
        return _QUOTES[character]
    same = unicodedata.normalize("NFKC", character)
    return same if unicodedata.decomposition(character).startswith(_SAME) and same.isalnum() else character


def _lines(folded: str) -> Iterator[tuple[int, Line]]:
    """Yield every line with the offset of its first character after the indent."""
    at = 0
    for raw in folded.split("\n"):
        front = _FRONT.match(raw)
        indent = front.end() if front else 0
        text = raw[indent:].rstrip(" \t")
        yield at + indent, Line(text, indent, indent + len(text))
        at += len(raw) + 1


def _joint(before: str, after: str) -> str:
    """Return what joins two lines of a paragraph: a space, or nothing after a hyphen within a word ('army-⏎backed')."""
    parted = regex.search(r"[\p{L}\p{N}][-–—]$", before) and regex.match(r"(?!(?:and|or|to)\b)[\p{L}\p{N}]", after)
    return "" if parted else " "


def _single_blanks(text: str, at: int) -> Iterator[tuple[str, int]]:
    """Yield the pieces of a line with their offsets; white space becomes one space, or one tab if it has a tab."""
    done = 0
    for match in _BLANKS.finditer(text):
        yield text[done : match.start()], at + done
        yield "\t" if "\t" in match[0] else " ", at + match.start()
        done = match.end()
    yield text[done:], at + done


def _add(pieces: list[str], indices: list[Offsets], piece: str, index: int) -> int:
    pieces.append(piece)
    indices.append(np.arange(index, index + len(piece), dtype=np.int32))
    return len(piece)
