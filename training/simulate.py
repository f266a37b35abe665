"""A simulated learning curve: what choosing the next articles to label saves over taking them at random."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.files import write_text
from annotations.schema import load_schema
from annotations.words import words
from inference.tagger import Tagger
from training.config import TrainConfig
from training.fitted import fitted_tagger, predicted_spans
from training.prepare import read_splits
from training.scores import score_documents
from training.select import select

RANDOM, SELECTED = "random", "selected"


@dataclass(frozen=True, slots=True)
class Point:
    """One model of the simulation.

    Args:
        strategy: `random` or `selected`.
        seed: Seed of the run.
        documents: How many documents it was trained on.
        words: How many words they have, which is what labelling costs.
        scores: Partial micro F1 over the core labels, by test set.
    """

    strategy: str
    seed: int
    documents: int
    words: int
    scores: Mapping[str, float]


def simulate(
    config: TrainConfig,
    tests: Mapping[str, Sequence[Document]],
    sizes: Sequence[int],
    seeds: Sequence[int],
    folder: Path,
    report: Callable[[Point], None] = lambda _: None,
) -> list[Point]:
    """Train on growing parts of a config's training data, once with documents taken at random, once with chosen ones.

    Each seed begins with the same random documents for both. From there `random` takes the next ones in the order of
    the seed, and `selected` those that `select` chooses with the model trained so far; taking all of the pool is one
    point. Every model starts from the encoder. Points are written to `points.json` as they are made; a simulation that
    is started again in the same folder goes on behind them.

    Args:
        config: The config; its training data is the pool, its dev data decides when to stop.
        tests: Documents to score, by name.
        sizes: Numbers of documents, rising.
        seeds: One whole curve for each.
        folder: Where `points.json` is kept.
        report: Called with each point.

    Returns:
        All points.

    Raises:
        DataError: Sizes do not rise or exceed the pool.
        EncoderError: The encoder cannot be loaded.
    """
    schema = load_schema(config.label_schema)
    splits = read_splits(config, schema)
    pool = splits["train"]
    if list(sizes) != sorted(set(sizes)) or not sizes or sizes[0] < 1 or sizes[-1] > len(pool):
        raise DataError([Fault(f"sizes {list(sizes)} do not rise from 1 to at most {len(pool)}", "mend them")])
    done = _Done(folder / "points.json", report)
    for seed in seeds:
        order = [pool[i] for i in np.random.default_rng(seed).permutation(len(pool))]
        run = _Run(config.model_copy(update={"seed": seed}), splits["dev"], tests)
        chosen = order[: sizes[0]]
        done.point(RANDOM, seed, chosen, run)
        for before, size in pairwise(size for size in sizes if size < len(pool)):
            chosen = done.choice(seed, before, size, chosen, pool, run)
            done.point(SELECTED, seed, chosen, run)
        for size in sizes[1:]:
            done.point(RANDOM, seed, order[:size], run)
    return done.points


class _Run:
    """Trains and scores with one seed; keeps the last tagger, since a choice needs the one that was just scored."""

    def __init__(self, config: TrainConfig, dev: Sequence[Document], tests: Mapping[str, Sequence[Document]]) -> None:
        self.config, self.dev, self.tests = config, dev, tests
        self._last: tuple[tuple[str, ...], Tagger] | None = None

    def tagger(self, train: Sequence[Document]) -> Tagger:
        key = tuple(document.id for document in train)
        if self._last is None or self._last[0] != key:
            self._last = key, fitted_tagger(self.config, train, self.dev)
        return self._last[1]

    def scores(self, train: Sequence[Document]) -> dict[str, float]:
        tagger = self.tagger(train)
        found = {}
        for name, documents in self.tests.items():
            scores = score_documents(documents, predicted_spans(tagger, documents), tagger.schema)
            found[name] = scores["partial"].core.f1
        return found


class _Done:
    """Points and choices made so far, kept on disk."""

    def __init__(self, path: Path, report: Callable[[Point], None]) -> None:
        self.path, self.report = path, report
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"points": [], "choices": {}}
        self.points = [Point(**point) for point in kept["points"]]
        self.choices: dict[str, list[str]] = kept["choices"]

    def point(self, strategy: str, seed: int, train: Sequence[Document], run: _Run) -> None:
        if any((p.strategy, p.seed, p.documents) == (strategy, seed, len(train)) for p in self.points):
            return
        size = sum(len(words(document.text)) for document in train)
        point = Point(strategy, seed, len(train), size, run.scores(train))
        self.points.append(point)
        self._write()
        self.report(point)

    def choice(
        self, seed: int, before: int, size: int, chosen: Sequence[Document], pool: Sequence[Document], run: _Run
    ) -> list[Document]:
        key = f"{seed}/{before}/{size}"
        if key not in self.choices:
            known = {document.id for document in chosen}
            rest = [document for document in pool if document.id not in known]
            picked = select(run.tagger(chosen), rest, size - before, chosen)
            self.choices[key] = [selection.document.id for selection in picked]
            self._write()
        by_id = {document.id: document for document in pool}
        return [*chosen, *(by_id[name] for name in self.choices[key])]

    def _write(self) -> None:
        points = [asdict(point) for point in self.points]
        write_text(self.path, json.dumps({"points": points, "choices": self.choices}, indent=1) + "\n")
