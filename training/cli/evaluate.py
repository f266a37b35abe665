"""`conflict-events evaluate`, `compare`, `behave` and `incidents`: how good model versions are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from annotations.formats.jsonl import holds_texts, read_documents, read_sets
from annotations.formats.texts import TextSource
from annotations.io.writing import write_text
from inference.loading import in_store, load
from inference.mlflow_stores import chosen, usable
from inference.model import Model
from training.cli.bars import shown_bar
from training.cli.options import (
    Address,
    Data,
    GoldOption,
    Html,
    ListAll,
    ModelArgument,
    TableOrJson,
    Texts,
    TrackingUri,
)
from training.cli.terminal import err, fail, load_model, name_store, out, put_json, short_waits, warn

_Track = Annotated[
    bool,
    typer.Option("--track/--no-track", help="Log metrics, tables and report to the MLflow store, if there is one."),
]
_Geo = Annotated[bool, typer.Option("--geo", help="Also look up the countries of events; needs the extra geo.")]
_Cost = Annotated[bool, typer.Option("--cost/--no-cost", help="Also measure time and memory, in a separate process.")]


def evaluate(
    model: Address,
    data: Data,
    texts: Texts = None,
    html: Html = None,
    cost: _Cost = True,
    behave: Annotated[bool, typer.Option("--behave", help="Also run the behaviour cases.")] = False,
    links: Annotated[
        bool, typer.Option("--gold-spans", help="Also score linking alone: gold spans, by rules and by the linker.")
    ] = False,
    geo: _Geo = False,
    track: _Track = True,
    uri: TrackingUri = None,
    form: TableOrJson = "table",
    every: ListAll = False,
) -> None:
    """Score a model on gold data: spans, events, tolls and slices with intervals, calibration, time and memory.

    Example: `conflict-events evaluate models:/conflict-events/1 corpus/test --html report.html`
    """
    err.lists_all = every
    short_waits()
    from training.behaviour.run import behave as run_cases
    from training.behaviour.run import read_cases
    from training.cli.tables.evaluation import print_assessment, print_countries, print_links
    from training.cli.tables.predictions import print_behaviour
    from training.evaluation.assessment import assess
    from training.evaluation.incidents import country_scores
    from training.evaluation.mlflow_runs import log_assessment
    from training.evaluation.training_overlap import trained_on
    from training.links.scores import link_scores
    from training.reports.page import evaluation_page

    store = _store(track, uri, [model])
    source = TextSource.from_setting(texts)
    documents = read_sets(data, source)
    loaded = load(model, convention="range", tracking_uri=uri)  # as annotators count
    known = trained_on(loaded.manifest, documents, source)
    with shown_bar(len(documents), "documents") as steps:
        assessment = assess(loaded, documents, data, source, known, cost=cost, step=steps.step)
    behaviour = run_cases(loaded, read_cases()) if behave else None
    linking = link_scores(loaded, documents) if links else None
    countries = country_scores(documents, [one.located() for one in assessment.evaluation.predictions]) if geo else None
    for note in assessment.notes:
        warn(note)
    if form == "json":
        behaved = {"behaviour": behaviour.to_dict()} if behaviour else {}
        placed = {"countries": countries.to_dict()} if countries else {}
        put_json(assessment.to_dict() | behaved | ({"links": linking} if linking else {}) | placed)
    else:
        print_assessment(out, assessment)
        if behaviour:
            print_behaviour(out, "behaviour cases", behaviour)
        if linking:
            print_links(out, linking)
        if countries:
            print_countries(out, countries)
    _keep(
        html,
        store,
        data,
        lambda texts: evaluation_page(assessment, behaviour=behaviour, texts=texts),
        lambda store, page: log_assessment(store, assessment, page),
    )


def compare(
    models: Annotated[list[str], typer.Argument(help="Two or more models: the baseline first, then the candidates.")],
    data: GoldOption,
    texts: Texts = None,
    html: Html = None,
    cost: _Cost = True,
    track: _Track = True,
    uri: TrackingUri = None,
    contaminated: Annotated[
        bool, typer.Option("--contaminated", help="Compare even if a version was trained on these documents.")
    ] = False,
    form: TableOrJson = "table",
    every: ListAll = False,
) -> None:
    """Compare versions with a baseline: differences with intervals and p-values, by label and by slice.

    Example: `conflict-events compare models:/conflict-events@champion models:/conflict-events/3 --data corpus/test`
    """
    err.lists_all = every
    short_waits()
    from training.cli.tables.evaluation import print_comparison
    from training.evaluation.assessment import assess
    from training.evaluation.compare import compare_versions
    from training.evaluation.mlflow_runs import log_comparison
    from training.evaluation.training_overlap import check_contaminated, describe_overlap, joined, trained_on
    from training.reports.page import comparison_page

    if len(models) < 2:  # noqa: PLR2004
        raise typer.BadParameter("name two or more models", param_hint="MODELS")
    store = _store(track, uri, models)
    source = TextSource.from_setting(texts)
    documents = read_sets(data, source)
    loaded = _loaded(models, uri)
    known = [trained_on(model.manifest, documents, source) for model in loaded]
    names = [model.name for model in loaded]
    overlaps = check_contaminated([*zip(names, known, strict=True)], len(documents), allowed=contaminated)
    for name, ids in overlaps.items():
        warn(f"{name} {describe_overlap(ids, len(documents))}: its scores are too high")
    with shown_bar(len(documents) * len(loaded), "documents") as steps:
        first, *others = assessments = [
            assess(model, documents, data, source, ids, cost=cost, step=steps.step)
            for model, ids in zip(loaded, known, strict=True)
        ]
    comparisons = [
        compare_versions(
            first.evaluation,
            other.evaluation,
            contaminated=overlaps,
            seen=joined(first.seen, other.seen),
            rivals=len(others),
        )
        for other in others
    ]
    if form == "json":
        put_json([comparison.to_dict() for comparison in comparisons])
    else:
        for comparison in comparisons:
            print_comparison(out, comparison)
    _keep(
        html,
        store,
        data,
        lambda texts: comparison_page(comparisons, assessments, texts=texts),
        lambda store, page: log_comparison(store, comparisons, assessments, page),
    )


def _loaded(models: Sequence[str], uri: str | None) -> list[Model]:
    """Load models; those with the same name, such as copies of a folder, are named by their addresses."""
    loaded = [load(model, convention="range", tracking_uri=uri) for model in models]
    names = [model.name for model in loaded]
    for model, address in zip(loaded, models, strict=True):
        if names.count(model.name) > 1:
            model.name = address
    return loaded


def _store(track: bool, uri: str | None, models: Sequence[str]) -> str | None:
    """Return the store that the report is logged to, if any; one that cannot be used is refused before the scoring."""
    store = chosen(uri)
    if store and (track or any(map(in_store, models))):
        name_store(uri)
        usable(store)
    return store if track else None


def _keep(
    html: Path | None,
    store: str | None,
    data: Sequence[str],
    page: Callable[[bool], str],
    log: Callable[[str, str], str],
) -> None:
    """Write the report, and log it to the store if there is one.

    The store may be shared, so the page logged there shows no text of a stand-off document.
    """
    if html:
        write_text(html, page(True))
        err.print(f"page: {html}", soft_wrap=True)
    if store:
        run = log(store, page(all(map(holds_texts, data))))
        err.print(f"logged as run {run} in {store}", soft_wrap=True)


def behave(
    model: ModelArgument = None,
    cases: Annotated[
        Path | None, typer.Option(help="A YAML file of cases, or a folder of them. Default: the shipped cases.")
    ] = None,
    capability: Annotated[
        list[str] | None, typer.Option("--capability", "-c", help="Run only this capability; may be repeated.")
    ] = None,
    uri: TrackingUri = None,
    form: TableOrJson = "table",
    failures: Annotated[
        bool, typer.Option("--failures", help="List the failed cases; json always lists them.")
    ] = False,
    at_least: Annotated[
        float | None, typer.Option(min=0, max=1, help="Exit with 1 if a smaller share of the cases passes.")
    ] = None,
) -> None:
    """Test a model on small cases, each for one capability: what must be found, and what must not change the result.

    Failed cases are a measurement, not an error. Example: `conflict-events behave models:/conflict-events/1 --failures`
    """
    short_waits()
    from training.behaviour.run import behave as run
    from training.behaviour.run import choose, read_cases
    from training.cli.tables.predictions import print_behaviour, print_failures

    chosen = choose(read_cases(cases), capability or [])
    loaded = load_model(model, uri, convention="range")
    with shown_bar(sum(len(one.cases) for one in chosen), "cases") as steps:
        behaviour = run(loaded, chosen, steps.step)
    if form == "json":
        put_json({"model": loaded.name} | behaviour.to_dict())
    else:
        print_behaviour(out, f"{loaded.name}: {len(behaviour.outcomes)} behaviour cases", behaviour)
        if failures:
            print_failures(out, behaviour)
    if at_least is not None and behaviour.pass_rate < at_least:
        fail([f"{behaviour.pass_rate:.1%} of the cases passed, less than the {at_least:.1%} required"])


def incidents(
    model: Address,
    data: Annotated[str, typer.Argument(help="Incidents, as 'data import wiki-incidents' writes them.")],
    year: Annotated[int | None, typer.Option(help="Only incidents of this year.")] = None,
    geo: _Geo = False,
    uri: TrackingUri = None,
    form: TableOrJson = "table",
) -> None:
    """Compare a model with coded incidents: killed, injured and type, beside what regular expressions find.

    Example: `conflict-events incidents models:/conflict-events/1 incidents.jsonl --year 2018`
    """
    from rich.table import Table

    from training.cli.tables.evaluation import print_countries
    from training.evaluation.incidents import columns, country_scores, floor, score

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
