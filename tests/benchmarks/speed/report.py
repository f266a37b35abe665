"""Tables and plots of what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.speed.clock import Timing
from tests.benchmarks.speed.contenders import EXACT, OURS, PIPELINE, SPACY
from tests.benchmarks.speed.limit import Limit

TITLE = "# Speed"


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured.

    Args:
        f1: Strict F1 on core labels of corpus/test, by contender.
        words: Words of the articles.
        timings: By number of threads and contender.
        latency: By number of threads: milliseconds at 50, 95 and 99 %.
        lengths: Seconds of one text, by its words.
        counts: Seconds of a list, by its articles.
        cold: As `cold.cold_start` returns it.
        limit: The limit of the machine.
    """

    f1: Mapping[str, float]
    words: int
    timings: Mapping[int, Mapping[str, Timing]]
    latency: Mapping[int, tuple[float, float, float]]
    lengths: Mapping[int, float]
    counts: Mapping[int, float]
    cold: Mapping[str, float]
    limit: Limit


def page(found: Found, machine: str, articles: int, *, quick: bool) -> str:
    """Return the part of the page in Markdown."""
    kind = " --quick" if quick else ""
    short = "\n  It was trained for a few epochs only: its F1 here is not what it can reach." if quick else ""
    return f"""{TITLE}

Written by `python -m tests.benchmarks.speed{kind} --write` with the released model; {machine}.
{articles} invented articles of corpus/train, {found.words / articles:.0f} words each. All take turns in one process;
medians are shown. Seconds on the clock depend on what else the machine does; processor time hardly does, so that its
ratios are the better ones to compare.

- `{OURS}` does all of it: spans, events, tolls, dates. `{EXACT}` is the same with a plain export of the same weights.
- `{PIPELINE}` is transformers' token-classification pipeline on the same weights in torch, articles sorted by
  length, at its best batch size; it gives spans only.
- `{SPACY}` is spaCy's default recogniser, trained on the spans of corpus/train; it gives spans only.{short}

{_throughput(found, articles)}
{_latency(found)}
{_sizes(found)}
{_cold(found.cold)}
{_limit(found.limit)}
![Articles in a second](speed-throughput.png) ![Time against length](speed-length.png)
"""


def _throughput(found: Found, articles: int) -> str:
    lines = [
        "| threads | program | articles/s | words/s | processor ms an article | times as long as ours | strict F1 |",
        "|---:|---|---:|---:|---:|---:|---:|",
    ]
    for threads, timings in found.timings.items():
        for name, one in timings.items():
            f1 = f"{100 * found.f1[name]:.1f}" if name in found.f1 else "as 32-bit"
            cells = (
                str(threads),
                name,
                f"{articles / one.wall:.1f}",
                f"{found.words / one.wall:,.0f}",
                f"{1000 * one.processor / articles:.1f}",
                f"{one.processor / timings[OURS].processor:.2f}",
                f1,
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _latency(found: Found) -> str:
    lines = ["| threads | one article: p50 ms | p95 ms | p99 ms |", "|---:|---:|---:|---:|"]
    lines += [
        f"| {threads} | {' | '.join(f'{one:.0f}' for one in found.latency[threads])} |" for threads in found.latency
    ]
    return "\n".join(lines) + "\n"


def _sizes(found: Found) -> str:
    lines = ["| one text of | seconds | words/s |", "|---:|---:|---:|"]
    lines += [f"| {size:,} words | {one:.2f} | {size / one:,.0f} |" for size, one in found.lengths.items()]
    lines += ["", "| a list of | seconds | articles/s |", "|---:|---:|---:|"]
    lines += [f"| {size:,} articles | {one:.2f} | {size / one:.1f} |" for size, one in found.counts.items()]
    return "\n".join(lines) + "\n"


def _cold(cold: Mapping[str, float]) -> str:
    return (
        f"A cold start takes {cold['import']:.2f} s for `import inference`, {cold['first']:.2f} s up to the first "
        f"prediction ({cold['process']:.2f} s with the\nstart of Python), and {cold['peak']:.0f} MB at most.\n"
    )


def _limit(limit: Limit) -> str:
    ms = [1000 * seconds for seconds in (limit.least, limit.taken)]
    return (
        f"The limit: on one thread, onnxruntime does at most {limit.peak8:.0f} billion 8-bit and {limit.peak32:.0f} "
        "billion 32-bit operations a second here\n(products of 2048 x 384 x 1536). At these peaks its products alone "
        f"would take {ms[0]:.0f} ms on a batch of 8 x 256 sub-words;\nthe model takes {ms[1]:.0f} ms: "
        f"{100 * ms[0] / ms[1]:.0f} % of the limit is reached.\n"
    )


def plots(found: Found, folder: Path) -> None:
    """Write the plots as PNG files."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    timings = found.timings[min(found.timings)]
    figure, axes = pyplot.subplots(figsize=(5, 2.2), layout="constrained")
    names = [name for name in (SPACY, OURS, EXACT, PIPELINE) if name in timings]
    axes.barh(names[::-1], [timings[OURS].processor / timings[name].processor for name in names[::-1]])
    axes.set_xlabel("articles per processor second, ours = 1")
    figure.savefig(folder / "speed-throughput.png", dpi=90)
    figure, axes = pyplot.subplots(figsize=(5, 2.2), layout="constrained")
    axes.loglog(list(found.lengths), list(found.lengths.values()), marker="o")
    axes.set_xlabel("words of one text")
    axes.set_ylabel("seconds")
    figure.savefig(folder / "speed-length.png", dpi=90)
    pyplot.close("all")
