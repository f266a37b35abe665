"""What all commands share: output to the terminal and to standard output, errors and warnings, and loading a model.

Output for people goes through `out`, `err` and `line`; output for programs through `put`, `put_json` and `put_markup`.
Both escape control characters in text from outside, so that no caller has to.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from annotations.errors import Fault, messages
from inference.mlflow_stores import ChampionWarning, choose
from training.cli.printable import json_text, markup_text, printable

if TYPE_CHECKING:
    from inference.model import Model

Result = TypeVar("Result")
MORE = "--all lists them"
_MISSING = 5  # messages on missing texts, of each file
_INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it


class Terminal(Console):
    """A console that shows text as it is: no markup in brackets, and control characters are escaped."""

    # Whether a command lists all faults; None if it has no option --all.
    lists_all: bool | None = None

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, emoji=False, markup=False)

    def render_str(self, text: str, **given: Any) -> Text:
        """Escape a string, such as a table cell, before its width is measured."""
        return super().render_str(printable(text), **given)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """Render anything; this also escapes texts that did not pass `render_str`."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(printable(segment.text), segment.style)


out, err = Terminal(), Terminal(stderr=True)


def line(text: str) -> None:
    """Print one line for people; the terminal may wrap it, a file or pipe gets it whole."""
    out.print(text, soft_wrap=True)


def output(form: str, found: Result, table: Callable[[Console, Result], None]) -> None:
    """Write a result to standard output: as JSON for programs, or as a table for people.

    A result has a method `to_dict`, or is a list of such results.
    """
    if form == "table":
        table(out, found)
    else:
        put_json([one.to_dict() for one in found] if isinstance(found, list) else found.to_dict())  # type: ignore[attr-defined]


def put(text: str) -> None:
    """Write output for programs to standard output, always in UTF-8."""
    typer.echo(text.encode("utf-8"), nl=False)


def put_json(content: Any, indent: int | None = 1) -> None:
    """Write JSON and a line feed to standard output."""
    put(json_text(content, indent) + "\n")


def put_markup(page: str) -> None:
    """Write HTML or XML to standard output."""
    put(markup_text(page))


def fail(messages: list[str], code: int = 1) -> NoReturn:
    """Print one message per line and exit with code 1, or with 2 if the command was called wrongly."""
    for message in messages:
        say("error", "red", message)
    raise SystemExit(code)


def fail_on(faults: Sequence[Fault]) -> NoReturn:
    """Print faults and exit with code 1; without --all, the first ones, and the number of the others by kind."""
    fail(few(faults))


def few(faults: Iterable[Fault]) -> list[str]:
    """Return the messages of faults, or of notes like them; without --all only the first, and how many others."""
    more = "'conflict-events data validate FILE --all' lists those of a file"
    return messages(faults, more if err.lists_all is None else MORE, every=bool(err.lists_all))


def stop(message: str) -> NoReturn:
    """Print one line and exit with code 130, as a command does that was interrupted."""
    say("stopped", "yellow", message)
    raise SystemExit(_INTERRUPTED)


def warn(message: str) -> None:
    """Print a warning on standard error."""
    say("warning", "yellow", message)


def name_store(given: str | None) -> None:
    """Print on standard error which store a command uses, and what chose it."""
    choice = choose(given)
    say_store(f"{choice.address} ({choice.source})")


def use_store(given: str | None) -> None:
    """Prepare MLflow for a command on the store, and print which store it uses."""
    short_waits()
    name_store(given)


def say_store(store: str) -> None:
    """Print on standard error which store a command uses."""
    err.print(f"store: {store}", highlight=False, soft_wrap=True)


def load_model(model: str | None, uri: str | None, **options: Any) -> Model:
    """Load a model for a command; print on standard error which one, and the store that it comes from.

    Args:
        model: As for `inference.load`.
        uri: The value of `--tracking-uri`.
        options: Other arguments of `inference.load`.

    Raises:
        ModelError: There is no such model, or it is damaged.
    """
    from inference.loading import in_store, load

    if in_store(model, uri):
        use_store(uri)
    loaded = load(model, tracking_uri=uri, **options)
    err.print(f"model: {loaded.name}", highlight=False, soft_wrap=True)
    return loaded


def say(word: str, color: str, message: str) -> None:
    """Print one line on standard error, after a coloured word such as `error`."""
    escaped = printable(message).replace("\n", "\\n")
    err.print(Text.assemble((f"{word}:", color), " ", escaped), highlight=False, soft_wrap=True)


def show_own_warnings() -> None:
    """Print this project's own warnings with `warn`, without a line of code."""
    before = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
        if issubclass(category, ChampionWarning):
            warn(str(message))
        else:
            before(message, category, *rest, **more)

    warnings.showwarning = show


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds.

    Example:
        >>> clock(75.4)
        '1:15'
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def short_waits() -> None:
    """Make MLflow give up on a silent server after seconds instead of minutes, and draw no progress bars.

    MLflow reads these environment variables at its first request, so call this before. Values already set are kept.
    """
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")


def missing_texts(faults: Sequence[Fault], *, every: bool = False) -> list[str]:
    """Return a message for each missing text, or for the first ones of each file and the number of the others.

    Example:
        >>> messages = missing_texts([Fault("needs its text", "give it", "a.jsonl", line) for line in range(1, 9)])
        >>> len(messages), messages[-1]
        (6, "a.jsonl: 3 more like these; 'conflict-events data validate a.jsonl --all' lists them")
    """
    found: list[str] = []
    for file, group in groupby(faults, key=lambda fault: fault.file):
        told = [str(fault) for fault in group]
        shown = told if every else told[:_MISSING]
        found += shown
        if more := len(told) - len(shown):
            found.append(f"{file}: {more:,} more like these; 'conflict-events data validate {file} --all' lists them")
    return found
