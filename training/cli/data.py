"""`conflict-events data`: check, count, split, import and convert annotated data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from annotations.coverage import set_faults
from annotations.errors import DataError, Fault
from annotations.formats.jsonl import read_documents, read_sets, stored_records, write_documents, write_records
from annotations.formats.texts import TextSource
from annotations.importers.registry import NAMES
from annotations.io.paths import kind_of
from annotations.io.writing import write_text
from annotations.schema import load_schema
from training.cli.bars import waiting
from training.cli.options import Changes, Data, Html, ListAll, Partitions, SchemaName, TableOrJson, Texts, writable
from training.cli.terminal import err, fail, fail_on, line, missing_texts, out, output, put, say, warn

data_app = typer.Typer(no_args_is_help=True, help="Check, count, split, import and convert annotated data.")
_PARTS = ("train", "dev", "test")
_ROUNDING = 1e-6


def _shares(given: str) -> str:
    """Refuse shares that do not add up to 1 before anything is read."""
    try:
        numbers = [float(number) for number in given.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != len(_PARTS) or any(not 0 <= n <= 1 for n in numbers) or abs(sum(numbers) - 1) > _ROUNDING:
        raise typer.BadParameter("give three shares that add up to 1, such as 0.8,0.1,0.1 or 0.8,0.2,0")
    return given


@data_app.command("split")
def data_split(
    paths: Data,
    folder: Annotated[
        Path | None, typer.Option("--to", help="Folder for train.jsonl, dev.jsonl and test.jsonl.", file_okay=False)
    ] = None,
    train: Annotated[Path | None, typer.Option(callback=writable, help="File of the training part.")] = None,
    dev: Annotated[Path | None, typer.Option(callback=writable, help="File of the dev part.")] = None,
    test: Annotated[Path | None, typer.Option(callback=writable, help="File of the test part.")] = None,
    shares: Annotated[
        str, typer.Option(callback=_shares, help="Shares of train, dev and test; 0 for no such part.")
    ] = "0.8,0.1,0.1",
    group: Annotated[
        str | None, typer.Option(help="Keep documents with the same value of this key together, such as meta.source.")
    ] = None,
    by_date: Annotated[
        bool, typer.Option("--by-date", help="Split by meta.date: the newest documents go to test.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the choice.")] = 13,
    form: TableOrJson = "table",
    texts: Texts = None,
) -> None:
    """Split data into train, dev and test, with near-duplicates in one part and each event type in all of them.

    Documents are written as they are stored, stand-off ones without their texts. No file is overwritten.

    Example: `conflict-events data split mine.jsonl --to parts/ --group meta.source`
    """
    from training.cli.tables.data import print_parts
    from training.fit.partition import split_by_date, split_by_type

    wanted = {name: share for name, share in zip(_PARTS, map(float, shares.split(",")), strict=True) if share}
    files = _files(folder, {"train": train, "dev": dev, "test": test}, list(wanted))
    documents = read_sets(paths, TextSource.from_setting(texts))
    parts = split_by_date(documents, wanted, group) if by_date else split_by_type(documents, wanted, seed, group)
    stored = stored_records(paths)
    for name, found in parts.documents.items():
        write_records(files[name], [stored[document.id] for document in found])
    output(form, parts, print_parts)
    if form == "table":
        line(f"written: {', '.join(str(files[name]) for name in parts.documents)}")


def _files(folder: Path | None, named: dict[str, Path | None], wanted: list[str]) -> dict[str, Path]:
    """Return the file of each part.

    Raises:
        BadParameter: A part has no file, or a file no part.
        DataError: A file exists.
    """
    files = {name: path or (folder / f"{name}.jsonl" if folder else None) for name, path in named.items()}
    for name, path in named.items():
        if files[name] is None and name in wanted:
            raise typer.BadParameter(f"the {name} part has no file; give --to FOLDER, or --{name} FILE")
        if path is not None and name not in wanted:
            raise typer.BadParameter(f"--{name} is given, but the share of {name} is 0")
    found = {name: path for name, path in files.items() if path is not None and name in wanted}
    if len({path.resolve() for path in found.values()}) < len(found):
        raise typer.BadParameter("two parts have the same file; give each its own")
    there = [path for path in found.values() if path.exists()]
    if there:
        raise DataError([Fault("exists", "name another file, or remove it", file=str(path)) for path in there])
    return found


@data_app.command("validate")
def data_validate(paths: Data, schema: SchemaName = "events", texts: Texts = None, every: ListAll = False) -> None:
    """Check data files: every fault with file, line, document, span and what to do. Exits with 1 if there is a fault.

    Example: `conflict-events data validate corpus/train my-annotations.jsonl`
    """
    from annotations.validate import validate

    err.lists_all = every
    report = validate(paths, load_schema(schema), TextSource.from_setting(texts))
    for message in missing_texts(report.left_out, every=every):
        say("skipped", "yellow", message)
    out.print(
        f"{report.documents} documents checked, {len(report.faults)} faults, "
        f"{len(report.left_out)} skipped: text not available"
    )
    if report.spans_only:
        out.print(f"{report.spans_only} of them have triggers and no events: they teach spans, but no links")
    if report.faults:
        fail_on(report.faults)


@data_app.command("stats")
def data_stats(
    paths: Data,
    texts: Texts = None,
    form: TableOrJson = "table",
) -> None:
    """Count documents, words, spans, types, events, genres and countries."""
    from annotations.stats import count
    from training.cli.tables.data import print_stats

    output(form, count(read_sets(paths, TextSource.from_setting(texts))), print_stats)


@data_app.command("codebook")
def data_codebook(schema: SchemaName = "events") -> None:
    """Print what each column of the tables of events, incidents and spans means, as Markdown.

    Example: `conflict-events data codebook > docs/codebook.md`
    """
    from inference.incidents import incident_columns
    from inference.tables.codebook import codebook

    put(codebook(load_schema(schema), incident_columns()))


@data_app.command("tolls")
def data_tolls(
    paths: Data,
    schema: SchemaName = "events",
    texts: Texts = None,
    form: TableOrJson = "table",
) -> None:
    """Compare the tolls that annotators counted with those that the rules read from the same gold spans.

    Example: `conflict-events data tolls corpus/test articles`
    """
    from training.cli.tables.data import print_counted_tolls
    from training.curation.toll_agreement import counted_tolls

    source = TextSource.from_setting(texts)
    found = counted_tolls([d for path in paths for d in read_documents(path, source)], load_schema(schema))
    output(form, found, print_counted_tolls)


@data_app.command("convert")
def data_convert(
    source: Annotated[
        Path, typer.Argument(help="A folder of inline markup or plain texts (.txt), or a JSON Lines file.")
    ],
    target: Annotated[Path, typer.Argument(help="A JSON Lines file (.jsonl), or a folder for inline markup.")],
    schema: SchemaName = "events",
) -> None:
    """Convert inline markup to JSON Lines, or JSON Lines or plain texts to inline markup for editing.

    A TARGET that ends in .parquet makes Parquet of data, one that ends in .jsonl JSON Lines. Of plain texts, no file is
    overwritten.

    Example: `conflict-events data convert articles/ marked/`
    """
    from annotations.formats.inline import read_folder, read_plain, write_folder
    from annotations.formats.parquet import SUFFIX, is_parquet, write_parquet
    from training.fit.reading import StreamedDocuments

    if not source.exists():
        raise DataError([Fault("no such file or folder", "check the path", file=str(source))])
    labels = load_schema(schema)
    if target.suffix == SUFFIX:
        marked = source.is_dir() and not is_parquet(source)
        found = (
            read_folder(source, labels) if marked else StreamedDocuments([str(source)], TextSource.from_setting(None))
        )
        line(f"{write_parquet(target, found)} documents written to {target}")
        return
    if is_parquet(source) and target.suffix == ".jsonl":
        documents = read_documents(source)
        write_documents(target, documents)
    elif source.is_dir():
        to_markup = target.is_dir() or not target.suffix
        documents = read_plain(source) if to_markup else read_folder(source, labels)
        if not documents:
            raise DataError.of("the folder has no .txt file", "name a folder of inline markup", file=str(source))
        if to_markup:
            write_folder(target, documents, labels, overwrite=False)
            line("mark them up before you convert them back: a file without marks states that it reports no attack")
        else:
            write_documents(target, documents)
    else:
        if target.is_file() or kind_of(target):
            raise DataError.of("is no folder, and inline markup is one", "name a folder", file=str(target))
        documents = read_documents(source)
        write_folder(target, documents, labels)
    line(f"{len(documents)} documents written to {target}")


@data_app.command("import")
def data_import(
    name: Annotated[str, typer.Argument(metavar="SOURCE", help=f"Kind of data: {', '.join(NAMES)}.")],
    path: Annotated[Path, typer.Argument(help="The source's file or folder.")],
    target: Annotated[Path, typer.Argument(help="Data file (JSON Lines) to write.")],
    schema: SchemaName = "events",
) -> None:
    """Import data from other projects. What cannot be aligned with a text is counted and listed beside TARGET.

    Example: `conflict-events data import muc4 muc4/ muc4.jsonl`
    """
    from annotations.importers.base import LOSSES, write_losses
    from annotations.importers.registry import source
    from training.cli.tables.data import print_imported

    chosen = source(name)
    if not path.exists():
        fail([f"{path}: no such file or folder; check the path"])
    with waiting(f"importing {name}"):
        imported = chosen.load(path, load_schema(schema))
    write_documents(target, imported.documents)
    losses = target.with_suffix(LOSSES)
    write_losses(losses, imported.losses)
    print_imported(out, chosen, imported)
    line(f"{len(imported.documents)} documents written to {target}")
    line(f"{len(imported.losses)} losses listed in {losses}")


@data_app.command("export")
def data_export(
    form: Annotated[str, typer.Argument(metavar="FORMAT", help="jsonl, standoff, label-studio or conll.")],
    data: Data,
    target: Annotated[Path, typer.Option("--to", help="File to write.")],
    folder: Annotated[
        Path | None, typer.Option("--texts-to", help="Folder to write the texts of stand-off documents to.")
    ] = None,
    schema: SchemaName = "events",
    texts: Texts = None,
) -> None:
    """Write data in another format. CoNLL has no events; what a format cannot represent is reported.

    Example: `conflict-events data export label-studio corpus/dev --to tasks.json`
    """
    from annotations.export import export

    documents = read_sets(data, TextSource.from_setting(texts))
    for note in export(form, documents, target, load_schema(schema), folder):
        warn(note)
    line(f"{len(documents)} documents written to {target}")


@data_app.command("report")
def data_report(
    paths: Partitions,
    html: Html = None,
    folds: Annotated[
        int,
        typer.Option(
            min=0, help="Look for label errors with this many models, each on documents it was not trained on."
        ),
    ] = 0,
    config: Annotated[
        str, typer.Option(help="Config with the encoder, schema and window, and the training for --folds.")
    ] = "default",
    changes: Changes = None,
    form: TableOrJson = "table",
    texts: Texts = None,
    every: ListAll = False,
) -> None:
    """Inspect data: counts, near-duplicates, overlap of the parts, lost spans, and likely annotation errors.

    Example: `conflict-events data report corpus/train corpus/dev corpus/test --html report.html`
    """
    from training.cli.tables.data import print_report
    from training.config import load_config
    from training.curation.data_report import report
    from training.curation.label_errors import suspects
    from training.fit.starting import load_tokenizer
    from training.reports.data_plots import data_page

    err.lists_all = every
    settings = load_config(config, changes or [])
    source = TextSource.from_setting(texts or settings.data.articles)
    schema = load_schema(settings.label_schema)
    parts = {path: read_documents(path, source) for path in paths}
    tokenizer = load_tokenizer(settings.encoder).backend_tokenizer
    documents = [document for part in parts.values() for document in part]
    DataError.check(set_faults(documents, schema))  # before models are trained
    found = None
    if folds:
        found = suspects(settings, documents, folds, lambda done: err.print(f"{done}/{folds} folds", highlight=False))
    window, overlap = settings.data.window, settings.data.overlap
    made = report(parts, schema, tokenizer, window=window, overlap=overlap, suspects=found)
    if html is not None:
        write_text(html, data_page(made, schema))
    output(form, made, print_report)
    if html is not None and form == "table":
        line(f"page: {html}")
