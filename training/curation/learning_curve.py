"""A simulated learning curve: how much labelling is saved by choosing articles instead of random ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from annotations.coverage import set_faults
from annotations.document import Document
from annotations.errors import DataError
from annotations.io.json_text import read_json
from annotations.io.writing import write_text
from annotations.schema import load_schema
from annotations.stats import count
from inference.tagger import Tagger
from training.config import TrainConfig
from training.curation.select import select
from training.evaluation.counts import zero_if_undefined
from training.evaluation.scores import score_documents
from training.fit.reading import read_splits
from training.fit.split import check_apart
from training.fit.untracked import fitted_tagger, predicted_spans
from training.provenance import data_digest

RANDOM, SELECTED = "random", "selected"
_ELSEWHERE = "name another folder, or move the file"


@dataclass(frozen=True, slots=True)
class Point:
    """One model of the simulation."""

    strategy: str  # `random` or `selected`
    seed: int  # seed of the run
    documents: int  # number of training documents
    words: int  # number of their words, as the cost of labelling
    digest: str  # SHA-256 of the training documents
    scores: Mapping[str, float]  # partial micro F1 over the core labels, by test set


def simulate(
    config: TrainConfig,
    tests: Mapping[str, Sequence[Document]],
    sizes: Sequence[int],
    seeds: Sequence[int],
    folder: Path,
    report: Callable[[Point], None] = lambda _: None,
) -> list[Point]:
    """Train on growing parts of a config's training data: random documents, and documents chosen by `select`.

    For each seed, both strategies start with the same random documents. Then `random` adds the next ones in the order
    of the seed, and `selected` those that `select` chooses with the current model; the whole pool is a single point.
    Every model starts from the encoder. Points are written to `points.json` at once; a simulation that is started
    again in the same folder continues after them.

    Args:
        config: The config; its training data is the pool, its dev data is for early stopping.
        tests: Documents to score, by name.
        sizes: Numbers of documents, in rising order.
        seeds: Seeds, one curve per seed.
        folder: Folder of `points.json`.
        report: Called with each point.

    Returns:
        The points asked for.

    Raises:
        DataError: Sizes do not rise or exceed the pool, a test document is also in the pool or the dev data, or the
            folder has points of another config or other data.
        EncoderError: The encoder cannot be loaded, or does not fit the config.
    """
    schema = load_schema(config.label_schema)
    splits = read_splits(config, schema)
    pool, dev = splits["train"], splits["dev"]
    if list(sizes) != sorted(set(sizes)) or not sizes or sizes[0] < 1 or sizes[-1] > len(pool):
        problem = f"sizes {list(sizes)} do not rise from 1 to at most {len(pool)}"
        raise DataError.of(problem, f"choose rising sizes up to {len(pool)}, such as {len(pool) // 4 or 1}")
    DataError.check(set_faults((document for found in tests.values() for document in found), schema))
    check_apart({"train": pool, "dev": dev, **{f"test {name}": found for name, found in tests.items()}})
    done = _Done(folder / "points.json", _origin(config, pool, dev, tests), report)
    for seed in seeds:
        order = [pool[i] for i in np.random.default_rng(seed).permutation(len(pool))]
        run = _Run(config.model_copy(update={"seed": seed}), dev, tests)
        chosen = order[: sizes[0]]
        done.point(RANDOM, seed, chosen, run)
        for size in sizes[1:]:
            if size < len(pool):
                chosen = [*chosen, *done.choice(seed, size - len(chosen), chosen, pool, run)]
                done.point(SELECTED, seed, chosen, run)
        for size in sizes[1:]:
            done.point(RANDOM, seed, order[:size], run)
    return done.asked


def _origin(
    config: TrainConfig, pool: Sequence[Document], dev: Sequence[Document], tests: Mapping[str, Sequence[Document]]
) -> dict[str, Any]:
    """Return the inputs of all points besides seed and size."""
    settings = config.model_dump(mode="json", include={"encoder", "label_schema", "fit"})
    windows = {"window": config.data.window, "overlap": config.data.overlap}
    data = {"pool": data_digest(pool), "dev": data_digest(dev)}
    return {**settings, **windows, **data, "tests": {name: data_digest(found) for name, found in tests.items()}}


class _Run:
    """Trains and scores with one seed; keeps the last tagger, which the next choice needs."""

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
            found[name] = zero_if_undefined(scores["partial"].core.f1)
        return found


class _Done:
    """Points and choices so far, stored on disk."""

    def __init__(self, path: Path, origin: Mapping[str, Any], report: Callable[[Point], None]) -> None:
        self.path, self.origin, self.report = path, origin, report
        self.asked: list[Point] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        new: dict[str, Any] = {"origin": origin, "points": [], "choices": {}}
        kept = read_json(path) if path.is_file() else new
        try:
            self._points = [Point(**point) for point in kept["points"]]
            self._choices: dict[str, list[str]] = dict(kept["choices"])
            before = dict(kept["origin"])
        except (KeyError, TypeError, ValueError) as error:
            raise DataError.of(f"has no points: {error!r:.100}", _ELSEWHERE, file=str(path)) from None
        if before != origin:
            others = ", ".join(key for key in origin if before.get(key) != origin[key])
            raise DataError.of(f"has points of another {others}", _ELSEWHERE, file=str(path))

    def point(self, strategy: str, seed: int, train: Sequence[Document], run: _Run) -> None:
        digest = data_digest(train)
        point = next((p for p in self._points if (p.strategy, p.seed, p.digest) == (strategy, seed, digest)), None)
        if point is None:
            point = Point(strategy, seed, len(train), count(train).words, digest, run.scores(train))
            self._points.append(point)
            self._write()
            self.report(point)
        self.asked.append(point)

    def choice(
        self, seed: int, number: int, chosen: Sequence[Document], pool: Sequence[Document], run: _Run
    ) -> list[Document]:
        key = f"{seed}/{data_digest(chosen)}/{number}"
        if key not in self._choices:
            picked = select(run.tagger(chosen), pool, number, chosen)
            self._choices[key] = [selection.document.id for selection in picked]
            self._write()
        by_id = {document.id: document for document in pool}
        return [by_id[name] for name in self._choices[key]]

    def _write(self) -> None:
        kept = {"origin": self.origin, "points": [asdict(point) for point in self._points], "choices": self._choices}
        write_text(self.path, json.dumps(kept, indent=1) + "\n")
