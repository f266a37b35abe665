"""Messages on documents whose texts are not on this machine: a set has thousands of them, and all say the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from annotations.errors import Fault

_SHOWN = 5  # of each file


def missing_texts(faults: Sequence[Fault], *, every: bool = False) -> list[str]:
    """Return a message for each missing text, or for the first ones of each file and the number of the others.

    Args:
        faults: One for each document.
        every: Whether all are wanted.

    Example:
        >>> messages = missing_texts([Fault("needs its text", "give it", "a.jsonl", line) for line in range(1, 9)])
        >>> len(messages), messages[-1]
        (6, "a.jsonl: 3 more like these; 'conflict-events data validate a.jsonl --all' lists them")
    """
    return list(_messages(faults, every))


def _messages(faults: Sequence[Fault], every: bool) -> Iterator[str]:
    for file, found in groupby(faults, key=lambda fault: fault.file):
        group = list(found)
        shown = group if every else group[:_SHOWN]
        yield from map(str, shown)
        if more := len(group) - len(shown):
            yield f"{file}: {more:,} more like these; 'conflict-events data validate {file} --all' lists them"
