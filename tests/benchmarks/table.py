"""A table of one case in Markdown: each size with its time, memory, and how they grew since the size before."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tests.benchmarks.case import Case
from tests.benchmarks.process import Measurement


def table(case: Case, found: Mapping[int, Measurement]) -> str:
    """Return a heading and a table.

    Args:
        case: What was measured.
        found: Measurements by size, rising.
    """
    lines = [
        f"### {case.title}",
        "",
        f"| {case.unit} | seconds | ratio | exponent | peak MB | above the start |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    before: tuple[int, Measurement] | None = None
    for size, one in found.items():
        growth = ("", "") if before is None else _growth(size, one, *before)
        grown = one.peak - one.start
        cells = (f"{size:,}", f"{one.seconds:.3f}", *growth, f"{one.peak:.0f}", f"{grown:.0f}")
        lines.append(f"| {' | '.join(cells)} |")
        before = size, one
    return "\n".join(lines) + "\n"


def exponent(size: int, seconds: float, size_before: int, seconds_before: float) -> float:
    """Return the power of the size that time grew with from one size to the next: 1 is linear, 2 is quadratic."""
    return math.log(seconds / seconds_before) / math.log(size / size_before)


def _growth(size: int, one: Measurement, size_before: int, before: Measurement) -> tuple[str, str]:
    ratio = one.seconds / before.seconds
    return f"{ratio:.2f}", f"{exponent(size, one.seconds, size_before, before.seconds):.2f}"
