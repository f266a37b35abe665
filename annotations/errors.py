"""Errors in data: what is wrong, where, and how to fix it."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHOWN = 20  # faults that are told one by one
# What differs between faults of one kind: names, hashes and numbers.
_VARYING = re.compile(r"'[^']*'|\"[^\"]*\"|\b[0-9a-f]{16,}\b|[\d.,]*\d")


@dataclass(frozen=True, slots=True)
class Fault:
    """One problem in some input.

    Args:
        problem: What is wrong, in one clause.
        remedy: How to fix it.
        file: Path of the file, if there is one.
        line: Line number in the file, counted from 1.
        document: Document id.
        place: Span, event, offset or key within the document.

    Example:
        >>> print(Fault("cuts a word", "move the end to 7", file="a.jsonl", line=3, document="d1", place="span S2"))
        a.jsonl:3: document 'd1': span S2: cuts a word; move the end to 7
    """

    problem: str
    remedy: str = ""
    file: str = ""
    line: int = 0
    document: str = ""
    place: str = ""

    @property
    def kind(self) -> str:
        """The problem without names and numbers, the same for all faults of a kind.

        Example:
            >>> Fault("has the same id as line 7").kind, Fault("unknown label 'ATACK'").kind
            ('has the same id as line …', 'unknown label …')
        """
        return _VARYING.sub("…", self.problem)

    def __str__(self) -> str:
        where = [
            f"{self.file}:{self.line}" if self.line else self.file,
            f"document {self.document!r}" if self.document else "",
            self.place,
        ]
        message = ": ".join([*filter(None, where), self.problem])
        return f"{message}; {self.remedy}" if self.remedy else message


class ExplainedError(Exception):
    """An error whose message says what is wrong and what to do; the command line shows it without a stack trace."""


class DataError(ExplainedError, ValueError):
    """Input that cannot be used. Holds every fault found, not only the first.

    Example:
        >>> raise DataError([Fault("is empty", "add some text", document="d1")])
        Traceback (most recent call last):
        ...
        annotations.errors.DataError: document 'd1': is empty; add some text
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def messages(faults: Sequence[Fault], more: str, *, every: bool = False) -> list[str]:
    """Return a message for each fault; of many, for the first ones, and the number of the others by kind.

    Args:
        faults: All faults.
        more: How to see the others.
        every: Whether each fault is to have its message, however many there are.

    Example:
        >>> messages([Fault("is empty", document=f"d{n}") for n in range(100)], "use --all")[-2:]
        ['80 more faults, by kind; use --all', '80: is empty']
    """
    rest = [] if every else faults[SHOWN:]
    if len(rest) <= 1:  # one message is no longer than the number of the others
        return [str(fault) for fault in faults]
    kinds = Counter(fault.kind for fault in rest)
    counts = [f"{number:,}: {kind}" for kind, number in kinds.most_common()]
    return [*map(str, faults[:SHOWN]), f"{len(rest):,} more faults, by kind; {more}", *counts]


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint that names the known word closest to `word`.

    Example:
        >>> nearest("lerning_rate", ["learning_rate", "epochs"])
        "did you mean 'learning_rate'?"
        >>> nearest("x", ["learning_rate", "epochs"])
        'known are: epochs, learning_rate'
    """
    known = sorted(known)
    match = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {match[0]!r}?" if match else "known are: " + ", ".join(known)
