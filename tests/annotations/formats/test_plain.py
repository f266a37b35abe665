"""Plain texts to inline markup, and the example of the guidelines."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

import annotations
from annotations import DataError, load_schema
from annotations.formats.inline import parse, read_folder, read_plain, render
from annotations.validate import document_faults
from tests.helpers import run

SCHEMA = load_schema()
GUIDELINES = Path(annotations.__file__).with_name("guidelines.md")


def write(folder: Path, **texts: str) -> Path:
    folder.mkdir()
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8", newline="")
    return folder


def test_plain_texts_become_markup_that_reads_back_and_nothing_is_overwritten(tmp_path: Path) -> None:
    source = write(tmp_path / "plain", one="\n\nGunmen {fled} | a \\ wall.\n\nRain.\n\n", two="A\r\nB\r\n")
    done = run("data", "convert", str(source), str(tmp_path / "marked"))
    assert done.returncode == 0, done.stderr
    found = read_folder(tmp_path / "marked", SCHEMA)
    assert [(one.id, one.text) for one in found] == [
        ("one", "Gunmen {fled} | a \\ wall.\n\nRain."),
        ("two", "A\r\nB"),
    ]
    (tmp_path / "marked" / "one.txt").write_text("mine", encoding="utf-8")
    again = run("data", "convert", str(source), str(tmp_path / "marked"))
    assert (again.returncode, (tmp_path / "marked" / "one.txt").read_text(encoding="utf-8")) == (1, "mine")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_any_text_is_kept_or_refused(text: str) -> None:
    with tempfile.TemporaryDirectory() as made:
        (Path(made) / "a.txt").write_text(text, encoding="utf-8", newline="")
        try:
            (document,) = read_plain(Path(made))
            content = render(document, SCHEMA)
        except DataError:
            return
    assert document.text == text.removeprefix("\ufeff").rstrip().lstrip("\r\n")
    assert parse(content, SCHEMA).text == document.text


def test_marked_up_empty_and_equally_named_files_are_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "plain", good="Rain.", empty=" \n", done="id: d1\n---\nRain.\n---\n")
    (source / "more").mkdir()
    (source / "more" / "good.txt").write_text("Sun.", encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_plain(source)
    names = [Path(fault.file).relative_to(source).as_posix() for fault in error.value.faults]
    assert names == ["done.txt", "empty.txt", "more/good.txt"]


def test_a_name_with_blanks_gives_an_id_without(tmp_path: Path) -> None:
    source = tmp_path / "plain"
    source.mkdir()
    (source / "my first article.txt").write_text("Rain.", encoding="utf-8")
    assert [one.id for one in read_plain(source)] == ["my-first-article"]


def test_the_whole_file_in_the_guidelines_is_sound() -> None:
    (shown,) = regex.findall(r"```\n(id: .*?)```", GUIDELINES.read_text(encoding="utf-8"), regex.DOTALL)
    document = parse(shown, SCHEMA)
    assert document_faults(document, SCHEMA) == []
    assert document.meta["date"] == "2012-05-14"
    assert [(event.attack_type, sorted(event.toll)) for event in document.events] == [
        ("armed_assault", ["killed"]),
        ("bombing", ["injured"]),
    ]
