"""What all command groups share: the terminal, how commands fail, and options."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from inference.stores import ChampionWarning

out, err = Console(emoji=False), Console(stderr=True, emoji=False)

DATA_HELP = "Data files (JSON Lines), or named sets: corpus/train, corpus/dev, corpus/test, articles."
ADDRESS_HELP = "A model folder, models:/conflict-events/3, models:/conflict-events@champion or runs:/ID/model."
MODEL_HELP = (
    f"{ADDRESS_HELP} By default "
    "CONFLICT_EVENTS_MODEL, the released model, or the champion (else the newest version) of the local store."
)
Texts = Annotated[
    Path | None,
    typer.Option("--texts", help="Folder or file of the texts of stand-off documents; else CONFLICT_EVENTS_ARTICLES."),
]
SchemaName = Annotated[str, typer.Option("--schema", help="Name or path of the label set.")]


def fail(lines: list[str], code: int = 1) -> NoReturn:
    """Print messages and exit: with code 1, or 2 where the command was called wrongly."""
    for line in lines:
        err.print(f"[red]error:[/] {escape(line)}", highlight=False, soft_wrap=True)
    raise SystemExit(code)


def warn(line: str) -> None:
    """Print a warning on standard error."""
    err.print(f"[yellow]warning:[/] {escape(line)}", highlight=False, soft_wrap=True)


def show_own_warnings() -> None:
    """Print the warnings of this project as such, without the line of code that gave them."""
    before = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
        if issubclass(category, ChampionWarning):
            warn(str(message))
        else:
            before(message, category, *rest, **more)

    warnings.showwarning = show


def check_form(form: str, *known: str) -> None:
    """Refuse an output format that a command does not have."""
    if form not in known:
        listed = f"{', '.join(known[:-1])} or {known[-1]}"
        raise typer.BadParameter(f"{form!r} is not {listed}", param_hint="--format")


def short_waits() -> None:
    """Let MLflow give up on a server that does not answer after seconds, not minutes, and draw no bars into the output.

    MLflow reads these environment variables when it first asks a server: call it before. Whoever set them is obeyed.
    """
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
