"""Plots of data: selection, labels and lengths; and the data report as a page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from annotations.schema import Schema
from training.curation.data_report import DataReport, Part
from training.curation.learning_curve import RANDOM, SELECTED, Point
from training.reports.render import render
from training.reports.run_plots import BLUE, GREY, RED, svg


def selection_curve(points: Sequence[Point]) -> Figure:
    """Draw F1 by words labelled, for documents chosen at random and by the model, one panel per test set.

    Lines are means over seeds, bands one standard deviation on each side, dots single models.
    """
    names = list(points[0].scores)
    figure = Figure(figsize=(5.2 * len(names), 4), layout="constrained")
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        for strategy, color in ((RANDOM, GREY), (SELECTED, RED)):
            rows = _means([p for p in points if p.strategy == strategy or _shared(p, points)], name)
            words, means, spreads = (np.array(column) for column in zip(*rows, strict=True))
            axes.plot(words, means, color=color, marker="o", markersize=4, label=strategy)
            axes.fill_between(words, means - spreads, means + spreads, color=color, alpha=0.15, linewidth=0)
            own = [p for p in points if p.strategy == strategy]
            axes.scatter([p.words for p in own], [p.scores[name] for p in own], s=8, color=color, alpha=0.6)
        axes.set_title(name, fontsize=10, loc="left")
        axes.set(xlabel="words labelled", ylabel="F1, partial, core labels")
        axes.grid(alpha=0.3)
        axes.legend(loc="lower right", frameon=False, title="documents chosen")
    return figure


def _shared(point: Point, points: Sequence[Point]) -> bool:
    """Whether a random point belongs to both curves: the first of a seed, and the one of the whole pool."""
    chosen = {(other.seed, other.documents) for other in points if other.strategy == SELECTED}
    return point.strategy == RANDOM and (point.seed, point.documents) not in chosen


def _means(points: Sequence[Point], name: str) -> list[tuple[float, float, float]]:
    """Return mean words, mean score and standard deviation of the score by number of documents, in rising order."""
    rows = []
    for size in sorted({point.documents for point in points}):
        own = [point for point in points if point.documents == size]
        scores = [point.scores[name] for point in own]
        spread = float(np.std(scores, ddof=1)) if len(scores) > 1 else 0.0
        rows.append((float(np.mean([point.words for point in own])), float(np.mean(scores)), spread))
    return rows


def label_counts(parts: Sequence[Part], labels: Sequence[str]) -> Figure:
    """Draw the number of spans of each label, from the top down, one bar per part."""
    figure = Figure(figsize=(8, 0.5 * len(labels) + 1), layout="constrained")
    axes = figure.subplots()
    height = 0.8 / len(parts)
    for number, (part, color) in enumerate(zip(parts, _colors(len(parts)), strict=True)):
        rows = [index - 0.4 + height * (number + 0.5) for index in range(len(labels))]
        axes.barh(
            rows, [part.stats.label[label] for label in labels], height=0.9 * height, color=color, label=part.name
        )
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.set_xlabel("spans")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(frameon=False, fontsize=9)
    return figure


def lengths(parts: Sequence[Part]) -> Figure:
    """Draw the distribution of words and spans per document, one line per part, as shares."""
    figure = Figure(figsize=(8, 3), layout="constrained")
    panels = zip(figure.subplots(1, 2), (("words", "word_counts"), ("spans", "span_counts")), strict=True)
    for axes, (name, key) in panels:
        most = max((max(getattr(part, key), default=0) for part in parts), default=0)
        bins = np.linspace(0, max(most, 1), 25)
        for part, color in zip(parts, _colors(len(parts)), strict=True):
            values = getattr(part, key)
            weights = np.full(len(values), 1 / max(len(values), 1))
            axes.hist(values, bins=bins, weights=weights, histtype="step", color=color, linewidth=1.6, label=part.name)
        axes.set(xlabel=f"{name} per document", ylabel="share of documents")
        axes.grid(alpha=0.3)
    axes.legend(frameon=False, fontsize=9)
    return figure


def _colors(count: int) -> list[str]:
    return [(BLUE, RED, GREY)[number % 3] for number in range(count)]


def data_page(report: DataReport, schema: Schema) -> str:
    """Return a self-contained HTML page: summary first, then counts with plots, then each list; all text is escaped."""
    labels = list(schema.labels)
    classes = [
        name
        for label, definition in schema.labels.items()
        for name in (label, *(f"{label}:{kind}" for kind in definition.types))
    ]
    plots = [Markup(svg(figure)) for figure in (label_counts(report.parts, labels), lengths(report.parts))]  # noqa: S704
    title = "Data report: " + ", ".join(part.name for part in report.parts)
    return render(
        "data_report.html",
        title=title,
        report=report,
        summary=report.summary(),
        labels=labels,
        classes=classes,
        plots=plots,
    )
