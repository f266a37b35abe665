"""What all command groups share: the terminal, what goes to it and to standard output, how commands fail, and options.

What is printed for people goes through `out` and `err`; what programs read goes through `put`, `put_json` and
`put_markup`. Both make what comes from outside harmless, so that no caller has to.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from json import loads
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from inference.mlflow_stores import OPTION, ChampionWarning, choose
from training.cli.printable import json_text, markup_text, printable

if TYPE_CHECKING:
    from inference.model import Model


class Terminal(Console):
    """A console that shows all text as it is: brackets are no markup, and control characters are shown, not obeyed."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, emoji=False, markup=False)

    def render_str(self, text: str, **given: Any) -> Text:
        """Make a text of a string, as of each cell of a table, before its width is taken."""
        return super().render_str(printable(text), **given)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Render anything; texts that were not made of a string by this console are made harmless here."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(printable(segment.text), segment.style)

    def print_json(self, json: str | None = None, *, data: Any = None, **given: Any) -> None:
        """Write JSON to standard output as `put_json` does."""
        put_json(data if json is None else loads(json))


out, err = Terminal(), Terminal(stderr=True)

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
TrackingUri = Annotated[
    str | None,
    typer.Option(OPTION, "--uri", help="MLflow tracking address; by default MLFLOW_TRACKING_URI, else mlflow.db here."),
]
SchemaName = Annotated[str, typer.Option("--schema", help="Name or path of the label set.")]


def put(text: str) -> None:
    """Write what programs read to standard output: in UTF-8, whatever the terminal's encoding is."""
    typer.echo(text.encode("utf-8"), nl=False)


def put_json(content: Any, indent: int | None = 1) -> None:
    """Write JSON and a line feed to standard output."""
    put(json_text(content, indent) + "\n")


def put_markup(page: str) -> None:
    """Write HTML or XML to standard output."""
    put(markup_text(page))


def fail(lines: list[str], code: int = 1) -> NoReturn:
    """Print messages, a line each, and exit: with code 1, or 2 where the command was called wrongly."""
    for line in lines:
        say("error", "red", line)
    raise SystemExit(code)


def warn(line: str) -> None:
    """Print a warning on standard error."""
    say("warning", "yellow", line)


def name_store(given: str | None) -> None:
    """Say on standard error which store a command uses, and what named it."""
    choice = choose(given)
    say_store(f"{choice.address} ({choice.source})")


def say_store(store: str) -> None:
    """Say on standard error which store a command uses."""
    err.print(f"store: {store}", highlight=False, soft_wrap=True)


def load_model(model: str | None, uri: str | None, **options: Any) -> Model:
    """Load a model for a command; where it comes from a store, say from which.

    Args:
        model: As for `inference.load`.
        uri: What `--tracking-uri` says.
        options: Others of `inference.load`.

    Raises:
        ModelError: There is no such model, or it is damaged.
    """
    from inference.loading import in_store, load

    if in_store(model):
        name_store(uri)
    return load(model, tracking_uri=uri, **options)


def say(word: str, color: str, line: str) -> None:
    """Print a line on standard error, after a coloured word that tells what it is."""
    told = printable(line).replace("\n", "\\n")
    err.print(Text.assemble((f"{word}:", color), " ", told), highlight=False, soft_wrap=True)


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
