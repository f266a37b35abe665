"""Tables on data for the terminal: counts, agreement, imports, simulations and the data report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import mean, stdev
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from annotations.agreement.comparison import Comparison
from annotations.coverage import ALL, KEY
from annotations.importers.base import Imported, Source
from annotations.stats import Stats
from inference.numbers.toll import describe
from training.curation.toll_agreement import CountedToll
from training.evaluation.counts import figure

if TYPE_CHECKING:  # these need the train extra, which the other tables do not
    from training.curation.data_report import DataReport
    from training.curation.label_errors import Suspect
    from training.curation.learning_curve import Point
    from training.curation.select import Selection
    from training.fit.partition import Parts

_FIRST = 10  # entries of a list that the terminal shows


def print_stats(console: Console, stats: Stats) -> None:
    """Print counts of a data set."""
    console.print(
        f"{stats.documents} documents ({stats.without_events} without an attack), {stats.words:,} words, "
        f"{stats.spans:,} spans, {stats.events:,} events"
    )
    for title, counter in (
        ("label", stats.label),
        ("type", stats.type),
        ("events by attack type", stats.event),
        *((key, found) for key, found in stats.meta.items()),
    ):
        if counter:
            table = Table(title, "count")
            for name, number in counter.most_common():
                table.add_row(name, str(number))
            console.print(table)


def print_parts(console: Console, parts: Parts) -> None:
    """Print the documents and the events by type of each part of a dataset."""
    types = parts.types()
    table = Table("", *types)
    table.add_row("documents", *(str(len(found)) for found in parts.documents.values()))
    for kind, _ in sum(types.values(), Counter[str]()).most_common():
        table.add_row(kind, *(str(counts[kind]) for counts in types.values()))
    console.print(table)
    documents = sum(map(len, parts.documents.values()))
    if parts.together < documents:
        console.print(f"{documents} documents in {parts.together} texts or groups that stay together")


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print the agreement over all pairs of annotators, and the disagreements of each pair by kind."""
    names = ", ".join(f"{name} ({count})" for name, count in comparison.annotators.items())
    console.print(f"annotators: {names}", markup=False, soft_wrap=True)
    if comparison.single:
        console.print(f"{len(comparison.single)} documents have only one annotator and are not compared")
    table = Table("label", "exact F1", "partial F1", "alpha")
    for label, alpha in comparison.alpha.items():
        figures = (*comparison.mean(label), alpha)
        table.add_row(label, *map(figure, figures))
    console.print(table)
    for pair in comparison.pairs:
        kinds = ", ".join(f"{count} {kind}" for kind, count in pair.kinds().items())
        console.print(
            f"{pair.first}, {pair.second}: {pair.documents} documents, disagreements: {kinds}",
            markup=False,
            soft_wrap=True,
        )


def print_imported(console: Console, source: Source, imported: Imported) -> None:
    """Print what an importer found, its losses by reason, and how completely its documents annotate each label."""
    labels = Counter(span.label for document in imported.documents for span in document.spans)
    events = sum(len(document.events) for document in imported.documents)
    table = Table("label", "spans", "annotated", title=source.summary)
    stated = [document.meta.get(KEY, {}) for document in imported.documents]
    for label in dict.fromkeys([*source.coverage, *labels, *(label for one in stated for label in one)]):
        extents = Counter(one.get(label, ALL) for one in stated)
        words = (
            ", ".join(extents) if len(extents) == 1 else ", ".join(f"{e} in {n}" for e, n in sorted(extents.items()))
        )
        table.add_row(label, str(labels[label]), words)
    table.add_row("events", str(events), "")
    console.print(table)
    table = Table("kind", "found", "lost", "why")
    for kind, found in sorted(imported.aligned.items()):
        table.add_row(kind, str(found), "", "")
    for (kind, reason), count in sorted(imported.reasons.items()):
        table.add_row(kind, "", str(count), reason)
    console.print(table)


def print_selections(console: Console, chosen: Sequence[Selection]) -> None:
    """Print chosen articles with their score and why they were chosen."""
    table = Table("", "article", "score", "why")
    for number, selection in enumerate(chosen, start=1):
        table.add_row(str(number), selection.document.id, f"{selection.score:.4f}", selection.reason)
    console.print(table)


def print_points(console: Console, points: Sequence[Point]) -> None:
    """Print mean and standard deviation over seeds of each point of a simulation."""
    tests = list(points[0].scores)
    table = Table("documents", "taken", "words", *tests)
    for documents, strategy in sorted({(point.documents, point.strategy) for point in points}):
        own = [point for point in points if (point.documents, point.strategy) == (documents, strategy)]
        cells = [f"{mean([p.words for p in own]):,.0f}", *(_spread([p.scores[test] for p in own]) for test in tests)]
        table.add_row(str(documents), strategy, *cells)
    console.print(table)


def _spread(values: Sequence[float]) -> str:
    return f"{mean(values):.3f} ± {stdev(values):.3f}" if len(values) > 1 else f"{values[0]:.3f}"


def print_report(console: Console, report: DataReport) -> None:
    """Print the summary of a data report, and the first entries of each list."""
    for part in report.parts:
        stats = part.stats
        console.print(
            f"{part.name}: {stats.documents} documents ({stats.without_events} without an attack), {stats.words:,} "
            f"words (median {part.words.median:.0f}, most {part.words.most:.0f}), {stats.spans:,} spans (median "
            f"{part.spans.median:.0f}, most {part.spans.most:.0f}), {stats.events:,} events",
            markup=False,
            soft_wrap=True,
        )
    table = Table("check", "found")
    for name, number, _ in report.summary():
        table.add_row(name, "not looked for" if number is None else str(number))
    console.print(table)
    for overlap in report.overlaps:
        shares = ", ".join(f"{label} {share:.0%} of {total}" for label, (share, total) in overlap.mentions.items())
        line = f"mentions of {overlap.second} that are in {overlap.first}: {shares}"
        console.print(line, markup=False, soft_wrap=True)
    for name, lines in _details(report):
        for line in lines[:_FIRST]:
            console.print(f"{name}: {line}", markup=False, highlight=False, soft_wrap=True)
        if len(lines) > _FIRST:
            console.print(f"{name}: {len(lines) - _FIRST} more, see the page (--html) or --format json", soft_wrap=True)


def _details(report: DataReport) -> list[tuple[str, list[str]]]:
    suspects = report.suspects or ()
    return [
        ("few examples", [f"{name} ({number})" for name, number in report.few.items()]),
        ("near-duplicates", [f"{a}: {b} and {c}: {d} ({cosine})" for a, b, c, d, cosine in report.duplicates]),
        ("fault", [str(fault) for fault in report.faults]),
        ("unfinished", [f"{u.document} [{u.start}:{u.end}] {u.words!r}: {u.reason}" for u in report.unfinished or ()]),
        ("suspect", [f"{one.found.document} {one.found.words!r}: {_sides(one)}" for one in suspects]),
    ]  # fmt: skip


def _sides(suspect: Suspect) -> str:
    marked, predicted = suspect.found.first, suspect.found.second
    names = [f"{span.label}:{span.type}" if span.type else span.label for span in (marked, predicted) if span]
    return f"annotated {names[0] if marked else 'nothing'}, predicted {names[-1]} ({suspect.score:.2f})"


def print_counted_tolls(console: Console, found: Sequence[CountedToll]) -> None:
    """Print how many tolls the rules read as annotators counted them, and all others."""
    wrong = [one for one in found if not one.agrees]
    if wrong:
        table = Table("document", "event", "kind", "counted", "read by rules", "toll spans")
        for one in wrong:
            read = describe(one.read) if one.read else "none"
            cells = (one.document, one.event, one.kind, describe(one.counted), read, ", ".join(one.mentions))
            table.add_row(*cells)
        console.print(table)
    share = f" ({1 - len(wrong) / len(found):.3f})" if found else ""
    console.print(f"{len(found) - len(wrong)} of {len(found)} counted tolls are read by the rules as counted{share}")
