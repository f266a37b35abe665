"""`conflict-events data`: check, count, import and convert annotated data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from annotations.errors import DataError, Fault
from annotations.importers.registry import NAMES
from training.cli.terminal import DATA_HELP, SchemaName, Texts, check_form, err, fail, out, put_json, say, warn

SOURCES_HELP = f"What it is: {', '.join(NAMES)}."

data_app = typer.Typer(no_args_is_help=True, help="Check, count, import and convert annotated data.")


@data_app.command("validate")
def data_validate(
    paths: Annotated[list[str], typer.Argument(help=DATA_HELP)], schema: SchemaName = "events", texts: Texts = None
) -> None:
    """Check data files: every fault with file, line, document, span and what to do. Exits with 1 where there is one.

    Example: `conflict-events data validate corpus/train my-annotations.jsonl`
    """
    from annotations.formats.standoff import TextSource
    from annotations.schema import load_schema
    from annotations.validate import validate

    report = validate(paths, load_schema(schema), TextSource.from_setting(texts))
    for fault in report.left_out:
        say("left out", "yellow", str(fault))
    out.print(
        f"{report.documents} documents checked, {len(report.faults)} faults, "
        f"{len(report.left_out)} left out for want of their text"
    )
    if report.faults:
        fail([str(fault) for fault in report.faults])


@data_app.command("stats")
def data_stats(
    paths: Annotated[list[str], typer.Argument(help=DATA_HELP)],
    texts: Texts = None,
    form: Annotated[str, typer.Option("--format", "-f", help="table or json.")] = "table",
) -> None:
    """Count documents, words, spans, types, events, genres and countries."""
    from annotations.formats.jsonl import read_sets
    from annotations.formats.standoff import TextSource
    from annotations.stats import count
    from training.cli.tables.data import print_stats

    stats = count(read_sets(paths, TextSource.from_setting(texts)))
    if form == "json":
        put_json(stats.to_dict())
    else:
        print_stats(out, stats)


@data_app.command("tolls")
def data_tolls(
    paths: Annotated[list[str], typer.Argument(help=DATA_HELP)],
    schema: SchemaName = "events",
    texts: Texts = None,
    form: Annotated[str, typer.Option("--format", "-f", help="table or json.")] = "table",
) -> None:
    """Compare the tolls that annotators counted with those that the rules read off the same gold spans.

    Example: `conflict-events data tolls corpus/test articles`
    """
    from annotations.formats.jsonl import read_documents
    from annotations.formats.standoff import TextSource
    from annotations.schema import load_schema
    from training.cli.tables.data import print_counted_tolls
    from training.curation.toll_agreement import counted_tolls

    check_form(form, "table", "json")
    source = TextSource.from_setting(texts)
    found = counted_tolls([d for path in paths for d in read_documents(path, source)], load_schema(schema))
    if form == "json":
        put_json([one.to_dict() for one in found])
    else:
        print_counted_tolls(out, found)


@data_app.command("convert")
def data_convert(
    source: Annotated[Path, typer.Argument(help="A folder of inline markup (.txt), or a JSON Lines file.")],
    target: Annotated[Path, typer.Argument(help="A JSON Lines file, or a folder for inline markup.")],
    schema: SchemaName = "events",
) -> None:
    """Turn inline markup into JSON Lines, or JSON Lines into inline markup for editing."""
    from annotations.formats.inline import read_folder, write_folder
    from annotations.formats.jsonl import read_documents, write_documents
    from annotations.schema import load_schema

    labels = load_schema(schema)
    if source.is_dir():
        documents = read_folder(source, labels)
        if not documents:
            raise DataError([Fault("the folder has no .txt file", "name a folder of inline markup", file=str(source))])
        write_documents(target, documents)
    else:
        documents = read_documents(source)
        write_folder(target, documents, labels)
    out.print(f"{len(documents)} documents written to {target}", markup=False, soft_wrap=True)


@data_app.command("import")
def data_import(
    name: Annotated[str, typer.Argument(metavar="SOURCE", help=SOURCES_HELP)],
    path: Annotated[Path, typer.Argument(help="The source's file or folder.")],
    target: Annotated[Path, typer.Argument(help="Data file (JSON Lines) to write.")],
    schema: SchemaName = "events",
) -> None:
    """Bring in data that others annotated. What cannot be aligned with a text is counted here and listed beside TARGET.

    Example: `conflict-events data import muc4 muc4/ muc4.jsonl`
    """
    from annotations.formats.jsonl import write_documents
    from annotations.importers.base import LOSSES, write_losses
    from annotations.importers.registry import source
    from annotations.schema import load_schema
    from training.cli.tables.data import print_imported

    if not path.exists():
        fail([f"{path}: no such file or folder"])
    chosen = source(name)
    imported = chosen.load(path, load_schema(schema))
    write_documents(target, imported.documents)
    losses = target.with_suffix(LOSSES)
    write_losses(losses, imported.losses)
    print_imported(out, chosen, imported)
    out.print(f"{len(imported.documents)} documents written to {target}", markup=False, soft_wrap=True)
    out.print(f"{len(imported.losses)} losses listed in {losses}", markup=False, soft_wrap=True)


@data_app.command("export")
def data_export(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="jsonl, standoff, label-studio or conll.")],
    data: Annotated[list[str], typer.Argument(help=DATA_HELP)],
    target: Annotated[Path, typer.Option("--to", help="File to write.")],
    folder: Annotated[
        Path | None, typer.Option("--texts-to", help="Folder for the texts of stand-off documents.")
    ] = None,
    schema: SchemaName = "events",
    texts: Texts = None,
) -> None:
    """Write data in another format. CoNLL holds no events; what a format cannot hold is told.

    Example: `conflict-events data export label-studio corpus/dev --to tasks.json`
    """
    from annotations.export import export
    from annotations.formats.jsonl import read_sets
    from annotations.formats.standoff import TextSource
    from annotations.schema import load_schema

    documents = read_sets(data, TextSource.from_setting(texts))
    for note in export(form, documents, target, load_schema(schema), folder):
        warn(note)
    out.print(f"{len(documents)} documents written to {target}", markup=False, soft_wrap=True)


@data_app.command("report")
def data_report(
    paths: Annotated[list[str], typer.Argument(help=f"{DATA_HELP} The first is the one that is learned from.")],
    html: Annotated[Path | None, typer.Option("--html", help="Page to write, with plots and all lists.")] = None,
    folds: Annotated[
        int,
        typer.Option(min=0, help="Look for label errors with so many models, each on documents it did not learn."),
    ] = 0,
    config: Annotated[
        str, typer.Option(help="Config that names encoder, schema and window, and trains for --folds.")
    ] = ("default"),
    changes: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a key.")] = None,
    form: Annotated[str, typer.Option("--format", "-f", help="table or json.")] = "table",
    texts: Texts = None,
) -> None:
    """Look through data: counts, near-duplicates, overlap of parts, lost spans, and what looks unfinished or wrong.

    Example: `conflict-events data report corpus/train corpus/dev corpus/test --html report.html`
    """
    from annotations.formats.standoff import TextSource
    from training.cli.commands.curate import data_report_command
    from training.config import load_config

    check_form(form, "table", "json")
    settings = load_config(config, changes or [])
    data_report_command(
        paths, TextSource.from_setting(texts or settings.data.articles), settings, folds, html, form, out, err
    )
