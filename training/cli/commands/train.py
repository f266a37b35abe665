"""What the longer commands do, with their progress on the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from mlflow.exceptions import MlflowException
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from sqlalchemy.exc import SQLAlchemyError

from annotations.formats.jsonl import read_documents
from annotations.formats.standoff import TextSource
from annotations.io.writing import write_text
from inference.html import page
from training.cli.tables.predictions import print_prediction, print_scores
from training.cli.terminal import put_json, say_store
from training.config import TrainConfig, load_config
from training.evaluation.scores import Scores
from training.fit.checkpoint import State
from training.fit.leave_one_out import leave_one_out
from training.fit.prepare import Prepared, prepare
from training.run import Result, Watcher, train
from training.store.opening import check_writable
from training.store.tracking import first_line

# Invented for this page; no document of the corpus.
EXAMPLE = (
    "GAO, Mali – Gunmen on motorbikes opened fire at a livestock market in Gao on Friday, killing at least 12 traders "
    "and wounding dozens, a hospital source said. A doctor later put the number of dead at 14, three of them children. "
    "Nobody has claimed the attack, which officials blamed on Islamic State. More than 900 people have been killed in "
    "the region since January."
)

Fail = Callable[[list[str]], NoReturn]


def train_command(
    name: str,
    changes: Sequence[str],
    resume: str | None,
    uri: str | None,
    dry_run: bool,
    console: Console,
    fail: Fail,
) -> None:
    """Run `conflict-events train`."""
    config = load_config(name, [*changes, f"tracking.uri={json.dumps(uri)}"] if uri else changes)
    say_store(config.tracking.uri)
    try:
        if dry_run:
            check_writable(config.tracking.uri)
            describe_preparation(console, "dry run", config, prepare(config))
            return
        with progress(console, config) as watcher:
            result = train(config, resume=resume, watcher=watcher)
    except (MlflowException, SQLAlchemyError) as error:
        fail([f"MLflow at {config.tracking.uri} failed: {first_line(error)}; once it works, --resume the run"])
    _show(console, config, result)


def _show(console: Console, config: TrainConfig, result: Result) -> None:
    from inference.model import Model

    for split, evaluation in result.evaluations.items():
        print_scores(console, f"{split} ({len(evaluation.documents)} documents)", evaluation.scores)
    model = Model(result.folder)
    prediction = model.predict(EXAMPLE)
    print_prediction(console, "example", prediction)
    html = result.folder.parent / "example.html"
    write_text(html, page([prediction.to_html()]))
    if result.version is not None:
        console.print(f"registered as models:/{config.tracking.register_as}/{result.version}")
    console.print(f"model folder {result.folder}, example page {html}", soft_wrap=True)
    console.print(f"runs: mlflow ui --backend-store-uri {config.tracking.uri}", soft_wrap=True)


@contextmanager
def progress(console: Console, config: TrainConfig) -> Iterator[Watcher]:
    """Show a run: a bar with loss, F1 and time left, and a line an epoch."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[facts]}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task("preparing", total=None, facts="")
        last = {"f1": "-"}

        def on_prepared(run_id: str, config: TrainConfig, prepared: Prepared) -> None:
            describe_preparation(bars.console, f"run {run_id}", config, prepared)
            bars.console.print(f"should it stop: the same command with --resume {run_id} goes on", soft_wrap=True)

        def on_step(state: State, steps: int, seconds_left: float) -> None:
            loss = state.loss / max(1, state.batch)
            bars.update(
                task,
                description=f"epoch {state.epoch + 1}/{config.fit.epochs}",
                total=steps,
                completed=state.step,
                facts=f"loss {loss:.3f}  dev F1 {last['f1']}  {_clock(seconds_left)} left at most",
            )

        def on_epoch(row: dict[str, float], scores: dict[str, Scores]) -> None:
            last["f1"] = f"{row['dev_strict_f1']:.3f}"
            bars.console.print(
                f"epoch {int(row['epoch'])}: loss {row['loss']:.3f}, dev F1 strict {row['dev_strict_f1']:.3f}, "
                f"partial {row['dev_partial_f1']:.3f}, core labels partial {scores['partial'].core.f1:.3f}, "
                f"{_clock(row['seconds'])}",
                soft_wrap=True,
            )

        def on_stage(line: str) -> None:
            bars.update(task, description=line, total=None, facts="")

        def on_note(line: str) -> None:
            bars.console.print(line, soft_wrap=True, markup=False)

        yield Watcher(on_prepared, on_step, on_epoch, on_stage, on_note)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def describe_preparation(console: Console, title: str, config: TrainConfig, prepared: Prepared) -> None:
    """Print what a run would learn from, and what it loses."""
    sizes = ", ".join(f"{len(documents)} {name}" for name, documents in prepared.splits.items())
    subwords = sum(len(ids) for ids in prepared.examples["input_ids"])
    losses = prepared.losses
    console.print(f"{title}: encoder {config.encoder}, documents: {sizes}", soft_wrap=True)
    console.print(
        f"{len(prepared.examples)} windows, {subwords:,} sub-words an epoch, {config.fit.epochs} epochs at most"
    )
    share = losses.count / losses.total if losses.total else 0.0
    console.print(f"{losses.count} of {losses.total} gold spans lost to windows or tokenisation ({share:.2%})")
    for reason in ("unaligned", "cut", "overlapping"):
        for document, span in getattr(losses, reason):
            console.print(f"  {reason}: document {document!r}, span {span}", markup=False)


def leave_one_out_command(
    name: str, data: str, changes: Sequence[str], start: Path | None, form: str, console: Console, errors: Console
) -> None:
    """Run `conflict-events leave-one-out`."""
    config = load_config(name, changes)
    documents = read_documents(data, TextSource.from_setting(config.data.articles))

    def report(document_id: str, done: int) -> None:
        errors.print(f"{done}/{len(documents)} {document_id}", highlight=False, markup=False)

    scores = leave_one_out(config, documents, start=start, report=report)
    if form == "json":
        put_json({match: found.to_dict() for match, found in scores.items()})
    else:
        print_scores(console, f"{data}, each document held out once ({len(documents)} models)", scores)
