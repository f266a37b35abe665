"""Splits, examples and batches."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from datasets import Dataset
from hypothesis import given
from hypothesis import strategies as st

from annotations import DataError, Document, Span, load_schema
from annotations.text.words import words
from inference.decode import decode
from inference.encoding.subwords import split
from inference.encoding.windows import windows
from tests.tiny import documents, encoder
from training.fit.batches import collate, hide, padded, plan
from training.fit.examples import IGNORED, Losses, build, tag
from training.fit.split import check_apart, near_duplicates, set_aside
from training.fit.starting import load_tokenizer

SCHEMA = load_schema()


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    found = load_tokenizer(str(encoder(tmp_path_factory.mktemp("encoder")))).backend_tokenizer
    found.no_truncation()
    found.no_padding()
    return found


def test_near_duplicates_are_found_and_other_documents_are_not() -> None:
    twin = Document("twin", documents()[1].text.replace("Four", "Five") + " A word more.")
    found = near_duplicates([*documents(), twin])
    assert [(a, b) for a, b, _ in found] == [(1, 12)]
    assert near_duplicates(documents()[:1]) == []


def test_set_aside_keeps_near_duplicates_together_whatever_the_seed() -> None:
    pairs = [d for doc in documents(6) for d in (doc, Document(f"{doc.id}-twin", doc.text + " Again."))]
    for seed in range(5):
        kept, aside = set_aside(pairs, 0.3, seed)
        sides = [{d.id.removesuffix("-twin") for d in side} for side in (kept, aside)]
        assert not sides[0] & sides[1]
        assert len(kept) + len(aside) == 12
        assert aside


def test_set_aside_refuses_a_single_text() -> None:
    with pytest.raises(DataError, match="cannot be split"):
        set_aside(documents(1), 0.2, 1)


def test_splits_with_a_common_document_or_nearly_the_same_text_are_refused() -> None:
    first, second, third, *_ = documents()
    with pytest.raises(DataError, match="'d000': stands in train and dev"):
        check_apart({"train": [first, second], "dev": [first]})
    twin = Document("twin", third.text + " More.")
    with pytest.raises(DataError, match=r"'d002': in train is nearly the text of 'twin' in test \(cosine"):
        check_apart({"train": [third], "test": [twin]})
    check_apart({"train": [first], "dev": [second], "test": [third]})


@given(st.data())
def test_tags_decode_back_to_the_spans(tokenizer, data: st.DataObject) -> None:  # type: ignore[no-untyped-def]
    text = data.draw(st.text(st.sampled_from("abc de,'’.é5"), min_size=1, max_size=60))
    pieces = split(tokenizer, text)
    spans, at = [], 0
    while at < len(pieces.words) and len(spans) < 5:
        first = data.draw(st.integers(at, len(pieces.words) - 1))
        last = data.draw(st.integers(first, min(first + 3, len(pieces.words) - 1)))
        label, kind = data.draw(st.sampled_from(SCHEMA.classes))
        spans.append(Span(f"S{len(spans)}", pieces.words[first][0], pieces.words[last][1], label, kind))
        at = last + 1
    losses = Losses()
    tags = tag(Document("d", text, spans), pieces, SCHEMA, windows(len(pieces.ids), 500, 0), losses)
    assert (losses.total, losses.count) == (len(spans), 0)
    one_hot = torch.nn.functional.one_hot(torch.tensor(tags, dtype=torch.long), len(SCHEMA.tags)).double().numpy()
    found = decode(one_hot[list(pieces.first)], SCHEMA.classes)
    edges = [(pieces.words[m.start][0], pieces.words[m.end - 1][1], m.label, m.type) for m in found]
    assert edges == [(s.start, s.end, s.label, s.type) for s in spans]


def test_lost_spans_are_counted_by_reason(tokenizer, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    text = "rebels killed soldiers " * 20
    first, second = words(text)[:2]
    spans = [
        Span("S1", 1, first[1], "VICTIM"),  # begins within a word
        Span("S2", *second, "DATE"),
        Span("S3", second[0], second[1] + 9, "DATE"),  # overlaps the one before
        Span("S4", text.index("soldiers", 30), len(text.rstrip()), "LOCATION"),  # longer than a window
    ]
    examples, losses = build([Document("d", text, spans)], tokenizer, SCHEMA, 20, 6, tmp_path)
    assert losses.total == 4
    assert (losses.unaligned, losses.overlapping, losses.cut) == ([("d", "S1")], [("d", "S3")], [("d", "S4")])
    assert all(row["labels"][0] == row["labels"][-1] == IGNORED for row in examples)


def test_examples_are_built_once(tokenizer, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    first, _ = build(documents(3), tokenizer, SCHEMA, 64, 16, tmp_path)
    (folder,) = tmp_path.iterdir()
    stamp = folder.stat().st_mtime_ns
    second, _ = build(documents(3), tokenizer, SCHEMA, 64, 16, tmp_path)
    assert first[:] == second[:]
    assert folder.stat().st_mtime_ns == stamp
    build(documents(4), tokenizer, SCHEMA, 64, 16, tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [_cut, _flip, Path.unlink, lambda path: path.write_bytes(b"")])
def test_damaged_examples_are_built_again(tokenizer, tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    wanted = build(documents(3), tokenizer, SCHEMA, 64, 16, tmp_path)[0][:]
    (folder,) = tmp_path.iterdir()
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) >= 4
    for name in names:
        damage(folder / name)
        assert build(documents(3), tokenizer, SCHEMA, 64, 16, tmp_path)[0][:] == wanted, name
        assert sorted(path.name for path in folder.iterdir()) == names


def test_examples_of_other_documents_are_not_taken_for_these(tokenizer, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    wanted = build(documents(3), tokenizer, SCHEMA, 64, 16, tmp_path)[0][:]
    (mine,) = tmp_path.iterdir()
    build(documents(4), tokenizer, SCHEMA, 64, 16, tmp_path)
    (other,) = set(tmp_path.iterdir()) - {mine}
    shutil.rmtree(mine)
    shutil.copytree(other, mine)
    assert build(documents(3), tokenizer, SCHEMA, 64, 16, tmp_path)[0][:] == wanted
    shutil.rmtree(mine)
    mine.mkdir()
    assert build(documents(3), tokenizer, SCHEMA, 64, 16, tmp_path)[0][:] == wanted


def test_examples_that_two_runs_build_at_once_are_kept_once(  # type: ignore[no-untyped-def]
    tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Dataset.save_to_disk

    def save_after_another(self: Dataset, path: str) -> None:
        monkeypatch.setattr(Dataset, "save_to_disk", save)
        build(documents(2), tokenizer, SCHEMA, 64, 16, tmp_path)
        save(self, path)

    monkeypatch.setattr(Dataset, "save_to_disk", save_after_another)
    examples, _ = build(documents(2), tokenizer, SCHEMA, 64, 16, tmp_path)
    assert len(examples) > 0
    assert len(list(tmp_path.iterdir())) == 1


@given(st.lists(st.integers(1, 300), min_size=1, max_size=150), st.integers(16, 600), st.integers(0, 9))
def test_plan_holds_each_window_once_and_keeps_to_the_budget(lengths: list[int], tokens: int, epoch: int) -> None:
    batches = plan(lengths, tokens, 1, epoch)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    assert all(len(b) == 1 or len(b) * padded(max(lengths[i] for i in b)) <= tokens for b in batches)
    assert batches == plan(lengths, tokens, 1, epoch)


def test_order_differs_from_epoch_to_epoch_and_seed_to_seed() -> None:
    lengths = list(range(10, 90))
    plans = [str(plan(lengths, 200, seed, epoch)) for seed in (1, 2) for epoch in (0, 1)]
    assert len(set(plans)) == 4


def test_hiding_leaves_special_tokens_padding_and_labels_alone() -> None:
    rows = [{"input_ids": [2, *range(10, 60), 3], "labels": [IGNORED, *([1] * 50), IGNORED], "possible": [0]}]
    batch = collate(rows, pad_id=0, tags=2)
    hidden = hide(batch, 0.5, 4, [1, 2, 3])
    kept = batch["labels"] == IGNORED
    assert hidden["input_ids"][kept].equal(batch["input_ids"][kept])
    assert 10 < int((hidden["input_ids"] == 4).sum()) < 40
    assert hidden["labels"].equal(batch["labels"])
    assert hide(batch, 0.5, 4, [1, 2, 3])["input_ids"].equal(hidden["input_ids"])
    assert hide(batch, 0.0, 4, [1])["input_ids"].equal(batch["input_ids"])


def test_weights_say_how_often_an_epoch_reads_a_window() -> None:
    drawn = [plan([10] * 300, 64, 1, epoch, [2.0] * 100 + [0.5] * 100 + [1.0] * 100) for epoch in range(2)]
    read = [[index for batch in batches for index in batch] for batches in drawn]
    counts = [[indices.count(index) for index in range(300)] for indices in read]
    for often in counts:
        assert set(often[:100]) == {2}
        assert set(often[100:200]) == {0, 1}
        assert 30 < sum(often[100:200]) < 70
        assert set(often[200:]) == {1}
    assert counts[0] != counts[1]
