"""`conflict-events behave`: behaviour cases on a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.cli.bars import shown_bar
from training.cli.options import ModelArgument, TableOrJson, TrackingUri
from training.cli.terminal import fail, load_model, out, put_json, short_waits


def behave(
    model: ModelArgument = None,
    cases: Annotated[
        Path | None, typer.Option(help="A YAML file of cases, or a folder of them. Default: the shipped cases.")
    ] = None,
    capability: Annotated[
        list[str] | None, typer.Option("--capability", "-c", help="Run only this capability; may be repeated.")
    ] = None,
    uri: TrackingUri = None,
    form: TableOrJson = "table",
    failures: Annotated[
        bool, typer.Option("--failures", help="List the failed cases; json always lists them.")
    ] = False,
    at_least: Annotated[
        float | None, typer.Option(min=0, max=1, help="Exit with 1 if a smaller share of the cases passes.")
    ] = None,
) -> None:
    """Test a model on small cases, each for one capability: what must be found, and what must not change the result.

    Failed cases are a measurement, not an error. Example: `conflict-events behave models:/conflict-events/1 --failures`
    """
    short_waits()
    from training.behaviour.run import behave as run
    from training.behaviour.run import choose, read_cases
    from training.cli.tables.behaviour import print_behaviour, print_failures

    chosen = choose(read_cases(cases), capability or [])
    loaded = load_model(model, uri, convention="range")
    with shown_bar(sum(len(one.cases) for one in chosen), "cases") as steps:
        behaviour = run(loaded, chosen, steps.step)
    if form == "json":
        put_json({"model": loaded.name} | behaviour.to_dict())
    else:
        print_behaviour(out, f"{loaded.name}: {len(behaviour.outcomes)} behaviour cases", behaviour)
        if failures:
            print_failures(out, behaviour)
    if at_least is not None and behaviour.pass_rate < at_least:
        fail([f"{behaviour.pass_rate:.1%} of the cases passed, less than the {at_least:.1%} required"])
