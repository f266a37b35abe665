"""Distillation: what teachers say of words is learned at their first sub-words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from annotations import DataError, Document, load_schema
from inference.encoding.subwords import split
from inference.encoding.windows import windows
from inference.model import Model
from tests.tiny import config, documents, fit_of
from training.config import TrainConfig
from training.fit.distil import SoftTags, kept, soft_loss, soft_tags, unannotated
from training.fit.prepare import _soft_tags, prepare

pytestmark = pytest.mark.integration  # trains, and exports two teachers

LONG = "Gunmen killed at least 12 traders in Ndoro on Friday, the mayor said. " * 6


@pytest.fixture(scope="module")
def teachers(tiny_models: Callable[[int], Path]) -> list[Model]:
    return [Model(tiny_models(seed)) for seed in (1, 2)]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.jsonl"
    known = [documents()[0].text, documents()[9].text]  # of train, and of dev
    lines = [*known, LONG, LONG, f"{documents()[9].text} It is so.", "The fair in Gao opens at nine."]
    path.write_text("".join(json.dumps({"text": line}) + "\n" for line in lines), encoding="utf-8")
    return path


def test_soft_tags_are_the_mean_of_the_teachers_at_the_first_sub_word_of_each_word(teachers: list[Model]) -> None:
    tokenizer, made = teachers[0].tokenizer, [Document("d1", LONG), Document("d2", "Rebels left.")]
    found = soft_tags(teachers, made, tokenizer, 64, 16)
    one, two = (soft_tags([teacher], made, tokenizer, 64, 16) for teacher in teachers)
    np.testing.assert_allclose(
        found.probabilities, (one.probabilities.astype(float) + two.probabilities) / 2, atol=2e-3
    )
    pieces = [split(tokenizer, document.text) for document in made]
    parts = [part for piece in pieces for part in windows(len(piece.ids), 62, 16)]
    assert len(found.starts) == len(parts) + 1
    first = [
        [at - part.start + 1 for at in piece.first.tolist() if part.start <= at < part.end]
        for piece in pieces
        for part in windows(len(piece.ids), 62, 16)
    ]
    assert found.places.tolist() == [at for row in first for at in row]
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, atol=5e-3)


def test_a_batch_has_the_words_of_its_windows_in_order() -> None:
    soft = SoftTags(np.array([0, 2, 3]), np.array([1, 4, 2], np.int16), np.eye(3, dtype=np.float16))
    batch = soft.batch([1, 0], 8)
    assert batch["soft_at"].tolist() == [2, 9, 12]
    assert batch["soft"].argmax(1).tolist() == [2, 0, 1]
    assert soft.batch([0], 8)["soft_at"].tolist() == [1, 4]


def test_the_soft_loss_is_least_where_the_probabilities_agree() -> None:
    soft = torch.tensor([[0.9, 0.1]])
    at = torch.tensor([1])
    losses = [float(soft_loss(torch.tensor([[[0.0, 0.0], [x, 0.0]]]), soft, at)) for x in (0.0, np.log(9), 5.0)]
    assert losses[1] == min(losses) == pytest.approx(-0.9 * np.log(0.9) - 0.1 * np.log(0.1), abs=1e-5)
    assert float(soft_loss(torch.zeros(1, 2, 2), torch.zeros(0, 2), torch.zeros(0, dtype=torch.long))) == 0


def test_texts_are_left_out_if_train_has_them_or_dev_nearly_has_them(texts: Path) -> None:
    found = unannotated([str(texts)], load_schema(), documents()[:8], documents()[8:])
    assert [one.text for one in found] == [LONG, "The fair in Gao opens at nine."]
    assert len({one.id for one in found}) == 2
    assert all(one.id.startswith("text:") for one in found)


@pytest.mark.parametrize(("content", "line"), [('{"text": "A."}\n{"id": 1}\n', 2), ("[]\n", 1)])
def test_a_line_without_text_is_named(tmp_path: Path, content: str, line: int) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        unannotated([str(path)], load_schema(), [], [])
    assert (caught.value.faults[0].file, caught.value.faults[0].line) == (str(path), line)


def test_a_missing_file_of_texts_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere"):
        unannotated([str(tmp_path / "nowhere.jsonl")], load_schema(), [], [])


def test_soft_tags_are_kept_and_made_again_if_damaged(tmp_path: Path) -> None:
    made = SoftTags(np.array([0, 1]), np.array([1], np.int16), np.ones((1, 2), np.float16))
    calls: list[int] = []

    def make() -> SoftTags:
        calls.append(1)
        return made

    path = tmp_path / "cache" / "soft.safetensors"
    for expected in (1, 1):
        assert kept(path, make).probabilities.tolist() == [[1, 1]]
        assert len(calls) == expected
    path.write_bytes(b"cut")
    assert kept(path, make).starts.tolist() == [0, 1]
    assert len(calls) == 2


def taught(tmp_path: Path, teacher: Path, texts: Path | None, **more: Any) -> TrainConfig:
    named = {"texts": [str(texts)]} if texts else {}
    return TrainConfig(**config(tmp_path), distil={"teachers": [str(teacher)], **named, **more})


def test_a_run_learns_from_teachers_and_from_texts_without_annotation(
    tmp_path: Path, tiny_models: Callable[[int], Path], texts: Path
) -> None:
    settings = taught(tmp_path, tiny_models(3), texts, share=1.0)
    prepared = prepare(settings)
    assert {name for name in prepared.examples["document"] if name.startswith("text:")} == {
        one.id for one in prepared.others
    }
    assert len(prepared.others) == 2
    assert prepared.soft is not None
    assert len(prepared.soft.starts) == len(prepared.examples) + 1
    again = prepare(settings)
    assert again.soft is not None
    assert (again.soft.probabilities == prepared.soft.probabilities).all()
    teacher = Model(settings.distil.teachers[0])
    fit = fit_of(settings, tmp_path / "fit")
    before = agreement(fit, teacher)
    fit.run()
    assert agreement(fit, teacher) > before + 0.1


def agreement(fit: Any, teacher: Model) -> float:
    """The share of words to which both give the same tag."""
    read = [tagger.logits(document.text for document in documents()) for tagger in (fit.tagger, teacher)]
    same = [(a.argmax(1) == b.argmax(1)) for (_, a), (_, b) in zip(*read, strict=True)]
    return float(np.concatenate(same).mean())


def test_texts_need_teachers(tmp_path: Path, texts: Path) -> None:
    with pytest.raises(ValueError, match=r"distil\.teachers"):
        TrainConfig(**config(tmp_path), distil={"texts": [str(texts)]})


def test_a_teacher_of_another_schema_is_named(tmp_path: Path, tiny_model_folder: Path) -> None:
    settings = taught(tmp_path, tiny_model_folder, None)
    folder = Path(settings.distil.teachers[0])
    other = TrainConfig(**{**settings.to_dict(), "schema": str(Path(__file__).parents[2] / "schemas" / "recalls.yaml")})
    with pytest.raises(DataError, match=folder.name):
        _soft_tags(other, load_schema(other.label_schema), [], Model(folder).tokenizer, tmp_path, "digest")


def test_a_teacher_with_other_labels_is_refused(teachers: list[Model]) -> None:
    class Other:
        schema, temperature, logits = load_schema(), 1.0, teachers[0].logits

    other = Other()
    other.schema = type("Schema", (), {"tags": ("O",)})()  # type: ignore[assignment]
    with pytest.raises(ValueError, match="schema"):
        soft_tags([teachers[0], other], [], teachers[0].tokenizer, 64, 16)
