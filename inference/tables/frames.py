"""Tables as data frames; the only module that imports pandas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from annotations.installed import imported
from inference.tables.columns import Column
from inference.tables.rows import Row

# Types with a missing value, so that an empty cell is never 0 or False.
_TYPES = {"text": "string", "date": "datetime64[s]", "integer": "Int64", "number": "Float64", "boolean": "boolean"}
EXTRA = "tables"


def frame(rows: Iterable[Row], columns: Sequence[Column]) -> Any:
    """Return rows as a data frame with every column, also if there are no rows.

    Raises:
        ImportError: pandas is not installed.
    """
    pandas, held = imported("pandas", "a data frame", EXTRA), list(rows)
    return pandas.DataFrame(
        {column.name: pandas.array([row[column.name] for row in held], dtype=_TYPES[column.kind]) for column in columns}
    )
