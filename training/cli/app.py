"""The command line: a thin shell over one function a command.

Exit codes: 0 done; 1 something is wrong with data, model or run (the message says what); 2 the command was called
wrongly.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from annotations.errors import DataError, ExplainedError
from annotations.io.json_text import is_whole
from inference.numbers.conventions import CONVENTIONS
from training.cli.annotate import annotate_app
from training.cli.behave import behave
from training.cli.data import data_app
from training.cli.evaluate import compare, evaluate
from training.cli.models import models_app, promote, rollback
from training.cli.printable import printable
from training.cli.terminal import MODEL_HELP, TrackingUri, check_form, err, fail, load_model, out, show_own_warnings

# What is raised of any wrong call; typer gives it no public name.
_WrongCall: Any = typer.BadParameter.__bases__[0]


class _Commands(TyperGroup):
    """The commands; what a wrong call quotes of its arguments is made harmless."""

    def make_context(self, *given: Any, **more: Any) -> Any:
        """Read the options before a command."""
        with _printable_errors():
            return super().make_context(*given, **more)

    def invoke(self, ctx: Any) -> Any:
        """Read the arguments of a command and run it."""
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
    help="Attacks, perpetrators, victims and tolls from news articles.\n\nTrain a tagger from a config, predict with "
    "it, and score it. Exit codes: 0 done, 1 something is wrong with data, model or run, 2 wrong call.",
)
app.add_typer(data_app, name="data")
app.add_typer(annotate_app, name="annotate")
app.add_typer(models_app, name="models")


def main() -> None:
    """Run the command line; expected errors end with a message and exit code 1."""
    for number, word in enumerate(sys.argv[1:], start=1):
        if not is_whole(word):  # in no command can it be a name or a text
            fail([f"argument {number}, {os.fsencode(word)!r}, is not UTF-8; write or rename it in UTF-8"], code=2)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A log file is to show a run's progress as it happens; what a terminal's encoding lacks is a question mark.
        sys.stdout.reconfigure(line_buffering=True, errors="replace")
    show_own_warnings()
    try:
        app()
    except DataError as error:
        fail([str(fault) for fault in error.faults])
    except (ExplainedError, ImportError) as error:
        fail([str(error)])
    except BrokenPipeError:  # the reader of a pipe, such as head, has gone
        sys.stderr.close()
    except OSError as error:
        fail([f"{error.filename}: {error.strerror}" if error.filename else str(error)])


@app.command()
def train(
    config: Annotated[str, typer.Argument(help="A YAML file, or the name of a shipped one: default, accurate.")],
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a key, such as fit.epochs=3.")
    ] = None,
    resume: Annotated[
        str | None, typer.Option(metavar="RUN", help="Go on with a run that stopped; its folder stands under output.")
    ] = None,
    uri: TrackingUri = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check config, data, encoder and store; train nothing.")
    ] = False,
) -> None:
    """Train a model from a config: track it in MLflow, export it, register it as a new version.

    Example: `conflict-events train default --set fit.epochs=3`
    """
    from training.cli.commands.train import train_command

    train_command(config, changes or [], resume, uri, dry_run, out, fail)


@app.command()
def predict(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            help="Text, files, folders of .txt files, JSON Lines with a key 'text'; '-' or none reads standard input."
        ),
    ] = None,
    model: Annotated[str | None, typer.Option("--model", "-m", help=MODEL_HELP)] = None,
    form: Annotated[str, typer.Option("--format", "-f", help="json, jsonl, html or table.")] = "table",
    backend: Annotated[str, typer.Option(help="onnx or torch.")] = "onnx",
    convention: Annotated[
        str | None,
        typer.Option(help=f"How vague numbers are read: {', '.join(CONVENTIONS)}; the model's own if left out."),
    ] = None,
    uri: TrackingUri = None,
) -> None:
    """Find attacks, perpetrators, victims and tolls in text.

    Example: `conflict-events predict article.txt --format json`
    """
    from inference.inputs import scan_inputs
    from training.cli.commands.predict import write_predictions

    if backend not in ("onnx", "torch"):
        raise typer.BadParameter(f"{backend!r} is not onnx or torch", param_hint="--backend")
    if convention is not None and convention not in CONVENTIONS:
        raise typer.BadParameter(f"{convention!r} is not one of {', '.join(CONVENTIONS)}", param_hint="--convention")
    check_form(form, "json", "jsonl", "html", "table")
    found = scan_inputs(inputs or ["-"], sys.stdin.buffer)
    faults = write_predictions(found, partial(load_model, model, uri, backend=backend, convention=convention), form)
    if faults:  # what could be read is told all the same
        fail([str(fault) for fault in faults])


for command in (evaluate, compare, behave, promote, rollback):
    app.command()(command)


@app.command("leave-one-out")
def leave_one_out(
    config: Annotated[str, typer.Argument(help="A YAML file, or the name of a shipped one.")],
    data: Annotated[str, typer.Argument(help="Documents of which each is held out once, such as articles.")],
    changes: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a key.")] = None,
    start: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER", help="A model folder to go on from, on the other documents alone."),
    ] = None,
    form: Annotated[str, typer.Option("--format", "-f", help="table or json.")] = "table",
) -> None:
    """Score documents by models that never saw them: for each one, train on the config's data and all the others.

    Nothing is tracked or registered. One run a document; with --from a short one. Example:
    `conflict-events leave-one-out default articles`
    """
    from training.cli.commands.train import leave_one_out_command

    leave_one_out_command(config, data, changes or [], start, form, out, err)
