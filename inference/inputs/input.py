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
    """

    name: str  # its id; without one, file and line or row, a path, `stdin`, or `text` (`text:2`, … for further ones)
    text: str | None  # the text; None if it could not be read
    faults: tuple[Fault, ...] = ()  # what is wrong with it
    file: str = ""  # the file of its line or row; empty for a text that is a file of its own
    line: int = 0  # the number of its line, for CSV, TSV and JSON Lines
    row: int = 0  # the number of its row, for Parquet and JSON
    date: Day | None = None  # its day, if its file tells it
    source: Mapping[str, Any] = field(default_factory=dict)  # what its file tells of it beside the text and the id
    # Whether the text does not stand like this in the file: a title was put before it, or it is from a page.
    made: bool = False

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"line {self.line} of {self.file}" if self.line else f"row {self.row} of {self.file}" if self.row else ""

    def fault(self, problem: str, remedy: str) -> Fault:
        """Return a fault at its place."""
        return Fault(problem, remedy, self.file or self.name, self.line, place=f"row {self.row}" if self.row else "")
