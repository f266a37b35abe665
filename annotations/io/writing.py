"""Atomic writes: to a temporary file, which is then renamed."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def replacing(path: Path) -> Iterator[IO[str]]:
    """Open a temporary text file that replaces `path` when the block ends without an error.

    Args:
        path: The file to write; missing folders are created. A pipe or device is written to directly.

    Yields:
        A UTF-8 stream that does not change line ends.
    """
    with _replacing(path, mode="w", encoding="utf-8", newline="") as stream:
        yield stream


@contextmanager
def replacing_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary binary file that replaces `path`, as `replacing` does."""
    with _replacing(path, mode="wb") as stream:
        yield stream


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Name the file in the error of a full disk, in which Python names none.

    Example:
        >>> with naming(Path("a.csv")):
        ...     raise OSError(errno.ENOSPC, "No space left on device")
        Traceback (most recent call last):
        ...
        OSError: [Errno 28] No space left on device: 'a.csv'
    """
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno in _FULL:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


@contextmanager
def _replacing(path: Path, **options: Any) -> Iterator[IO[Any]]:
    if path.exists() and not path.is_file():  # a pipe or a device, such as /dev/stdout, cannot be replaced
        with naming(path), path.open(**options) as stream:
            yield stream
        return
    path = Path(os.path.realpath(path))  # write to the target of a link
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with naming(path), os.fdopen(handle, **options) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically."""
    with replacing(path) as stream:
        stream.write(text)
