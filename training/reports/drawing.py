"""Colours of all plots, and figures as SVG."""

from __future__ import annotations

import io

import matplotlib as mpl

mpl.use("Agg")
from matplotlib.figure import Figure

BLUE, RED, GREY = "#2e5e8c", "#c1553b", "#8a8f94"


def svg(figure: Figure) -> str:
    """Return a figure as an SVG element for a page; deterministic."""
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "conflict-events"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    content = buffer.getvalue()
    return content[content.index("<svg") :]
