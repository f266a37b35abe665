"""Predictions: of one text, of a list of texts, and by the command line."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from inference import load
from tests.benchmarks.case import Case, Work
from tests.benchmarks.texts import report

_SENTENCE = 85  # characters of a sentence of a report
_SHORT = 3  # sentences of a short text


def _make_text(kilobytes: int, folder: Path) -> None:
    size = 1000 * kilobytes
    (folder / "text.txt").write_text(report(size // _SENTENCE + 10).text[:size], encoding="utf-8")


def _predict_text(folder: Path, model: str) -> Work:
    text = (folder / "text.txt").read_text(encoding="utf-8")
    loaded = load(model)
    return lambda: loaded.predict(text)


def _make_texts(count: int, folder: Path) -> None:
    with (folder / "texts.jsonl").open("w", encoding="utf-8") as stream:
        for number in range(count):
            stream.write(json.dumps({"id": f"t{number}", "text": report(_SHORT, number).text}) + "\n")


def _predict_texts(folder: Path, model: str) -> Work:
    lines = (folder / "texts.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    loaded = load(model)
    return lambda: loaded.predict(texts)


def _run_command(file: str, folder: Path, model: str) -> Work:
    from training.cli.app import app

    words = ["predict", str(folder / file), "--model", model, "--format", "jsonl"]
    return lambda: app(words, standalone_mode=False)


CASES = {
    "predict-text": Case(
        "`predict` on one text", "KB", (1, 10, 100, 1000, 5000), make=_make_text, prepare=_predict_text
    ),
    "predict-list": Case(
        "`predict` on a list of short texts; the list of predictions is held",
        "texts",
        (100, 1000, 10_000),
        make=_make_texts,
        prepare=_predict_texts,
    ),
    "command-text": Case(
        "`conflict-events predict text.txt --format jsonl`, loading included",
        "KB",
        (10, 100, 1000),
        make=_make_text,
        prepare=partial(_run_command, "text.txt"),
    ),
    "command-lines": Case(
        "`conflict-events predict texts.jsonl --format jsonl`, loading included",
        "texts",
        (100, 1000, 10_000),
        make=_make_texts,
        prepare=partial(_run_command, "texts.jsonl"),
    ),
}
