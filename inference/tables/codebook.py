"""The codebook: what each column of the tables means, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from annotations.schema import Schema
from inference.tables.columns import Column, event_columns, span_columns

_HEAD = (
    "# Codebook",
    "",
    "Made by `conflict-events data codebook > docs/codebook.md`; do not edit.",
    "",
    "The columns of `conflict-events predict … --format csv` and `parquet`, of `Prediction.to_rows()` and of "
    "`to_dataframe()`. One row is one event as one text tells it. The same attack in two texts is two rows; a text "
    "without an event has no row. `(source_id, event_id)` is unique.",
    "",
    "- **An empty cell means that the text does not tell it.** A toll that nobody reported is empty, never 0; a 0 is "
    "told ('no one was hurt'). A figure without a number has words and empty bounds.",
    "- Several values of a cell are separated by '; '. In a clash, and where sides blame each other, all of them are "
    "in the column of perpetrators.",
    "- The counterparts in ACLED and GTD are the closest columns, not the same ones: both databases combine sources "
    "and apply rules that one text cannot satisfy. They are empty where there is none.",
    "- CSV is UTF-8 with a byte-order mark, commas, and CRLF at the end of a row (RFC 4180), so that Excel reads it by "
    "a double click; in Python, open it as `utf-8-sig`. What a spreadsheet would take for a formula has `'` in front, "
    "also after a semicolon; control characters are written as `\\x1b`; cells are cut at 32,767 characters, which is "
    "Excel's limit. Rows in Python and Parquet files are unchanged.",
)
_INCIDENTS = (
    "## Incidents",
    "",
    "The columns of `conflict-events merge … --format csv`, and of `to_rows` of `inference.incidents`. One row is one "
    "attack, as all articles tell it that report it. [Incidents](incidents.md) describes how they are merged.",
    "",
)


def codebook(schema: Schema, incidents: Sequence[Column] = ()) -> str:
    """Return the codebook of a schema as Markdown.

    Example:
        >>> from annotations import load_schema
        >>> codebook(load_schema()).splitlines()[0]
        '# Codebook'
    """
    lines = [*_HEAD, "", "## Events", "", *_table(event_columns(schema), books=True)]
    types = schema.attack_types
    if types:
        lines += ["", "## Values of `event_type`", "", *_types(schema)]
    if incidents:
        lines += ["", *_INCIDENTS, *_table(incidents, books=True)]
    return "\n".join([*lines, "", "## Spans", "", "With `--spans FILE`.", "", *_table(span_columns(), books=False), ""])


def _table(columns: Sequence[Column], *, books: bool) -> Iterator[str]:
    heads = ["column", "type", "meaning", *(["ACLED", "GTD"] if books else [])]
    yield _line(heads)
    yield _line(["---"] * len(heads))
    for column in columns:
        names = [column.acled, column.gtd] if books else []
        yield _line([f"`{column.name}`", column.kind, column.meaning, *(f"`{name}`" if name else "" for name in names)])


def _types(schema: Schema) -> Iterator[str]:
    titles = {"gtd": "GTD", "acled": "ACLED", "muc4": "MUC-4"}
    yield _line(["value", "meaning", *(titles[book] for book in schema.code_books)])
    yield _line(["---"] * (2 + len(schema.code_books)))
    for name, kind in schema.attack_types.items():
        yield _line([f"`{name}`", kind.definition, *(getattr(kind, book) or "" for book in schema.code_books)])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|").replace("\n", " ") for cell in cells) + " |"
