"""Imports of each format, as many documents of 20 sentences and as one long document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from annotations import Document, read_documents, write_documents
from annotations.formats.inline import read_folder, write_folder
from annotations.importers import conll, label_studio
from annotations.io.json_text import to_json
from annotations.label_studio.exports import export_tasks
from tests.benchmarks.case import Case, Work, doubling
from tests.benchmarks.texts import SCHEMA, report

_SENTENCES = 20  # of one document among many


def _write_conll(documents: Sequence[Document], folder: Path) -> None:
    (folder / "a.conll").write_text(conll.write(documents), encoding="utf-8")


def _write_inline(documents: Sequence[Document], folder: Path) -> None:
    write_folder(folder, documents, SCHEMA)


def _write_lines(documents: Sequence[Document], folder: Path) -> None:
    write_documents(folder / "a.jsonl", documents)


def _write_tasks(documents: Sequence[Document], folder: Path) -> None:
    tasks = [
        {
            "id": number,
            "data": task["data"],
            "annotations": [{"id": number, "completed_by": 1, "result": task["predictions"][0]["result"]}],
        }
        for number, task in enumerate(export_tasks(documents, SCHEMA), start=1)
    ]
    (folder / "a.json").write_text(to_json(tasks), encoding="utf-8")


_FORMATS: dict[str, tuple[Callable[[Sequence[Document], Path], None], Callable[[Path], object]]] = {
    "CoNLL": (_write_conll, lambda folder: conll.read(folder / "a.conll")),
    "JSON Lines": (_write_lines, lambda folder: read_documents(folder / "a.jsonl")),
    "inline markup": (_write_inline, lambda folder: read_folder(folder, SCHEMA)),
    "Label Studio": (_write_tasks, lambda folder: label_studio.read(folder / "a.json")),
}


def _make(name: str, one: bool, sentences: int, folder: Path) -> None:
    each = sentences if one else _SENTENCES
    _FORMATS[name][0]([report(each, number) for number in range(sentences // each)], folder)


def _import(name: str, folder: Path, model: str) -> Work:
    return partial(_FORMATS[name][1], folder)


CASES = {
    f"import-{name.lower().replace(' ', '-')}{'-one' * one}": Case(
        f"Import of {name}, {'one document' if one else f'documents of {_SENTENCES} sentences'}",
        "sentences",
        doubling(1000, 64_000),
        make=partial(_make, name, one),
        prepare=partial(_import, name),
    )
    for name in _FORMATS
    for one in (False, True)
}
