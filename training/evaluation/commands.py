"""What `conflict-events evaluate` and `conflict-events compare` do."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from annotations.document import Document
from annotations.files import write_text
from annotations.standoff import TextSource
from annotations.store import read_documents
from inference.address import load
from training.evaluation.assessment import assess
from training.evaluation.compare import compare
from training.evaluation.page import comparison_page, evaluation_page
from training.evaluation.seen import check_contaminated, joined
from training.evaluation.tables import print_assessment, print_comparison
from training.evaluation.track import log_assessment, log_comparison, store_uri
from training.terminal import err, warn


def evaluate_command(
    model: str,
    data: Sequence[str],
    texts: Path | None,
    html: Path | None,
    cost: bool,
    track: bool,
    form: str,
    console: Console,
) -> None:
    """Run `conflict-events evaluate`."""
    source = TextSource.from_setting(texts)
    documents = _documents(data, source)
    assessment = assess(load(model), documents, data, source, cost=cost)
    for note in assessment.notes:
        warn(note)
    if form == "json":
        console.print_json(json.dumps(assessment.to_dict(), ensure_ascii=False, allow_nan=False))
    else:
        print_assessment(console, assessment)
    _keep(html, track, lambda: evaluation_page(assessment), lambda uri, page: log_assessment(uri, assessment, page))


def compare_command(
    models: Sequence[str],
    data: Sequence[str],
    texts: Path | None,
    html: Path | None,
    cost: bool,
    track: bool,
    contaminated: bool,
    form: str,
    console: Console,
) -> None:
    """Run `conflict-events compare`."""
    source = TextSource.from_setting(texts)
    documents = _documents(data, source)
    loaded = [load(model) for model in models]
    known = check_contaminated(loaded, documents, allowed=contaminated)
    for name, ids in known.items():
        warn(f"{name} was trained on {len(ids)} of {len(documents)} documents, such as {ids[0]}: its scores say little")
    assessments = [assess(model, documents, data, source, cost=cost) for model in loaded]
    first, *others = assessments
    comparisons = [
        compare(first.evaluation, other.evaluation, contaminated=known, seen=joined(first.seen, other.seen))
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
        track,
        lambda: comparison_page(comparisons, assessments),
        lambda uri, page: log_comparison(uri, comparisons, assessments, page),
    )


def _documents(data: Sequence[str], source: TextSource) -> list[Document]:
    return [document for name in data for document in read_documents(name, source)]


def _keep(html: Path | None, track: bool, page: Callable[[], str], log: Callable[[str, str], str]) -> None:
    """Write the report, and keep it in the store where there is one; what was done is said on standard error."""
    uri = store_uri() if track else None
    made = page() if html or uri else ""
    if html:
        write_text(html, made)
        err.print(f"page: {html}", markup=False, soft_wrap=True)
    if uri:
        err.print(f"kept as run {log(uri, made)} in {uri}", markup=False, soft_wrap=True)
