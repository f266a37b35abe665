"""Writing files so that nothing is lost: to a temporary name first, then renamed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def replacing(path: Path) -> Iterator[IO[str]]:
    """Open a text file for writing that takes the place of `path` only when the block ends without an error.

    Args:
        path: The file to write; folders above it are made. A pipe or a device is written to as it is.

    Yields:
        A UTF-8 stream that leaves line ends alone.
    """
    if path.exists() and not path.is_file():  # a pipe or a device, such as /dev/stdout, cannot be replaced
        with path.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        return
    path = Path(os.path.realpath(path))  # of a link, what it points to
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file in one step."""
    with replacing(path) as stream:
        stream.write(text)
