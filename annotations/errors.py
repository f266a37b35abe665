"""Errors in data: what is wrong, where, and how to fix it."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

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

    @classmethod
    def of(
        cls, problem: str, remedy: str = "", file: str = "", line: int = 0, document: str = "", place: str = ""
    ) -> Self:
        """Return the error of a single fault; arguments as for `Fault`."""
        return cls([Fault(problem, remedy, file, line, document, place)])

    @classmethod
    def check(cls, faults: Iterable[Fault]) -> None:
        """Raise an error of these faults, if there are any."""
        if found := tuple(faults):
            raise cls(found)


@contextmanager
def collecting(faults: list[Fault]) -> Iterator[None]:
    """Add the faults of an error in the block to others, and go on behind it, so that all are reported at once."""
    try:
        yield
    except DataError as error:
        faults += error.faults


@dataclass(slots=True)
class Told:
    """Faults as they come, in bounded memory: the first ones, and of the others only the number by kind."""

    every: bool = False  # whether each fault is to have its message, however many there are; then all are kept
    first: list[Fault] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)

    def add(self, faults: Iterable[Fault]) -> None:
        """Take the next faults."""
        for fault in faults:
            if self.every or len(self.first) <= SHOWN:  # one more than are shown: see `messages`
                self.first.append(fault)
            else:
                self.others[fault.kind] += 1

    def __len__(self) -> int:
        """Return the number of faults."""
        return len(self.first) + self.others.total()

    def messages(self, more: str) -> list[str]:
        """Return a message for each fault; of many, for the first ones, and the number of the others by kind.

        Args:
            more: How to see the others.
        """
        if not self.others:  # of one fault too many, the message is no longer than the number
            return [str(fault) for fault in self.first]
        kinds = self.others + Counter(fault.kind for fault in self.first[SHOWN:])
        counts = [f"{number:,}: {kind}" for kind, number in kinds.most_common()]
        return [*map(str, self.first[:SHOWN]), f"{kinds.total():,} more faults, by kind; {more}", *counts]


def messages(faults: Iterable[Fault], more: str, *, every: bool = False) -> list[str]:
    """Return a message for each fault; of many, for the first ones, and the number of the others by kind.

    Args:
        faults: All faults.
        more: How to see the others.
        every: Whether each fault is to have its message, however many there are.

    Example:
        >>> messages([Fault("is empty", document=f"d{n}") for n in range(100)], "use --all")[-2:]
        ['80 more faults, by kind; use --all', '80: is empty']
    """
    told = Told(every)
    told.add(faults)
    return told.messages(more)


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
