"""Sub-words: what the encoder reads, aligned with the characters and words of the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import regex
from tokenizers import Tokenizer

from annotations.text.reading import Reading, read
from annotations.text.words import words_as_read

Numbers = npt.NDArray[np.int32]
_CHUNK = 50_000  # characters tokenised at once; a tokenizer's own lists take some hundred bytes a character
_CUT = regex.compile(r"(?<!\d)\s|\s(?!\d)")  # never within '1 200'


@dataclass(frozen=True, slots=True, eq=False)
class Subwords:
    """A text as sub-words."""

    reading: Reading  # the text as the encoder reads it
    ids: Numbers  # vocabulary ids, without special tokens
    words: Numbers  # array (words, 2): character offsets, in the text as given, of the words that have a sub-word
    first: Numbers  # for each of these words, the index of its first sub-word
    # Indices of the words at which no mention may continue: the first of a paragraph, an item or a cell.
    breaks: Numbers


def split(tokenizer: Tokenizer, text: str) -> Subwords:
    """Split a text into sub-words and align them with its words.

    The encoder is given the reading of the text (`annotations.text.reading`), so that wrapped lines, unusual blanks
    and quotation marks and decomposed characters change nothing.

    Args:
        tokenizer: A tokenizer with truncation and padding switched off.
        text: Any text that can be written in UTF-8.

    Returns:
        All sub-words of the text. A word that the tokenizer drops or joins to the word before is not in `words`.
    """
    reading = read(text)
    empty: Numbers = np.zeros((0, 2), np.int32)
    ids, found, first = [empty[:, 0]], [empty], [empty[:, 0]]
    count = 0
    for start, end in _chunks(reading.text):
        new, kept, indices = _split(tokenizer, reading.text[start:end])
        ids.append(new)
        found.append(kept + start)
        first.append(indices + count)
        count += len(new)
    at = np.concatenate(found)
    offsets = np.stack([reading.starts[at[:, 0]], reading.ends[at[:, 1] - 1]], axis=1)
    breaks = np.unique(np.searchsorted(at[:, 0], _edges(reading))).astype(np.int32)
    return Subwords(reading, np.concatenate(ids), offsets, np.concatenate(first), breaks[breaks < len(offsets)])


def span_vectors(
    pieces: Subwords, vectors: npt.NDArray[np.float32], offsets: Sequence[tuple[int, int]]
) -> npt.NDArray[np.float32]:
    """Return the mean vector of the words of each span; vectors of words are as `Tagger.outputs` gives them.

    Returns:
        Array (spans, size); zeros for a span without a word.
    """
    found = np.zeros((len(offsets), vectors.shape[1]), dtype=np.float32)
    for row, (start, end) in enumerate(offsets):
        low = int(np.searchsorted(pieces.words[:, 1], np.int32(start), side="right"))
        high = int(np.searchsorted(pieces.words[:, 0], np.int32(end), side="left"))
        if low < high:
            found[row] = vectors[low:high].mean(axis=0)
    return found


def _chunks(text: str) -> Iterator[tuple[int, int]]:
    """Cut before blanks, so that words stay whole and keep the blank that byte-level tokenizers use."""
    start = 0
    while len(text) - start > _CHUNK:
        cut = _CUT.search(text, start + _CHUNK)
        if cut is None:
            break
        yield start, cut.start()
        start = cut.start()
    yield start, len(text)


def _split(tokenizer: Tokenizer, text: str) -> tuple[Numbers, Numbers, Numbers]:
    """Return ids, offsets of words, and the first sub-word of each word."""
    encoding = tokenizer.encode(text, add_special_tokens=False)
    found = words_as_read(text)
    kept: list[tuple[int, int]] = []
    first: list[int] = []
    at = 0
    for index, (left, end) in enumerate(encoding.offsets):
        blanks = len(text[left:end]) - len(text[left:end].lstrip())  # byte-level tokenizers include it
        start = left + blanks
        while at < len(found) and found[at][1] <= start:
            at += 1
        if at < len(found) and found[at][0] <= start < end:
            kept.append(found[at])
            first.append(index)
            at += 1
    offsets = np.array(kept, dtype=np.int32).reshape(-1, 2)
    return np.array(encoding.ids, dtype=np.int32), offsets, np.array(first, dtype=np.int32)


def _edges(reading: Reading) -> list[int]:
    """Offsets at which no mention may continue: the start of each unit, and of each table cell."""
    return sorted(edge for unit in reading.units for edge in unit.cells(reading.text))
