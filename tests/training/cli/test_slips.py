"""Slips that users make: each is a message with what is wrong, where and what to do, and an exit code other than 0."""

from __future__ import annotations

import gzip
import os
import socket
import zipfile
from pathlib import Path

import pytest

from annotations import write_documents
from tests.helpers import run
from tests.tiny import documents

pytestmark = pytest.mark.usefixtures("_here")


@pytest.fixture
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with files that are not what they are taken for."""
    monkeypatch.chdir(tmp_path)
    write_documents(tmp_path / "gold.jsonl", documents(4))
    Path("packed.txt").write_bytes(gzip.compress(b"Gunmen killed 12."))
    Path("scan.txt").write_bytes(b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n")  # all of it ASCII
    with zipfile.ZipFile("report.txt", "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    Path("story.txt").write_text("Gunmen killed 12.\n\nRain fell.\n")
    Path("table.csv").write_text("id;text\n1;Rain fell.\n")
    Path("empty.jsonl").touch()
    Path("folder").mkdir()
    Path("newer").mkdir()
    Path("newer/manifest.json").write_text('{"format": 99}')
    Path("uneven.csv").write_text("id;text\n1;Rain fell; nobody was hurt.\n")


@pytest.mark.parametrize(
    ("call", "code", "said"),
    [
        ("predict packed.txt", 1, ("packed.txt", "gzip", "unpack")),
        ("predict scan.txt", 1, ("scan.txt", "PDF", ".txt")),
        ("predict report.txt", 1, ("report.txt", "ZIP", "text")),
        ("predict wire.txt.gz", 1, ("wire.txt.gz", ".gz", "unpack")),
        ("predict story.txt --date 04.03.2021", 2, ("--date", "04.03.2021")),
        ("predict story.txt --format excel", 2, ("--format", "'excel' is not one of")),
        ("predict story.txt --model story.txt", 1, ("story.txt", "folder that it is in")),
        ("predict story.txt --model newer", 1, ("newer", "99", "install a newer conflict-events")),
        ("predict uneven.csv", 1, ("uneven.csv:2", "3", "quotes")),
        ("predict story.txt --model folder", 1, ("folder", "manifest.json", "training run")),
        ("predict story.txt -f csv -o nowhere/a.csv", 2, ("--output", "nowhere", "make it")),
        ("data validate folder", 1, ("folder", ".jsonl", "data convert")),
        ("data validate story.txt", 1, ("story.txt", "JSON Lines", "data convert")),
        ("data validate table.csv", 1, ("table.csv", "JSON Lines", "data import")),
        ("data validate empty.jsonl", 1, ("empty.jsonl", "no document")),
        ("data convert gold.jsonl out.jsonl", 1, ("out.jsonl", "folder")),
        ("data convert gold.jsonl gold.jsonl", 1, ("gold.jsonl", "folder")),
        ("data convert nowhere out.jsonl", 1, ("nowhere", "check the path")),
        ("data report nowhere.jsonl", 1, ("nowhere.jsonl", "check the path")),
        ("data report corpus/tset", 1, ("corpus/tset", "corpus/test")),
        ("data import muc5 nowhere a.jsonl", 1, ("muc5", "muc4")),
        ("data import muc4 nowhere a.jsonl", 1, ("nowhere", "check the path")),
        ("annotate push story.txt", 1, ("LABEL_STUDIO_URL", "--url")),
        ("serve --texts 600", 1, ("600", "queue_texts", "512")),
    ],
)
def test_a_slip_is_one_message_that_says_where_and_what_to_do(
    call: str, code: int, said: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LABEL_STUDIO_URL", "LABEL_STUDIO_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    Path("wire.txt.gz").write_bytes(gzip.compress(b"Gunmen killed 12."))
    found = run(*call.split())
    assert found.returncode == code
    assert [word for word in said if word not in found.stderr] == []
    assert found.stderr.count("error: ") == (code == 1)
    assert "Value error" not in found.stderr
    assert not Path("out.jsonl").exists()


@pytest.mark.integration
@pytest.mark.parametrize("command", ["serve", "annotate serve"])
def test_a_port_in_use_is_said_before_a_model_is_loaded(command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        found = run(*command.split(), "--port", port)
    assert (found.returncode, found.stderr.count("error: "), found.stdout) == (1, 1, "")
    assert f"127.0.0.1:{port}: " in found.stderr
    assert "--port" in found.stderr


def test_markup_of_another_schema_is_one_fault() -> None:
    Path("marked").mkdir()
    for name in ("a", "b"):
        Path("marked", f"{name}.txt").write_text(
            "---\n{Ketteler|COMPANY|E1} {recalled|RECALL|E1} it.\n---\nE1: safety\n"
        )
    found = run("data", "convert", "marked", "out.jsonl")
    assert (found.returncode, found.stderr.count("error: "), "--schema" in found.stderr) == (1, 1, True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_names_the_file(tiny_model_folder: Path) -> None:
    found = run("predict", "story.txt", "-m", str(tiny_model_folder), "-f", "csv", "-o", "/dev/full")
    assert (found.returncode, found.stderr.count("/dev/full: "), found.stderr.count("make room")) == (1, 1, 1)
    assert "Errno" not in found.stderr


def test_a_command_gives_up_soon_on_a_silent_store(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", raising=False)

    def load(*_: object, **__: object) -> None:
        asked.append(os.environ.get("MLFLOW_HTTP_REQUEST_MAX_RETRIES"))
        raise OSError("no server")

    monkeypatch.setattr("inference.loading.load", load)
    found = run("predict", "story.txt", "--model", "champion", "--tracking-uri", "http://127.0.0.1:9")
    assert (found.returncode, asked) == (1, ["2"])
