"""A training run on the terminal: what it prepares, its progress, and its result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from annotations.io.writing import write_text
from inference.html import page
from inference.model import Model
from training.cli.tables.predictions import print_prediction, print_scores
from training.cli.terminal import clock
from training.config import TrainConfig
from training.evaluation.scores import Scores
from training.fit.checkpoint import State
from training.fit.examples import lengths
from training.fit.prepare import Prepared
from training.run import Result, Watcher

# Written for this page; not a document of the corpus.
EXAMPLE = (
    "GAO, Mali – Gunmen on motorbikes opened fire at a livestock market in Gao on Friday, killing at least 12 traders "
    "and wounding dozens, a hospital source said. A doctor later put the number of dead at 14, three of them children. "
    "Nobody has claimed the attack, which officials blamed on Islamic State. More than 900 people have been killed in "
    "the region since January."
)


def show_result(console: Console, config: TrainConfig, result: Result) -> None:
    """Print scores, an example prediction, and where the model is."""
    for split, evaluation in result.evaluations.items():
        print_scores(console, f"{split} ({len(evaluation.documents)} documents)", evaluation.scores)
    prediction = Model(result.folder).predict(EXAMPLE)
    print_prediction(console, "example", prediction)
    html = result.folder.parent / "example.html"
    write_text(html, page([("", prediction)], prediction.schema))
    if result.version is not None:
        champion = ", champion as the first version" if result.champion else ""
        console.print(f"registered as {result.name}/{result.version}{champion}", soft_wrap=True)
    console.print(f"model folder {result.folder}, example page {html}", soft_wrap=True)
    console.print(f"runs: mlflow ui --backend-store-uri {config.tracking.uri}", soft_wrap=True)


@contextmanager
def progress(console: Console, config: TrainConfig) -> Iterator[Watcher]:
    """Show a run: a bar with loss, F1 and time left, and one line per epoch."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[facts]}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task("preparing", total=None, facts="")
        last = {"f1": "-"}

        def on_prepared(run_id: str, config: TrainConfig, prepared: Prepared) -> None:
            show_preparation(bars.console, f"run {run_id}", config, prepared)
            bars.console.print(f"if it stops, repeat the command with --resume {run_id}", soft_wrap=True)

        def on_step(state: State, steps: int, seconds_left: float) -> None:
            loss = state.loss / max(1, state.batch)
            bars.update(
                task,
                description=f"epoch {state.epoch + 1}/{config.fit.epochs}",
                total=steps,
                completed=state.step,
                facts=f"loss {loss:.3f}  dev F1 {last['f1']}  {clock(seconds_left)} left at most",
            )

        def on_epoch(row: dict[str, float], scores: dict[str, Scores]) -> None:
            last["f1"] = f"{row['dev_strict_f1']:.3f}"
            bars.console.print(
                f"epoch {int(row['epoch'])}: loss {row['loss']:.3f}, dev F1 strict {row['dev_strict_f1']:.3f}, "
                f"partial {row['dev_partial_f1']:.3f}, core labels partial {scores['partial'].core.f1:.3f}, "
                f"{clock(row['seconds'])}",
                soft_wrap=True,
            )

        def on_stage(line: str) -> None:
            bars.update(task, description=line, total=None, facts="")

        def on_note(line: str) -> None:
            bars.console.print(line, soft_wrap=True, markup=False)

        yield Watcher(on_prepared, on_step, on_epoch, on_stage, on_note)


def show_preparation(console: Console, title: str, config: TrainConfig, prepared: Prepared) -> None:
    """Print the training data of a run, and the gold spans that it cannot use."""
    sizes = ", ".join(f"{len(documents)} {name}" for name, documents in prepared.splits.items())
    subwords = sum(lengths(prepared.examples))
    losses = prepared.losses
    console.print(f"{title}: encoder {config.encoder}, documents: {sizes}", soft_wrap=True)
    if prepared.missing:
        console.print(f"{prepared.missing} more left out: their texts are not on this machine", soft_wrap=True)
    console.print(
        f"{len(prepared.examples)} windows, {subwords:,} sub-words per epoch, at most {config.fit.epochs} epochs"
    )
    share = losses.count / losses.total if losses.total else 0.0
    console.print(f"{losses.count} of {losses.total} gold spans lost to windows or tokenisation ({share:.2%})")
    for reason in ("unaligned", "cut", "overlapping"):
        for document, span in getattr(losses, reason):
            console.print(f"  {reason}: document {document!r}, span {span}", markup=False)
