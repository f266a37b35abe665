"""Event assembly alone, on long texts of the kinds that are hard for it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from annotations import read_documents, write_documents
from inference.events.linking import assemble
from inference.prediction import PredictedSpan
from tests.benchmarks.case import Case, Work, doubling
from tests.benchmarks.texts import HARD, SCHEMA, hard


def _make(kind: str, kilobytes: int, folder: Path) -> None:
    write_documents(folder / "document.jsonl", [hard(kind, 1000 * kilobytes)])


def _assemble(folder: Path, model: str) -> Work:
    (document,) = read_documents(folder / "document.jsonl")
    spans = [
        PredictedSpan(span.id, span.start, span.end, document.mention(span), span.label, span.type, 1.0)
        for span in document.spans
    ]
    return lambda: assemble(document.text, spans, SCHEMA)


CASES = {
    f"events-{kind.replace(' ', '-')}": Case(
        f"Event assembly: {kind}", "KB", doubling(50, 800), make=partial(_make, kind), prepare=_assemble
    )
    for kind in HARD
}
