"""Texts to predict on, and rows and records as such texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from annotations.errors import Fault
from inference.dates import Day, as_date
from inference.inputs.columns import Chosen, Columns, choose, unseen
from inference.inputs.rows import Rows


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


_choose = lru_cache(maxsize=64)(choose)  # records of one file mostly have the same keys


def inputs_of(file: str, rows: Rows, columns: Columns) -> Iterator[Input]:
    """Yield the text of each row, or what is wrong with it.

    Raises:
        DataError: The file has no rows.
    """
    chosen = None if rows.names is None else _choose(rows.names, columns, complete=True)
    if chosen and chosen.problems:  # once for the whole table
        yield Input(file, None, tuple(Fault(fault.problem, fault.remedy, file) for fault in chosen.problems))
        return
    seen: dict[str, None] = {}
    for row in rows.rows:
        line, number = (row.number, 0) if rows.lines else (0, row.number)
        place = Input(f"{file}:{row.number}" if row.number else file, None, row.faults, file, line, number)
        if row.record is None:
            yield place
            continue
        if rows.names is None:
            seen |= dict.fromkeys(row.record)
        yield _input(place, row.record, chosen or _choose(tuple(row.record), columns, complete=False))
    for name in unseen(columns, list(seen)) if rows.names is None else ():
        yield Input(file, None, (Fault(f"has no record with the key {name!r}", "check the option", file),))


def _input(place: Input, values: Mapping[str, Any], chosen: Chosen) -> Input:
    """Return the text of a row; `place` tells where it is, and its name if it has no id."""
    faults = tuple(_faults(place, values, chosen))
    if faults:
        return replace(place, faults=faults)
    name = values.get(chosen.id) if chosen.id else None
    text = values[chosen.text or ""]
    made = titled(text, values.get(chosen.title) if chosen.title else None)
    return replace(
        place,
        name=place.name if name is None else str(name),
        text=made,
        date=_day(values.get(chosen.date)) if chosen.date else None,
        source={key: value for key, value in values.items() if key not in (chosen.text, chosen.id)},
        made=made is not text,
    )


def _faults(place: Input, values: Mapping[str, Any], chosen: Chosen) -> Iterator[Fault]:
    yield from (place.fault(fault.problem, fault.remedy) for fault in chosen.problems)
    if chosen.problems:
        return
    text = values.get(chosen.text or "")
    if text is None or (isinstance(text, str) and not text.strip()):
        yield place.fault(f"has no text under {chosen.text!r}", "leave it out, or write its text")
    elif not isinstance(text, str):
        yield place.fault(f"has {type(text).__name__} under {chosen.text!r}, not a text", "write the text as a string")
    name = values.get(chosen.id) if chosen.id else None
    if not isinstance(name, str | int | None) or isinstance(name, bool) or name == "":
        problem = f"has the id {name!r:.40}, which is neither a string nor a number"
        yield place.fault(problem, "write a string, or omit the id")
    if chosen.date:
        try:
            _day(values.get(chosen.date))
        except (TypeError, ValueError):
            problem = f"has the date {values[chosen.date]!r:.40}, which is not one"
            yield place.fault(problem, "write it like 2021-03-04, or omit it")


def _day(value: Any) -> Day | None:
    text = value.strip() if isinstance(value, str) else value
    return as_date(None if text == "" else text)


def titled(text: str, title: object) -> str:
    r"""Return a text with its title in a line of its own before it, unless it starts with it.

    Example:
        >>> titled("A bomb exploded.", "Blast in Gao"), titled("Blast  in Gao\nA bomb.", "Blast in Gao")
        ('Blast in Gao\n\nA bomb exploded.', 'Blast  in Gao\nA bomb.')
    """
    words = title.casefold().split() if isinstance(title, str) else []
    start = text[: 4 * sum(len(word) + 1 for word in words) + 1000].casefold().split()
    if not words or start[: len(words)] == words:
        return text
    return f"{' '.join(str(title).split())}\n\n{text}"
