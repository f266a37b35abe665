"""The measured part of docs/scale.md."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.scale.cost import MACHINES, USED, cost

PAGE = Path(__file__).parents[3] / "docs" / "scale.md"
HEADING = "# Measured"
_MANY = 10_000_000
_LENGTHS = (40, 400)  # words of an article


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured.

    Args:
        articles: Articles of the run.
        fresh: Articles that were predicted after the last start.
        words: Mean words of an article.
        workers: Processes with the model.
        seconds: From the start of Ray to the last file.
        first: Seconds to the first file.
        alone: Articles a second of one plain process.
        beside: Articles a second of as many plain processes as workers.
        memory: Seconds and MB, of all processes together.
        killed: Workers that were killed.
        differing: Rows that are not those of the model alone.
        forward: Share of the time that the network takes.
        operations: Operations of the network for a word.
    """

    articles: int
    fresh: int
    words: float
    workers: int
    seconds: float
    first: float
    alone: float
    beside: float
    memory: list[tuple[float, float]]
    killed: int
    differing: int
    forward: float
    operations: float


def page(found: Found) -> str:
    """Return the part of the page."""
    speed = found.fresh / found.seconds
    lines = [
        HEADING,
        "",
        f"Written by `python -m tests.benchmarks.scale --articles {found.articles}{' --kill' * found.killed} --write`; "
        f"{platform.system()} on {platform.machine()}, Python {platform.python_version()}, {found.workers} workers, "
        f"articles of {found.words:.0f} words.",
        "",
        "| | articles a second | words a second |",
        "|---|---:|---:|",
        _row("one plain process", found.alone, found.words),
        _row(f"one plain process, times {found.workers}", found.alone * found.workers, found.words),
        _row(f"{found.workers} plain processes beside each other", found.beside, found.words),
        _row(f"Ray, {found.fresh:,} articles, its start included", speed, found.words),
        "",
        f"Ray has {speed / (found.alone * found.workers):.0%} of one plain process times {found.workers}, and "
        f"{speed / found.beside:.0%} of {found.workers} beside each other. The first file came after {found.first:.0f} "
        f"of {found.seconds:.0f} seconds. Plain processes predict with one thread each, and neither read nor write.",
        "",
        _killed(found),
        "",
        *_memory(found.memory),
        "",
        *_costs(found),
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, speed: float, words: float) -> str:
    return f"| {name} | {speed:,.1f} | {speed * words:,.0f} |"


def _killed(found: Found) -> str:
    killed = "One worker was killed in the middle" if found.killed else "No worker was killed"
    return (
        f"{killed}. Of {found.articles:,} rows, {found.differing} differ from what the model gives in one process (id, "
        "text, columns and the whole prediction)."
    )


def _memory(memory: list[tuple[float, float]]) -> list[str]:
    """Return a table of the memory in tenths of the run."""
    if not memory:
        return []
    end = memory[-1][0]
    lines = ["Memory of all processes together, Ray's own included, by tenths of the run:", ""]
    lines += ["| part of the run | most MB |", "|---|---:|"]
    for tenth in range(10):
        held = [size for at, size in memory if tenth * end / 10 < at <= (tenth + 1) * end / 10]
        if held:
            lines.append(f"| {tenth * 10}–{tenth * 10 + 10} % | {max(held):,.0f} |")
    return lines


def _costs(found: Found) -> list[str]:
    speed = found.alone * found.words
    lines = [
        f"**On paper: {_MANY // 1_000_000} million articles.** From {speed:,.0f} words a second on one core, of which "
        f"the network takes {found.forward:.0%} of the time, with {found.operations / 1e6:.0f} million operations a "
        "word. Prices are assumed list prices of November 2026 on demand; put in your own in "
        f"`tests/benchmarks/scale/cost.py`. The GPU was not measured: it is assumed to reach {USED:.0%} of its stated "
        "speed, while the cores of its machine do the rest of the work; the slower of the two decides.",
        "",
        "| machine | dollars an hour | words of an article | hours on one | dollars |",
        "|---|---:|---:|---:|---:|",
    ]
    for machine in MACHINES:
        for words in _LENGTHS:
            one = cost(machine, _MANY * words, speed, found.forward, found.operations)
            lines.append(f"| {machine.name} | {machine.price:.2f} | {words} | {one.hours:,.1f} | {one.dollars:,.0f} |")
    lines += [
        "",
        f"Hours on CPUs are {_MANY:,} × words ÷ (words a second on one core × cores) ÷ 3600; n machines take an n-th "
        "of the hours for the same dollars. With a GPU: the larger of the rest on the cores, words × (1 − share of the "
        "network) ÷ (speed × cores), and of words × operations ÷ (stated speed × share reached).",
    ]
    return lines
