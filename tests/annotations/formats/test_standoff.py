"""Stand-off documents: annotations here, texts elsewhere."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from annotations import DataError, Document, Span, read_documents
from annotations.formats.jsonl import find_data, write_standoff
from annotations.formats.texts import ARTICLES_VARIABLE, MissingText, TextSource, standoff_record
from annotations.schema import load_schema
from annotations.validate import validate

ARTICLES = Path(__file__).resolve().parents[4] / "shared" / "articles"
NOTICE = "Harbour notice\n"
FIRST = Document("first", NOTICE + "Pirates boarded a trawler 🚢 off Quell.", [Span("S1", 15, 22, "PERPETRATOR")])
SECOND = Document("second", NOTICE + "All quiet in Quell.\n\nThe fair opens at nine.", meta={"genre": "local"})
BOTH = [FIRST, SECOND]


@pytest.fixture
def records(tmp_path: Path) -> Path:
    """Both documents without their texts."""
    path = tmp_path / "gold.jsonl"
    write_standoff(path, [(document, f"{document.id}.txt") for document in BOTH])
    return path


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """An empty folder for texts."""
    folder = tmp_path / "texts"
    folder.mkdir()
    return folder


def combined(end: str) -> bytes:
    """Both texts, which share their first line, one after another in one file."""
    return "\n\n".join(["Front matter", *(document.text for document in BOTH), ""]).replace("\n", end).encode()


def write_each(folder: Path) -> None:
    for document in BOTH:
        (folder / f"{document.id}.txt").write_bytes(document.text.encode())


def test_no_text_is_stored_and_the_keys_stand_in_order(records: Path) -> None:
    stored = json.loads(records.read_text(encoding="utf-8").splitlines()[0])
    source = ["text_file", "text_sha256", "text_length", "first_line_sha256"]
    assert list(stored) == ["id", *source, "spans", "events", "meta"]
    assert "Pirates" not in records.read_text(encoding="utf-8")


def test_a_text_that_ends_in_blanks_cannot_be_left_out() -> None:
    with pytest.raises(DataError, match="document 'd1': ends in"):
        standoff_record(Document("d1", "Smoke over Quell.\n"), "d1.txt")


@pytest.mark.parametrize("tail", ["", "\n", " \r\n\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_text_is_read_from_its_own_file_whatever_blanks_end_it(
    records: Path, texts: Path, mark: str, tail: str
) -> None:
    for document in BOTH:
        (texts / f"{document.id}.txt").write_bytes(f"{mark}{document.text}{tail}".encode())
    assert read_documents(records, TextSource(texts)) == BOTH


def test_a_file_with_crlf_line_ends_holds_the_text_with_lf(records: Path, texts: Path) -> None:
    for document in BOTH:
        (texts / f"{document.id}.txt").write_bytes(document.text.replace("\n", "\r\n").encode())
    assert read_documents(records, TextSource(texts)) == BOTH


def test_a_text_annotated_with_crlf_keeps_it(tmp_path: Path, texts: Path) -> None:
    document = Document("dos", "Bridge shut\r\nPolice found a mine.", [Span("S1", 28, 32, "WEAPON")])
    write_standoff(tmp_path / "dos.jsonl", [(document, "dos.txt")])
    (texts / "dos.txt").write_bytes(document.text.encode())
    assert read_documents(tmp_path / "dos.jsonl", TextSource(texts)) == [document]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("given", ["file", "folder"])
def test_texts_are_found_in_one_file_that_holds_them_all(records: Path, texts: Path, given: str, end: str) -> None:
    (texts / "year.txt").write_bytes(combined(end))
    path = texts / "year.txt" if given == "file" else texts
    assert read_documents(records, TextSource(path)) == BOTH


def test_a_renamed_file_in_a_sub_folder_is_found_past_one_that_cannot_be_read(records: Path, texts: Path) -> None:
    (texts / "a-latin1.txt").write_bytes("Zürich".encode("latin-1"))
    (texts / "deep").mkdir()
    (texts / "deep" / "renamed.txt").write_bytes(combined("\n"))
    assert read_documents(records, TextSource(texts)) == BOTH


def test_the_folder_is_taken_from_the_environment_unless_one_is_given(
    records: Path, texts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_each(texts)
    monkeypatch.setenv(ARTICLES_VARIABLE, str(texts))
    assert read_documents(records) == BOTH
    assert TextSource.from_setting(f"else{os.pathsep}where").paths == (Path("else"), Path("where"))


@pytest.mark.parametrize(
    ("path", "where"), [((), "no folder of texts is set"), ((Path("gone"),), "gone does not exist")]
)
def test_a_missing_folder_names_the_document_and_the_variable(
    records: Path, path: tuple[Path, ...], where: str
) -> None:
    with pytest.raises(MissingText, match=f"document 'first': needs the text 'first.txt', and {where}") as caught:
        read_documents(records, TextSource(*path))
    assert [fault.document for fault in caught.value.faults] == ["first", "second"]
    assert all("CONFLICT_EVENTS_ARTICLES" in fault.remedy for fault in caught.value.faults)


def test_missing_texts_beside_another_fault_are_not_only_missing_texts(records: Path) -> None:
    with records.open("a", encoding="utf-8") as stream:
        stream.write("{}\n")
    with pytest.raises(DataError, match="lacks the key 'text'") as caught:
        read_documents(records, TextSource())
    assert not isinstance(caught.value, MissingText)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_changed_text_names_both_hashes(records: Path, texts: Path, end: str) -> None:
    write_each(texts)
    changed = FIRST.text.replace("trawler", "tanker!").replace("\n", end)
    (texts / "first.txt").write_bytes(changed.encode())
    with pytest.raises(DataError, match=r"gold\.jsonl:1: document 'first': its text 'first\.txt'") as caught:
        read_documents(records, TextSource(texts))
    assert not isinstance(caught.value, MissingText)
    [fault] = caught.value.faults
    assert FIRST.sha256 in fault.problem
    assert hashlib.sha256(changed.encode()).hexdigest() in fault.problem


def test_texts_are_found_in_several_places_and_on_lines_of_json(records: Path, texts: Path, tmp_path: Path) -> None:
    (texts / "archive").write_bytes(b"MESSAGE 1\r\n\r\n" + SECOND.text.replace("\n", "\r\n").encode())
    lines = [{"id": "other", "text": 5}, ["text"], {"id": "x", "text": FIRST.text + " \n", "coded": {"killed": 2}}]
    lined = tmp_path / "wire.jsonl"
    lined.write_text("\n".join(["{broken", '"\\ud800 text"', *map(json.dumps, lines)]), encoding="utf-8")
    assert read_documents(records, TextSource(texts, lined)) == BOTH
    assert read_documents(records, TextSource.from_setting(f"{lined}{os.pathsep}{texts}")) == BOTH


def test_a_text_that_is_nowhere_in_the_folder_names_the_hash_looked_for(records: Path, texts: Path) -> None:
    (texts / "first.txt").write_bytes(FIRST.text.encode())
    with pytest.raises(MissingText, match=f"document 'second': .*{SECOND.sha256} is not in") as caught:
        read_documents(records, TextSource(texts))
    assert "the file of that name" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text_length": None}, "'text_length' is NoneType, not int"),
        ({"text_length": "38"}, "'text_length' is str, not int"),
        ({"text_file": 1}, "'text_file' is int, not str"),
    ],
)
def test_an_ill_typed_stand_off_key_is_refused(
    records: Path, texts: Path, change: dict[str, Any], message: str
) -> None:
    (texts / "year.txt").write_bytes(combined("\n"))
    stored = json.loads(records.read_text(encoding="utf-8").splitlines()[0])
    records.write_text(json.dumps({**stored, **change}), encoding="utf-8")
    with pytest.raises(DataError, match=rf"gold\.jsonl:1: document 'first': {message}"):
        read_documents(records, TextSource(texts))


def test_all_stand_off_keys_that_lack_are_named(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": "d1", "text_file": "d1.txt", "text_length": 4}', encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_documents(path)
    assert [(fault.document, fault.problem) for fault in caught.value.faults] == [
        ("d1", "stand-off document lacks the key 'text_sha256'"),
        ("d1", "stand-off document lacks the key 'first_line_sha256'"),
    ]


@pytest.mark.skipif(not ARTICLES.is_dir(), reason="the articles are not beside this checkout")
def test_the_articles_are_read_from_all_of_them_joined_in_one_file(tmp_path: Path) -> None:
    files = sorted(ARTICLES.glob("*.txt"))
    joined = tmp_path / "articles.txt"
    joined.write_bytes(b"\n".join(file.read_bytes() for file in files))
    documents = read_documents("articles", TextSource(joined))
    assert {document.text for document in documents} == {file.read_text(encoding="utf-8").rstrip() for file in files}
    assert documents == read_documents("articles", TextSource(ARTICLES))
    report = validate(["articles"], load_schema(), TextSource(joined))
    assert (report.documents, report.faults, report.left_out) == (len(files), (), ())
    assert find_data("articles").is_file()
