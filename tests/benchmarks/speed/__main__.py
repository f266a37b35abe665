"""`python -m tests.benchmarks.speed --quick --write`: measure speed, and write tables and plots to the docs."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from annotations import read_documents
from inference import Model
from inference.contents import read_json
from inference.loading import RELEASED
from tests.benchmarks.page import PAGE, put_part
from tests.benchmarks.speed import contenders as who
from tests.benchmarks.speed import report
from tests.benchmarks.speed.clock import latencies, take_turns
from tests.benchmarks.speed.cold import cold_start
from tests.benchmarks.speed.limit import measure_limit

_FULL = {"articles": 300, "repeats": 5, "epochs": 30, "words": (100, 1000, 10_000, 100_000), "counts": (10, 100, 1000)}
_QUICK = {"articles": 30, "repeats": 2, "epochs": 4, "words": (100, 1000, 5000), "counts": (10, 50)}


def main(words: list[str] | None = None) -> None:
    """Measure everything, print the part of the page, and write it if that is wanted."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.speed", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer articles and repeats: some minutes")
    parser.add_argument("--write", action="store_true", help=f"write tables and plots to docs/{PAGE.name}")
    chosen = parser.parse_args(words)
    sizes: dict[str, Any] = _QUICK if chosen.quick else _FULL
    documents = read_documents("corpus/train")
    texts = [document.text for document in documents[: sizes["articles"]]]
    with tempfile.TemporaryDirectory(prefix="speed-") as name:
        found = _measured(sizes, texts, Path(name))
    part = report.page(found, _machine(), len(texts), quick=chosen.quick)
    print(part)
    if chosen.write:
        report.plots(found, PAGE.parent)
        put_part(PAGE, part)


def _measured(sizes: dict[str, Any], texts: Sequence[str], folder: Path) -> report.Found:
    schema = Model(RELEASED, threads=1).schema
    _say("weights")
    model = who.torch_model(schema)
    exact = who.exact_folder(model, folder / "exact")
    _say("spaCy")
    language = who.spacy_ner(read_documents("corpus/train"), sizes["epochs"])
    _say("F1")
    test = read_documents("corpus/test")
    f1 = {
        who.OURS: who.strict_f1(test, [p.spans for p in Model(RELEASED).predict([d.text for d in test])], schema),
        who.EXACT: who.strict_f1(test, [p.spans for p in Model(exact).predict([d.text for d in test])], schema),
        who.SPACY: who.strict_f1(test, who.spacy_spans(language, [d.text for d in test]), schema),
    }
    timings = {threads: _throughput(threads, model, exact, language, texts, sizes["repeats"]) for threads in _threads()}
    _say("latency, length and number")
    one = Model(RELEASED)
    return report.Found(
        f1=f1,
        words=sum(len(text.split()) for text in texts),
        timings=timings,
        latency={count: latencies(Model(RELEASED, threads=count).predict, texts) for count in _threads()},
        lengths=_scaled(one, {words: [_long(texts, words)] for words in sizes["words"]}, sizes["repeats"]),
        counts=_scaled(one, {count: list(islice(cycle(texts), count)) for count in sizes["counts"]}, sizes["repeats"]),
        cold=cold_start(texts[0], sizes["repeats"]),
        limit=measure_limit(RELEASED, read_json(RELEASED / "config.json"), 3 * sizes["repeats"]),
    )


def _throughput(
    threads: int, model: Any, exact: Path, language: Any, texts: Sequence[str], repeats: int
) -> dict[str, Any]:
    """Time all contenders on so many threads."""
    import torch

    _say(f"throughput on {threads} threads")
    torch.set_num_threads(threads)

    def clock(run: who.Run, sample: Sequence[str]) -> float:
        return take_turns({"run": lambda: run(sample)}, 1)["run"].wall

    piped, _ = who.pipeline(model, texts[:8], clock)
    runs = {
        who.OURS: who.ours(RELEASED, threads),
        who.EXACT: who.ours(exact, threads),
        who.PIPELINE: piped,
    }
    if threads == 1:  # it has no threads
        runs[who.SPACY] = lambda given: list(language.pipe(given))
    return take_turns({name: partial(run, texts) for name, run in runs.items()}, repeats)


def _threads() -> list[int]:
    return sorted({1, os.cpu_count() or 1})


def _scaled(model: Model, inputs: dict[int, list[str]], repeats: int) -> dict[int, float]:
    """Return the seconds on the clock for each input."""
    works = {str(size): partial(model.predict, texts) for size, texts in inputs.items()}
    return {int(name): timing.wall for name, timing in take_turns(works, repeats).items()}


def _long(texts: Sequence[str], words: int) -> str:
    """Return one text of so many words."""
    all_words = (word for text in cycle(texts) for word in [*text.split(" "), "\n\n"])
    return " ".join(islice(all_words, words))


def _machine() -> str:
    return (
        f"{platform.system()} on {platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    )


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
