"""Where `conflict-events predict` writes to, and in which format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import typer

from training.cli.prediction_journal import journal_of, part_of

# Each but `table` has a writer in `prediction_run.py`.
PredictionFormat = Annotated[
    Literal["table", "json", "jsonl", "html", "inline", "csv", "parquet", "xlsx"],
    typer.Option("--format", "-f", help="Output format; csv, parquet and xlsx have one row for each event."),
]
TABLES = ("csv", "parquet", "xlsx")
_KEPT = ("jsonl", "csv")  # formats that are written as results come, and can go on after a stop


@dataclass(frozen=True, slots=True)
class Target:
    """Where predictions are written to.

    Raises:
        typer.BadParameter: The format cannot be written there.
    """

    form: str  # the format
    output: Path | None = None  # the file; None for standard output
    spans: Path | None = None  # the file of the table of spans, for formats that are tables
    # For tables: the kinds of the columns that inputs have beside text and id.
    others: Mapping[str, str] = field(default_factory=dict)
    resume: bool = False  # whether to go on with what an earlier run has left

    def __post_init__(self) -> None:
        if self.spans and self.form == "xlsx":
            raise typer.BadParameter("--format xlsx has a sheet of spans; leave out --spans")
        if self.spans and self.form not in TABLES:
            raise typer.BadParameter(f"--spans needs --format {' or '.join(TABLES)}")
        if self.spans and self.output and self.spans.resolve() == self.output.resolve():
            raise typer.BadParameter("--spans and --output name the same file; name two")
        if self.output and self.form == "table":
            raise typer.BadParameter("--output needs another --format; table is for the terminal")
        if self.form in ("parquet", "xlsx") and not self.output:
            raise typer.BadParameter(f"--format {self.form} needs --output FILE")
        if self.resume and not self.kept:
            raise typer.BadParameter(f"--resume needs --output FILE and --format {' or '.join(_KEPT)}")

    @property
    def kept(self) -> bool:
        """Whether results are kept while they are made, so that the work can go on after a stop."""
        files = [path for path in (self.output, self.spans) if path]
        return self.form in _KEPT and self.output is not None and all(_replaceable(path) for path in files)

    @property
    def paths(self) -> list[Path | None]:
        """The file of the results, and that of the spans if it is wanted."""
        return [self.output, *([self.spans] if self.spans else [])]

    def files(self) -> set[Path]:
        """Return every file that is written, resolved; also those for the time of the work."""
        named = [path for path in (self.output, self.spans) if path]
        made = [make(path) for path in named for make in (part_of, journal_of)]
        return {path.resolve() for path in (*named, *made)}


def _replaceable(path: Path) -> bool:
    """Whether a path can become a file: a pipe or a device, such as /dev/stdout, cannot."""
    return not path.exists() or path.is_file()
