"""`python -m tests.benchmarks predict-text --largest 100`: measure time and memory against length."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.case import Case
from tests.benchmarks.cases import CASES
from tests.benchmarks.page import PAGE, put_part
from tests.benchmarks.process import measure, tiny_model
from tests.benchmarks.table import table


def main(words: list[str] | None = None) -> None:
    """Measure the chosen cases, print a table for each, and write the page if that is wanted."""
    chosen = _options().parse_args(words)
    unknown = [case for case in chosen.cases if case not in CASES]
    if unknown:
        raise SystemExit(f"unknown case {unknown[0]!r}; known are: {', '.join(CASES)}")
    if chosen.write and (chosen.cases or chosen.largest):
        raise SystemExit("--write is for the whole: leave out the names of cases and --largest")
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        folder = Path(name)
        model = chosen.model or tiny_model(folder / "tiny")
        tables = []
        for case in chosen.cases or CASES:
            tables.append(_measured(case, CASES[case], model, folder, chosen))
            print(tables[-1], flush=True)
    if chosen.write:
        put_part(PAGE, _page(tables, chosen.model or "the one-layer encoder of the tests", chosen.repeats))


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"{', '.join(CASES)}; all by default")
    parser.add_argument("--model", metavar="ADDRESS", help="a model folder or address; by default a one-layer model")
    parser.add_argument("--repeats", type=int, default=3, help="how often each size is measured at most")
    parser.add_argument("--largest", type=int, help="leave out larger sizes; the smallest is always measured")
    parser.add_argument("--write", action="store_true", help=f"write the tables to docs/{PAGE.name}")
    return parser


def _measured(name: str, case: Case, model: str, folder: Path, chosen: argparse.Namespace) -> str:
    found = {}
    for size in case.sizes:
        if found and chosen.largest and size > chosen.largest:
            break
        place = folder / f"{name}-{size}"
        print(f"{name}: {size:,} {case.unit}", file=sys.stderr)
        found[size] = measure(name, size, model, place, chosen.repeats)
        shutil.rmtree(place)  # inputs of all sizes would fill a small /tmp
    return table(case, found)


def _page(tables: list[str], model: str, repeats: int) -> str:
    system = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} processors"
    head = f"""# Time and memory against length

Written by `make bench` (`python -m tests.benchmarks --write`) with {model}; {system},
Python {platform.python_version()}.

What counts is growth: an exponent of 1 since the size before is linear, 2 would be quadratic. Each size runs in
processes of its own, on one thread: {repeats} where that is quick, and the medians are shown. Seconds are processor
time. `peak MB` is the most memory that the process held, `above the start` what the measured work added to libraries,
model and input.
"""
    return "\n".join([head, *tables])


if __name__ == "__main__":
    main()
