"""`data split`, as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from annotations import read_documents, write_documents
from annotations.formats.jsonl import write_standoff
from tests.helpers import run
from tests.tiny import documents

SHARES = ("--shares", "0.5,0.25,0.25")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_documents(tmp_path / "data.jsonl", documents(12))
    return tmp_path / "data.jsonl"


def test_the_parts_hold_all_documents_and_are_the_same_again(tmp_path: Path, data: Path) -> None:
    for folder in ("one", "two"):
        done = run("data", "split", str(data), "--to", str(tmp_path / folder), *SHARES)
        assert done.returncode == 0, done.stderr
    names = ("train.jsonl", "dev.jsonl", "test.jsonl")
    parts = [read_documents(tmp_path / "one" / name) for name in names]
    assert sorted(one.id for part in parts for one in part) == [one.id for one in documents(12)]
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in names)


def test_counts_by_part_and_type_are_printed(tmp_path: Path, data: Path) -> None:
    done = run("data", "split", str(data), "--to", str(tmp_path / "parts"), *SHARES, "--format", "json")
    found = json.loads(done.stdout)["parts"]
    assert sum(part["documents"] for part in found.values()) == 12
    types = [event.attack_type for one in documents(12) for event in one.events]
    assert sum(number for part in found.values() for kind, number in part["types"].items() if kind in types) == len(
        types
    )


def test_a_file_that_exists_is_not_overwritten(tmp_path: Path, data: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    kept.write_text("mine", encoding="utf-8")
    done = run("data", "split", str(data), "--to", str(tmp_path / "parts"), "--test", str(kept), *SHARES)
    assert done.returncode == 1
    assert str(kept) in done.stderr
    assert kept.read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "parts").exists()


def test_standoff_documents_stay_without_their_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    found = documents(8)
    for one in found:
        (texts / f"{one.id}.txt").write_text(one.text, encoding="utf-8")
    write_standoff(tmp_path / "data.jsonl", [(one, f"{one.id}.txt") for one in found])
    monkeypatch.setenv("CONFLICT_EVENTS_ARTICLES", str(texts))
    done = run("data", "split", str(tmp_path / "data.jsonl"), "--to", str(tmp_path / "parts"), *SHARES)
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "parts" / "train.jsonl").read_text(encoding="utf-8").splitlines()
    assert lines
    assert all("text" not in json.loads(line) and "text_sha256" in json.loads(line) for line in lines)


@pytest.mark.parametrize(
    "words",
    [
        ("--to", "parts", "--shares", "0.5,0.4"),
        ("--to", "parts", "--shares", "0.5,0.4,0.4"),
        ("--to", "parts", "--shares", "a,b,c"),
        ("--train", "a.jsonl", "--dev", "b.jsonl"),
        ("--train", "a.jsonl", "--dev", "b.jsonl", "--test", "c.jsonl", "--shares", "0.8,0.2,0"),
        ("--train", "a.jsonl", "--dev", "a.jsonl", "--shares", "0.8,0.2,0"),
    ],
)
def test_wrong_shares_and_parts_without_a_file_are_wrong_calls(
    tmp_path: Path, data: Path, words: tuple[str, ...]
) -> None:
    assert run("data", "split", str(data), *words, cwd=tmp_path).returncode == 2
    assert list(tmp_path.iterdir()) == [data]
