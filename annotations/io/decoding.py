"""Decode text files; all text is read here."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

import regex

from annotations.errors import DataError

_MARKS = {  # byte-order marks; UTF-32 before UTF-16, as they start alike
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
# What files of other kinds start with, whatever their name ends in: the kind, and what makes a text of it.
_OTHERS = {
    b"\x1f\x8b": ("packed by gzip", "unpack it"),
    b"BZh": ("packed by bzip2", "unpack it"),
    b"\xfd7zXZ": ("packed by xz", "unpack it"),
    b"PK\x03\x04": ("a ZIP archive, as files of Word and Excel are", "unpack it, or save the document as text"),
    b"\xd0\xcf\x11\xe0": ("an old file of Word or Excel", "save the document as text"),
    b"%PDF-": ("a PDF file", "save its text as .txt"),
}
_CONTROL = regex.compile(rb"[\x00-\x08\x0E-\x1F]")
_HEAD = 1 << 20  # bytes that are checked for the encoding of a file of lines
_BYTES_A_CONTROL = 4  # in UTF-16 with ASCII bytes every second byte is a control character; in text hardly any


def read_bytes(path: Path) -> bytes:
    """Read a file.

    Raises:
        DataError: It cannot be read: no permission, a folder, a broken link.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None


def byte_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file of any size, split at line feeds, without line feeds.

    Raises:
        DataError: It cannot be read, or its first megabyte is UTF-16, UTF-32 or not text.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
            refuse_foreign(head, str(path))
            head += stream.readline()  # the rest of the last line
            yield from head.removesuffix(b"\n").split(b"\n")
            yield from (line.removesuffix(b"\n") for line in stream)
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> DataError:
    hint = "change its permissions" if isinstance(error, PermissionError) else "check the path"
    return DataError.of(f"cannot be read: {error.strerror}", hint, file=str(path))


def read_text(path: Path) -> str:
    """Read a text file and keep its line ends.

    Raises:
        DataError: It cannot be read, or is not UTF-8.
    """
    return decoded(read_bytes(path), str(path))


def text_files(folder: Path) -> list[Path]:
    """Return the `.txt` files under a folder, sorted; including broken links, so that reading reports them."""
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() == ".txt" and not file.is_dir())


def decoded(content: bytes, file: str, line: int = 0) -> str:
    r"""Decode UTF-8 and drop a byte-order mark at the start.

    Raises:
        DataError: The bytes are not UTF-8.

    Example:
        >>> decoded(b"\xef\xbb\xbfGao", "a.txt")
        'Gao'
    """
    refuse_foreign(content, file, line)
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise DataError.of(f"is not UTF-8 at byte {error.start}", "convert it to UTF-8", file, line) from None


def refuse_foreign(content: bytes, file: str, line: int = 0) -> None:
    """Refuse packed files, documents of other programs, and UTF-16 and UTF-32, with or without a byte-order mark.

    UTF-16 without one can be valid UTF-8 full of control characters: '1' is a '1' and a NUL.

    Raises:
        DataError: It is UTF-16, UTF-32 or not text.
    """
    other = None if line else next((told for start, told in _OTHERS.items() if content.startswith(start)), None)
    if other:
        raise DataError.of(f"is {other[0]}, not text", other[1], file=file)
    name = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "")
    controls = len(_CONTROL.findall(content))
    if b"\0" in content:  # then a tab may be half of a letter in an Indian script
        controls += content.count(b"\t")
    if not name and controls * _BYTES_A_CONTROL > len(content):
        name = "UTF-16 or not text"
    if name:
        raise DataError.of(f"is {name}, not UTF-8", "convert it to UTF-8", file=file, line=line)
