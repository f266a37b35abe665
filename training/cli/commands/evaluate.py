"""What `conflict-events evaluate` and `conflict-events compare` do."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from annotations.formats.jsonl import holds_texts, read_sets
from annotations.formats.standoff import TextSource
from annotations.io.writing import write_text
from inference.loading import in_store, load
from inference.mlflow_stores import chosen, usable
from inference.model import Model
from training.behaviour.run import behave as try_cases
from training.behaviour.run import read_cases
from training.cli.tables.behaviour import print_behaviour
from training.cli.tables.evaluation import print_assessment, print_comparison
from training.cli.terminal import err, name_store, warn
from training.evaluation.assessment import assess
from training.evaluation.compare import compare_versions
from training.evaluation.mlflow_runs import log_assessment, log_comparison
from training.evaluation.training_overlap import check_contaminated, describe_overlap, joined, trained_on
from training.reports.page import comparison_page, evaluation_page


def evaluate_command(
    model: str,
    data: Sequence[str],
    texts: Path | None,
    html: Path | None,
    cost: bool,
    behave: bool,
    track: bool,
    tracking: str | None,
    form: str,
    console: Console,
) -> None:
    """Run `conflict-events evaluate`."""
    uri = _store(track, tracking, [model])
    source = TextSource.from_setting(texts)
    documents = read_sets(data, source)
    loaded = load(model, convention="range", tracking_uri=tracking)  # as annotators count
    known = trained_on(loaded.manifest, documents, source)
    assessment = assess(loaded, documents, data, source, known, cost=cost)
    behaviour = try_cases(loaded, read_cases()) if behave else None
    for note in assessment.notes:
        warn(note)
    if form == "json":
        content = assessment.to_dict() | ({"behaviour": behaviour.to_dict()} if behaviour else {})
        console.print_json(json.dumps(content, ensure_ascii=False, allow_nan=False))
    else:
        print_assessment(console, assessment)
        if behaviour:
            print_behaviour(console, "behaviour cases", behaviour)
    _keep(
        html,
        uri,
        data,
        lambda texts: evaluation_page(assessment, behaviour=behaviour, texts=texts),
        lambda uri, page: log_assessment(uri, assessment, page),
    )


def compare_command(
    models: Sequence[str],
    data: Sequence[str],
    texts: Path | None,
    html: Path | None,
    cost: bool,
    track: bool,
    tracking: str | None,
    contaminated: bool,
    form: str,
    console: Console,
) -> None:
    """Run `conflict-events compare`."""
    uri = _store(track, tracking, models)
    source = TextSource.from_setting(texts)
    documents = read_sets(data, source)
    loaded = _loaded(models, tracking)
    known = [trained_on(model.manifest, documents, source) for model in loaded]
    names = [model.name for model in loaded]
    overlaps = check_contaminated([*zip(names, known, strict=True)], len(documents), allowed=contaminated)
    for name, ids in overlaps.items():
        warn(f"{name} {describe_overlap(ids, len(documents))}: its scores are too high")
    assessments = [
        assess(model, documents, data, source, ids, cost=cost) for model, ids in zip(loaded, known, strict=True)
    ]
    first, *others = assessments
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
        content = [comparison.to_dict() for comparison in comparisons]
        console.print_json(json.dumps(content, ensure_ascii=False, allow_nan=False))
    else:
        for comparison in comparisons:
            print_comparison(console, comparison)
    _keep(
        html,
        uri,
        data,
        lambda texts: comparison_page(comparisons, assessments, texts=texts),
        lambda uri, page: log_comparison(uri, comparisons, assessments, page),
    )


def _loaded(models: Sequence[str], tracking: str | None) -> list[Model]:
    """Load models; those of one name, such as copies of a folder, go by their addresses."""
    loaded = [load(model, convention="range", tracking_uri=tracking) for model in models]
    names = [model.name for model in loaded]
    for model, address in zip(loaded, models, strict=True):
        if names.count(model.name) > 1:
            model.name = address
    return loaded


def _store(track: bool, tracking: str | None, models: Sequence[str]) -> str | None:
    """Return the store that the report is logged to, if any; one that cannot be used is reported before the scoring."""
    uri = chosen(tracking)
    if uri and (track or any(map(in_store, models))):
        name_store(tracking)
        usable(uri)
    return uri if track else None


def _keep(
    html: Path | None,
    uri: str | None,
    data: Sequence[str],
    page: Callable[[bool], str],
    log: Callable[[str, str], str],
) -> None:
    """Write the report, and keep it in the store where there is one; what was done is said on standard error.

    The store may be shared: what goes there shows no text of a stand-off document.
    """
    if html:
        write_text(html, page(True))
        err.print(f"page: {html}", markup=False, soft_wrap=True)
    if uri:
        run = log(uri, page(all(map(holds_texts, data))))
        err.print(f"kept as run {run} in {uri}", markup=False, soft_wrap=True)
