"""Inputs of many kinds as (name, text) pairs."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.standoff import TextSource
from annotations.store import NAMED, read_documents


def read_inputs(inputs: Sequence[str], stdin: BinaryIO) -> Iterator[tuple[str, str]]:
    """Read what a user names on the command line.

    Args:
        inputs: Each one a folder (its `.txt` files), a `.jsonl` file (key `text`, and `id` if there is one), another
            file (its text), `-` for standard input, or else the text itself.
        stdin: Standard input, as bytes: reading it as text would change line ends, and offsets with them.

    Yields:
        Name and text.

    Raises:
        DataError: A file is not UTF-8, a folder has no `.txt` file, or a line of JSON has no text.
    """
    for item in inputs:
        path = Path(item)
        there = _exists(path)
        if item == "-":
            yield "stdin", _decoded(stdin.read(), "standard input")
        elif not there:
            if path.suffix in (".txt", ".jsonl", ".json") and " " not in item:
                raise DataError([Fault("no such file", "check the path", file=item)])
            yield "text", item
        elif path.is_dir():
            files = sorted(path.rglob("*.txt"))
            if not files:
                raise DataError([Fault("the folder has no .txt file", "name the files", file=item)])
            for file in files:
                yield str(file), _text(file)
        elif path.suffix == ".jsonl":
            yield from _lines(path)
        else:
            yield item, _text(path)


def read_articles(inputs: Sequence[str], texts: TextSource | None = None) -> list[Document]:
    """Read documents to annotate: data files, named sets, or plain texts.

    Args:
        inputs: Each one a data file (`.jsonl`) or a named set, a `.txt` file, or a folder of them. The id of a plain
            text is its path without `.txt`, within the folder where one was named. A folder that is there comes before
            a named set.
        texts: Where the texts of stand-off documents are.

    Returns:
        Documents, each id once.

    Raises:
        DataError: Something cannot be read, or two inputs have one id.
    """
    documents: list[Document] = []
    for item in inputs:
        path = Path(item)
        if _exists(path) and (path.is_dir() or (item not in NAMED and path.suffix != ".jsonl")):
            folder = path if path.is_dir() else path.parent
            named = read_inputs([item], io.BytesIO())
            documents += [Document(str(Path(name).relative_to(folder).with_suffix("")), text) for name, text in named]
        else:
            documents += read_documents(item, texts)
    counts = Counter(document.id for document in documents)
    faults = [Fault("is the id of two documents", "rename one", document=i) for i, n in counts.items() if n > 1]
    if faults:
        raise DataError(faults)
    return documents


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a paragraph is too long for a file name, and may hold what a name cannot
        return False


def _text(path: Path) -> str:
    return _decoded(path.read_bytes(), str(path))


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError([Fault(f"is not UTF-8 at byte {error.start}", "convert it to UTF-8", file=name)]) from None


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            text = record["text"]
            text.encode("utf-8")
        except (ValueError, KeyError, TypeError, AttributeError):
            problem = "is no JSON object with a key 'text' that holds a text"
            raise DataError([Fault(problem, "write one a line", file=str(path), line=number)]) from None
        yield str(record.get("id", f"{path}:{number}")), text
