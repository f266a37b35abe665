"""Tables of evaluations and comparisons for the terminal; narrow enough for 80 columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from training.cli.tables.predictions import print_scores
from training.evaluation.assessment import Assessment
from training.evaluation.compare import VersionComparison
from training.evaluation.counts import MAIN, figure, title
from training.evaluation.estimates import Difference, Estimate
from training.evaluation.events import false_alarms
from training.evaluation.incidents import Countries

_SHOWN = 10  # documents


def print_assessment(console: Console, assessment: Assessment) -> None:
    """Print scores of spans and events, slices, calibration and cost."""
    evaluation = assessment.evaluation
    heading = f"{evaluation.model} on {', '.join(assessment.data)} ({len(evaluation.documents)} documents)"
    print_scores(console, heading, evaluation.scores)
    core = assessment.estimates["partial_core"]
    shown = f"{figure(core.value)} {_bounds(core.bounds)}"
    console.print(f"core labels, partial: {shown} (95 % interval over documents)", highlight=False)
    table = Table("events", "P", "R", "F1", "95 % interval", "gold", "found")
    for name in MAIN["Events"]:
        table.add_row(title(name), *_event_cells(assessment.estimates[name]))
    console.print(table)
    table = Table("slice", "documents", "gold", "F1", "95 % interval")
    for part, estimate in assessment.slices:
        table.add_row(
            f"{part.kind}: {part.value}",
            str(len(part.documents)),
            str(part.gold),
            figure(estimate.value),
            _bounds(estimate.bounds),
        )
    console.print(table)
    console.print(f"calibration error (ECE): {figure(evaluation.calibration.ece)}", highlight=False)
    false, quiet = false_alarms(evaluation.tally)
    if quiet:
        console.print(f"documents without an attack in which one is found: {false} of {quiet}", highlight=False)
    if evaluation.entities:
        console.print(_entities(evaluation.entities))
    if evaluation.relevance:
        console.print(_relevance(evaluation.relevance))
    wrong = len(evaluation.toll_errors)
    console.print(f"numbers of people wrong, missing or invented: {wrong} (--html and --format json list them)")
    if assessment.cost:
        cost = assessment.cost
        console.print(
            f"{cost.milliseconds:.0f} ms a document, {cost.words_per_second:,.0f} words/s, {cost.memory_mb:,.0f} MB "
            f"memory, {cost.size_mb:.0f} MB on disk",
            highlight=False,
        )


def _entities(scores: Mapping[str, Any]) -> Table:
    """Return B-cubed and CEAF-E of entities."""
    table = Table("entities", "P", "R", "F1", "CEAF-E P", "R", "F1")
    for kind, systems in scores.items():
        for system, measures in systems.items() if kind != "documents" else ():
            cells = (value for measure in measures.values() for value in measure.values())
            name = f"{kind}, {system.replace('_', ' ')}"
            table.add_row(name, *(figure(cell) for cell in cells))
    return table


def _relevance(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Return the shares of texts that pass each least relevance."""
    attacks, others = rows[0]["texts"]
    table = Table("least relevance", f"of {attacks} texts with an attack", f"of {others} texts without")
    for row in rows:
        shares = (row["with_attack"], row["without_attack"])
        table.add_row(f"{row['least']:g}", *("–" if share is None else f"{share:.1%} pass" for share in shares))
    return table


def print_links(console: Console, links: Mapping[str, Mapping[str, float | None]]) -> None:
    """Print F1 of linking alone, by rules and by the linker."""
    table = Table("gold spans linked by", *(name.replace("_", " ") for name in next(iter(links.values()))))
    for name, scores in links.items():
        table.add_row(name, *(figure(value) for value in scores.values()))
    console.print(table)


def print_countries(console: Console, countries: Countries) -> None:
    """Print how many events got a country, and how many the right one."""
    cells = countries.to_dict()
    table = Table("countries of events", *cells)
    table.add_row("coded for the document", *(str(cell) for cell in cells.values()))
    console.print(table)


def _event_cells(estimate: Estimate) -> list[str]:
    score = estimate.score
    parts = [f"{score.precision:.2f}", f"{score.recall:.2f}"] if score else ["", ""]
    counts = [str(score.gold), str(score.predicted)] if score else ["", ""]
    return [*parts, figure(estimate.value), _bounds(estimate.bounds), *counts]


def _bounds(bounds: tuple[float, float] | None) -> str:
    return "–" if bounds is None else f"{bounds[0]:.3f} to {bounds[1]:.3f}"


def print_comparison(console: Console, comparison: VersionComparison) -> None:
    """Print the verdict, differences by measure, label and slice, errors won and lost, and documents that got worse."""
    console.print(comparison.verdict, style="bold", highlight=False, markup=False)
    measures = [replace(row, name=title(row.name)) for row in comparison.overall]
    labels = [replace(row, name=title(row.name)) for row in comparison.labels]
    for heading, rows in (("measure", measures), ("label", labels), ("slice", comparison.slices)):
        console.print(_differences(heading, rows))
    table = Table("errors", "won", "lost")
    for kind, counts in comparison.kinds().items():
        table.add_row(kind, str(counts["won"]), str(counts["lost"]))
    console.print(table)
    worse = [change for change in comparison.changes if change.difference < 0]
    better = sum(change.difference > 0 for change in comparison.changes)
    console.print(f"{better} documents got better, {len(worse)} worse; the worst:", highlight=False)
    for change in worse[:_SHOWN]:
        name = comparison.first.documents[change.document].id
        line = f"  {name} {change.difference:+.3f}, {len(change.won)} errors won, {len(change.lost)} lost"
        console.print(line, highlight=False, markup=False)


def _differences(heading: str, rows: Sequence[Difference]) -> Table:
    table = Table(heading, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("first", "second", "diff.", "95 % interval"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for row in rows:
        bounds = "–" if row.bounds is None else f"{row.bounds[0]:+.3f} {row.bounds[1]:+.3f}"
        change = "–" if np.isnan(row.value) else f"{row.value:+.3f}"
        verdict = "" if row.verdict == "no evidence" else row.verdict
        table.add_row(row.name, figure(row.first), figure(row.second), change, bounds, verdict)
    return table
