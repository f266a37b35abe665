"""What a run's checks found is kept, and used only while no byte of its files has changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from annotations import DataError, Document, Span, write_documents
from annotations.formats.jsonl import write_standoff
from tests.tiny import documents, encoder
from training.config import TrainConfig
from training.fit import checks
from training.fit import prepare as preparation
from training.fit.prepare import prepare


@pytest.fixture(scope="module")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(encoder(tmp_path_factory.mktemp("encoder")))


def config(tmp_path: Path, tiny_encoder: str, dev: float | None = None, **data: Any) -> TrainConfig:
    """A run on documents written to files, and on dev files or a share of the training documents."""
    found = documents(12)
    for name, part in {"train": found[:6], "dev": found[6:9], "test": found[9:]}.items():
        write_documents(tmp_path / f"{name}.jsonl", part)
    files = {name: [str(tmp_path / f"{name}.jsonl")] for name in ("train", "dev", "test")}
    data = {**files, "dev": dev or files["dev"], "window": 32, "overlap": 8, **data}
    return TrainConfig(encoder=tiny_encoder, output=str(tmp_path / "runs"), data=data)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list of what runs do: check everything, or read a file."""
    done: list[str] = []
    check, read = preparation.read_splits, checks.read_sets

    def checking(*words: Any) -> Any:
        done.append("check")
        return check(*words)

    def reading(names: Any, *words: Any) -> Any:
        done.append(Path(next(iter(names))).stem)
        return read(names, *words)

    monkeypatch.setattr(preparation, "read_splits", checking)
    monkeypatch.setattr(checks, "read_sets", reading)
    return done


@pytest.mark.parametrize(("dev", "shares"), [(None, {}), (0.3, {}), (None, {"test": 0.3}), (0.3, {"test": 0.3})])
def test_a_second_run_has_the_same_documents_and_rows_and_checks_nothing(
    tmp_path: Path, tiny_encoder: str, seen: list[str], dev: float | None, shares: dict[str, float]
) -> None:
    run = config(tmp_path, tiny_encoder, dev, **shares)
    first, second = prepare(run), prepare(run)
    assert seen == ["check"]
    assert {name: len(part) for name, part in second.splits.items()} == {n: len(p) for n, p in first.splits.items()}
    assert seen == ["check"]  # how many there are is known without reading
    assert second.examples.to_list() == first.examples.to_list()
    assert second.losses == first.losses
    for name, part in first.splits.items():
        assert list(second.splits[name]) == part
        assert second.splits[name][0] == part[0]
        assert second.splits[name][1:] == part[1:]
    assert seen == ["check", "train", *(["dev"] if dev is None else []), *([] if shares else ["test"])]


@pytest.mark.parametrize("name", ["train", "dev", "test"])
def test_one_changed_byte_is_checked(tmp_path: Path, tiny_encoder: str, seen: list[str], name: str) -> None:
    run = config(tmp_path, tiny_encoder)
    prepare(run)
    path = tmp_path / f"{name}.jsonl"
    content = path.read_bytes()
    path.write_bytes(content.replace(b"Nowhere", b"Nowher\xff", 1))
    with pytest.raises(DataError, match=f"{name}.jsonl:1"):
        prepare(run)
    path.write_bytes(content.replace(b"Nowhere", b"Nowherf", 1))
    assert any(document.meta["country"] == "Nowherf" for document in prepare(run).splits[name])
    path.write_bytes(content)
    prepare(run)
    assert seen == ["check"] * 3


def test_a_document_added_to_two_sides_is_refused(tmp_path: Path, tiny_encoder: str) -> None:
    run = config(tmp_path, tiny_encoder)
    prepare(run)
    shutil.copy(tmp_path / "train.jsonl", tmp_path / "test.jsonl")
    with pytest.raises(DataError, match="'d000'"):
        prepare(run)


def test_a_changed_text_of_a_standoff_document_is_noticed(tmp_path: Path, tiny_encoder: str) -> None:
    (tmp_path / "texts").mkdir()
    run = config(tmp_path, tiny_encoder, articles=str(tmp_path / "texts"))
    kept = [replace(document, text=document.text.rstrip()) for document in documents(6)]
    for document in kept:
        (tmp_path / "texts" / f"{document.id}.txt").write_text(document.text, encoding="utf-8")
    write_standoff(tmp_path / "train.jsonl", [(document, f"{document.id}.txt") for document in kept])
    assert list(prepare(run).splits["train"]) == list(prepare(run).splits["train"]) == kept
    path = tmp_path / "texts" / "d003.txt"
    path.write_text(path.read_text(encoding="utf-8").replace("e", "a", 1), encoding="utf-8")
    with pytest.raises(DataError, match="'d003'"):
        prepare(run)


def _share(run: TrainConfig) -> TrainConfig:
    return run.model_copy(update={"data": run.data.model_copy(update={"dev": 0.4})})


CHANGES: dict[str, Callable[[TrainConfig], TrainConfig]] = {
    "share": _share,
    "seed": lambda run: run.model_copy(update={"seed": run.seed + 1}),
}


def test_shares_of_dev_and_test_are_shares_of_all_training_documents(tmp_path: Path, tiny_encoder: str) -> None:
    whole = documents(12)
    write_documents(tmp_path / "all.jsonl", whole)
    run = config(tmp_path, tiny_encoder, 0.25, test=0.5, train=[str(tmp_path / "all.jsonl")])
    splits = prepare(run).splits
    assert {name: len(part) for name, part in splits.items()} == {"train": 3, "dev": 3, "test": 6}
    assert sorted(one.id for part in splits.values() for one in part) == [one.id for one in whole]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_another_split_is_made_anew(
    tmp_path: Path, tiny_encoder: str, seen: list[str], change: Callable[[TrainConfig], TrainConfig]
) -> None:
    run = config(tmp_path, tiny_encoder, 0.3)
    prepare(run)
    prepare(change(run))
    assert seen == ["check"] * 2


def test_other_windows_are_cut_without_checks(tmp_path: Path, tiny_encoder: str, seen: list[str]) -> None:
    run = config(tmp_path, tiny_encoder)
    prepare(run)
    other = run.model_copy(update={"data": run.data.model_copy(update={"window": 40})})
    assert max(map(len, prepare(other).examples["input_ids"])) == 40
    assert seen == ["check", "train"]
    prepare(run)
    prepare(other)
    assert seen == ["check", "train"]


def test_another_version_of_the_checks_checks_again(
    tmp_path: Path, tiny_encoder: str, seen: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = config(tmp_path, tiny_encoder)
    prepare(run)
    monkeypatch.setattr(checks, "VERSION", checks.VERSION + 1)
    prepare(run)
    assert seen == ["check"] * 2


def test_a_damaged_outcome_is_not_used(tmp_path: Path, tiny_encoder: str, seen: list[str]) -> None:
    run = config(tmp_path, tiny_encoder)
    prepare(run)
    (path,) = (tmp_path / "runs" / "cache").glob("checks-*.json")
    content = path.read_text(encoding="utf-8")
    for damaged in ("", "[]", "{}", content[:-9], content.replace('"train": 6', '"train": 5')):
        assert damaged != content
        path.write_text(damaged, encoding="utf-8")
        assert len(prepare(run).splits["train"]) == 6
    assert seen == ["check"] * 6


def test_rows_that_were_damaged_are_made_again_from_the_files(
    tmp_path: Path, tiny_encoder: str, seen: list[str]
) -> None:
    run = config(tmp_path, tiny_encoder)
    wanted = prepare(run).examples.to_list()
    (path,) = (tmp_path / "runs" / "cache").glob("*/*.arrow")
    path.write_bytes(b"")
    assert prepare(run).examples.to_list() == wanted
    assert seen == ["check", "train"]


def test_files_that_change_under_a_run_stop_it(tmp_path: Path, tiny_encoder: str) -> None:
    run = config(tmp_path, tiny_encoder)
    prepare(run)
    second = prepare(run)
    write_documents(tmp_path / "train.jsonl", documents(5))
    with pytest.raises(DataError, match="changed"):
        list(second.splits["train"])


def test_data_that_was_refused_is_refused_again(tmp_path: Path, tiny_encoder: str) -> None:
    run = config(tmp_path, tiny_encoder)
    write_documents(tmp_path / "train.jsonl", [Document("d1", "Quiet.", [Span("S1", 0, 5, "NOLABEL")])])
    for _ in range(2):
        with pytest.raises(DataError, match="NOLABEL"):
            prepare(run)
