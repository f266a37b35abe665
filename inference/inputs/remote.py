"""Files on other file systems: `s3://…`, `gs://…`, `file://…` and others that pyarrow or fsspec know."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotations.errors import DataError

_ADDRESS = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]+://\S+", re.IGNORECASE)  # a page of the web is saved first
_NEEDED = "pip install 'conflict-events[tables]'"


@dataclass(frozen=True, slots=True)
class Stored:
    """A file on another file system: its address, and its size and time of change, which tell whether it is another."""

    address: str
    state: str


def is_address(item: str) -> bool:
    """Whether an input is on another file system.

    Example:
        >>> is_address("s3://archive/2021/"), is_address("archive/2021"), is_address("Gunmen struck. See http://a.b/c")
        (True, False, False)
    """
    return _ADDRESS.fullmatch(item) is not None


def stored(address: str) -> list[Stored]:
    """Return the file at an address, or all files under it in order of their names.

    Raises:
        DataError: There is nothing, it cannot be reached, or a library is missing.
    """
    try:
        system, path = _system(address)
        scheme = address.partition("://")[0]
        found = system.get_file_info(path)
        if found.type.name == "Directory":
            from pyarrow.fs import FileSelector

            files = [one for one in system.get_file_info(FileSelector(path, recursive=True)) if one.is_file]
        else:
            files = [found] if found.is_file else []
    except OSError as error:
        raise _unread(address, error) from None
    if not files:
        raise DataError.of("no such file, or a folder without one", "check the address", file=address)
    return [
        Stored(f"{scheme}://{one.path}", f"{one.size} {one.mtime_ns}")
        for one in sorted(files, key=lambda one: one.path)
    ]


@contextmanager
def opened(address: str) -> Iterator[Any]:
    """Open a file for reading at any place of it, as Parquet wants it.

    Raises:
        DataError: It cannot be reached.
    """
    try:
        system, path = _system(address)
        stream = system.open_input_file(path)
    except OSError as error:
        raise _unread(address, error) from None
    with stream:
        yield stream


@contextmanager
def fetched(address: str) -> Iterator[Path]:
    """Copy a file to a temporary one that is there until the block ends.

    Raises:
        DataError: It cannot be reached.
    """
    with tempfile.NamedTemporaryFile(prefix="conflict-events-") as copy:
        try:
            system, path = _system(address)
            with system.open_input_stream(path, compression=None) as stream:
                shutil.copyfileobj(stream, copy, 1 << 20)
        except OSError as error:
            raise _unread(address, error) from None
        copy.flush()
        yield Path(copy.name)


def _system(address: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path there."""
    try:
        import pyarrow
        from pyarrow import fs
    except ImportError:
        problem = "is on another file system, and pyarrow is not installed"
        raise DataError.of(problem, _NEEDED, file=address) from None
    try:
        return fs.FileSystem.from_uri(address)  # type: ignore[no-any-return]
    except pyarrow.ArrowInvalid:  # not one of its own
        return _other_system(address, fs)


def _other_system(address: str, fs: Any) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise DataError.of("is on a file system that needs fsspec", "pip install fsspec", file=address) from None
    try:
        system, path = url_to_fs(address)
    except (ImportError, ValueError) as error:
        remedy = "install what fsspec needs for it, or copy the files"
        raise DataError.of(f"is on no known file system: {error}", remedy, file=address) from None
    return fs.PyFileSystem(fs.FSSpecHandler(system)), path


def _unread(address: str, error: OSError) -> DataError:
    told = f"cannot be read: {(str(error).splitlines() or [type(error).__name__])[0]:.200}"
    return DataError.of(told, "check the address and the rights", file=address)
