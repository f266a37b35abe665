"""`conflict-events incidents`: a model against coded incidents."""

from __future__ import annotations

from typing import Annotated

import typer

from annotations.formats.jsonl import read_documents
from training.cli.options import Address, TableOrJson, TrackingUri
from training.cli.terminal import load_model, out, put_json


def incidents(
    model: Address,
    data: Annotated[str, typer.Argument(help="Incidents, as 'data import wiki-incidents' writes them.")],
    year: Annotated[int | None, typer.Option(help="Only incidents of this year.")] = None,
    geo: Annotated[
        bool, typer.Option("--geo", help="Also look up the countries of events; needs the extra geo.")
    ] = False,
    uri: TrackingUri = None,
    form: TableOrJson = "table",
) -> None:
    """Compare a model with coded incidents: killed, injured and type, beside what regular expressions find.

    Example: `conflict-events incidents models:/conflict-events/1 incidents.jsonl --year 2018`
    """
    from rich.table import Table

    from training.cli.tables.evaluation import print_countries
    from training.evaluation.incidents import columns, floor, score
    from training.evaluation.places import country_scores

    documents = [one for one in read_documents(data) if year is None or columns(one)["year"] == year]
    predictions = load_model(model, uri, convention="range").predict([one.text for one in documents])
    found, least = score(documents, predictions), floor(documents)
    countries = country_scores(documents, [one.located() for one in predictions]) if geo else None
    if form == "json":
        placed = {"countries": countries.to_dict()} if countries else {}
        put_json({name: {"right": share.right, "of": share.of} for name, share in found.items()} | placed)
        return
    table = Table("coded", "incidents", "right", "regular expressions")
    for name, share in found.items():
        floored = f"{least[name].value:.3f}" if name in least else ""
        table.add_row(name, str(share.of), f"{share.value:.3f}", floored)
    out.print(table)
    if countries:
        print_countries(out, countries)
