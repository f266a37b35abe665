"""What reaches a terminal or a pipe: names and texts from outside as they are, harmless, in any encoding."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import unicodedata
from contextlib import suppress
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.progress import Progress, TextColumn
from rich.table import Table
from rich.text import Text

import training
from annotations import Document, Span, write_documents
from annotations.io.writing import write_text
from inference.prediction import PredictedSpan, Prediction
from tests.helpers import run_bytes
from tests.tiny import documents
from training.cli.printable import json_text, markup_text, printable
from training.cli.tables.predictions import print_behaviour, print_prediction
from training.cli.tables.versions import print_outcomes
from training.cli.terminal import Terminal, fail, put, put_json, put_markup, warn
from training.release.gate_checks import Outcome

TITLE = "\x1b]0;taken\x07"
NASTY = f"{TITLE}\x9b31m\u202e\u2066\x7f\x00[/b][red]é–“間🔥"
SHOWN = r"\x1b]0;taken\x07\x9b31m\u202e\u2066\x7f\x00[/b][red]"
CONTROLS = {"Cc", "Cs", "Zl", "Zp"}


def acts(text: str) -> list[str]:
    """What of a text a terminal would obey, or could not be given."""
    return [
        c for c in text if (unicodedata.category(c) in CONTROLS and c not in "\t\n") or c in "\u061c\u200e\u200f\u202e"
    ]


@given(st.text(st.characters(codec=None)))
def test_whatever_is_shown_acts_on_nothing_and_can_be_told(text: str) -> None:
    shown = printable(text).replace("\r\n", "\n")
    assert acts(shown) == []
    assert printable(shown) == shown
    if not acts(text):
        assert shown == text


@given(st.recursive(st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner) | st.lists(inner)))
def test_json_stands_for_the_same_and_has_nothing_that_acts(value: object) -> None:
    for indent in (None, 1):
        text = json_text(value, indent)
        assert json.loads(text) == value
        assert acts(text) == []


@pytest.mark.parametrize("character", ["\u202e", "\u2069", "\u061c", "\u200f"])
def test_html_keeps_the_direction_of_writing_as_a_reference(character: str) -> None:
    page = markup_text(f"<p>Gao{character}\x1b[2J</p>")
    assert acts(page) == []
    assert unescape(page) == f"<p>Gao{character}\\x1b[2J</p>"


def printed(*things: object, width: int = 400) -> str:
    """What the console makes of things, as on a terminal with colours."""
    stream = io.StringIO()
    console = Terminal()
    console.file, console.width = stream, width
    for thing in things:
        console.print(thing)
    return stream.getvalue()


def test_no_way_of_printing_reads_markup_or_lets_controls_through() -> None:
    table = Table(NASTY, title=NASTY, caption=NASTY)
    table.add_column(NASTY, footer=NASTY)
    table.add_row(NASTY, Text(NASTY, style="red"))
    told = printed(NASTY, Text(NASTY), Text.assemble((NASTY, "bold"), NASTY), table)
    assert acts(told) == []
    assert told.count("[/b][red]é–“間🔥") == 11 - 1  # the footer is not shown
    assert told.count(SHOWN) == 6  # a Text leaves the bell out by itself
    assert len({len(line) for line in told.splitlines() if line.startswith(("│", "┃"))}) == 1


def test_progress_shows_names_as_they_are() -> None:
    stream = io.StringIO()
    console = Terminal()
    console.file, console.width = stream, 200
    with Progress(TextColumn("{task.description}", markup=False), console=console) as bars:
        bars.add_task("[/b][red]é")
        bars.add_task(NASTY)
    assert acts(stream.getvalue()) == []
    assert "[/b][red]é" in stream.getvalue()


def test_tables_of_the_project_show_names_as_they_are() -> None:
    from annotations import load_schema
    from training.behaviour.run import Behaviour

    console = Terminal()
    console.file, console.width = io.StringIO(), 200
    text = f"{NASTY} killed 5\r\n."
    span = PredictedSpan("S1", 0, len(NASTY), NASTY, "PERPETRATOR", None, 0.9)
    print_prediction(console, NASTY, Prediction(text, [span], [], f"m{NASTY}", 1, load_schema()))
    print_outcomes(console, NASTY, [Outcome(NASTY, NASTY, NASTY, True, NASTY)])
    print_behaviour(console, NASTY, Behaviour([]))
    told = console.file.getvalue()
    assert acts(told) == []
    assert told.count(SHOWN) >= 4
    assert r"\r" not in told  # a line end is none to show


@pytest.mark.parametrize("tell", [warn, lambda line: fail([line])])
def test_a_message_is_one_harmless_line(capsys: pytest.CaptureFixture[str], tell: object) -> None:
    with suppress(SystemExit):
        tell(f"{NASTY}\nerror: {NASTY}\r")  # type: ignore[operator]
    out, err = capsys.readouterr()
    assert (out, err.count("\n"), err.count(SHOWN), acts(err)) == ("", 1, 2, [])


def test_machine_formats_are_utf8_and_escape_what_acts(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    put_json({"text": NASTY})
    put_markup(f"<b>{NASTY}</b>\n")
    put("é間\n")
    sys.stdout.flush()
    content, page = raw.getvalue().decode("utf-8").split("}\n", 1)
    assert json.loads(content + "}") == {"text": NASTY}
    assert acts(content + page) == []
    assert page.endswith("é間\n")


def test_everything_that_prints_goes_through_the_terminal() -> None:
    for file in sorted(Path(training.__file__).parent.rglob("*.py")):
        code = file.read_text(encoding="utf-8")
        if file.name != "terminal.py":
            assert "typer.echo(" not in code, file
            assert "Console(" not in code, file
        assert "rich.markup" not in code, file


def run(*words: str, encoding: str = "cp1252") -> tuple[int, bytes, bytes]:
    return run_bytes(*words, encoding=encoding)


def run_process(*words: str, encoding: str = "cp1252") -> tuple[int, bytes, bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "training", *words],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert b"Traceback" not in done.stderr + done.stdout
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def nasty(tmp_path: Path) -> Path:
    found = [replace(document, id=f"{NASTY}{number}", meta={"genre": NASTY, "country": "[/b]"})
             for number, document in enumerate(documents(2))]  # fmt: skip
    write_documents(tmp_path / "[b]é間.jsonl", [*found, Document("d", f"{NASTY} killed", [Span("S", 0, 1, "[/b]")])])
    return tmp_path / "[b]é間.jsonl"


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_tables_and_errors_reach_a_console_that_lacks_characters(nasty: Path, encoding: str) -> None:
    code, out, err = run_process("data", "stats", str(nasty), encoding=encoding)
    assert (code, err) == (0, b"")
    assert acts(out.decode(encoding)) == []
    assert SHOWN in out.decode(encoding)
    code, out, err = run("data", "validate", str(nasty), encoding=encoding)
    assert code == 1
    assert acts(out.decode(encoding) + err.decode(encoding)) == []
    code, out, err = run("data", "stats", f"{nasty}{TITLE}", encoding=encoding)
    assert code == 1
    assert acts(err.decode(encoding)) == []


@pytest.mark.parametrize(
    "words",
    [
        ["predict", "x", "--format", NASTY],
        [f"no\u202e{TITLE}"],
        ["train", "default", f"more\u202e{TITLE}"],
        ["evaluate", "m", "d", "--html", f"/{TITLE}/\u202e/x"],
    ],
)
def test_wrong_calls_are_answered_harmlessly(words: list[str]) -> None:
    code, out, err = run(*(word.replace("\x00", "") for word in words), encoding="utf-8")
    assert code == 2
    assert acts((out + err).decode("utf-8")) == []


@pytest.mark.parametrize("form", ["json", "jsonl", "html"])
def test_predictions_for_programs_are_utf8_whatever_the_console_is(
    nasty: Path, tiny_model_folder: Path, form: str
) -> None:
    code, out, err = run("predict", str(nasty), "-m", str(tiny_model_folder), "-f", form)
    assert (code, err.splitlines()) == (0, [b"model: tiny"])
    told = out.decode("utf-8")
    assert acts(told) == []
    assert "🔥" in told
    if form != "html":
        records = json.loads(told) if form == "json" else [json.loads(line) for line in told.split("\n") if line]
        assert [record["id"] for record in records] == [f"{NASTY}0", f"{NASTY}1", "d"]


def test_a_prediction_as_a_table_reaches_a_console_that_lacks_characters(nasty: Path, tiny_model_folder: Path) -> None:
    code, out, _ = run("predict", str(nasty), "-m", str(tiny_model_folder))
    assert code == 0
    assert acts(out.decode("cp1252")) == []


def test_a_pipe_is_written_to_and_a_link_is_followed(tmp_path: Path) -> None:
    code, out, err = run_process("data", "export", "conll", "corpus/dev", "--to", "/dev/stdout")
    assert (code, b"warning" in err) == (0, True)
    assert out.decode("utf-8").count("\n") > 100
    (tmp_path / "link").symlink_to(tmp_path / "file")
    write_text(tmp_path / "link", "é\n")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == "é\n".encode()


def test_a_plain_console_is_given_no_markup_of_ours() -> None:
    stream = io.StringIO()
    print_outcomes(Console(file=stream, width=200), "gates", [Outcome("g", "asked", "found", False, "0.1 too low")])
    assert "failed, 0.1 too low" in stream.getvalue()
