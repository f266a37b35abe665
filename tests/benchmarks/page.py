"""The page of benchmarks: parts that are written by different commands."""

from __future__ import annotations

from pathlib import Path

import regex

from annotations.io.writing import write_text

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def put_part(path: Path, part: str) -> None:
    """Write a part, which begins with a heading of the first level, in place of the part with that heading, or last.

    Args:
        path: The page.
        part: Markdown.
    """
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    parts = {one.splitlines()[0]: one.strip() for one in regex.split(r"(?m)^(?=# )", old) if one.strip()}
    parts[part.splitlines()[0]] = part.strip()
    write_text(path, "\n\n".join(parts.values()) + "\n")
