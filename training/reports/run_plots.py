"""Plots of a run, the learning curve and the scores by label; colours of all plots, and figures as SVG."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from training.evaluation.scores import Scores

mpl.use("Agg")

BLUE, RED, GREY = "#2e5e8c", "#c1553b", "#8a8f94"


def svg(figure: Figure) -> str:
    """Return a figure as an SVG element for a page; deterministic."""
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "conflict-events"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    content = buffer.getvalue()
    return content[content.index("<svg") :]


def learning_curve(history: Sequence[Mapping[str, float]]) -> Figure:
    """Draw training loss and development F1 by epoch, of the rows of a history."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    left = figure.subplots()
    epochs = [row["epoch"] for row in history]
    left.plot(epochs, [row["loss"] for row in history], color=GREY, marker="o", label="training loss")
    left.set(xlabel="epoch", ylabel="training loss")
    left.set_ylim(bottom=0)
    left.xaxis.set_major_locator(MaxNLocator(integer=True))
    right = left.twinx()
    for key, color, name in (("dev_partial_f1", RED, "dev F1, partial"), ("dev_strict_f1", BLUE, "dev F1, strict")):
        right.plot(epochs, [row[key] for row in history], color=color, marker="o", label=name)
    right.set(ylim=(0, 1), ylabel="F1")
    lines = [*left.get_lines(), *right.get_lines()]
    left.legend(lines, [str(line.get_label()) for line in lines], loc="upper center", ncols=3, frameon=False,
                bbox_to_anchor=(0.5, 1.13))  # fmt: skip
    return figure


def label_bars(scores: Mapping[str, Scores], title: str) -> Figure:
    """Draw precision and recall of each label, partial match; a line on each bar shows strict match."""
    labels = list(scores["partial"].labels)
    figure = Figure(figsize=(8, 0.55 * len(labels) + 1.6), layout="constrained")
    axes = figure.subplots()
    for offset, color, measure in ((-0.2, BLUE, "precision"), (0.2, RED, "recall")):
        rows = [index + offset for index in range(len(labels))]
        values = [getattr(scores["partial"].labels[label], measure) for label in labels]
        strict = [getattr(scores["strict"].labels[label], measure) for label in labels]
        axes.barh(rows, values, height=0.36, color=color, label=f"{measure}, partial match")
        axes.vlines(strict, [row - 0.18 for row in rows], [row + 0.18 for row in rows], color="black", linewidth=1.6)
    axes.plot([], [], color="black", label="strict match")
    axes.set_yticks(range(len(labels)), [f"{name} ({scores['partial'].labels[name].gold})" for name in labels])
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_title(f"{title}: labels with number of gold spans", fontsize=10, loc="left")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.07 - 0.35 / len(labels)), ncols=3, frameon=False, fontsize=9
    )
    return figure
