"""Datelines: found where a report begins, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations import read_documents
from annotations.text.sentences import datelines, within


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("GAO - Gunmen killed six.", ["GAO"]),
        ("Six dead in Gao\n\nGAO, Mali (Agency) – Gunmen killed six.", ["GAO, Mali (Agency)"]),
        ('TIN-AICHA -- "We saw them," he said.', ["TIN-AICHA"]),
        ("ABU DHABI, 3 May — Two men were shot.", ["ABU DHABI, 3 May"]),
        ("UN - which left the town - was not there.", []),
        ("GUNMEN KILLED SIX IN GAO -- THE POLICE CAME LATE.", []),
        ("Gao - Gunmen killed six.", []),
        ("DJIBO 12 FEB 1740HRS - Convoy ambushed.", []),
        ("Gunmen of the ABC - Allied Brigades - killed six.", []),
    ],
)
def test_datelines_of_texts(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in datelines(text)] == found


@pytest.mark.parametrize("name", ["corpus/train", "corpus/dev", "corpus/forms", "corpus/several"])
def test_no_gold_span_is_in_a_dateline(name: str) -> None:
    marked = [
        document.mention(span)
        for document in read_documents(name)
        for found in [datelines(document.text)]
        for span in document.spans
        if within(found, span.start, span.end)
    ]
    assert marked == []


@given(st.text(alphabet="AB -–\nab(),.'", max_size=80))
def test_parts_are_in_order_and_within_the_text(text: str) -> None:
    found = datelines(text)
    assert found == sorted(found)
    assert all(0 <= start < end <= len(text) and within(found, start, end) for start, end in found)
