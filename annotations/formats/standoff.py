"""Stand-off documents: annotations of texts that may not be published.

A stand-off record has the keys `text_file`, `text_sha256`, `text_length` and `first_line_sha256` instead of `text`. The
text is the content of that file without trailing white space, so that extra line ends at the end of a file do not
matter.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.io.decoding import read_text

ARTICLES_VARIABLE = "CONFLICT_EVENTS_ARTICLES"
KEYS = ("text_file", "text_sha256", "text_length", "first_line_sha256")


class MissingText(DataError):
    """The texts of stand-off annotations are not available."""


def sha256(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


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
        raise DataError(
            [Fault("ends in white space, which stand-off texts do not keep", "strip it", document=document.id)]
        )
    record = document.to_dict()
    source = {
        "text_file": text_file,
        "text_sha256": sha256(text),
        "text_length": len(text),
        "first_line_sha256": sha256(text.split("\n", 1)[0]),
    }
    return {"id": record["id"], **source, **{key: record[key] for key in ("spans", "events", "meta")}}


@dataclass(frozen=True, slots=True)
class TextSource:
    """Where the texts of stand-off documents are looked for.

    Args:
        path: A folder with one file per text, a folder of files with several texts one after another, or one such file.

    Example:
        >>> TextSource.from_setting(None).path is None or TextSource.from_setting(None).path.exists()
        True
    """

    path: Path | None

    @classmethod
    def from_setting(cls, folder: str | Path | None) -> TextSource:
        """Use the given folder, else the one in `CONFLICT_EVENTS_ARTICLES`, else none."""
        chosen = folder or os.environ.get(ARTICLES_VARIABLE)
        return cls(Path(chosen).expanduser() if chosen else None)

    def resolve(self, record: Mapping[str, Any]) -> str:
        """Find the text of a stand-off record.

        The file named in the record is tried first. Then every text file is searched for a line with the hash of the
        text's first line; from there, as many characters as the text is long must have the hash of the text. CRLF line
        ends are also tried as LF.

        Raises:
            MissingText: No folder is set or it does not exist.
            DataError: The text is not in the folder, or has changed; the message has both hashes.
        """
        document_id = str(record["id"])
        if self.path is None or not self.path.exists():
            where = f"the folder {self.path} does not exist" if self.path else "no folder of texts is set"
            remedy = f"give their folder with --texts, the config key data.articles or the variable {ARTICLES_VARIABLE}"
            raise MissingText(
                [Fault(f"needs the text {record['text_file']!r}, and {where}", remedy, document=document_id)]
            )
        found = ""
        for content in self._contents(str(record["text_file"])):
            if sha256(content.rstrip()) == record["text_sha256"]:
                return content.rstrip()
            found = found or sha256(content.rstrip())
        for content in self._contents(None):
            text = _within(content, record)
            if text is not None:
                return text
        problem = f"its text {record['text_file']!r} with SHA-256 {record['text_sha256']} is not in {self.path}"
        if found:
            problem += f"; the file with that name has SHA-256 {found}"
        elif unread := self._unread(str(record["text_file"])):
            problem += f"; the file with that name {unread}"
        raise DataError([Fault(problem, "restore the text that was annotated", document=document_id)])

    def _contents(self, name: str | None) -> Iterator[str]:
        """Yield the content of the named file, or of all files, unchanged and with CRLF as LF."""
        if self.path is None:
            return
        if self.path.is_file():
            files = [self.path] if name in (None, self.path.name) else []
        else:
            files = [self.path / name] if name else sorted(self.path.rglob("*.txt"))
        for file in files:
            if not file.is_file():
                continue
            try:
                content = read_text(file)
            except DataError:  # a file in another encoding cannot contain a text hashed in UTF-8
                continue
            yield content
            if "\r\n" in content:
                yield content.replace("\r\n", "\n")

    def _unread(self, name: str) -> str:
        """Return why the named file cannot be read; empty if it can be read or does not exist."""
        file = self.path if self.path is None or self.path.is_file() else self.path / name
        try:
            return "" if file is None or not file.is_file() else read_text(file)[:0]
        except DataError as error:
            return error.faults[0].problem


def _within(content: str, record: Mapping[str, Any]) -> str | None:
    start = 0
    for line in content.split("\n"):
        if sha256(line) == record["first_line_sha256"]:
            text = content[start : start + int(record["text_length"])]
            if sha256(text) == record["text_sha256"]:
                return text
        start += len(line) + 1
    return None
