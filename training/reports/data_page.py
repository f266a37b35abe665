"""The data report as a page."""

from __future__ import annotations

from markupsafe import Markup

from annotations.schema import Schema
from training.curation.data_report import DataReport
from training.reports.data_plots import label_counts, lengths
from training.reports.drawing import svg
from training.reports.render import render


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
