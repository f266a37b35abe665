"""The command line: one function per command.

Exit codes: 0 done; 1 something is wrong with data, model or run (the message says what); 2 wrong call; 130 stopped.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from annotations.errors import DataError, ExplainedError
from annotations.formats.texts import MissingText
from annotations.installed import DISTRIBUTION, installed_version, lacking
from annotations.io.json_text import is_whole
from training.cli.annotate import annotate_app
from training.cli.data import data_app
from training.cli.evaluate import behave, compare, evaluate, incidents
from training.cli.merge import evaluate_merge, fit_merge, merge
from training.cli.models import models_app, promote, release, rollback
from training.cli.predict import predict
from training.cli.printable import printable
from training.cli.serve import serve
from training.cli.terminal import err, fail, fail_on, missing_texts, out, show_own_warnings, stop
from training.cli.train import leave_one_out, link, train

# The error of any wrong call; typer gives it no public name.
_WrongCall: Any = typer.BadParameter.__bases__[0]
# What to do where a file cannot be read or written.
_WAYS_OUT = {
    errno.EACCES: "change its permissions, or name another file or folder",
    errno.EPERM: "change its permissions, or name another file or folder",
    errno.ENOSPC: "make room, or name a place on another disk",
    errno.ENOENT: "check the path",
}


class _Commands(TyperGroup):
    """The commands; control characters that an error of a wrong call quotes are escaped."""

    def make_context(self, *given: Any, **more: Any) -> Any:
        """Parse the options before a command."""
        with _printable_errors():
            return super().make_context(*given, **more)

    def invoke(self, ctx: Any) -> Any:
        """Parse the arguments of a command and run it."""
        with _printable_errors():
            try:
                return super().invoke(ctx)
            except KeyboardInterrupt:
                stop("before all was done")


@contextmanager
def _printable_errors() -> Iterator[None]:
    try:
        yield
    except _WrongCall as error:
        error.message = printable(error.message.removeprefix("Value error, "))  # pydantic's words, below typer
        raise


def _show_version(asked: bool) -> None:
    if asked:
        out.print(f"{DISTRIBUTION} {installed_version()}", highlight=False)
        raise typer.Exit


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Attacks, perpetrators, victims and tolls from news articles.\n\nTrain a model from a config, predict with "
    "it, and evaluate it. Exit codes: 0 done, 1 something is wrong with data, model or run, 2 wrong call.",
)


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and exit.")
    ] = False,
) -> None:
    """Take the options before a command. `app.help` is the text that is shown."""


app.add_typer(data_app, name="data")
app.add_typer(annotate_app, name="annotate")
app.add_typer(models_app, name="models")


def _called() -> str:
    """The command in the arguments, for a message: words up to the first option or name that is none of a command."""
    command: Any = typer.main.get_command(app)
    words = []
    for word in sys.argv[1:]:
        command = getattr(command, "commands", {}).get(word)
        if command is None:
            break
        words.append(word)
    return " ".join(words) or "this"


def main() -> None:
    """Run the command line; expected errors end with a message and exit code 1."""
    for number, word in enumerate(sys.argv[1:], start=1):
        if not is_whole(word):  # no command can use it as a name or a text
            fail([f"argument {number}, {os.fsencode(word)!r}, is not UTF-8; write or rename it in UTF-8"], code=2)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Log files show progress at once; characters that the terminal's encoding lacks become question marks.
        sys.stdout.reconfigure(line_buffering=True, errors="replace")
    show_own_warnings()
    err.lists_all = None
    try:
        app()
    except MissingText as error:
        fail(missing_texts(error.faults))
    except DataError as error:
        fail_on(error.faults)
    except ImportError as error:
        fail([str(lacking(error, _called()))])
    except ExplainedError as error:
        fail([str(error)])
    except BrokenPipeError:  # the reader of a pipe, such as head, has ended
        sys.stderr.close()
    except OSError as error:
        problem = f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
        fail([f"{problem}; {_WAYS_OUT.get(error.errno or 0, 'name another file or folder')}"])


_ON_MODELS = (train, link, predict, merge, evaluate, compare, incidents, behave, promote, rollback, release)
for command in (*_ON_MODELS, evaluate_merge, fit_merge, leave_one_out):
    app.command()(command)
app.command()(serve)
