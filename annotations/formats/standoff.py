"""Stand-off documents: annotations of texts that may not be published.

A stand-off record has the keys `text_file`, `text_sha256`, `text_length` and `first_line_sha256` instead of `text`. The
text is the content of that file without trailing white space, so that extra line ends at the end of a file do not
matter.
"""

from __future__ import annotations

from typing import Any

from annotations.document import Document
from annotations.errors import DataError
from annotations.formats.texts import sha256

KEYS = ("text_file", "text_sha256", "text_length", "first_line_sha256")


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
        raise DataError.of("ends in white space, which stand-off texts do not keep", "strip it", document=document.id)
    record = document.to_dict()
    source = {
        "text_file": text_file,
        "text_sha256": sha256(text),
        "text_length": len(text),
        "first_line_sha256": sha256(text.split("\n", 1)[0]),
    }
    return {"id": record["id"], **source, **{key: record[key] for key in ("spans", "events", "meta")}}
