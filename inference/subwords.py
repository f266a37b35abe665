"""Sub-words: what the encoder reads, tied to the characters and words of the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer

from annotations.words import words


@dataclass(frozen=True, slots=True)
class Subwords:
    """A text as sub-words.

    Args:
        ids: Vocabulary ids, special tokens left out.
        words: Character offsets of the words that have a sub-word.
        first: For each of these words, the index of its first sub-word.
    """

    ids: Sequence[int]
    words: Sequence[tuple[int, int]]
    first: Sequence[int]


def split(tokenizer: Tokenizer, text: str) -> Subwords:
    """Split a text into sub-words and tie them to its words.

    Args:
        tokenizer: A tokenizer with truncation and padding switched off.
        text: Any text that can be written in UTF-8.

    Returns:
        All sub-words of the text. A word whose characters the tokenizer drops (control characters) or joins to the word
        before is missing from `words`.
    """
    encoding = tokenizer.encode(text, add_special_tokens=False)
    found = words(text)
    kept: list[tuple[int, int]] = []
    first: list[int] = []
    at = 0
    for index, (left, end) in enumerate(encoding.offsets):
        blanks = len(text[left:end]) - len(text[left:end].lstrip())  # byte-level tokenizers count the blank in front
        start = left + blanks
        while at < len(found) and found[at][1] <= start:
            at += 1
        if at < len(found) and found[at][0] <= start < end:
            kept.append(found[at])
            first.append(index)
            at += 1
    return Subwords(encoding.ids, kept, first)
