"""`conflict-events merge`: one incident from the events of many articles, and how well that works."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from annotations.io.writing import write_text
from inference.incidents import incident_columns, to_rows
from inference.incidents import merge as merged
from inference.incidents.reading import read_predictions
from inference.tables.cells import MARK, csv_line
from training.cli.options import ModelOption, TableOrJson, TrackingUri, writable
from training.cli.prediction_files import text_sink
from training.cli.printable import json_text, printable
from training.cli.terminal import load_model, out, put_json


def merge(
    predictions: Annotated[
        list[Path], typer.Argument(help="Files that 'predict --format jsonl' wrote; each article has its own id.")
    ],
    texts: Annotated[
        list[str] | None,
        typer.Option(
            "--texts", help="The inputs of predict. The names in the texts find many more reports of one attack."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", callback=writable, help="Write to this file. Default: standard output."),
    ] = None,
    form: Annotated[
        Literal["jsonl", "csv"] | None,
        typer.Option("--format", "-f", help="Output format. Default: by the end of the file's name, else jsonl."),
    ] = None,
) -> None:
    """Merge events of different articles that report one attack.

    Example: `conflict-events merge predictions.jsonl --texts wire.jsonl --output incidents.csv`
    """
    if output and output.resolve() in {path.resolve() for path in predictions}:
        raise typer.BadParameter(f"{output} is also an input; write to another file")
    found = merged(read_predictions(predictions, texts or ()))
    by_name = "csv" if output and output.suffix == ".csv" else "jsonl"
    with text_sink(output) as put:
        if (form or by_name) == "csv":
            put(MARK + csv_line([column.name for column in incident_columns()]))
            for row in to_rows(found):
                put(printable(csv_line(row.values())))
        else:
            for incident in found:
                put(json_text(incident.to_dict()) + "\n")


def evaluate_merge(
    data: Annotated[Path, typer.Argument(help="Reports on known incidents: JSON Lines with id, text, date, incident.")],
    model: ModelOption = None,
    uri: TrackingUri = None,
    form: TableOrJson = "table",
) -> None:
    """Measure merging on articles of which one knows which tell of one attack.

    Example: `conflict-events evaluate-merge annotations/reports/test.jsonl`
    """
    from training.merging.measure import measure
    from training.merging.reports import predicted, read_reports

    reports = read_reports(data)
    found = measure(predicted(reports, load_model(model, uri)), {one.id: one.incident for one in reports})
    if form == "json":
        put_json({name: one.to_dict() for name, one in found.items()})
        return
    from rich.table import Table

    table = Table("", "pairs", "precision", "recall", "F1", "B³ precision", "B³ recall", "B³ F1")
    for name, one in found.items():
        pairs = one.pairs
        numbers = (pairs.precision, pairs.recall, pairs.f1, *one.b_cubed, one.b_cubed_f1)
        table.add_row(name, str(pairs.gold), *(f"{number:.3f}" for number in numbers))
    out.print(table)


def fit_merge(
    data: Annotated[
        list[Path],
        typer.Argument(help="Reports on known incidents: JSON Lines with id, text, date, incident."),
    ],
    stream: Annotated[
        Path, typer.Option(help="Incidents, as 'data import wiki-incidents' writes them: no two are the same attack.")
    ],
    to: Annotated[Path, typer.Option(metavar="FILE", callback=writable, help="The file of weights.")],
    year: Annotated[int | None, typer.Option(help="Only incidents of this year.")] = None,
    model: ModelOption = None,
    uri: TrackingUri = None,
) -> None:
    """Learn how much each piece of evidence weighs when events are merged.

    Example: `conflict-events fit-merge train.jsonl dev.jsonl --stream incidents.jsonl --year 2016 --to weights.json`
    """
    from training.merging.fit import fit
    from training.merging.reports import predicted, read_reports, read_stream

    reports = [report for path in data for report in read_reports(path)]
    others, tagger = read_stream(stream, year), load_model(model, uri)
    gold = {one.id: one.incident for one in reports}
    weights = fit(predicted(reports, tagger), gold, predicted(others, tagger))
    write_text(to, json_text(asdict(weights), 1) + "\n")
