"""Columns of the inputs in the table of events, after its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from inference.tables.columns import Cell, Column

_PREFIX = "source_"  # of a column whose name the table of events has itself


class OtherColumns:
    """The columns that inputs have beside text and id.

    Example:
        >>> columns = OtherColumns({"country": "text", "notes": "text"}, [Column("notes", "text", "")])
        >>> columns.cells({"country": "Mali", "notes": ["a"]})
        {'country': 'Mali', 'source_notes': '["a"]'}
    """

    def __init__(self, kinds: Mapping[str, str], own: Sequence[Column]) -> None:
        self._kinds = kinds
        self._names: dict[str, str] = {}
        taken = {column.name for column in own}
        for name in kinds:
            shown = name
            while shown in taken:
                shown = _PREFIX + shown
            taken.add(shown)
            self._names[name] = shown
        self.columns = [Column(self._names[name], kind, "As in the input.") for name, kind in kinds.items()]

    def cells(self, source: Mapping[str, Any]) -> dict[str, Cell]:
        """Return the cells of one text, by column."""
        return {self._names[name]: _cell(source.get(name), kind) for name, kind in self._kinds.items()}


def _cell(value: Any, kind: str) -> Cell:
    if value is None:
        return None
    if kind == "text":
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    cell: Cell = float(value) if kind == "number" else value
    return cell
