"""Files, folders and words of the command line as inputs: what is read, refused and left out."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from annotations.io.paths import is_path, means_path
from inference.inputs import Reader, count_inputs, read_articles, scan_inputs
from tests.inference.inputs.test_tables import scan, texts, write

PAGE = """<!doctype html><html><head><meta charset="{charset}"><title>Blast in Gao | The Post</title>
<meta property="og:title" content="Blast in Gao">
<meta property="article:published_time" content="2021-03-04T08:00:00Z">
</head><body><nav><a href="/">Home</a> <a href="/world">World news</a></nav><article><p>A bomb exploded in the café of
the market on Friday, killing 12 traders &amp; wounding dozens, the mayor said.</p><p>Nobody has claimed the attack, and
the police were looking for two men on a motorbike.</p></article>
<footer>Sign up for our newsletter</footer></body></html>
"""


def test_a_folder_is_read_with_all_its_kinds_in_order_of_the_names(tmp_path: Path) -> None:
    for name in ("b.txt", "c/a.MD", "c/d.txt", "a.csv", "z.pdf", "c/e.docx"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write(tmp_path, name, "text\nRain fell\n")
    (tmp_path / "gone.html").symlink_to("nowhere")
    found = scan(tmp_path)
    assert [one.name for one in found] == [
        str(tmp_path / name) for name in ("a.csv:2", "b.txt", "c/a.MD", "c/d.txt", "c/e.docx", "gone.html", "z.pdf")
    ]
    assert [Path(one.name).name for one in found if one.text is None and not one.faults] == ["e.docx", "z.pdf"]
    assert count_inputs([str(tmp_path)], Reader(io.BytesIO())) == len(found)


def test_a_folder_order_is_that_of_its_paths(tmp_path: Path) -> None:
    names = ["a/b.txt", "a.txt", "a-b.txt", "a/a/z.txt", "B.txt", "a0/x.txt"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        write(tmp_path, name, name)
    assert [one.text for one in scan(tmp_path)] == [str(one) for one in sorted(map(Path, names))]


def test_files_that_are_being_written_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "Rain fell")
    write(tmp_path, "out.csv", "notes\nx\n")
    reader = Reader(io.BytesIO(), leave={(tmp_path / "out.csv").resolve()})
    assert [one.text for one in scan_inputs([str(tmp_path)], reader)] == ["Rain fell"]


@pytest.mark.parametrize("word", ["artcles", "my artcles/", "./my articles", "a.txt", "more news.CSV", "a/b"])
def test_a_path_that_does_not_exist_is_no_text(word: str) -> None:
    (found,) = scan(word)
    assert (found.text, found.faults[0].file) == (None, word)


@pytest.mark.parametrize("word", ["Gunmen fired.", "Rain fell. " * 1000, "One\nline.txt", "He said and/or 3.5"])
def test_words_with_blanks_are_a_text(word: str) -> None:
    assert texts(scan(word)) == [("text", word)]
    assert not is_path(word)
    assert not means_path(word)


@pytest.mark.parametrize("name", ["a.docx", "a.pdf", "report.2021"])
def test_an_unknown_ending_is_refused_unless_the_format_is_named(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name, "text\nRain fell\n")
    (found,) = scan(path)
    assert "--input-format" in found.faults[0].remedy
    assert texts(scan(path, form="csv")) == [(f"{path}:2", "Rain fell")]
    assert texts(scan(path, form="text")) == [(str(path), "text\nRain fell\n")]


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.parquet", "a.tsv"])
def test_a_table_is_never_read_as_prose(tmp_path: Path, name: str) -> None:
    assert texts(scan(write(tmp_path, name, "Gunmen fired at a market in Gao.\nIt rained."))) == []


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no names")
def test_a_pipe_is_read_once_and_counted(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b'{"text": "Rain fell"}\n{"text": "Snow fell"}\n')
    os.close(writing)
    reader = Reader(io.BytesIO(), form="jsonl")
    name = f"/dev/fd/{reading}"
    assert count_inputs([name], reader) == 2
    assert [one.text for one in scan_inputs([name], reader)] == ["Rain fell", "Snow fell"]
    os.close(reading)


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "iso-8859-15"])
def test_a_page_gives_its_article_title_and_day(tmp_path: Path, charset: str) -> None:
    (tmp_path / "a.html").write_bytes(PAGE.format(charset=charset).encode(charset))
    (found,) = scan(tmp_path / "a.html")
    assert found.text is not None
    title, first, second = found.text.split("\n\n")
    assert (title, str(found.date), found.made) == ("Blast in Gao", "2021-03-04", True)
    assert "café" in first
    assert "traders & wounding" in first
    assert second.startswith("Nobody has claimed")
    assert "newsletter" not in found.text
    assert found.source["title"] == "Blast in Gao"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body></body></html>",
        b"\xff\xfe\x00",
        "<meta charset=ascii><p>caf\xe9".encode("latin-1"),
        "<meta charset=rot13><p>caf\xe9".encode("latin-1"),
        "<p>caf\xe9".encode("latin-1"),
    ],
)
def test_a_page_that_holds_no_article_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.html").write_bytes(content)
    (found,) = scan(tmp_path / "a.html")
    assert (found.text, found.faults[0].file) == (None, str(tmp_path / "a.html"))


@pytest.mark.parametrize(
    ("module", "name", "extra"), [("trafilatura", "a.html", "html"), ("pyarrow", "a.parquet", "tables")]
)
def test_without_a_library_its_files_name_the_extra(
    tmp_path: Path, module: str, name: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    write(tmp_path, name, "<p>Rain fell.")
    write(tmp_path, "b.txt", "Rain fell.")
    refused, read = scan(tmp_path)
    assert (f"[{extra}]" in refused.faults[0].remedy, read.text) == (True, "Rain fell.")


def test_tables_and_pages_of_a_folder_are_no_articles_to_annotate(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "Rain fell")
    write(tmp_path, "b.csv", "text\nSnow fell\n")
    assert [(document.id, document.text) for document in read_articles([str(tmp_path)])] == [("a", "Rain fell")]
