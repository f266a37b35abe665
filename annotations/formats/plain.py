"""Plain texts as documents without marks, to start marking up."""

from __future__ import annotations

from pathlib import Path

import regex

from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.io.decoding import read_text, text_files

_RULE = regex.compile(r"^---\r?\n", regex.MULTILINE)  # two of them part header, text and events of marked-up files
_RULES = 2
_NOT_IN_NAMES = regex.compile(r"[^\w.-]+")


def read_plain(folder: Path) -> list[Document]:
    """Read every `.txt` file under a folder as the text of a document, which is named after the file.

    Empty lines at the edges of a text are left out, since markup cannot hold them.

    Raises:
        DataError: With every fault: a file that is empty, not UTF-8 or marked up already, or two files of one name.
    """
    documents: list[Document] = []
    faults: list[Fault] = []
    home: dict[str, Path] = {}
    for file in text_files(folder):
        try:
            text = read_text(file).rstrip().lstrip("\r\n")
        except DataError as error:
            faults += error.faults
            continue
        name = _NOT_IN_NAMES.sub("-", file.stem)
        if not text:
            faults.append(Fault("has no text", "remove it", file=str(file)))
        elif len(_RULE.findall(text + "\n")) == _RULES:
            remedy = "convert it to a .jsonl file, or remove it from the folder"
            faults.append(Fault("is marked up already", remedy, file=str(file)))
        elif home.setdefault(name, file) != file:
            faults.append(Fault(f"gives the same id as {home[name]}", "rename it", file=str(file), document=name))
        else:
            documents.append(Document(name, text))
    DataError.check(faults)
    return documents
