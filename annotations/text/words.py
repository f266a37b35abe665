"""Words: the smallest pieces of text that a span may begin or end with."""

from __future__ import annotations

import regex

from annotations.text.reading import read

# In this order: a number with its separators ('5,000', '1.2', '1 200'), an abbreviation with its full stops ('U.S.'),
# a run of
# letters, marks and digits in any script, any other visible character. Apostrophes and hyphens part words, so that the
# possessive in "group's" and the second half of 'army-backed' can stay outside of a span.
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


def words(text: str) -> list[tuple[int, int]]:
    """Split text into words, as its reading has them (`annotations.text.reading`).

    Args:
        text: Any text.

    Returns:
        Half-open character offsets, in order, never overlapping. Blanks and format characters belong to no word; a
        punctuation mark is a word of its own.

    Example:
        >>> text = "U.S. jets hit 5,000 homes."
        >>> [text[a:b] for a, b in words(text)]
        ['U.S.', 'jets', 'hit', '5,000', 'homes', '.']
    """
    reading = read(text)
    return [reading.source(start, end) for start, end in words_as_read(reading.text)]


def words_as_read(text: str) -> list[tuple[int, int]]:
    """Split the text of a reading, or a part of it, into words."""
    return [match.span() for match in _WORD.finditer(text)]
