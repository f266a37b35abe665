"""Cells of CSV: no formulas, and read back as they were."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.tables.cells import LONGEST, csv_cell, csv_line

DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('=+-@\t\r\n";, 12.'), max_size=20)


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "-", "+-5", "-5-"])
def test_formulas_get_a_quote(text: str) -> None:
    assert csv_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "+12", "-0.5", "12", "a=b", "a - b", "“=1”"])
def test_numbers_and_other_texts_stay(text: str) -> None:
    assert csv_cell(text) == text


@pytest.mark.parametrize(("value", "cell"), [(None, ""), (True, "TRUE"), (False, "FALSE"), (0, "0"), (0.5, "0.5")])
def test_values_that_are_no_text(value: float | None, cell: str) -> None:
    assert csv_cell(value) == cell


@given(TEXTS)
def test_no_cell_starts_a_formula(text: str) -> None:
    cell = csv_cell(text)
    for part in re.split(r";\s*", cell):
        assert not part.startswith(DANGEROUS) or re.fullmatch(r"[+-]\d+(\.\d+)?", cell, re.ASCII)


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_a_line_is_read_back(values: list[str]) -> None:
    (row,) = csv.reader(io.StringIO(csv_line(values), newline=""))
    assert row == [csv_cell(value) for value in values]
    assert csv_line(values).endswith("\r\n")


def test_cells_are_no_longer_than_excel_allows() -> None:
    assert csv_cell("a" * LONGEST) == "a" * LONGEST
    assert len(csv_cell("=" + "a" * LONGEST)) == LONGEST
