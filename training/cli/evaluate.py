"""Commands on model versions: evaluate and compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.terminal import ADDRESS_HELP, DATA_HELP, Texts, TrackingUri, check_form, out, short_waits


def _file(path: Path | None) -> Path | None:
    """Refuse a place that cannot be written before the work is done."""
    if path is not None and (path.is_dir() or not path.resolve().parent.is_dir()):
        raise typer.BadParameter(f"{path} is a folder" if path.is_dir() else f"there is no folder {path.parent}")
    return path


_Html = Annotated[Path | None, typer.Option(callback=_file, help="Write the report as one self-contained page.")]
_Track = Annotated[
    bool,
    typer.Option("--track/--no-track", help="Keep metrics, tables and report in the MLflow store, if there is one."),
]
_Cost = Annotated[bool, typer.Option("--cost/--no-cost", help="Measure time and memory too, in a process of its own.")]


def evaluate(
    model: Annotated[str, typer.Argument(help=ADDRESS_HELP)],
    data: Annotated[list[str], typer.Argument(help=DATA_HELP)],
    texts: Texts = None,
    html: _Html = None,
    cost: _Cost = True,
    behave: Annotated[bool, typer.Option("--behave", help="Try it on the behaviour cases too.")] = False,
    track: _Track = True,
    uri: TrackingUri = None,
    form: Annotated[str, typer.Option("--format", "-f", help="table or json.")] = "table",
) -> None:
    """Score a model against gold data: spans, events, tolls and slices with intervals, calibration, time and memory.

    Example: `conflict-events evaluate models:/conflict-events/1 corpus/test --html report.html`
    """
    from training.cli.commands.evaluate import evaluate_command

    check_form(form, "table", "json")
    short_waits()
    evaluate_command(model, data, texts, html, cost, behave, track, uri, form, out)


def compare(
    models: Annotated[
        list[str], typer.Argument(help="Two or more: the version that stands, then those that may follow it.")
    ],
    data: Annotated[list[str], typer.Option("--data", "-d", help=DATA_HELP)],
    texts: Texts = None,
    html: _Html = None,
    cost: _Cost = True,
    track: _Track = True,
    uri: TrackingUri = None,
    contaminated: Annotated[
        bool, typer.Option("--contaminated", help="Compare though a version was trained on these documents.")
    ] = False,
    form: Annotated[str, typer.Option("--format", "-f", help="table or json.")] = "table",
) -> None:
    """Tell whether another version is better: differences with intervals and p-values, by label and by slice.

    Example: `conflict-events compare models:/conflict-events@champion models:/conflict-events/3 --data corpus/test`
    """
    from training.cli.commands.evaluate import compare_command

    check_form(form, "table", "json")
    short_waits()
    if len(models) < 2:  # noqa: PLR2004
        raise typer.BadParameter("name two models or more", param_hint="MODELS")
    compare_command(models, data, texts, html, cost, track, uri, contaminated, form, out)
