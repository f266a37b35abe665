"""From bytes to text: the one place that knows what a text file may look like."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

import regex

from annotations.errors import DataError, Fault

_MARKS = {  # of other encodings; that of UTF-32 first, as it begins like that of UTF-16
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_CONTROL = regex.compile(rb"[\x00-\x08\x0E-\x1F]")
_HEAD = 1 << 20  # bytes by which the encoding of a file of lines is known
_BYTES_A_CONTROL = 4  # UTF-16 whose bytes are all ASCII has a control character in two bytes; text has hardly any


def read_bytes(path: Path) -> bytes:
    """Read a file.

    Raises:
        DataError: It cannot be read: no permission, a folder, a link to nothing.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None


def byte_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file of any size, parted at line feeds, without them.

    Raises:
        DataError: It cannot be read, or by its first megabyte it is UTF-16, UTF-32 or no text.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
            refuse_foreign(head, str(path))
            head += stream.readline()  # the rest of the line that was cut
            yield from head.removesuffix(b"\n").split(b"\n")
            yield from (line.removesuffix(b"\n") for line in stream)
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError([Fault(f"cannot be read: {error.strerror}", "check the path", file=str(path))])


def read_text(path: Path) -> str:
    """Read a text file, line ends as they are.

    Raises:
        DataError: It cannot be read, or is not UTF-8.
    """
    return decoded(read_bytes(path), str(path))


def text_files(folder: Path) -> list[Path]:
    """Return the `.txt` files under a folder, sorted; links to nothing are among them, so that reading names them."""
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() == ".txt" and not file.is_dir())


def decoded(content: bytes, file: str, line: int = 0) -> str:
    r"""Decode UTF-8; a byte-order mark at its start is no part of the text.

    Args:
        content: The bytes of a file or of one line.
        file: Name for the message.
        line: Number of the line for the message.

    Raises:
        DataError: They are not UTF-8.

    Example:
        >>> decoded(b"\xef\xbb\xbfGao", "a.txt")
        'Gao'
    """
    refuse_foreign(content, file, line)
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        fault = Fault(f"is not UTF-8 at byte {error.start}", "convert it to UTF-8", file=file, line=line)
        raise DataError([fault]) from None


def refuse_foreign(content: bytes, file: str, line: int = 0) -> None:
    """Refuse UTF-16 and UTF-32, with a byte-order mark or without.

    Without one, UTF-16 can be valid UTF-8: '1' and a NUL for '1', and control characters all over it.

    Raises:
        DataError: It is one of these, or no text.
    """
    name = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "")
    controls = len(_CONTROL.findall(content))
    if b"\0" in content:  # then tabs may be half a letter of an Indian script, and the NUL half a blank
        controls += content.count(b"\t")
    if not name and controls * _BYTES_A_CONTROL > len(content):
        name = "UTF-16 or no text"
    if name:
        raise DataError([Fault(f"is {name}, not UTF-8", "convert it to UTF-8", file=file, line=line)])
