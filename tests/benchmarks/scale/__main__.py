"""`python -m tests.benchmarks.scale --articles 200000 --kill --write`: run many articles on Ray, and measure it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

from inference import Model
from inference.contents import read_json
from inference.engines import Folder, Job, Progress, plan, run
from inference.engines.on_ray import OnRay
from inference.loading import RELEASED
from tests.benchmarks.page import put_part
from tests.benchmarks.scale.bare import bare_speed, forward_share
from tests.benchmarks.scale.memory import watched
from tests.benchmarks.scale.page import PAGE, Found, page
from tests.benchmarks.scale.same import differing, expected
from tests.benchmarks.scale.wire import short_texts, write_wire
from tests.benchmarks.speed.limit import operations

_SAMPLE = 1000  # articles of each plain process, before and after the run


@dataclass
class _Watch:
    """Notes when files are written, and kills a worker in the middle if that is wanted."""

    kill: bool
    began: float = field(default_factory=time.perf_counter)
    first: float = 0.0
    fresh: int = 0
    killed: int = 0
    half: float = 0.0

    def __call__(self, progress: Progress) -> None:
        if not progress.inputs:
            self.half = (progress.done + progress.partitions) / 2
            return
        self.first = self.first or time.perf_counter() - self.began
        self.fresh += progress.inputs
        speed = self.fresh / (time.perf_counter() - self.began)
        say(f"{progress.done} of {progress.partitions} partitions, {speed:.1f} articles a second")
        if self.kill and not self.killed and self.half <= progress.done < progress.partitions:
            say(f"killing worker {progress.process}")
            os.kill(progress.process, signal.SIGKILL)
            self.killed = 1


def main(words: list[str] | None = None) -> None:
    """Run, measure, print the part of the page, and write it if that is wanted."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.scale", description=__doc__)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rows", type=int, help="articles in a partition; by default 2000, or a twentieth of all")
    parser.add_argument("--kill", action="store_true", help="kill a worker in the middle")
    parser.add_argument(
        "--folder", type=Path, help="where a run that stopped goes on; by default in the temporary folder"
    )
    parser.add_argument("--write", action="store_true", help=f"write the part to docs/{PAGE.name}")
    chosen = parser.parse_args(words)
    folder = chosen.folder or Path(tempfile.gettempdir()) / f"conflict-events-scale-{chosen.articles}"
    folder.mkdir(parents=True, exist_ok=True)
    found = measured(folder, chosen.articles, chosen.workers, chosen.rows, kill=chosen.kill)
    part = page(found)
    print(part)
    if chosen.write:
        put_part(PAGE, part)


def measured(folder: Path, articles: int, workers: int, rows: int | None, *, kill: bool) -> Found:
    """Return what a run gives; articles that an earlier run in the folder predicted are not predicted again."""
    texts = short_texts()
    wire = folder / "wire.parquet"
    write_wire(wire, texts, articles)
    used = list(islice(cycle(texts), min(articles, len(texts))))
    sample = min(articles, _SAMPLE)
    say("plain processes")
    before = [bare_speed(texts, count, sample) for count in (1, workers)]
    model, out = Model(RELEASED, threads=1), Folder(folder / "out")
    job = Job([str(wire)], Path.cwd(), rows=rows or max(1, min(2000, articles // 20)))
    record = plan(job, model, out)
    watch = _Watch(kill)
    with watched() as memory:
        run(job, model, out, record, OnRay(workers=workers), watch)
    seconds = time.perf_counter() - watch.began
    say("plain processes again, and all rows compared")
    after = [bare_speed(texts, count, sample) for count in (1, workers)]
    alone, beside = ((one + two) / 2 for one, two in zip(before, after, strict=True))
    return Found(
        articles=articles,
        fresh=watch.fresh,
        words=sum(len(text.split()) for text in used) / len(used),
        workers=workers,
        seconds=seconds,
        first=watch.first,
        alone=alone,
        beside=beside,
        memory=memory,
        killed=watch.killed,
        differing=differing(out.path, expected(used), articles),
        forward=forward_share(texts[:sample]),
        operations=operations_of(model, texts[:sample]),
    )


def operations_of(model: Model, texts: list[str]) -> float:
    """Return the operations of the network for a word, of both kinds together."""
    config = read_json(RELEASED / "config.json")
    lengths = [len(model.tokenizer.encode(text).ids) for text in texts]
    return sum(sum(operations(config, 1, length)) for length in lengths) / sum(len(text.split()) for text in texts)


def say(what: str) -> None:
    """Tell on standard error what is done."""
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
