"""Faults of data as commands tell them: alike in `data validate` and `train`, and few lines for many."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from annotations import Document, Span, write_documents
from annotations.errors import SHOWN, Fault
from annotations.label_studio.exports import Labelled
from tests.helpers import run
from tests.tiny import config as tiny_config
from tests.tiny import documents


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(tiny_config(tmp_path)), encoding="utf-8")
    return path


def spans_only() -> list[Document]:
    return [replace(document, events=()) for document in documents()]


def untied() -> list[Document]:
    """Documents whose events have lost a trigger."""
    found = []
    for document in documents():
        events = [replace(event, roles={**event.roles, "triggers": ()}) for event in document.events]
        found.append(replace(document, events=events))
    return found


@pytest.mark.parametrize(("made", "code"), [(spans_only, 0), (untied, 1), (documents, 0)])
@pytest.mark.parametrize("keep_key", [True, False])
def test_documents_without_events_are_taken_or_refused_alike(
    tmp_path: Path, config: Path, made: object, code: int, keep_key: bool
) -> None:
    records = [document.to_dict() for document in made()]  # type: ignore[operator]
    if not keep_key:
        records = [{key: value for key, value in one.items() if key != "events" or value} for one in records]
    path = tmp_path / "given.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    change = f"data={{train: [{path}], dev: 0.3, window: 32, overlap: 8}}"
    checked = run("data", "validate", str(path), "--all")
    trained = run("train", str(config), "--set", change, "--dry-run", cwd=tmp_path)
    assert (checked.returncode, trained.returncode) == (code, code), (checked.stderr, trained.stderr)
    if code:
        again = run("train", str(config), "--set", change, "--dry-run", "--all", cwd=tmp_path)
        told = [re.findall(r"document '(\w+)'", one.stderr) for one in (checked, again)]
        assert set(told[0]) == set(told[1])


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A file of 50 documents, each with a fault of one kind, and a last one with another."""
    found = [Document(f"d{n:02d}", "Gunmen fled.", [Span("S1", 0, 6, "PERPETRATOR", f"x{n}")]) for n in range(50)]
    write_documents(tmp_path / "faulty.jsonl", [*found, Document("e", "Gunmen fled.", [Span("S1", 0, 3, "VICTIM")])])
    return tmp_path / "faulty.jsonl"


def test_validate_tells_the_first_faults_and_counts_the_others_by_kind(faulty: Path) -> None:
    few, every = run("data", "validate", str(faulty)), run("data", "validate", str(faulty), "--all")
    assert (few.returncode, every.returncode) == (1, 1)
    assert len(every.stderr.splitlines()) == 51
    assert few.stderr.splitlines()[:SHOWN] == every.stderr.splitlines()[:SHOWN]
    assert [line.split()[1] for line in few.stderr.splitlines()[SHOWN:]] == ["31", "30:", "1:"]
    assert "--all" in few.stderr


def test_predict_tells_the_first_faults_and_counts_the_others_by_kind(tmp_path: Path) -> None:
    lines = ['{"body": 1}'] * 30 + ["not JSON"] * 20
    (tmp_path / "wire.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    few, every = run("predict", "wire.jsonl", cwd=tmp_path), run("predict", "wire.jsonl", "--all", cwd=tmp_path)
    told, all_told = few.stderr.splitlines(), every.stderr.splitlines()
    assert (few.returncode, every.returncode) == (1, 1)
    assert len(all_told) == 50
    assert told[:SHOWN] == all_told[:SHOWN]
    assert [line.split()[1] for line in told[SHOWN:]] == ["30", "20:", "10:"]
    assert "--all" in told[SHOWN]


def test_all_does_not_last_until_the_next_command(tmp_path: Path, config: Path, faulty: Path) -> None:
    train = ("train", str(config), "--dry-run", "--set", f"data.train=[{faulty}]")
    assert len(run(*train, "--all", cwd=tmp_path).stderr.splitlines()) > 50
    assert len(run(*train, cwd=tmp_path).stderr.splitlines()) < 30
    assert len(run("data", "tolls", str(faulty)).stderr.splitlines()) < 30


def test_a_forgotten_schema_is_one_message(tmp_path: Path, config: Path) -> None:
    found = [Document(f"d{n}", f"Acme recalls {n} cars.", [Span("S1", 0, 4, "MAKER")]) for n in range(30)]
    path = tmp_path / "recalls.jsonl"
    write_documents(path, found)
    for words in (
        ("data", "validate", str(path)),
        ("train", str(config), "--dry-run", "--set", f"data.train=[{path}]", "--set", f"data.dev=[{path}]"),
    ):
        done = run(*words, cwd=tmp_path)
        errors = [line for line in done.stderr.splitlines() if line.startswith("error")]
        assert (done.returncode, len(errors)) == (1, 1)
        assert "MAKER" in errors[0]
        assert "--schema" in errors[0]


def test_a_pull_tells_few_of_many_faults_and_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("label_studio_sdk")
    from annotations.label_studio import server

    found = Labelled(
        skipped=[("anna", f"d{n}") for n in range(40)],
        superseded=[("anna", f"d{n}", n) for n in range(50)],
        faults=[Fault("cannot be read", document=f"d{n}") for n in range(60)],
    )
    stub = SimpleNamespace(pull=lambda: found, origin="project 1 on a server")
    monkeypatch.setattr(server, "Project", lambda *_: stub)
    few = run("annotate", "pull", str(tmp_path / "labelled"))
    every = run("annotate", "pull", str(tmp_path / "labelled"), "--all")
    assert (few.returncode, every.returncode) == (1, 1)
    counts = [[text.count(word) for word in ("skipped by", "is older", "cannot be")] for text in _told(few, every)]
    assert counts == [[SHOWN + 1, SHOWN + 1, SHOWN + 1], [40, 50, 60]]  # one more for the kind
    assert few.stderr.count("--all") == 2


def _told(*done: subprocess.CompletedProcess[str]) -> list[str]:
    return [one.stdout + one.stderr for one in done]
