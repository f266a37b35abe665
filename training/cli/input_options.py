"""Options that say how tables and records are read."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

_FOUND = "Default: found by its name"
_NONE = "'': none."

TextColumn = Annotated[
    str | None,
    typer.Option(metavar="NAME", help=f"Column or key of the text. {_FOUND}, such as text, body, content or article."),
]
IdColumn = Annotated[
    str | None,
    typer.Option(metavar="NAME", help=f"Column or key of the id. {_FOUND}, such as id or article_id. {_NONE}"),
]
TitleColumn = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help=f"Column or key of the title, which is put before the text. {_FOUND}, such as title or headline. {_NONE}",
    ),
]
DateColumn = Annotated[
    str | None,
    typer.Option(metavar="NAME", help=f"Column or key of the day of the text. {_FOUND}, such as date. {_NONE}"),
]
InputFormat = Annotated[
    Literal["text", "html", "csv", "tsv", "parquet", "jsonl", "json"] | None,
    typer.Option(
        help="How standard input and named files are read. Default: standard input as text, files by their ending."
    ),
]
