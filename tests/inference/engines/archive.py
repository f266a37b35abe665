"""An archive with all kinds of inputs, good and bad, and what is compared of its results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet

from tests.helpers import run

TEXT = "Gunmen opened fire at a market in Ndoro on Friday, killing at least 12 traders and a nurse."


def archive(folder: Path) -> None:
    """Write an archive to a folder: 16 inputs, of which nine are articles, six cannot be read and one is left out."""
    folder.mkdir()
    (folder / "a.txt").write_text(f"{TEXT}\n\nA bomb exploded in Kesra.", encoding="utf-8")
    (folder / "b.txt").write_bytes(b"\xff\xfe\xfa")  # not UTF-8
    (folder / "c.csv").write_text(f'id;Story text;country\n1;"{TEXT} 😀";Mali\n2;;Niger\n', encoding="utf-8")
    lines = [
        {"id": f"j{n}", "text": f"{TEXT} No {n}.", "n": n, "tags": ["a", n], "date": "2021-03-04"} for n in range(7)
    ]
    lines[3]["text"] = 12
    lines[5]["id"] = "j1"  # stands twice
    content = "".join(json.dumps(line) + "\n" for line in lines) + '{"text": "torn'
    (folder / "d.jsonl").write_text(content, encoding="utf-8")
    rows = {
        "id": ["p1", "p2", "p3"],
        "body": [TEXT, None, "Rain fell."],
        "n": [0.5, None, 2.0],
        "ok": [True, False, None],
    }
    parquet.write_table(pyarrow.table(rows), folder / "e.parquet")
    (folder / "f.pdf").write_bytes(b"%PDF")  # left out


def plain(given: Path, model: Path) -> tuple[list[dict[str, Any]], int]:
    """What `predict --format jsonl` tells of an archive, and its exit code."""
    finished = run("predict", str(given), "--model", str(model), "--format", "jsonl")
    return [json.loads(line) for line in finished.stdout.splitlines()], finished.returncode


def articles(folder: Path) -> list[dict[str, Any]]:
    """The article table of a run as `plain` has it: other columns under `source`, without those that are empty."""
    found = []
    for row in rows(folder, "articles"):
        source = {name: value for name, value in row.items() if name not in ("id", "text", "prediction")}
        found.append({"id": row["id"], **json.loads(row["prediction"]), "source": source})
    return found


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    return [row for file in sorted((folder / table).iterdir()) for row in parquet.read_table(file).to_pylist()]


def files(folder: Path) -> dict[str, bytes]:
    """All files of a run but its record, by name."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "run.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
