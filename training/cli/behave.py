"""`conflict-events behave`: a model on behaviour cases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.terminal import MODEL_HELP, TrackingUri, check_form, fail, load_model, out, put_json, short_waits


def behave(
    model: Annotated[str | None, typer.Argument(help=MODEL_HELP)] = None,
    cases: Annotated[
        Path | None, typer.Option(help="A YAML file of cases, or a folder of them; by default the shipped ones.")
    ] = None,
    capability: Annotated[
        list[str] | None, typer.Option("--capability", "-c", help="Try only this capability; may be repeated.")
    ] = None,
    uri: TrackingUri = None,
    form: Annotated[str, typer.Option("--format", "-f", help="table or json; json lists failed cases too.")] = "table",
    failures: Annotated[bool, typer.Option("--failures", help="List what each failed case was to predict.")] = False,
    at_least: Annotated[
        float | None, typer.Option(min=0, max=1, help="Exit with 1 if a smaller share of cases passes.")
    ] = None,
) -> None:
    """Try a model on small cases, each of one capability: does it do what it must, and change only when it should?

    Failed cases are a measurement, not an error. Example: `conflict-events behave models:/conflict-events/1 --failures`
    """
    from training.behaviour.run import behave as run
    from training.behaviour.run import choose, read_cases
    from training.cli.tables.behaviour import print_behaviour, print_failures

    check_form(form, "table", "json")
    short_waits()
    chosen = choose(read_cases(cases), capability or [])
    loaded = load_model(model, uri, convention="range")
    behaviour = run(loaded, chosen)
    if form == "json":
        put_json({"model": loaded.name} | behaviour.to_dict())
    else:
        print_behaviour(out, f"{loaded.name}: {len(behaviour.outcomes)} behaviour cases", behaviour)
        if failures:
            print_failures(out, behaviour)
    if at_least is not None and behaviour.pass_rate < at_least:
        fail([f"{behaviour.pass_rate:.1%} of the cases passed, fewer than the {at_least:.1%} asked for"])
