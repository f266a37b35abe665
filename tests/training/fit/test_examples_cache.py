"""The cache of examples: found by what decides the rows, before any row is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from annotations import Document, Span, load_schema
from tests.tiny import documents, encoder
from training.fit import examples
from training.fit.examples import LOSSES, Losses, build, lost_spans
from training.fit.starting import load_tokenizer

SCHEMA = load_schema()


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return load_tokenizer(str(encoder(tmp_path_factory.mktemp("encoder")))).backend_tokenizer


def lossy() -> list[Document]:
    """Documents of which every third has a span that begins in a word, and one has no words."""
    found = documents(9)
    for number in range(0, 9, 3):
        inside = Span("inside", 1, 3, "DATE")
        found[number] = replace(found[number], spans=[inside], events=())
    return [*found, Document("blank", "   ", [Span("B", 0, 1, "DATE")])]


def expected(some: list[Document], tokenizer: Tokenizer) -> tuple[list[dict[str, Any]], Losses]:
    losses = Losses()
    return list(examples._rows(some, tokenizer, SCHEMA, 32, 8, losses)), losses


def test_rows_and_losses_are_those_of_one_document_after_another(tokenizer: Tokenizer, tmp_path: Path) -> None:
    rows, losses = expected(lossy(), tokenizer)
    assert losses.count == 4
    found, told = build(lossy(), tokenizer, SCHEMA, 32, 8, tmp_path)
    assert (found.to_list(), told) == (rows, losses)
    again, told = build(lossy(), tokenizer, SCHEMA, 32, 8, tmp_path)
    assert (again.to_list(), told) == (rows, losses)
    assert told == lost_spans(lossy(), tokenizer, SCHEMA, 32, 8)


@pytest.mark.integration  # starts processes
def test_several_processes_give_the_same_rows_in_the_same_order(
    tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examples, "_MANY", 2)
    monkeypatch.setattr(examples, "_BATCH", 2)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    found, losses = build(lossy(), tokenizer, SCHEMA, 32, 8, tmp_path)
    assert (found.to_list(), losses) == expected(lossy(), tokenizer)


def test_built_examples_are_found_without_making_a_row(
    tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(lossy(), tokenizer, SCHEMA, 32, 8, tmp_path)
    monkeypatch.delattr(examples, "_rows")
    found, losses = build(lossy(), tokenizer, SCHEMA, 32, 8, tmp_path)
    assert len(found) > 9
    assert losses.count == 4


def test_damaged_losses_are_counted_again(tokenizer: Tokenizer, tmp_path: Path) -> None:
    _, losses = build(lossy(), tokenizer, SCHEMA, 32, 8, tmp_path)
    (folder,) = tmp_path.iterdir()
    (folder / LOSSES).write_text('{"total": 0, "unaligned": [], "cut": [], "overlapping": []}', encoding="utf-8")
    assert build(lossy(), tokenizer, SCHEMA, 32, 8, tmp_path)[1] == losses


CHANGES: dict[str, Callable[[Document], Document]] = {
    "id": lambda d: replace(d, id="other"),
    "text": lambda d: replace(d, text=d.text + " "),
    "spans": lambda d: replace(d, spans=[*d.spans, Span("new", 0, len(d.text), "DATE")]),
    "coverage": lambda d: replace(d, meta={"coverage": {"DATE": "some"}}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_another_document_is_another_entry(
    tokenizer: Tokenizer, tmp_path: Path, change: Callable[[Document], Document]
) -> None:
    (document,) = documents(1)
    document = replace(document, events=())
    build([document], tokenizer, SCHEMA, 32, 8, tmp_path)
    found, _ = build([change(document)], tokenizer, SCHEMA, 32, 8, tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    assert found.to_list() == expected([change(document)], tokenizer)[0]


def test_other_settings_are_another_entry(
    tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Tokenizer.from_str(tokenizer.to_str())
    other.add_tokens(["Kovandu"])
    for number, (chosen, window, overlap) in enumerate(
        [(tokenizer, 32, 8), (tokenizer, 33, 8), (tokenizer, 32, 9), (other, 32, 8)], start=1
    ):
        build(documents(1), chosen, SCHEMA, window, overlap, tmp_path)
        assert len(list(tmp_path.iterdir())) == number
    monkeypatch.setattr(examples, "VERSION", examples.VERSION + 1)
    build(documents(1), tokenizer, SCHEMA, 32, 8, tmp_path)
    assert len(list(tmp_path.iterdir())) == 5


def test_what_no_row_depends_on_is_the_same_entry(tokenizer: Tokenizer, tmp_path: Path) -> None:
    (document,) = documents(1)
    build([document], tokenizer, SCHEMA, 32, 8, tmp_path)
    build([replace(document, events=(), meta={"genre": "report"})], tokenizer, SCHEMA, 32, 8, tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
