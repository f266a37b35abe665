"""`conflict-events annotate`: a Label Studio server, the annotations made there, and what to label next."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from annotations.errors import DataError, Fault
from annotations.formats.jsonl import read_documents, write_documents
from annotations.formats.texts import TextSource
from annotations.installed import lacking
from annotations.io.writing import write_text
from annotations.schema import load_schema
from training.cli.options import (
    Changes,
    Config,
    DataAndFolders,
    ListAll,
    ModelOption,
    PredictionsOf,
    SchemaName,
    TableJsonOrHtml,
    TableOrJson,
    Texts,
    TrackingUri,
)
from training.cli.terminal import err, fail, fail_on, few, line, load_model, out, output, put_markup, warn

annotate_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Label articles with Label Studio: push, pull, agreement, adjudication, and what to label next.\n\n"
    "The address and access token of the server come from LABEL_STUDIO_URL and LABEL_STUDIO_API_KEY.",
)

ProjectName = Annotated[str, typer.Option("--project", "-p", help="Title of the project on the server.")]
Url = Annotated[str | None, typer.Option("--url", help="Address of the server. Default: LABEL_STUDIO_URL.")]


@annotate_app.command()
def interface(schema: SchemaName = "events") -> None:
    """Print the labelling interface of a schema as XML, to paste into a project's settings."""
    from annotations.label_studio.interface import labelling_interface

    put_markup(labelling_interface(load_schema(schema)))


@annotate_app.command()
def push(
    data: DataAndFolders,
    project: ProjectName = "conflict-events",
    model: PredictionsOf = None,
    spans: Annotated[bool, typer.Option("--spans", help="Add the documents' own spans as predictions.")] = False,
    annotators: Annotated[int | None, typer.Option(min=1, help="Number of annotators per task.")] = None,
    schema: SchemaName = "events",
    uri: TrackingUri = None,
    texts: Texts = None,
    url: Url = None,
) -> None:
    """Create a task for each document, with pre-annotations; existing tasks are left unchanged.

    Example: `conflict-events annotate push articles/ --model models:/conflict-events@champion`
    """
    from annotations.label_studio.server import PreAnnotation, Project
    from annotations.label_studio.tasks import left_out
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
    line(
        f"{pushed.created} tasks created, {pushed.present} existing, {pushed.predictions} predictions added to "
        f"project {project!r}"
    )


@annotate_app.command()
def pull(
    folder: Annotated[Path, typer.Argument(help="Folder for the annotations: one file per annotator.")],
    project: ProjectName = "conflict-events",
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite", help="Replace documents that were changed in the folder with the server's version."
        ),
    ] = False,
    schema: SchemaName = "events",
    url: Url = None,
    every: ListAll = False,
) -> None:
    """Fetch the annotations of all annotators. Documents changed in the folder are kept and reported.

    Example: `conflict-events annotate pull labelled/`
    """
    from annotations.label_studio.pulled import save
    from annotations.label_studio.server import Project

    err.lists_all = every
    server = Project(project, load_schema(schema), url)
    labelled = server.pull()
    saved = save(labelled.by_annotator(), folder, server.origin, overwrite=overwrite)
    line(
        f"{len(saved.new)} new, {len(saved.updated)} updated, {len(saved.unchanged)} unchanged, "
        f"{len(saved.kept) + len(saved.conflicts)} changed in {folder}, {len(labelled.skipped)} skipped, "
        f"{len(labelled.untouched)} not annotated"
    )
    for message in few(_noted(labelled.skipped, "skipped by {}")):
        line(message)
    left = "overwritten" if overwrite else "kept"
    older = [
        Fault(f"annotation {number} is older than another one by {annotator}; skipped", document=document)
        for annotator, document, number in labelled.superseded
    ]
    gone = _noted(saved.gone, "was pulled before from {} and is no longer on the server", f"it stays in {folder}")
    kept = _noted(saved.kept, f"by {{}} was changed in {folder} since the last pull", left)
    for message in few([*older, *labelled.doubts, *gone, *kept]):
        warn(message)
    clash = f"{left}; --overwrite takes the server's"
    conflicts = _noted(saved.conflicts, f"by {{}} was changed in {folder} and on the server", clash)
    if faults := [*conflicts, *labelled.faults]:
        fail_on(faults)


def _noted(found: Iterable[tuple[str, str]], problem: str, remedy: str = "") -> list[Fault]:
    """Return a fault for each annotator and document."""
    return [Fault(problem.format(annotator), remedy, document=document) for annotator, document in found]


@annotate_app.command()
def status(
    project: ProjectName = "conflict-events", schema: SchemaName = "events", url: Url = None, every: ListAll = False
) -> None:
    """Count the tasks of a project, its annotations by annotator and its predictions by model version."""
    from annotations.label_studio.server import Project

    err.lists_all = every
    found = Project(project, load_schema(schema), url).status()
    done = ", ".join(f"{count} by {number}" for number, count in sorted(found.annotated.items()))
    line(f"{found.tasks} tasks; annotated {done or 'none'} annotators")
    table = Table("who or what", "annotated", "skipped", "predictions")
    for name in sorted({*found.annotators, *found.skipped}):
        table.add_row(name, str(found.annotators[name]), str(found.skipped[name]), "")
    for name, count in sorted(found.predictions.items()):
        table.add_row(name, "", "", str(count))
    out.print(table)
    if found.faults:
        fail_on(found.faults)


@annotate_app.command()
def serve(
    model: ModelOption = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; any other makes the server reachable from the network.")
    ] = ("127.0.0.1"),
    uri: TrackingUri = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 9090,
) -> None:
    """Serve a model to Label Studio as a machine-learning backend: predictions appear when a task is opened.

    Add http://127.0.0.1:9090 under Settings, Model of the project.
    """
    try:
        import uvicorn
    except ImportError as error:
        raise lacking(error, "annotate serve") from None

    from inference.label_studio import backend
    from training.cli.serve import check_port

    check_port(host, port)
    loaded = load_model(model, uri)
    line(f"serving {loaded.name} at http://{host}:{port}")
    uvicorn.run(backend(loaded, warn), host=host, port=port, log_level="warning")


Annotations = Annotated[
    list[str],
    typer.Argument(help="Data files of one annotator each, Label Studio exports (.json), or folders of these."),
]


@annotate_app.command()
def agreement(
    data: Annotations,
    form: TableJsonOrHtml = "table",
    schema: SchemaName = "events",
    texts: Texts = None,
    every: ListAll = False,
) -> None:
    """Compare annotators: F1 of each pair, Krippendorff's alpha, confusion of labels, and every disagreement.

    Example: `conflict-events annotate agreement labelled/ --format html > agreement.html`
    """
    from annotations.agreement.annotators import by_annotator
    from annotations.agreement.comparison import compare
    from training.cli.tables.data import print_comparison
    from training.reports.render import render

    err.lists_all = every
    labels = load_schema(schema)
    comparison = compare(by_annotator(data, labels, TextSource.from_setting(texts)), list(labels.labels))
    if form == "html":
        columns = [*labels.labels, None]
        put_markup(render("agreement.html", title="Agreement", comparison=comparison, columns=columns))
    else:
        output(form, comparison, print_comparison)


@annotate_app.command()
def adjudicate(
    data: Annotations,
    target: Annotated[Path, typer.Option("--to", help="Data file for the documents without open questions.")],
    rule: Annotated[str, typer.Option(help="majority, or the name of the annotator who decides.")] = "majority",
    tasks: Annotated[
        Path | None,
        typer.Option("--open", help="JSON file for the open questions, as tasks to import in Label Studio."),
    ] = None,
    schema: SchemaName = "events",
    texts: Texts = None,
    every: ListAll = False,
) -> None:
    """Merge annotations by rule, and write open questions as tasks for Label Studio.

    Example: `conflict-events annotate adjudicate labelled/ --to gold.jsonl --open open.json`
    """
    from annotations.agreement.adjudicate import adjudicate as merge
    from annotations.agreement.adjudicate import open_tasks
    from annotations.agreement.annotators import by_annotator

    err.lists_all = every
    labels = load_schema(schema)
    annotators = by_annotator(data, labels, TextSource.from_setting(texts))
    merged = merge(annotators, rule, labels)
    if merged.open and tasks is None:
        fail([f"{len(merged.open)} documents have open questions; give a file with --open, or another --rule"])
    made = open_tasks(merged, annotators, labels)  # before anything is written
    write_documents(target, merged.settled)
    if tasks is not None:
        write_text(tasks, json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    if merged.single:
        warn(f"{len(merged.single)} documents have only one annotator and are kept unchanged")
    left = sum(len(things) for things in merged.left.values())
    where = f", written to {tasks}" if tasks else ""
    line(
        f"{len(merged.settled)} documents settled, written to {target}; "
        f"{left} open questions in {len(merged.open)} documents{where}"
    )


@annotate_app.command("select")
def select_next(
    pool: Annotated[list[str], typer.Option("--from", help="Unlabelled articles: folders of .txt files, data files.")],
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Number of articles to choose.")] = 20,
    model: ModelOption = None,
    labelled: Annotated[
        list[str] | None, typer.Option("--labelled", help="Data labelled so far, to choose articles unlike it.")
    ] = None,
    target: Annotated[
        Path | None, typer.Option("--to", help="Data file for the chosen articles, ready for 'annotate push'.")
    ] = None,
    form: TableOrJson = "table",
    uri: TrackingUri = None,
    texts: Texts = None,
) -> None:
    """Choose the articles to label next: those the model is unsure of and that differ from the labelled data.

    Example: `conflict-events annotate select --from articles/ --labelled corpus/train --count 20 --to next.jsonl`
    """
    from inference.inputs import read_articles
    from training.cli.tables.data import print_selections
    from training.curation.select import select

    source = TextSource.from_setting(texts)
    documents, known = read_articles(pool, source), read_articles(labelled or [], source)
    chosen = select(load_model(model, uri), documents, count, known)
    if target is not None:
        write_documents(target, [selection.document for selection in chosen])
    output(form, chosen, print_selections)


def _numbers(listed: str, option: str) -> list[int]:
    if not all(part.strip().isdecimal() for part in listed.split(",")):
        raise typer.BadParameter(f"{listed!r} is not a list of whole numbers such as 25,50,100", param_hint=option)
    return [int(part) for part in listed.split(",")]


@annotate_app.command("learning-curve")
def learning_curve(
    config: Config,
    folder: Annotated[
        Path, typer.Option("--to", help="Folder for points.json and curve.png; existing points are kept.")
    ],
    sizes: Annotated[str, typer.Option(help="Numbers of documents, in rising order.")] = "25,50,100,200",
    seeds: Annotated[str, typer.Option(help="Seeds; one curve per seed.")] = "13,29,71",
    tests: Annotated[list[str] | None, typer.Option("--test", help="Data to score on. Default: the config's.")] = None,
    changes: Changes = None,
) -> None:
    """Simulate labelling on a config's training data: random documents against documents chosen by 'select'.

    Trains one model per point. Example: `conflict-events annotate learning-curve default --to curve/`
    """
    from training.cli.tables.data import print_points
    from training.config import load_config
    from training.curation.learning_curve import Point, simulate
    from training.reports.data_plots import selection_curve

    counts, starts = _numbers(sizes, "--sizes"), _numbers(seeds, "--seeds")
    settings = load_config(config, changes or [])
    texts = TextSource.from_setting(settings.data.articles)
    documents = {test: read_documents(test, texts) for test in tests or settings.data.files("test")}
    if not documents:
        raise DataError.of("there is nothing to score on", "name data with --test, or in the config's data.test")

    def report(point: Point) -> None:
        scores = ", ".join(f"{test} {score:.3f}" for test, score in point.scores.items())
        line(f"seed {point.seed}, {point.documents} {point.strategy}: {scores}")

    points = simulate(settings, documents, counts, starts, folder, report)
    selection_curve(points).savefig(folder / "curve.png", dpi=150)
    print_points(out, points)
    line(f"plot: {folder / 'curve.png'}")
