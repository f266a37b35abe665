"""`conflict-events annotate`: work with a Label Studio server, with what annotators made, and with what is next."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from training.cli.terminal import (
    DATA_HELP,
    MODEL_HELP,
    SchemaName,
    Texts,
    TrackingUri,
    check_form,
    fail,
    load_model,
    out,
    put_json,
    put_markup,
    warn,
)

annotate_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Label articles with Label Studio: push, pull, agreement, adjudication, and what to label next.\n\n"
    "Address and access token of the server are read from LABEL_STUDIO_URL and LABEL_STUDIO_API_KEY.",
)

ProjectName = Annotated[str, typer.Option("--project", "-p", help="Title of the project on the server.")]
Url = Annotated[str | None, typer.Option("--url", help="Address of the server; else LABEL_STUDIO_URL.")]


@annotate_app.command()
def interface(schema: SchemaName = "events") -> None:
    """Print the labelling interface of a schema as XML, to paste into a project's settings."""
    from annotations.label_studio.interface import labelling_interface
    from annotations.schema import load_schema

    put_markup(labelling_interface(load_schema(schema)))


@annotate_app.command()
def push(
    data: Annotated[list[str], typer.Argument(help=f"{DATA_HELP} Or folders of .txt files, one article a file.")],
    project: ProjectName = "conflict-events",
    model: Annotated[str | None, typer.Option("--model", "-m", help=f"Show predictions of: {MODEL_HELP}")] = None,
    spans: Annotated[bool, typer.Option("--spans", help="Show the documents' own spans as predictions.")] = False,
    annotators: Annotated[int | None, typer.Option(min=1, help="How many people are to annotate each task.")] = None,
    schema: SchemaName = "events",
    uri: TrackingUri = None,
    texts: Texts = None,
    url: Url = None,
) -> None:
    """Make documents tasks of a project, with pre-annotations; documents that are tasks already are let be.

    Example: `conflict-events annotate push articles/ --model models:/conflict-events@champion`
    """
    from annotations.formats.standoff import TextSource
    from annotations.label_studio.server import PreAnnotation, Project
    from annotations.label_studio.tasks import left_out
    from annotations.schema import load_schema
    from inference.inputs import read_articles
    from inference.label_studio import pre_annotation

    if model and spans:
        raise typer.BadParameter("give --model or --spans, not both", param_hint="--spans")
    documents = read_articles(data, TextSource.from_setting(texts))
    labels = load_schema(schema)
    server = Project(project, labels, url)  # before anything is predicted
    predictions = []
    if model:
        loaded = load_model(model, uri)
        wanted = server.unpredicted(documents, loaded.name)
        made = loaded.predict([document.text for document in wanted])
        predictions = [pre_annotation(*pair) for pair in zip(wanted, made, strict=True)]
    elif spans:
        predictions = [PreAnnotation(document, {}, "given") for document in documents]
        left = left_out(documents, labels)
        if left:
            warn(f"{left}; their spans are")
    pushed = server.push(documents, predictions, annotators)
    out.print(
        f"{pushed.created} tasks made, {pushed.present} were there, {pushed.predictions} predictions added to "
        f"project {project!r}",
        markup=False,
        soft_wrap=True,
    )


@annotate_app.command()
def pull(
    folder: Annotated[Path, typer.Argument(help="Where to keep the annotations: a file for each annotator.")],
    project: ProjectName = "conflict-events",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Let the server's version win where the folder's was changed.")
    ] = False,
    schema: SchemaName = "events",
    url: Url = None,
) -> None:
    """Fetch the annotations of all annotators. Documents that were changed in the folder since are kept, and named.

    Example: `conflict-events annotate pull labelled/`
    """
    from annotations.label_studio.pulled import save
    from annotations.label_studio.server import Project
    from annotations.schema import load_schema

    server = Project(project, load_schema(schema), url)
    labelled = server.pull()
    saved = save(labelled.by_annotator(), folder, server.origin, overwrite=overwrite)
    out.print(
        f"{len(saved.new)} new, {len(saved.updated)} updated, {len(saved.unchanged)} unchanged, "
        f"{len(saved.kept) + len(saved.conflicts)} changed in {folder}, {len(labelled.skipped)} skipped, "
        f"{len(labelled.untouched)} not annotated",
        markup=False,
        soft_wrap=True,
    )
    for annotator, document in labelled.skipped:
        out.print(f"skipped by {annotator}: {document}", markup=False, soft_wrap=True)
    for annotator, document, number in labelled.superseded:
        warn(f"{document}: annotation {number} by {annotator} is older than another of theirs; left out")
    for fault in labelled.doubts:
        warn(str(fault))
    for annotator, document in saved.gone:
        warn(f"{document} by {annotator} was pulled before and is not on the server; it stays in {folder}")
    left = "overwritten" if overwrite else "kept"
    for annotator, document in saved.kept:
        warn(f"{document} by {annotator} was changed in {folder} since the last pull; {left}")
    lines = [
        f"{document} by {annotator} was changed in {folder} and on the server; {left}; --overwrite takes the server's"
        for annotator, document in saved.conflicts
    ]
    lines += [str(fault) for fault in labelled.faults]
    if lines:
        fail(lines)


@annotate_app.command()
def status(project: ProjectName = "conflict-events", schema: SchemaName = "events", url: Url = None) -> None:
    """Count a project's tasks, annotations by annotator and predictions by model version."""
    from annotations.label_studio.server import Project
    from annotations.schema import load_schema

    found = Project(project, load_schema(schema), url).status()
    done = ", ".join(f"{count} by {number}" for number, count in sorted(found.annotated.items()))
    out.print(f"{found.tasks} tasks; annotated {done or 'none'} annotators", markup=False, soft_wrap=True)
    table = Table("who or what", "annotated", "skipped", "predictions")
    for name in sorted({*found.annotators, *found.skipped}):
        table.add_row(name, str(found.annotators[name]), str(found.skipped[name]), "")
    for name, count in sorted(found.predictions.items()):
        table.add_row(name, "", "", str(count))
    out.print(table)
    if found.faults:
        fail([str(fault) for fault in found.faults])


@annotate_app.command()
def serve(
    model: Annotated[str | None, typer.Option("--model", "-m", help=MODEL_HELP)] = None,
    host: Annotated[str, typer.Option(help="Address to listen on; others than this machine's are open to the net.")] = (
        "127.0.0.1"
    ),
    uri: TrackingUri = None,
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 9090,
) -> None:
    """Serve a model to Label Studio as a machine-learning backend: predictions appear as a task is opened.

    Add http://127.0.0.1:9090 under Settings, Model of the project.
    """
    try:
        import uvicorn
    except ImportError:
        raise ImportError("uvicorn is missing; install 'conflict-events[annotate]'") from None

    from inference.label_studio import backend

    loaded = load_model(model, uri)
    out.print(f"serving {loaded.name} at http://{host}:{port}", markup=False, soft_wrap=True)
    uvicorn.run(backend(loaded, warn), host=host, port=port, log_level="warning")


Annotations = Annotated[
    list[str],
    typer.Argument(help="Data files of one annotator each, Label Studio exports (.json), or folders of either."),
]


@annotate_app.command()
def agreement(
    data: Annotations,
    form: Annotated[str, typer.Option("--format", "-f", help="table, json or html.")] = "table",
    schema: SchemaName = "events",
    texts: Texts = None,
) -> None:
    """Compare annotators: F1 of each pair, Krippendorff's alpha, confusion of labels, and every disagreement.

    Example: `conflict-events annotate agreement labelled/ --format html > agreement.html`
    """
    from annotations.agreement.annotators import by_annotator
    from annotations.agreement.comparison import compare
    from annotations.formats.standoff import TextSource
    from annotations.schema import load_schema
    from training.cli.tables.data import print_comparison
    from training.reports.render import render

    check_form(form, "table", "json", "html")
    labels = load_schema(schema)
    comparison = compare(by_annotator(data, labels, TextSource.from_setting(texts)), list(labels.labels))
    if form == "json":
        put_json(comparison.to_dict())
    elif form == "html":
        columns = [*labels.labels, None]
        put_markup(render("agreement.html", title="Agreement", comparison=comparison, columns=columns))
    else:
        print_comparison(out, comparison)


@annotate_app.command()
def adjudicate(
    data: Annotations,
    target: Annotated[Path, typer.Option("--to", help="Data file for the documents on which nothing is open.")],
    rule: Annotated[str, typer.Option(help="majority, or the name of the annotator who wins.")] = "majority",
    tasks: Annotated[
        Path | None, typer.Option("--open", help="JSON file for what is left open, as tasks to import in Label Studio.")
    ] = None,
    schema: SchemaName = "events",
    texts: Texts = None,
) -> None:
    """Merge annotations by rule, and write what is left open as tasks for Label Studio.

    Example: `conflict-events annotate adjudicate labelled/ --to gold.jsonl --open open.json`
    """
    from annotations.agreement.adjudicate import adjudicate as merge
    from annotations.agreement.adjudicate import open_tasks
    from annotations.agreement.annotators import by_annotator
    from annotations.formats.jsonl import write_documents
    from annotations.formats.standoff import TextSource
    from annotations.io.writing import write_text
    from annotations.schema import load_schema

    labels = load_schema(schema)
    annotators = by_annotator(data, labels, TextSource.from_setting(texts))
    merged = merge(annotators, rule, labels)
    if merged.open and tasks is None:
        fail([f"{len(merged.open)} documents have something open; name a file for them with --open, or another --rule"])
    made = open_tasks(merged, annotators, labels)  # before anything is written
    write_documents(target, merged.settled)
    if tasks is not None:
        write_text(tasks, json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    if merged.single:
        warn(f"{len(merged.single)} documents were annotated by one alone and are taken as they are")
    left = sum(len(things) for things in merged.left.values())
    where = f", written to {tasks}" if tasks else ""
    out.print(
        f"{len(merged.settled)} documents settled, written to {target}; "
        f"{left} things open in {len(merged.open)}{where}",
        markup=False,
        soft_wrap=True,
    )


@annotate_app.command("select")
def select_next(
    pool: Annotated[list[str], typer.Option("--from", help="Unlabelled articles: folders of .txt files, data files.")],
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many to choose.")] = 20,
    model: Annotated[str | None, typer.Option("--model", "-m", help=MODEL_HELP)] = None,
    labelled: Annotated[
        list[str] | None, typer.Option("--labelled", help="What is labelled already, to choose other articles.")
    ] = None,
    target: Annotated[
        Path | None, typer.Option("--to", help="Data file for the chosen articles, ready for 'annotate push'.")
    ] = None,
    form: Annotated[str, typer.Option("--format", "-f", help="table or json.")] = "table",
    uri: TrackingUri = None,
    texts: Texts = None,
) -> None:
    """Choose the articles to label next: those that a model is unsure of and that are unlike what is labelled.

    Example: `conflict-events annotate select --from articles/ --labelled corpus/train --count 20 --to next.jsonl`
    """
    from annotations.formats.jsonl import write_documents
    from annotations.formats.standoff import TextSource
    from inference.inputs import read_articles
    from training.curation.select import select

    check_form(form, "table", "json")
    source = TextSource.from_setting(texts)
    documents, known = read_articles(pool, source), read_articles(labelled or [], source)
    chosen = select(load_model(model, uri), documents, count, known)
    if target is not None:
        write_documents(target, [selection.document for selection in chosen])
    if form == "json":
        put_json([selection.to_dict() for selection in chosen])
        return
    table = Table("", "article", "score", "why")
    for number, selection in enumerate(chosen, start=1):
        table.add_row(str(number), selection.document.id, f"{selection.score:.4f}", selection.reason)
    out.print(table)


@annotate_app.command("learning-curve")
def learning_curve(
    config: Annotated[str, typer.Argument(help="A YAML file, or the name of a shipped one.")],
    folder: Annotated[Path, typer.Option("--to", help="Folder for points.json and curve.png; goes on if it has some.")],
    sizes: Annotated[str, typer.Option(help="Numbers of documents, rising.")] = "25,50,100,200",
    seeds: Annotated[str, typer.Option(help="Seeds; one curve for each.")] = "13,29,71",
    tests: Annotated[list[str] | None, typer.Option("--test", help="Data to score on; else the config's.")] = None,
    changes: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a key.")] = None,
) -> None:
    """Simulate labelling on a config's training data: documents taken at random against documents chosen by 'select'.

    Trains a model for each point. Example: `conflict-events annotate learning-curve default --to curve/`
    """
    from training.cli.commands.curate import learning_curve_command

    numbers = []
    for name, listed in (("--sizes", sizes), ("--seeds", seeds)):
        if not all(part.strip().isdecimal() for part in listed.split(",")):
            raise typer.BadParameter(f"{listed!r} is no list of whole numbers such as 25,50,100", param_hint=name)
        numbers.append([int(part) for part in listed.split(",")])
    learning_curve_command(config, changes or [], numbers[0], numbers[1], tests or [], folder, out)
