"""The command line: one function per command.

Exit codes: 0 done; 1 something is wrong with data, model or run (the message says what); 2 wrong call.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from annotations.errors import DataError, ExplainedError
from annotations.io.json_text import is_whole
from training.cli.annotate import annotate_app
from training.cli.behave import behave
from training.cli.data import data_app
from training.cli.evaluate import compare, evaluate
from training.cli.incidents import incidents
from training.cli.link import link
from training.cli.models import models_app, promote, release, rollback
from training.cli.predict import predict
from training.cli.printable import printable
from training.cli.terminal import err, fail, fail_on, show_own_warnings
from training.cli.train import leave_one_out, train

# The error of any wrong call; typer gives it no public name.
_WrongCall: Any = typer.BadParameter.__bases__[0]


class _Commands(TyperGroup):
    """The commands; control characters that an error of a wrong call quotes are escaped."""

    def make_context(self, *given: Any, **more: Any) -> Any:
        """Parse the options before a command."""
        with _printable_errors():
            return super().make_context(*given, **more)

    def invoke(self, ctx: Any) -> Any:
        """Parse the arguments of a command and run it."""
        with _printable_errors():
            return super().invoke(ctx)


@contextmanager
def _printable_errors() -> Iterator[None]:
    try:
        yield
    except _WrongCall as error:
        error.message = printable(error.message)
        raise


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Attacks, perpetrators, victims and tolls from news articles.\n\nTrain a model from a config, predict with "
    "it, and evaluate it. Exit codes: 0 done, 1 something is wrong with data, model or run, 2 wrong call.",
)
app.add_typer(data_app, name="data")
app.add_typer(annotate_app, name="annotate")
app.add_typer(models_app, name="models")


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
    except DataError as error:
        fail_on(error.faults)
    except (ExplainedError, ImportError) as error:
        fail([str(error)])
    except BrokenPipeError:  # the reader of a pipe, such as head, has ended
        sys.stderr.close()
    except OSError as error:
        fail([f"{error.filename}: {error.strerror}" if error.filename else str(error)])


for command in (train, link, predict, evaluate, compare, incidents, behave, promote, rollback, release, leave_one_out):
    app.command()(command)
