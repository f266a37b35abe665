"""What `annotate learning-curve` and `data report` do, with their progress on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from annotations.errors import DataError, Fault
from annotations.formats.jsonl import read_documents
from annotations.formats.standoff import TextSource
from annotations.io.writing import write_text
from annotations.schema import load_schema
from training.cli.tables.data import print_points, print_report
from training.cli.terminal import put_json
from training.config import TrainConfig, load_config
from training.curation.data_report import check, report
from training.curation.label_errors import suspects
from training.curation.learning_curve import Point, simulate
from training.fit.prepare import load_tokenizer
from training.reports.data_page import data_page
from training.reports.data_plots import selection_curve


def learning_curve_command(
    name: str,
    changes: Sequence[str],
    sizes: Sequence[int],
    seeds: Sequence[int],
    tests: Sequence[str],
    folder: Path,
    console: Console,
) -> None:
    """Run `conflict-events annotate learning-curve`."""
    config = load_config(name, changes)
    texts = TextSource.from_setting(config.data.articles)
    documents = {test: read_documents(test, texts) for test in tests or config.data.test}
    if not documents:
        raise DataError([Fault("there is nothing to score on", "name data with --test, or in the config's data.test")])

    def report(point: Point) -> None:
        scores = ", ".join(f"{test} {score:.3f}" for test, score in point.scores.items())
        line = f"seed {point.seed}, {point.documents} {point.strategy}: {scores}"
        console.print(line, markup=False, soft_wrap=True)

    points = simulate(config, documents, sizes, seeds, folder, report)
    selection_curve(points).savefig(folder / "curve.png", dpi=150)
    print_points(console, points)
    console.print(f"plot: {folder / 'curve.png'}", markup=False, soft_wrap=True)


def data_report_command(
    paths: Sequence[str],
    texts: TextSource,
    config: TrainConfig,
    folds: int,
    html: Path | None,
    form: str,
    console: Console,
    errors: Console,
) -> None:
    """Run `conflict-events data report`."""
    schema = load_schema(config.label_schema)
    parts = {path: read_documents(path, texts) for path in paths}
    tokenizer = load_tokenizer(config.encoder).backend_tokenizer
    documents = [document for part in parts.values() for document in part]
    check(documents, schema)  # before models are trained
    found = None
    if folds:
        found = suspects(config, documents, folds, lambda done: errors.print(f"{done}/{folds} folds", highlight=False))
    data = config.data
    made = report(parts, schema, tokenizer, window=data.window, overlap=data.overlap, suspects=found)
    if html is not None:
        write_text(html, data_page(made, schema))
    if form == "json":
        put_json(made.to_dict())
    else:
        print_report(console, made)
        if html is not None:
            console.print(f"page: {html}", markup=False, soft_wrap=True)
