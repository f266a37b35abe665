"""Texts from files, folders, standard input and the command line, with their names."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.formats.jsonl import NAMED, read_documents
from annotations.formats.texts import TextSource
from annotations.io.decoding import byte_lines, decoded, read_text, text_files
from annotations.io.json_text import is_whole, json_lines
from inference.dates import Day, as_date


@dataclass(frozen=True, slots=True)
class Input:
    """A text to predict on, or the faults because of which it could not be read.

    Args:
        name: Its id; without one, file and line, a path, `stdin`, or `text` (`text:2`, … for further ones).
        text: The text; None if it could not be read.
        faults: What is wrong with it.
        file: The file of its line, for JSON Lines; otherwise empty.
        line: The number of its line, for JSON Lines.
        date: Its day, for JSON Lines with a key `date`.
    """

    name: str
    text: str | None
    faults: tuple[Fault, ...] = ()
    file: str = ""
    line: int = 0
    date: Day | None = None


def read_inputs(inputs: Sequence[str], stdin: BinaryIO) -> Iterator[tuple[str, str]]:
    """Read the inputs of a command line.

    Args:
        inputs: As for `scan_inputs`.
        stdin: Standard input, as bytes.

    Yields:
        Name and text.

    Raises:
        DataError: An input cannot be read; it has all faults.
    """
    found = list(scan_inputs(inputs, stdin))
    faults = [fault for one in found for fault in one.faults]
    if faults:
        raise DataError(faults)
    yield from ((one.name, one.text) for one in found if one.text is not None)


def scan_inputs(inputs: Sequence[str], stdin: BinaryIO) -> Iterator[Input]:
    """Read the inputs of a command line, each text when it is needed, and continue after faults.

    Args:
        inputs: Each one a folder (its `.txt` files), a `.jsonl` file (key `text`, optional keys `id` and `date`),
            another file (its text), `-` for standard input, or the text itself.
        stdin: Standard input, as bytes: reading it as text would change line ends, and with them offsets.

    Yields:
        Texts, each with a unique name, and faults: a file that is not UTF-8, a folder without `.txt` files, a line of
        JSON without a text, a repeated name.
    """
    places: dict[str, tuple[str, int]] = {}  # file and line of each name; texts are not kept
    texts = 0
    for item in inputs:
        texts += _is_text(item)
        for one in _scan(item, stdin, f"text:{texts}" if texts > 1 else "text"):
            if one.text is None or one.name not in places:
                yield one
            else:
                yield _repeated(one, *places[one.name])
            if one.text is not None:
                places.setdefault(one.name, (one.file, one.line))


def count_inputs(inputs: Sequence[str]) -> int:
    """Return how many texts and faults `scan_inputs` gives for these inputs; close to it if files change meanwhile.

    Args:
        inputs: As for `scan_inputs`.
    """
    return sum(_count(Path(item)) if item != "-" and not _is_text(item) else 1 for item in inputs)


def _count(path: Path) -> int:
    if path.is_dir():
        return max(1, len(text_files(path)))
    if not _holds_lines(path) or not path.is_file():  # a pipe can be read only once
        return 1
    try:
        return sum(bool(line.strip()) for line in byte_lines(path))
    except DataError:
        return 1


def _repeated(one: Input, file: str, line: int) -> Input:
    where = f"line {line} of {file}" if line else "another input"
    remedy = "give it an id of its own" if one.line else "name each input once"
    problem = f"has the name {one.name!r}, as {where} has"
    return Input(one.name, None, (Fault(problem, remedy, one.file or one.name, one.line),))


def read_articles(inputs: Sequence[str], texts: TextSource | None = None) -> list[Document]:
    """Read documents to annotate: data files, named sets, or plain texts.

    Args:
        inputs: Each one a data file (`.jsonl`), a named set, a `.txt` file, or a folder of `.txt` files. The id of a
            plain text is its path without `.txt`, relative to the folder. An existing folder takes precedence over a
            named set of the same name.
        texts: The texts of stand-off documents.

    Returns:
        Documents with unique ids.

    Raises:
        DataError: An input cannot be read, or two have the same id; it has all faults.
    """
    documents: list[Document] = []
    faults: list[Fault] = []
    for item in inputs:
        try:
            documents += _articles(item, texts)
        except DataError as error:
            faults += error.faults
    counts = Counter(document.id for document in documents)
    faults += [Fault("is the id of two documents", "rename one", document=i) for i, n in counts.items() if n > 1]
    if faults:
        raise DataError(faults)
    return documents


def _articles(item: str, texts: TextSource | None) -> list[Document]:
    path = Path(item)
    if _exists(path) and (path.is_dir() or (item not in NAMED and not _holds_lines(path))):
        folder = path if path.is_dir() else path.parent
        named = read_inputs([item], io.BytesIO())
        return [Document(str(Path(name).relative_to(folder).with_suffix("")), text) for name, text in named]
    return read_documents(item, texts)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a paragraph is too long for a file name, and may have characters that none can have
        return False


def _holds_lines(path: Path) -> bool:
    return path.suffix.lower() == ".jsonl"


def files_named(items: Sequence[str]) -> set[Path]:
    """Return the files and folders among inputs, resolved."""
    return {Path(item).resolve() for item in items if item != "-" and not _is_text(item)}


def _is_text(item: str) -> bool:
    """Whether an input is the text itself."""
    named = Path(item).suffix.lower() in (".txt", ".jsonl", ".json") and " " not in item
    return item != "-" and not named and not _exists(Path(item))


def _scan(item: str, stdin: BinaryIO, name: str) -> Iterator[Input]:
    path = Path(item)
    if item == "-":
        yield _input("stdin", lambda: decoded(stdin.read(), "standard input"))
    elif _is_text(item):
        yield Input(name, item)
    elif not _exists(path):
        yield Input(item, None, (Fault("no such file", "check the path", file=item),))
    elif path.is_dir():
        files = text_files(path)
        if not files:
            yield Input(item, None, (Fault("the folder has no .txt file", "name the files", file=item),))
        yield from map(_file, files)
    elif _holds_lines(path):
        yield from _lines(path)
    else:
        yield _file(path)


def _input(name: str, read: Callable[[], str]) -> Input:
    try:
        return Input(name, read())
    except DataError as error:
        return Input(name, None, error.faults)


def _file(path: Path) -> Input:
    if not is_whole(str(path)):  # the name would be the id, which no output could represent
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        return Input(shown, None, (Fault("has a name that is not UTF-8", "rename it", file=shown),))
    return _input(str(path), lambda: read_text(path))


def _lines(path: Path) -> Iterator[Input]:
    for line in json_lines(path):
        fallback = f"{path}:{line.number}"
        faults = line.faults or tuple(_record_faults(line.record or {}, str(path), line.number))
        if faults or line.record is None:
            yield Input(fallback, None, faults)
            continue
        name = line.record.get("id")
        shown = fallback if name is None else str(name)
        yield Input(shown, line.record["text"], (), str(path), line.number, as_date(line.record.get("date")))


def _record_faults(record: Mapping[str, Any], file: str, line: int) -> Iterator[Fault]:
    text, name = record.get("text"), record.get("id")
    if not isinstance(text, str):
        yield Fault("is not a JSON object with a string under 'text'", "write one a line", file=file, line=line)
    if not isinstance(name, str | int | None) or isinstance(name, bool) or name == "":
        problem = f"has the id {name!r:.40}, which is neither a string nor a number"
        yield Fault(problem, "write a string, or omit the id", file=file, line=line)
    try:
        as_date(record.get("date"))
    except (TypeError, ValueError):
        problem = f"has the date {record['date']!r:.40}, which is not one"
        yield Fault(problem, "write it like 2021-03-04, or omit it", file=file, line=line)
