"""Gold on real news: stand-off, with train and dev apart."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from annotations.formats.jsonl import find_data
from annotations.io.json_text import json_lines

SETS = ["news/train", "news/train-articles", "news/train-wires", "news/dev"]


@pytest.mark.parametrize("name", [*SETS, "news/pass-a", "news/pass-b"])
def test_a_set_has_spans_and_no_text(name: str) -> None:
    records = [line.record for line in json_lines(find_data(name))]
    assert len(records) > 80
    for record in records:
        assert record is not None
        assert "text" not in record
        assert "text_sha256" in record
        assert record["meta"]["source"]
        assert all(0 <= span["start"] < span["end"] <= record["text_length"] for span in record["spans"])
        assert not any(isinstance(value, str) and len(value) > 90 for value in record["meta"].values())
    assert sum(len(record["spans"]) for record in records if record) > 800


def test_no_text_is_in_both_sets_and_both_passes_are_of_dev() -> None:
    hashes = {
        name: {json.loads(line)["text_sha256"] for line in find_data(name).read_text(encoding="utf-8").splitlines()}
        for name in (*SETS, "news/pass-a", "news/pass-b")
    }
    counts = Counter(text for name in SETS for text in hashes[name])
    assert max(counts.values()) == 1
    assert hashes["news/pass-a"] == hashes["news/pass-b"] <= hashes["news/dev"]
    assert len(hashes["news/pass-a"]) >= 80
