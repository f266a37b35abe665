"""Plots of the reports: small, with text as text, in the colours of the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter, ScalarFormatter

from training.evaluation.calibration import BINS, Calibration
from training.evaluation.counts import zero_if_undefined
from training.evaluation.estimates import Difference, Estimate
from training.reports import run_plots

# Colours of a drawing are replaced by variables of the page, so that plots are legible in dark mode.
_A, _B, _GREY = run_plots.BLUE, run_plots.RED, run_plots.GREY
_INK, _C, _D = "#010203", "#3a7d44", "#7b5ea7"
_PAGE = {
    _INK: "currentColor",
    _A: "var(--a)",
    _B: "var(--b)",
    _C: "var(--c3)",
    _D: "var(--c4)",
    _GREY: "var(--dim)",
    "#b0b0b0": "var(--line)",
}
_VERSIONS = ((_A, "o"), (_B, "s"), (_C, "^"), (_D, "D"), (_GREY, "v"))
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a name may contain a dollar sign
    "font.size": 9,
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), _INK),
    **dict.fromkeys(("figure.facecolor", "axes.facecolor"), "none"),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "grid.color": "#b0b0b0",
    "legend.frameon": False,
}
_WIDTH = 5.4  # inches: two plots side by side on a page
_MANY = 1000  # dots; more are rasterised to keep the page small
_LONGEST = 34  # characters of a tick label


def drawn(label: str, draw: Callable[..., Figure], *values: Any) -> Markup:
    """Draw a figure as SVG that inherits text, colours and font from the page; the label is for screen readers."""
    with mpl.rc_context(_STYLE):
        content = run_plots.svg(draw(*values))
    content = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|font-family: [^;]+; ?", "", content, flags=re.S)
    content = re.sub(r' id="[A-Za-z]\w*\.?\w*_\d+"| xmlns:xlink="[^"]*"| transform="rotate\(-0 [^"]*"', "", content)
    content = re.sub(r"\s*\n\s*", " ", content).replace("xlink:href", "href")
    for color, name in _PAGE.items():
        content = content.replace(color, name)
    return Markup(content.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1))  # noqa: S704


def label_intervals(partial: Mapping[str, Estimate], strict: Mapping[str, Estimate]) -> Figure:
    """Draw F1 of each label, partial match, with its interval; a mark on each bar shows strict match."""
    figure = Figure(figsize=(_WIDTH, 0.3 * len(partial) + 0.9), layout="constrained")
    axes = figure.subplots()
    rows = range(len(partial))
    axes.barh(
        rows,
        [zero_if_undefined(one.value) for one in partial.values()],
        height=0.62,
        color=_A,
        alpha=0.55,
        label="partial",
    )
    for row, one in zip(rows, partial.values(), strict=True):
        if one.bounds:
            axes.plot(one.bounds, [row, row], color=_INK, linewidth=1.4, marker="|", markersize=5)
    marks = [zero_if_undefined(one.value) for one in strict.values()]
    axes.plot(marks, rows, "|", color=_B, markersize=13, markeredgewidth=2.5, label="strict")
    axes.plot([], [], color=_INK, linewidth=1.4, label="95 % interval")
    axes.set_yticks(rows, [f"{_short(name)} ({one.score.gold if one.score else 0})" for name, one in partial.items()])
    axes.invert_yaxis()
    axes.set(xlim=(0, 1), xlabel="F1", axisbelow=True)
    axes.grid(axis="x")
    figure.legend(loc="outside upper left", ncols=3)
    return figure


def reliability(versions: Mapping[str, Calibration], what: str = "spans") -> Figure:
    """Draw the share of right spans, or events, by mean score, and below it their number, for each version."""
    figure = Figure(figsize=(_WIDTH, 4), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], color=_GREY, linestyle="--", linewidth=1, label="perfect calibration")
    width = 0.8 / BINS / len(versions)
    for number, ((name, one), (color, marker)) in enumerate(zip(versions.items(), _cycled(len(versions)), strict=True)):
        table = one.reliability()
        upper.plot([row["score"] for row in table], [row["right"] for row in table], color=color, marker=marker,
                   markersize=5, label=name)  # fmt: skip
        left = [np.floor(min(row["score"], 1 - 1e-9) * BINS) / BINS + 0.1 / BINS + number * width for row in table]
        bars = lower.bar(left, [row["spans"] for row in table], width=width, align="edge", color=color, alpha=0.7)
        if len(versions) == 1:
            lower.bar_label(bars, fontsize=7)
    lower.set(xlabel="score", ylabel=what)
    lower.margins(y=0.25)
    lower.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    upper.set(xlim=(0, 1), ylim=(0, 1.02), ylabel="share right")
    upper.grid()
    upper.legend(loc="upper left")
    return figure


def thresholds(calibration: Calibration) -> Figure:
    """Draw precision, recall and F1 (strict match) without the spans below a score."""
    figure = Figure(figsize=(_WIDTH, 3.2), layout="constrained")
    axes = figure.subplots()
    table = calibration.thresholds()
    lines = (("precision", _A, "--"), ("recall", _B, "-."), ("f1", _INK, "-"))
    for key, color, style in lines:
        name = "F1" if key == "f1" else key
        axes.plot([r["threshold"] for r in table], [r[key] for r in table], style, color=color, label=name)
    axes.set(xlim=(0, 0.95), ylim=(0, 1.02), xlabel="threshold on the score")
    axes.grid()
    axes.legend(loc="lower left")
    return figure


def by_length(words: Sequence[int], scores: Sequence[float]) -> Figure:
    """Draw F1 of each document against its length in words; NaN is not drawn."""
    figure = Figure(figsize=(_WIDTH, 3.2), layout="constrained")
    axes = figure.subplots()
    axes.plot([max(1, number) for number in words], scores, "o", color=_A, alpha=0.55, markersize=5, markeredgewidth=0,
              rasterized=len(words) > _MANY)  # fmt: skip
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set(ylim=(-0.03, 1.03), xlabel="words", ylabel="F1, core labels, partial match")
    axes.grid()
    return figure


def learning_curve(history: Sequence[Mapping[str, float]]) -> Figure:
    """Draw the learning curve of one run, in the size of the other plots."""
    figure = run_plots.learning_curve(history)
    figure.set_size_inches(_WIDTH, 3.2)
    return figure


def learning_curves(histories: Mapping[str, Sequence[Mapping[str, float]]]) -> Figure:
    """Draw training loss and development F1 of several runs by epoch."""
    figure = Figure(figsize=(_WIDTH, 2.8), layout="constrained")
    panels = (("loss", "training loss"), ("dev_partial_f1", "dev F1, partial match"))
    for axes, (key, title) in zip(figure.subplots(1, 2), panels, strict=True):
        for (name, rows), (color, marker) in zip(histories.items(), _cycled(len(histories)), strict=True):
            axes.plot([row["epoch"] for row in rows], [row[key] for row in rows], color=color, marker=marker,
                      markersize=5, label=name)  # fmt: skip
        axes.set(title=title, xlabel="epoch", ylim=(0, 1 if key != "loss" else None))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid()
    axes.legend(loc="lower right")
    return figure


def forest(found: Sequence[Difference]) -> Figure:
    """Draw differences with their intervals around 0, from the top down; undefined ones are left out."""
    kept = [one for one in found if not np.isnan(one.value)]
    figure = Figure(figsize=(_WIDTH, 0.22 * len(kept) + 0.9), layout="constrained")
    axes = figure.subplots()
    axes.axvline(0, color=_INK, linewidth=1)
    styles = {"better": (_C, "^"), "worse": (_B, "v"), "no evidence": (_GREY, "o")}
    for row, one in enumerate(kept):
        color, marker = styles[one.verdict]
        if one.bounds:
            axes.plot(one.bounds, [row, row], color=color, linewidth=2)
        axes.plot([one.value], [row], marker=marker, color=color, markersize=6)
    for verdict, (color, marker) in styles.items():
        axes.plot([], [], marker=marker, color=color, linewidth=2, label=verdict)
    axes.set_yticks(range(len(kept)), [f"{_short(one.name.removeprefix('partial_'))} ({one.gold})" for one in kept])
    axes.set_ylim(len(kept) - 0.4, -0.6)
    reach = max((abs(end) for one in kept for end in (*(one.bounds or ()), one.value)), default=0)
    axes.set_xlim(-1.08 * reach - 0.01, 1.08 * reach + 0.01)
    axes.set_xlabel("difference of F1; right of 0: better than the baseline")
    axes.grid(axis="x")
    figure.legend(loc="outside upper left", ncols=3)
    return figure


def _cycled(count: int) -> list[tuple[str, str]]:
    return [_VERSIONS[number % len(_VERSIONS)] for number in range(count)]


def _short(name: str) -> str:
    plain = " ".join(name.split())
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"
