"""Training on Parquet: the same examples as from JSON Lines, and a few documents in memory."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from annotations import DataError, Document, load_schema, read_documents, write_documents
from annotations.formats.parquet import write_parquet
from tests.tiny import config as tiny_config
from tests.tiny import documents
from training.cli.app import app
from training.config import TrainConfig
from training.fit import examples, reading
from training.fit.prepare import prepare
from training.fit.reading import read_splits

SCHEMA = load_schema()


def config_of(folder: Path, train: list[Document], **data: Any) -> TrainConfig:
    """A config of a folder of two Parquet files."""
    settings = tiny_config(folder)
    parts = folder / "parts"
    for number in range(2):
        write_parquet(parts / f"{number}.parquet", train[number::2])
    return TrainConfig(**{**settings, "data": {**settings["data"], "train": [str(parts)], **data}})


def test_examples_are_those_of_json_lines(tmp_path: Path) -> None:
    lines = TrainConfig(**tiny_config(tmp_path))
    given = read_documents(lines.data.train[0])
    config = config_of(tmp_path, given, weights={str(tmp_path / "parts"): 2.0})
    expected = {row["document"]: [] for row in prepare(lines).examples}
    for row in prepare(lines).examples:
        expected[row["document"]].append(row)
    for _ in range(2):  # checked, and as checked before
        prepared = prepare(config)
        found = {row["document"]: [] for row in prepared.examples}
        for row in prepared.examples:
            found[row["document"]].append(row)
        assert found == expected
        assert (len(prepared.splits["train"]), set(prepared.weights)) == (len(given), {2.0})
        assert sorted(prepared.splits["train"], key=lambda one: one.id) == given
        assert prepared.splits["train"][1] == given[2]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    config = config_of(tmp_path, documents(8))
    assert len(prepare(config).splits["train"]) == 8
    write_parquet(tmp_path / "parts" / "2.parquet", documents(21)[20:])
    assert len(prepare(config).splits["train"]) == 9


@pytest.mark.integration  # takes seconds
def test_few_documents_are_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = documents(120)
    config = config_of(tmp_path, many[:8] + many[12:])
    del many
    monkeypatch.setattr(reading, "_BLOCK", 20)
    monkeypatch.setattr(examples, "_BATCH", 20)
    held: list[int] = []
    real = examples._record
    gc.collect()
    before = alive()  # other tests of the process may hold documents

    def record(document: Document) -> str:
        if len(held) < 20:
            held.append(alive() - before)
        return real(document)

    monkeypatch.setattr(examples, "_record", record)
    prepared = prepare(config)
    assert len(prepared.splits["train"]) == 116
    assert len(held) == 20
    assert max(held) < 60  # with those of dev, and those that are read at once


def alive() -> int:
    """The number of documents in memory."""
    return sum(type(one) is Document for one in gc.get_objects())


def copied(number: int) -> Document:
    return replace(documents(12)[number], id="copy")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda train: [*train, train[0]],
        lambda train: [*train, copied(10)],
        lambda train: [*train, replace(copied(0), events=())],
    ],
    ids=["twice", "dev text", "fine"],
)
def test_blocks_are_checked_like_the_whole(wrong: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_BLOCK", 3)
    train = wrong(documents(8))
    settings = tiny_config(tmp_path)
    path = tmp_path / "a"
    for number, one in enumerate(train):
        write_parquet(path / f"{number}.parquet", [one])
    config = TrainConfig(**{**settings, "data": {**settings["data"], "train": [str(path)]}})
    if train[-1].id == "copy" and train[-1].text == train[0].text:
        assert len(read_splits(config, SCHEMA)["train"]) == 9
        return
    with pytest.raises(DataError) as caught:
        read_splits(config, SCHEMA)
    assert {fault.document for fault in caught.value.faults} == {train[-1].id}


@pytest.mark.parametrize("key", ["dev", "test"])
def test_shares_of_streamed_documents_are_refused(key: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        prepare(config_of(tmp_path, documents(8), **{key: 0.2}))
    assert f"data.{key}" in str(caught.value)


def test_convert_writes_and_reads_parquet(tmp_path: Path) -> None:
    write_documents(tmp_path / "a.jsonl", documents(4))
    for source, target in (("a.jsonl", "a.parquet"), ("a.parquet", "b.jsonl")):
        done = CliRunner().invoke(app, ["data", "convert", str(tmp_path / source), str(tmp_path / target)])
        assert done.exit_code == 0, done.output
    assert (tmp_path / "b.jsonl").read_bytes() == (tmp_path / "a.jsonl").read_bytes()
