"""Sets whose texts may be elsewhere, and weights by set, in a run's data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from annotations import DataError, Document
from annotations.formats.jsonl import write_standoff
from annotations.formats.texts import ARTICLES_VARIABLE, MissingText
from tests.tiny import config, documents
from training.config import TrainConfig
from training.fit.prepare import Prepared, prepare

TEXTS = ["A bomb killed two clerks in Aru.", "The fair in Gao opens at nine."]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The config of a run that also reads two documents without their texts, and the folder of one of them."""
    monkeypatch.delenv(ARTICLES_VARIABLE, raising=False)
    made = config(tmp_path)
    elsewhere = [Document(f"far-{number}", text) for number, text in enumerate(TEXTS)]
    path = tmp_path / "elsewhere.jsonl"
    write_standoff(path, [(one, f"{one.id}.txt") for one in elsewhere])
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "far-0.txt").write_text(TEXTS[0], encoding="utf-8")
    made["data"] |= {"train": [*made["data"]["train"], str(path)], "articles": str(tmp_path / "texts")}
    return made


def prepared(made: dict[str, Any], **more: Any) -> Prepared:
    return prepare(TrainConfig(**{**made, "data": {**made["data"], **more}}))


def test_documents_of_optional_sets_are_left_out_and_counted_where_their_text_is_missing(data: dict[str, Any]) -> None:
    with pytest.raises(MissingText, match="far-1"):
        prepared(data)
    optional = data["data"]["train"][1:]
    for _ in range(2):  # the second run takes the outcome of the checks from the cache
        found = prepared(data, optional=optional)
        assert [one.id for one in found.splits["train"]][8:] == ["far-0"]
        assert found.missing == 1


def test_changed_texts_of_optional_sets_are_refused(data: dict[str, Any]) -> None:
    (Path(data["data"]["articles"]) / "far-0.txt").write_text("Another text.", encoding="utf-8")
    with pytest.raises(DataError, match="far-0") as caught:
        prepared(data, optional=data["data"]["train"][1:])
    assert not isinstance(caught.value, MissingText)


@pytest.mark.parametrize("change", [{"optional": ["corpus/tset"]}, {"weights": {"corpus/tset": 2}}])
def test_optional_and_weights_name_sets_of_the_config(data: dict[str, Any], change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="corpus/tset"):
        prepared(data, **change)


def test_weights_follow_the_set_of_a_document(data: dict[str, Any]) -> None:
    first, second = data["data"]["train"]
    found = prepared(data, optional=[second], weights={first: 2.0})
    names = found.examples["document"]
    assert set(names) == {one.id for one in documents()[:8]} | {"far-0"}
    weights = dict(zip(names, found.weights, strict=True))
    assert {weight for name, weight in weights.items() if name.startswith("d0")} == {2.0}
    assert {weight for name, weight in weights.items() if name.startswith("far")} == {1.0}
    plain = prepared(data, optional=[second])
    assert set(plain.weights) == {1.0}
