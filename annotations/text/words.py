"""Words: the tokens at whose edges spans may start and end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import regex

from annotations.text.reading import read

Edges = Sequence[Sequence[int]]  # start and end of each word

# In this order: a number with its separators ('5,000', '1.2', '1 200'), an abbreviation with its full stops ('U.S.'),
# a run of letters, marks and digits in any script, any other visible character. Words are split at apostrophes and
# hyphens, so that a span can exclude the possessive in "group's" and the second half of 'army-backed'.
_WORD = regex.compile(
    r"""
    \p{N}{1,3} (?: [\ \u00A0\u202F] \p{N}{3} (?!\p{N}) )+
  | \p{N}+ (?: [.,] \p{N}+ )* (?: \p{L}[\p{L}\p{M}\p{N}]* )?
  | (?: \p{L}\. ){2,}
  | [\p{L}\p{N}] [\p{L}\p{M}\p{N}\p{Cf}]*
  | [^\s\x1C-\x1F]
    """,
    regex.VERBOSE,
)


def listed(words: str) -> frozenset[str]:
    """Return the words of a string as a set."""
    return frozenset(words.split())


def words(text: str) -> list[tuple[int, int]]:
    """Split text into the words of its reading (`annotations.text.reading`).

    Returns:
        Half-open character offsets, in order and without overlaps. White space and format characters belong to no
        word; each punctuation mark is a word.

    Example:
        >>> text = "U.S. jets hit 5,000 homes."
        >>> [text[a:b] for a, b in words(text)]
        ['U.S.', 'jets', 'hit', '5,000', 'homes', '.']
    """
    return [(start, end) for start, end in word_offsets(text).tolist()]


def word_offsets(text: str) -> npt.NDArray[np.int32]:
    """Return the offsets of `words` as an array (words, 2), for many texts: a list takes ten times the memory."""
    reading = read(text)
    found = np.array(words_as_read(reading.text), dtype=np.int32).reshape(-1, 2)
    return np.stack([reading.starts[found[:, 0]], reading.ends[found[:, 1] - 1]], axis=1)


def words_as_read(text: str) -> list[tuple[int, int]]:
    """Split the text of a reading, or part of it, into words."""
    return [match.span() for match in _WORD.finditer(text)]
