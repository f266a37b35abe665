"""Stand-off documents: annotations of texts that may not be published, and where their texts are found.

A stand-off record has the keys `text_file`, `text_sha256`, `text_length` and `first_line_sha256` instead of `text`. The
text is the content of that file without trailing white space, so that extra line ends at the end of a file do not
matter. Text files and JSON Lines are looked up by hash.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from annotations.document import Document
from annotations.errors import DataError
from annotations.io.decoding import read_text
from annotations.io.json_text import is_whole

KEYS = ("text_file", "text_sha256", "text_length", "first_line_sha256")
ARTICLES_VARIABLE = "CONFLICT_EVENTS_ARTICLES"
_TEXTS = (".txt", "")  # suffixes of files that hold texts one after another
_LINES = ".jsonl"


class MissingText(DataError):
    """The texts of stand-off annotations are not available."""


def sha256(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


class TextSource:
    """Where the texts of stand-off documents are looked for.

    Args:
        paths: Folders and files. A text may be a `.txt` file of its own, one of several in a `.txt` file or a file
            without a suffix, or the value of `text` on a line of a JSON Lines file (`.jsonl`).

    Example:
        >>> TextSource.from_setting("a/texts").paths == (Path("a/texts"),)
        True
    """

    def __init__(self, *paths: Path) -> None:
        self.paths = paths

    @classmethod
    def from_setting(cls, setting: str | Path | Sequence[str] | None) -> TextSource:
        """Use the given paths, else those in `CONFLICT_EVENTS_ARTICLES`.

        Args:
            setting: A path, several, or several in one string, separated as in `PATH` (`:`; on Windows `;`).
        """
        given = setting or os.environ.get(ARTICLES_VARIABLE) or ()
        listed = str(given).split(os.pathsep) if isinstance(given, str | Path) else given
        return cls(*(Path(item).expanduser() for item in listed if item))

    def resolve(self, record: Mapping[str, Any]) -> str:
        """Find the text of a stand-off record.

        The file named in the record is tried first; then every text is looked up by its hash, and every text file is
        searched for a line with the hash of the text's first line: from there, as many characters as the text is long
        must have the hash of the text. CRLF line ends are also tried as LF.

        Raises:
            MissingText: No path is set, none exists, or the text is in none.
            DataError: The text has changed; the message has both hashes.
        """
        document_id, name, wanted = str(record["id"]), str(record["text_file"]), str(record["text_sha256"])
        remedy = f"give its folder with --texts, the config key data.articles or the variable {ARTICLES_VARIABLE}"
        where = ", ".join(map(str, self.paths))
        if not any(path.exists() for path in self.paths):
            missing = f"{where} does not exist" if where else "no folder of texts is set"
            raise MissingText.of(f"needs the text {name!r}, and {missing}", remedy, document=document_id)
        changed = ""
        for content in (content.rstrip() for file in self._of_name(name) for content in _contents(file)):
            if sha256(content) == wanted:
                return content
            changed = changed or f"the file with that name has SHA-256 {sha256(content)}"
        text = self._lines.get(wanted) or self._part(record)
        if text is not None:
            return text
        changed = changed or self._unread(name)
        problem = f"its text {name!r} with SHA-256 {wanted} is not in {where}"
        if changed:
            raise DataError.of(f"{problem}; {changed}", "restore the text that was annotated", document=document_id)
        raise MissingText.of(problem, remedy, document=document_id)

    def files(self) -> Iterator[Path]:
        """Yield every file in which texts are looked for, in a fixed order."""
        for path in self.paths:
            found = sorted(path.rglob("*")) if path.is_dir() else [path]
            yield from (file for file in found if file.suffix in (*_TEXTS, _LINES) and file.is_file())

    def _of_name(self, name: str) -> list[Path]:
        """Return the text files of this name."""
        tried = [path / name if path.is_dir() else path for path in self.paths]
        return [file for file in tried if file.name == Path(name).name and file.suffix != _LINES and file.is_file()]

    def _unread(self, name: str) -> str:
        """Return why a file of this name cannot be read; empty if it can be read or does not exist."""
        for file in self._of_name(name):
            try:
                read_text(file)
            except DataError as error:
                return f"the file with that name {error.faults[0].problem}"
        return ""

    @cached_property
    def _lines(self) -> dict[str, str]:
        """The texts of JSON Lines files by their hash."""
        found = {}
        for file in self.files():
            if file.suffix == _LINES:
                texts = (_text_of(line) for content in _contents(file) for line in content.split("\n"))
                found.update({sha256(text.rstrip()): text.rstrip() for text in texts if text})
        return found

    @cached_property
    def _starts(self) -> dict[str, list[tuple[Path, int]]]:
        """Every line of the text files by its hash: the files, and the number of their reading (`_contents`)."""
        found: dict[str, list[tuple[Path, int]]] = {}
        for file in self.files():
            if file.suffix in _TEXTS:
                for reading, content in enumerate(_contents(file)):
                    for key in {sha256(line) for line in content.split("\n")}:
                        found.setdefault(key, []).append((file, reading))
        return found

    def _part(self, record: Mapping[str, Any]) -> str | None:
        """Find a text among several in one file."""
        for file, reading in self._starts.get(str(record["first_line_sha256"]), ()):
            text = _within(list(_contents(file))[reading], record)
            if text is not None:
                return text
        return None


def _contents(file: Path) -> Iterator[str]:
    """Yield the content of a file unchanged, and with CRLF as LF; nothing if it cannot be read."""
    try:
        content = read_text(file)
    except DataError:  # a file in another encoding cannot contain a text hashed in UTF-8
        return
    yield content
    if "\r\n" in content:
        yield content.replace("\r\n", "\n")


def _text_of(line: str) -> str:
    """Return the value of `text` on a line of JSON; empty if it has none."""
    try:
        record = json.loads(line) if '"text"' in line else None
    except ValueError:
        return ""
    text = record.get("text") if isinstance(record, dict) else None
    return text if isinstance(text, str) and is_whole(text) else ""


def _within(content: str, record: Mapping[str, Any]) -> str | None:
    start = 0
    for line in content.split("\n"):
        if sha256(line) == record["first_line_sha256"]:
            text = content[start : start + int(record["text_length"])]
            if sha256(text) == record["text_sha256"]:
                return text
        start += len(line) + 1
    return None


def standoff_record(document: Document, text_file: str) -> dict[str, Any]:
    """Return a document as a record without its text.

    Args:
        document: The document; its text must not end in white space.
        text_file: Name of the text file.

    Raises:
        DataError: The text ends in white space, which stand-off texts do not keep.
    """
    text = document.text
    if text != text.rstrip():
        raise DataError.of("ends in white space, which stand-off texts do not keep", "strip it", document=document.id)
    record = document.to_dict()
    source = {
        "text_file": text_file,
        "text_sha256": sha256(text),
        "text_length": len(text),
        "first_line_sha256": sha256(text.split("\n", 1)[0]),
    }
    return {"id": record["id"], **source, **{key: record[key] for key in ("spans", "events", "meta")}}
