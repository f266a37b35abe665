"""A text to predict on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from annotations.errors import Fault
from inference.dates import Day


@dataclass(frozen=True, slots=True)
class Input:
    """A text to predict on, or the faults because of which it could not be read.

    Without a text and without a fault, it is a file of a folder that is left out, as its kind is not read.

    Args:
        name: Its id; without one, file and line or row, a path, `stdin`, or `text` (`text:2`, … for further ones).
        text: The text; None if it could not be read.
        faults: What is wrong with it.
        file: The file of its line or row; empty for a text that is a file of its own.
        line: The number of its line, for CSV, TSV and JSON Lines.
        row: The number of its row, for Parquet and JSON.
        date: Its day, if its file tells it.
        source: What its file tells of it beside the text and the id.
        made: Whether the text does not stand like this in the file: a title was put before it, or it is from a page.
    """

    name: str
    text: str | None
    faults: tuple[Fault, ...] = ()
    file: str = ""
    line: int = 0
    row: int = 0
    date: Day | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
    made: bool = False

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"line {self.line} of {self.file}" if self.line else f"row {self.row} of {self.file}" if self.row else ""

    def fault(self, problem: str, remedy: str) -> Fault:
        """Return a fault at its place."""
        return Fault(problem, remedy, self.file or self.name, self.line, place=f"row {self.row}" if self.row else "")
