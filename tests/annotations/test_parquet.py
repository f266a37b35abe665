"""Documents as Parquet."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from annotations import DataError, Document, read_documents
from annotations.formats.jsonl import find_data, holds_texts, scan, stored_records
from annotations.formats.parquet import write_parquet
from tests.tiny import documents


def rows(path: Path, records: list[dict[str, Any]]) -> Path:
    parquet.write_table(pyarrow.Table.from_pylist(records), path)
    return path


def test_documents_are_read_as_they_were_written(tmp_path: Path) -> None:
    """Those of the corpus have counted tolls, flags and meta."""
    found = [*read_documents("corpus/test"), Document("odd", "a\r\n\u2028\U0001f600e\u0301")]
    assert write_parquet(tmp_path / "a.parquet", iter(found)) == len(found)
    assert read_documents(tmp_path / "a.parquet") == found
    assert holds_texts(tmp_path / "a.parquet")
    assert list(stored_records([tmp_path / "a.parquet"])) == [document.id for document in found]


def test_lists_and_structs_are_read_too(tmp_path: Path) -> None:
    found = read_documents("corpus/test")[:20]
    records = [{**one.to_dict(), "meta": json.dumps(one.to_dict().get("meta", {}))} for one in found]
    assert read_documents(rows(tmp_path / "a.parquet", records)) == found


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    found = documents(4)
    for name, part in (("b", found[2:]), ("a", found[:2])):
        write_parquet(tmp_path / f"{name}.parquet", part)
    assert read_documents(tmp_path) == found
    assert [line.number for line in scan(tmp_path)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "change",
    [{"spans": "[{"}, {"spans": '{"id": 1}'}, {"text": None}, {"id": None}],
    ids=["json", "kind", "text", "id"],
)
def test_faults_name_the_row(tmp_path: Path, change: dict[str, Any]) -> None:
    first, second = ({"id": one.id, "text": one.text, "spans": "[]"} for one in documents(2))
    path = rows(tmp_path / "a.parquet", [first, second | change])
    with pytest.raises(DataError) as caught:
        read_documents(path)
    assert {(fault.file, fault.line) for fault in caught.value.faults} == {(str(path), 2)}


def test_what_is_no_parquet_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(DataError) as caught:
        read_documents(tmp_path / "a.parquet")
    assert caught.value.faults[0].file == str(tmp_path / "a.parquet")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError):
        find_data(tmp_path / "empty")


def test_two_documents_of_one_id_are_not_written(tmp_path: Path) -> None:
    (document,) = documents(1)
    with pytest.raises(DataError):
        write_parquet(tmp_path / "a.parquet", [document, replace(document, text=document.text + " ")])
    assert not list(tmp_path.iterdir())
