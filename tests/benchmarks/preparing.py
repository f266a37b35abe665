"""Preparation of a training run, the first time and again on the same files, and the report on its data."""

from __future__ import annotations

import random
import string
import tempfile
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from annotations import Document, load_schema, read_documents, write_documents
from tests.benchmarks.case import Case, Work
from tests.benchmarks.texts import report

_SENTENCES = 4  # one of each kind: some 50 words
_WORDS = 150  # behind them, drawn at random, so that documents are no near-duplicates
_DEV = 20
_SIZES = (1000, 10_000, 100_000)
_REPORTED = (1000, 2000, 10_000)  # of more than 2,000, not all pairs of documents are compared


def _words() -> list[str]:
    """Return invented words, as different in length as those of a language."""
    chance = random.Random(0)
    return ["".join(chance.choices(string.ascii_lowercase, k=chance.randint(2, 10))) for _ in range(20_000)]


def _document(number: int, words: list[str]) -> Document:
    base = report(_SENTENCES, number)
    chance = random.Random(number)
    ranks = (
        int(len(words) ** chance.random()) for _ in range(_WORDS)
    )  # a few words are used very often, as everywhere
    tail = " ".join(words[rank - 1] for rank in ranks)
    return replace(base, text=f"{base.text}\n\n{tail.capitalize()}.")


def _make(count: int, folder: Path) -> None:
    words = _words()
    write_documents(folder / "dev.jsonl", (_document(count + number, words) for number in range(_DEV)))
    write_documents(folder / "train.jsonl", (_document(number, words) for number in range(count)))


def _work(folder: Path, output: Path) -> Work:
    from training.config import TrainConfig
    from training.fit.prepare import prepare

    files = {name: [str(folder / f"{name}.jsonl")] for name in ("train", "dev")}
    config = TrainConfig(output=str(output), data=files)
    return lambda: prepare(config)


def _first(folder: Path, model: str) -> Work:
    return _work(folder, Path(tempfile.mkdtemp(dir=folder)))  # a folder of its own, as sizes are measured repeatedly


def _prepare(folder: Path) -> None:
    _work(folder, folder / "runs")()


def _again(folder: Path, model: str) -> Work:
    before = get_context("spawn").Process(target=_prepare, args=(folder,))  # its memory is not that of the second run
    before.start()
    before.join()
    return _work(folder, folder / "runs")


def _report(folder: Path, model: str) -> Work:
    from training.config import TrainConfig
    from training.curation.data_report import report as data_report
    from training.fit.starting import load_tokenizer

    parts = {name: read_documents(folder / f"{name}.jsonl") for name in ("train", "dev")}
    config = TrainConfig(data={name: [name] for name in parts})
    tokenizer = load_tokenizer(config.encoder).backend_tokenizer
    return lambda: data_report(parts, load_schema(), tokenizer)


CASES = {
    "prepare-first": Case("Preparation of a run, the first time", "documents", _SIZES, make=_make, prepare=_first),
    "prepare-again": Case(
        "Preparation of a run, again on the same files", "documents", _SIZES, make=_make, prepare=_again
    ),
    "data-report": Case("Report on data", "documents", _REPORTED, make=_make, prepare=_report),
}
