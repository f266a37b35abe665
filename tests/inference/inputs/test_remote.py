"""Inputs on other file systems: the local one by its address, and one of fsspec in memory."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pyarrow
import pytest
from pyarrow import parquet

from inference.inputs import Input, Reader, count_inputs, other_columns, scan_inputs, state_of
from inference.inputs.remote import fetched, is_address, stored

READER = Reader(io.BytesIO())


@pytest.fixture(params=["file", "memory"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a folder with files of several kinds."""
    parquet.write_table(
        pyarrow.table({"id": ["p1", "p2"], "text": ["Rain.", None], "n": [1, 2]}), tmp_path / "b.parquet"
    )
    contents = {
        "a.jsonl": json.dumps({"id": "j1", "text": "Rebels struck.", "n": 0.5}).encode(),
        "b.parquet": (tmp_path / "b.parquet").read_bytes(),
        "deep/c.txt": b"Gunmen struck.",
        "deep/d.txt": b"\xff",
        "e.pdf": b"",
    }
    root = f"memory://{tmp_path.name}" if request.param == "memory" else f"file://{tmp_path}/wire"
    memory = fsspec.filesystem("memory")
    for name, content in contents.items():
        if request.param == "memory":
            memory.pipe(f"/{tmp_path.name}/{name}", content)
        else:
            (tmp_path / "wire" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "wire" / name).write_bytes(content)
    yield root
    memory.store.clear()


def read(*inputs: str) -> list[Input]:
    return list(scan_inputs(inputs, READER))


def test_a_folder_is_read_as_one_here(address: str) -> None:
    found = read(address)
    assert [(one.name.rpartition("/")[2], one.text) for one in found] == [
        ("j1", "Rebels struck."),
        ("p1", "Rain."),
        ("b.parquet:2", None),
        ("c.txt", "Gunmen struck."),
        ("d.txt", None),
        ("e.pdf", None),
    ]
    assert all(one.name.startswith(address.partition("://")[0]) for one in found[2:])
    assert [fault.file.rpartition("/")[2] for one in found for fault in one.faults] == ["b.parquet", "d.txt"]
    assert all(is_address(fault.file) for one in found for fault in one.faults)


def test_texts_and_columns_are_known_before_they_are_read(address: str) -> None:
    assert count_inputs([address], READER) == len(read(address))
    assert other_columns([address], READER) == {"n": "number"}


def test_a_file_can_be_named(address: str) -> None:
    (one,) = read(f"{address}/deep/c.txt")
    assert one.text == "Gunmen struck."
    assert [each.text for each in read(*[file.address for file in stored(f"{address}/deep")])] == [one.text, None]


def test_a_copy_is_gone_when_it_is_read(address: str) -> None:
    with fetched(f"{address}/deep/c.txt") as path:
        assert path.read_bytes() == b"Gunmen struck."
    assert not path.exists()


def test_what_is_not_there_is_a_fault(address: str) -> None:
    (one,) = read(f"{address}/none.jsonl")
    assert one.text is None
    assert one.faults[0].file == f"{address}/none.jsonl"
    (two,) = read("nosuchsystem://archive/a.jsonl")
    assert two.faults[0].file == "nosuchsystem://archive/a.jsonl"


def test_pages_of_the_web_are_not_fetched() -> None:
    assert not is_address("https://example.org/a.html")
    (one,) = read("https://example.org/a.html")
    assert one.text is None


def test_the_state_of_inputs_changes_with_them(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("Rain.", encoding="utf-8")
    states = {state_of([item], READER) for item in (str(file), f"file://{file}", "Rain fell.", "Rain  fell.")}
    assert len(states) == 4
    assert state_of([str(file)], READER) in states
    file.write_text("Rain fell.", encoding="utf-8")
    assert state_of([str(file)], READER) not in states
    assert state_of([f"file://{file}"], READER) not in states
