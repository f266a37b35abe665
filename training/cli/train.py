"""`conflict-events train`, `link` and `leave-one-out`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from annotations.errors import DataError, Fault
from annotations.formats.jsonl import holds_texts, read_documents, read_sets
from annotations.formats.texts import TextSource
from training.cli.options import Address, Changes, Config, GoldOption, ListAll, TableOrJson, Texts, TrackingUri
from training.cli.terminal import err, fail, load_model, out, put_json, say_store, warn


def train(
    config: Config,
    changes: Changes = None,
    resume: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Resume a run that stopped; its folder is in the output folder."),
    ] = None,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Register the model even if it finds no span on dev.")
    ] = False,
    uri: TrackingUri = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only check config, data, encoder and store; do not train.")
    ] = False,
    every: ListAll = False,
) -> None:
    """Train a model from a config, track the run in MLflow, export the model and register it as a new version.

    Example: `conflict-events train default --set fit.epochs=3`
    """
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    from inference.mlflow_stores import first_line
    from training.cli.progress import progress, show_preparation, show_result
    from training.config import load_config
    from training.fit.prepare import prepare
    from training.fit.processes import launched
    from training.library_output import quiet_libraries
    from training.record import run_name
    from training.run import follow
    from training.run import train as run
    from training.store.opening import check_writable

    err.lists_all = every
    address = [f"tracking.uri={json.dumps(uri)}"] if uri else []
    settings = load_config(config, [*(changes or []), *address])
    settings.registered_name()  # a wrong one is refused before the work
    if not launched().first:  # the first process says and writes everything
        if not dry_run:
            follow(settings, resume)
        return
    store = settings.tracking.uri
    say_store(store)
    try:
        check_writable(store)  # before the data is checked, which may take minutes
        if dry_run:
            with quiet_libraries():
                prepared = prepare(settings)
            show_preparation(out, "dry run", settings, prepared)
            return
        with progress(out, settings) as watcher:
            name = run_name(config, settings.seed, changes or ())
            result = run(settings, name=name, resume=resume, allow_empty=allow_empty, watcher=watcher)
    except (MlflowException, SQLAlchemyError) as error:
        fail([f"MLflow at {store} failed: {first_line(error)}; when it works again, use --resume with this run"])
    show_result(out, settings, result)
    if result.empty:
        again = f"repeat the command with --resume {result.run_id} --allow-empty"
        fail([f"the model finds no span on dev, so it was not registered; train it longer, or {again}"])


def link(
    model: Address,
    data: GoldOption,
    dev: Annotated[list[str], typer.Option("--dev", help="Gold data to fit thresholds on; may be repeated.")],
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="The new model folder.")],
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the data. Default: that of a config.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything random.")] = 13,
    texts: Texts = None,
    uri: TrackingUri = None,
) -> None:
    """Learn anew which spans of a model belong to one event, and write the model with this linker to a new folder.

    The tagger stays as it is.
    Example: `conflict-events link runs/ID/model --data corpus/train --dev corpus/dev --to new-model`
    """
    from training.config import LinksConfig
    from training.fit.split import check_apart
    from training.library_output import quiet_libraries
    from training.links.folder import relink

    source = TextSource.from_setting(texts)
    left_out: list[Fault] = []
    splits = {
        name: read_sets(sets, source, [one for one in sets if not holds_texts(one)], left_out)
        for name, sets in (("train", data), ("dev", dev))
    }
    if left_out:
        warn(f"{len(left_out)} documents left out: their texts are not on this machine")
    if empty := [name for name, documents in splits.items() if not documents]:
        raise DataError.of(f"the {empty[0]} data has no documents", "name other files")
    check_apart(splits)
    config = LinksConfig() if epochs is None else LinksConfig(epochs=epochs)
    folder = load_model(model, uri).folder
    with quiet_libraries():
        made = relink(folder, to, splits["train"], splits["dev"], config, seed=seed, report=err.print)
    found = made.manifest.links
    thresholds = ", ".join(f"{name} {found[name]:g}" for name in ("join", "several", "least", "kept"))
    out.print(f"linker written in {made.folder}: {thresholds}", highlight=False, soft_wrap=True)


def leave_one_out(
    config: Config,
    data: Annotated[str, typer.Argument(help="Documents to hold out, one at a time, such as articles.")],
    changes: Changes = None,
    start: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER", help="A model folder to fine-tune on the other documents only."),
    ] = None,
    form: TableOrJson = "table",
) -> None:
    """Score each document with a model that was trained on the config's data and all other documents, but not on it.

    Nothing is tracked or registered. There is one training run per document; with --from, a short one.
    Example: `conflict-events leave-one-out default articles`
    """
    from training.cli.tables.predictions import print_scores
    from training.config import load_config
    from training.fit.untracked import leave_one_out as score

    settings = load_config(config, changes or [])
    documents = read_documents(data, TextSource.from_setting(settings.data.articles))

    def report(document_id: str, done: int) -> None:
        err.print(f"{done}/{len(documents)} {document_id}", highlight=False)

    scores = score(settings, documents, start=start, report=report)
    if form == "json":
        put_json({match: found.to_dict() for match, found in scores.items()})
    else:
        print_scores(out, f"{data}, each document held out once ({len(documents)} models)", scores)
