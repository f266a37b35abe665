"""Windows: long text in overlapping pieces that an encoder can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True, slots=True)
class Window:
    """A run of sub-words, half-open."""

    start: int
    end: int


def windows(count: int, size: int, overlap: int) -> list[Window]:
    """Cover `count` sub-words with windows.

    Args:
        count: Number of sub-words in the text.
        size: Maximum number of sub-words in a window, without special tokens.
        overlap: Minimum number of sub-words that two neighbours share.

    Returns:
        Windows in order. Every sub-word is in at least one of them; the last window is moved left so that it is full.

    Raises:
        ValueError: The overlap is negative or more than half of the window.

    Example:
        >>> windows(10, 6, 2)
        [Window(start=0, end=6), Window(start=4, end=10)]
    """
    if not 0 <= overlap < size or 2 * overlap > size:
        raise ValueError(f"overlap {overlap} must be between 0 and half of the window size {size}")
    if count <= size:
        return [Window(0, count)] if count else []
    stride = size - overlap
    starts = list(range(0, count - size, stride))
    return [Window(start, start + size) for start in [*starts, count - size]]


def owned(parts: Sequence[Window]) -> list[Window]:
    """Assign every sub-word to the window in which it is most central.

    Args:
        parts: Windows from `windows`.

    Returns:
        For each window the run of sub-words assigned to it; the runs follow each other without gap or overlap.

    Example:
        >>> owned(windows(10, 6, 2))
        [Window(start=0, end=5), Window(start=5, end=10)]
    """
    if not parts:
        return []
    cuts = [(left.end + right.start) // 2 for left, right in pairwise(parts)]
    # If the last window was moved far left, a cut can come after the next one; cuts must not go back.
    edges = np.maximum.accumulate([parts[0].start, *cuts, parts[-1].end]).tolist()
    return [Window(start, end) for start, end in pairwise(edges)]
