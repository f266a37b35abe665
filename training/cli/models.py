"""`conflict-events models`, `promote` and `rollback`: registered versions, what is told of them, and their aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from inference.mlflow_stores import OPTION
from training.cli.terminal import Texts, TrackingUri, check_form, name_store, out, put_json, short_waits, warn

if TYPE_CHECKING:
    from training.release.lineage import Lineage

VERSION_HELP = "A number, an alias such as champion, or an address such as models:/conflict-events/3."
Name = Annotated[str, typer.Option("--name", help="Name of the registered model.")]
Form = Annotated[str, typer.Option("--format", "-f", help="table or json.")]
Alias = Annotated[str, typer.Option("--alias", help="The alias.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept with the version.")]

models_app = typer.Typer(invoke_without_command=True, help="List registered versions; show one, or what differs.")


@models_app.callback()
def models(
    context: typer.Context, name: Name = "conflict-events", uri: TrackingUri = None, form: Form = "table"
) -> None:
    """List registered versions with their scores, aliases and origin.

    `models show` traces one version, `models diff` tells two apart. Example: `conflict-events models --format json`
    """
    if context.invoked_subcommand is not None:
        given = {"--name": name != "conflict-events", OPTION: uri is not None, "--format": form != "table"}
        for option in (option for option, told in given.items() if told):
            raise typer.BadParameter(f"write it after '{context.invoked_subcommand}'", param_hint=option)
        return
    check_form(form, "table", "json")
    short_waits()
    name_store(uri)
    from training.cli.tables.versions import print_versions, version_row
    from training.store.registry import known_versions, scores, store

    with store(uri):
        versions = known_versions(name)
    for problem in (line for version in versions for line in scores(version)[1]):
        warn(problem)
    if form == "json":
        put_json([version_row(version) for version in versions])
    else:
        print_versions(out, name, versions)


@models_app.command()
def show(
    version: Annotated[str, typer.Argument(help=VERSION_HELP)],
    name: Name = "conflict-events",
    uri: TrackingUri = None,
    form: Form = "table",
) -> None:
    """Trace a version: run, config, data, code, packages, scores, promotions and evaluations.

    Example: `conflict-events models show champion`
    """
    check_form(form, "table", "json")
    from training.cli.tables.versions import print_lineage

    (found,) = _traced([version], name, uri)
    if form == "json":
        put_json(found.to_dict())
    else:
        print_lineage(out, found)


@models_app.command()
def diff(
    first: Annotated[str, typer.Argument(help=VERSION_HELP)],
    second: Annotated[str, typer.Argument(help=VERSION_HELP)],
    name: Name = "conflict-events",
    uri: TrackingUri = None,
    form: Form = "table",
) -> None:
    """Tell what differs between two versions: config, data, schema, packages, commit and scores.

    Example: `conflict-events models diff previous champion`
    """
    check_form(form, "table", "json")
    from training.cli.tables.versions import print_changes
    from training.release.lineage import diff as changes

    found = changes(*_traced([first, second], name, uri))
    if form == "json":
        put_json(found.to_dict())
    else:
        print_changes(out, found)


def promote(
    version: Annotated[str, typer.Argument(help=VERSION_HELP)],
    alias: Alias = "champion",
    gates: Annotated[str, typer.Option(help="A YAML file of gates, or the name of a shipped one.")] = "gates",
    data: Annotated[
        list[str] | None, typer.Option(help="Gold data in place of the gates' own; may be repeated.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Promote although gates fail; needs --reason.")] = False,
    reason: Reason = "",
    name: Name = "conflict-events",
    uri: TrackingUri = None,
    texts: Texts = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the gates; change nothing.")] = False,
    form: Form = "table",
) -> None:
    """Give a version an alias if it passes every gate; else exit with 1 and change nothing.

    The version that was champion becomes previous; `conflict-events rollback` goes back to it. Who, when, why and what
    was forced is kept in the version's tags. Example: `conflict-events promote 4 --reason "better on tolls"`
    """
    check_form(form, "table", "json")
    short_waits()
    name_store(uri)
    from training.cli.commands.promote import promotion_command

    promotion_command(
        version, alias=alias, gates=gates, data=data or (), force=force, reason=reason, name=name, uri=uri,
        texts=texts, dry_run=dry_run, form=form, console=out,
    )  # fmt: skip


def rollback(
    reason: Reason,
    alias: Alias = "champion",
    name: Name = "conflict-events",
    uri: TrackingUri = None,
    form: Form = "table",
) -> None:
    """Give champion back to the version that was it before.

    The alias previous is gone afterwards: a second rollback finds nothing to go back to. Example:
    `conflict-events rollback --reason "tolls doubled in the feed"`
    """
    check_form(form, "table", "json")
    short_waits()
    name_store(uri)
    from training.release.promotion import rollback as back

    move = back(reason, alias=alias, name=name, uri=uri)
    if form == "json":
        put_json(move.to_dict())
    else:
        left = f"{name}/{move.origin}" if move.origin else "a version that was deleted"
        out.print(f"{name}/{move.target} is {alias} again, in place of {left}", highlight=False, markup=False)


def _traced(words: list[str], name: str, uri: str | None) -> list[Lineage]:
    short_waits()
    name_store(uri)
    from training.release.lineage import lineage
    from training.store.registry import find_version, store

    with store(uri):
        return [lineage(find_version(word, name)) for word in words]
