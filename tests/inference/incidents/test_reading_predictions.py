"""Predictions as files hold them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotations.errors import DataError
from inference.incidents.reading import read_predictions
from tests.inference.incidents.records import event, record


def written(path: Path, *records: Any) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    return path


def test_texts_are_found_in_any_order(tmp_path: Path):
    file = written(tmp_path / "p.jsonl", record("a", None), record("b", None), record("c", None))
    texts = written(tmp_path / "t.jsonl", *({"id": name, "text": f"text {name}"} for name in "bax"))
    found = [one.get("text") for one in read_predictions([file], [str(texts)])]
    assert found == ["text a", "text b", None]


def test_several_files_are_read_and_an_id_counts_once(tmp_path: Path):
    first, second = written(tmp_path / "1.jsonl", record("a", None)), written(tmp_path / "2.jsonl", record("a", None))
    with pytest.raises(DataError) as raised:
        list(read_predictions([first, second]))
    fault = raised.value.faults[0]
    assert (fault.file, fault.line, fault.document) == (str(second), 1, "a")


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"id": ""},
        {"spans": None},
        {"events": [{}]},
        {"events": ["E1"]},
        {"date": "yesterday"},
        {"date": 5},
        {"spans": [{"id": "S10"}]},
        {"spans": []},  # the event names spans that are not there
    ],
)
def test_a_line_that_is_no_prediction_is_named(tmp_path: Path, change: dict[str, Any]):
    file = written(tmp_path / "p.jsonl", record("a", None), record("b", None, event()) | change)
    with pytest.raises(DataError) as raised:
        list(read_predictions([file]))
    assert (raised.value.faults[0].file, raised.value.faults[0].line) == (str(file), 2)
