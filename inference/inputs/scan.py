"""Reading the inputs of a command line: files of any kind that is known, folders of them, and texts."""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from annotations.errors import DataError, Fault
from annotations.io.decoding import decoded, read_bytes, read_text
from annotations.io.json_text import is_whole
from annotations.io.paths import KINDS, exists, kind_of, means_path
from inference.dates import as_date
from inference.inputs.columns import Columns
from inference.inputs.pages import article
from inference.inputs.records import Input, inputs_of, titled
from inference.inputs.remote import fetched, is_address, stored
from inference.inputs.rows import read_rows


class Names:
    """Names and where they stand, in a temporary file, so that millions of them take no memory."""

    def __init__(self) -> None:
        # Texts may be read in another thread than the one that makes this; never in two at once.
        self._store = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._store.execute("PRAGMA journal_mode = OFF")
        self._store.execute("CREATE TABLE names (name TEXT PRIMARY KEY, place TEXT) WITHOUT ROWID")

    def add(self, name: str, place: str) -> str | None:
        """Add a name; if it stands already, return where.

        Example:
            >>> names = Names()
            >>> names.add("x", "line 1 of a.jsonl"), names.add("x", "line 2 of a.jsonl")
            (None, 'line 1 of a.jsonl')
        """
        added = self._store.execute("INSERT OR IGNORE INTO names VALUES (?, ?)", (name, place)).rowcount
        if added:
            return None
        (found,) = self._store.execute("SELECT place FROM names WHERE name = ?", (name,)).fetchone()
        return str(found)


_PACKED = (".gz", ".tgz", ".bz2", ".xz", ".zip", ".tar", ".7z", ".zst")
ROWS = ("csv", "tsv", "parquet", "jsonl", "json")


@dataclass(frozen=True, slots=True)
class Reader:
    """How inputs are read."""

    stdin: BinaryIO  # standard input, as bytes: reading it as text would change line ends, and with them offsets
    # The columns of tables and records that are not found by their names.
    columns: Columns = field(default_factory=Columns)
    # How standard input and files named by themselves are read; empty: standard input as text, files by their ending.
    form: str = ""
    # Files that are passed over in folders: those that are being written.
    leave: Collection[Path] = field(default_factory=frozenset)
    _copies: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    def copy(self, name: str, stream: BinaryIO) -> Path:
        """Return a temporary file with what can be read only once, such as a pipe; it goes with the reader."""
        if name not in self._copies:
            file = self._copies[name] = tempfile.NamedTemporaryFile(prefix="conflict-events-")  # noqa: SIM115
            shutil.copyfileobj(stream, file)
            file.flush()
        return Path(self._copies[name].name)


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or something else to read: its name, its kind, and its path."""

    name: str  # the name of its text, and of the file in messages
    kind: str  # as in `annotations.io.paths.KINDS`; empty for a file that is left out
    # Where it, or a copy of it, is; None for a text on the command line, and for a text on standard input.
    path: Path | None = None
    text: str | None = None  # the text on the command line
    faults: tuple[Fault, ...] = ()  # why it cannot be read
    address: str = ""  # where it is on another file system; it is copied from there when it is read
    state: str = ""  # what tells whether such a file is another one than before


def read_inputs(inputs: Sequence[str], stdin: BinaryIO) -> Iterator[tuple[str, str]]:
    """Read the inputs of a command line, as `scan_inputs` does.

    Yields:
        Name and text.

    Raises:
        DataError: An input cannot be read; it has all faults.
    """
    found = list(scan_inputs(inputs, Reader(stdin)))
    faults = [fault for one in found for fault in one.faults]
    DataError.check(faults)
    yield from ((one.name, one.text) for one in found if one.text is not None)


def scan_inputs(inputs: Sequence[str], reader: Reader) -> Iterator[Input]:
    """Read the inputs of a command line, each text when it is needed, and continue after faults.

    Args:
        inputs: Each one a folder, a file, `-` for standard input, or the text itself; folders and files also on other
            file systems (`s3://…`). Files are read by their ending: plain text, HTML, CSV, TSV, Parquet, JSON Lines,
            JSON.
        reader: How they are read.

    Yields:
        Texts, each with a unique name; faults: a file that is not UTF-8, a row without a text, a repeated name; and
        the files of folders that are left out, as their kind is not read.
    """
    names = Names()
    for source in sources(inputs, reader):
        for one in _read(source, reader):
            before = None if one.text is None else names.add(one.name, one.place or "another input")
            yield one if before is None else _repeated(one, before)


def sources(inputs: Sequence[str], reader: Reader) -> Iterator[Source]:
    """Yield what the inputs of a command line name, one after the other: folders give their files."""
    texts = 0
    for item in inputs:
        path = Path(item)
        if item == "-":
            kind = reader.form or "text"
            yield Source("stdin", kind, reader.copy(item, reader.stdin) if kind in ROWS else None)
        elif is_address(item):
            yield from _stored(item, reader)
        elif not means_path(item):
            texts += 1
            yield Source(f"text:{texts}" if texts > 1 else "text", "text", text=item)
        elif not exists(path):
            remedy = "check the path; a text needs blanks between its words, or comes through standard input ('-')"
            yield Source(item, "", faults=(Fault("no such file or folder", remedy, file=item),))
        elif path.is_dir():
            yield from _folder(path, reader)
        else:
            yield _named(path, reader)


def _stored(address: str, reader: Reader) -> Iterator[Source]:
    try:
        found = stored(address)
    except DataError as error:
        yield Source(address, "", faults=error.faults)
        return
    for one in found:
        kind = (reader.form if one.address == address else "") or kind_of(Path(one.address))
        yield Source(one.address, kind, address=one.address, state=one.state)


@contextmanager
def local(source: Source) -> Iterator[Source]:
    """Yield a source that is a file here: one on another file system is copied for the time of the block.

    Raises:
        DataError: It cannot be reached.
    """
    if not source.address:
        yield source
        return
    with fetched(source.address) as path:
        yield replace(source, path=path, address="")


def _folder(folder: Path, reader: Reader) -> Iterator[Source]:
    empty = True
    for file in _files(folder):
        if file.resolve() in reader.leave:
            continue
        source = _file(file, kind_of(file))
        empty &= not source.kind
        yield source
    if empty:
        remedy = f"name the files, or a folder with files that end in {', '.join(KINDS)}"
        yield Source(str(folder), "", faults=(Fault("the folder has no file that is read", remedy, str(folder)),))


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files under a folder in order of their names, one folder at a time; broken links too."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        yield folder  # reading it fails, and says why
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files(folder / entry.name)
        elif not entry.is_dir():
            yield folder / entry.name


def _named(path: Path, reader: Reader) -> Source:
    """A file that the user names: one without an ending is text, as pipes are."""
    kind = reader.form or kind_of(path) or ("" if path.suffix else "text")
    if kind in ROWS and path.exists() and not path.is_file():
        with path.open("rb") as stream:
            return Source(str(path), kind, reader.copy(str(path), stream))
    if kind:
        return _file(path, kind)
    problem = f"ends in {path.suffix}, which is not read"
    remedy = f"save it as one of {', '.join(KINDS)}, or say how to read it with --input-format"
    if path.suffix.lower() in _PACKED:
        remedy = "unpack it"
    return Source(str(path), "", faults=(Fault(problem, remedy, file=str(path)),))


def _file(path: Path, kind: str) -> Source:
    if is_whole(str(path)):  # else the name would be the id, which no output could represent
        return Source(str(path), kind, path)
    shown = os.fsencode(path).decode("utf-8", "backslashreplace")
    return Source(shown, kind, faults=(Fault("has a name that is not UTF-8", "rename it", file=shown),))


def files_named(items: Sequence[str]) -> set[Path]:
    """Return the files and folders among inputs, resolved."""
    return {Path(item).resolve() for item in items if item != "-" and not is_address(item) and means_path(item)}


def _repeated(one: Input, place: str) -> Input:
    remedy = "give it an id of its own, or use --id-column '' for file and line" if one.file else "name each input once"
    return replace(one, text=None, faults=(one.fault(f"has the name {one.name!r}, as {place} has", remedy),))


def _read(source: Source, reader: Reader) -> Iterator[Input]:
    """Yield the texts of a source; one that cannot be read has its faults, which name no copy of a file."""
    copied = source.kind in ROWS or source.address
    try:
        for one in _texts(source, reader):
            yield _naming(source, one) if copied and one.faults else one
    except DataError as error:
        failed = Input(source.name, None, error.faults)
        yield _naming(source, failed) if copied else failed


def _naming(source: Source, one: Input) -> Input:
    return replace(one, faults=tuple(replace(fault, file=source.name) for fault in one.faults))


def _texts(source: Source, reader: Reader) -> Iterator[Input]:
    if source.faults or not source.kind:
        yield Input(source.name, None, source.faults)
    elif source.text is not None:
        yield Input(source.name, source.text)
    elif source.address:
        with local(source) as here:
            yield from _read(here, reader)
    elif source.kind in ROWS:
        yield from inputs_of(source.name, read_rows(source.path or Path(), source.kind), reader.columns)
    elif source.kind == "html":
        yield _page(source, reader)
    elif source.path is None:
        yield _text(source.name, decoded(reader.stdin.read(), "standard input"))
    else:
        yield _text(source.name, read_text(source.path))


def text_file(path: Path) -> Input:
    """Read a file that is one text."""
    return next(_read(_file(path, "text"), Reader(io.BytesIO())))


def _text(name: str, text: str) -> Input:
    if text.strip():
        return Input(name, text)
    raise DataError.of("is empty", "leave it out, or write its text", file=name)


def _page(source: Source, reader: Reader) -> Input:
    content = reader.stdin.read() if source.path is None else read_bytes(source.path)
    page = article(content, source.name)
    day = page.told.get("date")
    try:
        date = as_date(day)
    except ValueError:  # the library states dates like 2021-03-04 only
        date = None
    text = titled(page.text, page.told.get("title"))
    return Input(source.name, text, date=date, source=page.told, made=True)
