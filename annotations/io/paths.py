"""Names of files: which kind of content an ending stands for, and what is a path and no text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

KINDS: Mapping[str, str] = {
    ".txt": "text",
    ".md": "text",
    ".markdown": "text",
    ".html": "html",
    ".htm": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
}
_LONGEST = 1024  # characters of a path; a text may have any number


def kind_of(path: Path) -> str:
    """Return the kind of content that the ending of a file's name stands for; empty if it is none that is read.

    Example:
        >>> kind_of(Path("wire/2021.CSV")), kind_of(Path("scan.pdf"))
        ('csv', '')
    """
    return KINDS.get(path.suffix.lower(), "")


def exists(path: Path) -> bool:
    """Whether there is such a file or folder; a paragraph is too long for a name, and may hold what none can hold."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def is_path(text: str) -> bool:
    """Whether a string is the path of a file or folder, or looks like one: one line with an ending that is read.

    Example:
        >>> is_path("articles/gao.txt"), is_path("Gunmen opened fire in Gao.")
        (True, False)
    """
    if not text.strip() or "\n" in text or len(text) > _LONGEST:
        return False
    return bool(kind_of(Path(text))) or exists(Path(text))


def means_path(word: str) -> bool:
    """Whether an argument of a command means a file or folder, also one that does not exist.

    A text has blanks between its words; so what has none is a path, and so is what starts or ends like one.

    Example:
        >>> means_path("artcles"), means_path("my artcles/"), means_path("Gunmen opened fire in Gao.")
        (True, True, False)
    """
    if is_path(word):
        return True
    one_line = bool(word.strip()) and "\n" not in word
    return one_line and (
        not any(map(str.isspace, word)) or word.endswith(("/", "\\")) or word.startswith(("/", "./", "../"))
    )
