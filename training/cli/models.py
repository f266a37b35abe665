"""`conflict-events models`, `promote` and `rollback`: registered versions, their lineage and their aliases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotations.formats.jsonl import read_documents
from annotations.formats.texts import TextSource
from annotations.io.writing import write_text
from inference.loading import RELEASED
from inference.mlflow_stores import OPTION
from inference.model import Model
from training.cli.options import (
    Address,
    Alias,
    GoldOption,
    Reason,
    RegisteredName,
    TableOrJson,
    Texts,
    TrackingUri,
    VersionName,
)
from training.cli.terminal import err, fail, load_model, out, output, put_json, use_store, warn

if TYPE_CHECKING:
    from training.release.lineage import Lineage

NAME = "conflict-events"

models_app = typer.Typer(
    invoke_without_command=True, help="List registered versions, show one, or show what differs between two."
)


@models_app.callback()
def models(
    context: typer.Context, name: RegisteredName = NAME, uri: TrackingUri = None, form: TableOrJson = "table"
) -> None:
    """List registered versions with their scores, aliases and origin.

    `models show` traces one version, `models diff` compares two. Example: `conflict-events models --format json`
    """
    if context.invoked_subcommand is not None:
        given = {"--name": name != NAME, OPTION: uri is not None, "--format": form != "table"}
        for option in (option for option, used in given.items() if used):
            raise typer.BadParameter(f"write it after '{context.invoked_subcommand}'", param_hint=option)
        return
    use_store(uri)
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
    version: VersionName, name: RegisteredName = NAME, uri: TrackingUri = None, form: TableOrJson = "table"
) -> None:
    """Trace a version: run, config, data, code, packages, scores, promotions and evaluations.

    Example: `conflict-events models show champion`
    """
    from training.cli.tables.versions import print_lineage

    (found,) = _traced([version], name, uri)
    output(form, found, print_lineage)


@models_app.command()
def diff(
    first: VersionName,
    second: VersionName,
    name: RegisteredName = NAME,
    uri: TrackingUri = None,
    form: TableOrJson = "table",
) -> None:
    """Show what differs between two versions: config, data, schema, packages, commit and scores.

    Example: `conflict-events models diff previous champion`
    """
    from training.cli.tables.versions import print_changes
    from training.release.changes import diff as changes

    output(form, changes(*_traced([first, second], name, uri)), print_changes)


def _traced(words: list[str], name: str, uri: str | None) -> list[Lineage]:
    use_store(uri)
    from training.release.lineage import lineage
    from training.store.registry import find_version, store

    with store(uri):
        return [lineage(find_version(word, name)) for word in words]


def promote(
    version: VersionName,
    alias: Alias = "champion",
    gates: Annotated[str, typer.Option(help="A YAML file of gates, or the name of a shipped one.")] = "gates",
    data: Annotated[
        list[str] | None, typer.Option(help="Gold data to use instead of the gates' own; may be repeated.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Promote even if gates fail; needs --reason.")] = False,
    reason: Reason = "",
    name: RegisteredName = NAME,
    uri: TrackingUri = None,
    texts: Texts = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the gates; change nothing.")] = False,
    form: TableOrJson = "table",
) -> None:
    """Give an alias to a version if it passes every gate; otherwise exit with 1 and change nothing.

    The old champion becomes previous; `conflict-events rollback` goes back to it. Who, when, why and the gates that
    were forced are recorded in the version's tags. Example: `conflict-events promote 4 --reason "better on tolls"`
    """
    use_store(uri)
    from training.cli.tables.versions import print_outcomes, promotion_row
    from training.release.promotion import check_reason, examine
    from training.release.promotion import promote as give

    check_reason(reason, force)  # before the gates, which take a while
    examined = examine(
        version,
        alias=alias,
        gates=gates,
        data=data or (),
        name=name,
        uri=uri,
        texts=TextSource.from_setting(texts),
        report=lambda line: err.print(line, highlight=False, soft_wrap=True),
    )
    address, before, failed = examined.plan.version.address, examined.plan.before, examined.failed
    if form == "table":
        print_outcomes(out, f"gates of {address} for {alias}", examined.outcomes)
    changes = not dry_run and (force or not failed)
    move = give(examined, reason=reason, force=force) if changes else None
    if form == "json":
        put_json(promotion_row(examined, move))
    if failed and not changes:
        fail([*map(str, failed), examined.refusal])
    if form == "table":
        done = f"{address} is {alias} now, after {before.address if before else 'no other'}"
        dry = f"every gate passed; without --dry-run, {address} would become {alias}"
        out.print(done if changes else dry, highlight=False)


def release(
    model: Address,
    data: GoldOption,
    to: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder of the released model. Default: that of the package.")
    ] = None,
    card: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the model card, as Markdown.")] = None,
    texts: Texts = None,
    uri: TrackingUri = None,
) -> None:
    """Make a trained model the one that the package ships: a small copy, checked against it on gold data.

    Example: `conflict-events release models:/conflict-events@champion --data corpus/test --card MODEL_CARD.md`
    """
    from training.behaviour.run import behave, read_cases
    from training.cli.tables.versions import print_parity
    from training.release.package import model_card
    from training.release.package import release as make

    source = TextSource.from_setting(texts)
    sets = {name: read_documents(name, source) for name in data}
    made = make(load_model(model, uri, convention="range"), sets, to or RELEASED)
    print_parity(out, made.parity)
    out.print(f"released in {made.folder}, {made.size / 1e6:.1f} MB", highlight=False, soft_wrap=True)
    if card:
        copy = Model(made.folder, convention="range")
        write_text(card, model_card(made, copy.manifest, behave(copy, read_cases())))


def rollback(
    reason: Reason,
    alias: Alias = "champion",
    name: RegisteredName = NAME,
    uri: TrackingUri = None,
    form: TableOrJson = "table",
) -> None:
    """Give champion back to the version that had it before.

    This removes the alias previous, so a second rollback is refused. Example:
    `conflict-events rollback --reason "tolls doubled in the feed"`
    """
    use_store(uri)
    from training.release.promotion import rollback as go_back

    move = go_back(reason, alias=alias, name=name, uri=uri)
    left = f"{name}/{move.origin}" if move.origin else "a version that was deleted"
    message = f"{name}/{move.target} is {alias} again, in place of {left}"
    output(form, move, lambda console, _: console.print(message, highlight=False))
