"""`predict --format xlsx`: a workbook with a sheet of events and one of spans."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from inference.tables import Column
from inference.tables.rows import Row
from tests.helpers import run
from training.cli import prediction_files as module
from training.cli.prediction_files import workbook

pytest.importorskip("xlsxwriter")
SPACE = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
COLUMNS = [
    Column(name, kind, "")
    for name, kind in (("id", "text"), ("day", "date"), ("n", "integer"), ("x", "number"), ("yes", "boolean"))
]


def cells(path: Path, sheet: int = 1) -> list[dict[str, tuple[str, str]]]:
    """Type and content of each cell of each row, by its column."""
    with zipfile.ZipFile(path) as file:
        tree = ElementTree.fromstring(file.read(f"xl/worksheets/sheet{sheet}.xml"))
    return [
        {
            cell.attrib["r"].rstrip("0123456789"): (cell.attrib.get("t", "n"), "".join(cell.itertext()))
            for cell in row.findall("m:c", SPACE)
        }
        for row in tree.findall(".//m:row", SPACE)
    ]


def written(tmp_path: Path, *rows: Row) -> list[dict[str, tuple[str, str]]]:
    with workbook(tmp_path / "a.xlsx", [("events", COLUMNS)]) as (put,):
        for row in rows:
            put(dict.fromkeys(column.name for column in COLUMNS) | row)
    return cells(tmp_path / "a.xlsx")[1:]


def test_headings_are_frozen(tmp_path: Path):
    assert written(tmp_path) == []
    with zipfile.ZipFile(tmp_path / "a.xlsx") as file:
        assert 'state="frozen"' in file.read("xl/worksheets/sheet1.xml").decode()
    assert [content for _, content in cells(tmp_path / "a.xlsx")[0].values()] == [column.name for column in COLUMNS]


@pytest.mark.parametrize("words", ["10-12", "007", "=1+1", "https://example.org", "@a", "1e5", "Gao\nMali", " é"])
def test_text_stays_text(words: str, tmp_path: Path):
    ((row),) = written(tmp_path, {"id": words})
    assert row == {"A": ("inlineStr", words)}


def test_dates_numbers_and_flags_have_their_types(tmp_path: Path):
    (row,) = written(tmp_path, {"day": "2021-03-04", "n": 0, "x": 0.5, "yes": False})
    assert row == {"B": ("n", "44259"), "C": ("n", "0"), "D": ("n", "0.5"), "E": ("b", "0")}


def test_a_date_before_excel_is_text(tmp_path: Path):
    (row,) = written(tmp_path, {"day": "1899-12-31"})
    assert row == {"B": ("inlineStr", "1899-12-31")}


def test_long_cells_are_cut_and_controls_shown(tmp_path: Path):
    long, control = written(tmp_path, {"id": "a" * 40_000}, {"id": "a\x1bb"})
    assert len(long["A"][1]) == 32_767
    assert control["A"][1] == r"a\x1bb"


def test_too_many_rows_are_refused_and_leave_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_ROWS", 3)
    with pytest.raises(ValueError, match="3 rows"):
        written(tmp_path, {"n": 1}, {"n": 2}, {"n": 3})
    assert list(tmp_path.iterdir()) == []


def test_predict_writes_both_sheets(tmp_path: Path, tiny_model_folder: Path):
    given = ("predict", "Gunmen opened fire at a market.", "--model", str(tiny_model_folder), "--format", "xlsx")
    assert run(*given, "--output", "a.xlsx", cwd=tmp_path).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]
    assert cells(tmp_path / "a.xlsx", 1)[0]["A"][1] == "source_id"
    assert len(cells(tmp_path / "a.xlsx", 2)) > 1


@pytest.mark.parametrize("words", [("--format", "xlsx"), ("--format", "xlsx", "--output", "a", "--spans", "b")])
def test_wrong_calls(words: tuple[str, ...], tmp_path: Path):
    assert run("predict", "Gunmen fired.", *words, cwd=tmp_path).returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_without_the_library_the_extra_is_named(
    tmp_path: Path, tiny_model_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    given = ("predict", "Gunmen fired.", "--model", str(tiny_model_folder), "--format", "xlsx", "--output", "a.xlsx")
    found = run(*given, cwd=tmp_path)
    assert (found.returncode, "conflict-events[tables]" in found.stderr) == (1, True)
