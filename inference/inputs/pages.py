"""The article of an HTML page: its text without menus and notices, and what the page tells of it."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from annotations.errors import DataError
from annotations.io.decoding import decoded

_NEEDED = "pip install 'conflict-events[html]'"
_HEAD = 4096  # bytes in which a page may name its encoding
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([a-zA-Z0-9_.:-]{1,40})", re.IGNORECASE)
TOLD = ("title", "date", "url", "sitename", "author")


@dataclass(frozen=True, slots=True)
class Page:
    """An article of a page: its text, paragraphs separated by a blank line, and title, date, url, sitename, author."""

    text: str
    told: Mapping[str, Any] = field(default_factory=dict)


def article(content: bytes, file: str) -> Page:
    """Return the article of a page.

    Raises:
        DataError: It cannot be decoded, or holds no article; or trafilatura is not installed.
    """
    try:
        from trafilatura import bare_extraction
    except ImportError:
        raise DataError.of("is HTML, and trafilatura is not installed", _NEEDED, file=file) from None
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it says on standard error what is a fault here
    markup = _decoded(content, file)
    try:
        found: Any = bare_extraction(
            markup,
            with_metadata=True,
            include_comments=False,
            date_extraction_params={"original_date": True, "extensive_search": False},  # only what the page states
        )
    except Exception as error:  # trafilatura and lxml raise many kinds
        raise DataError.of(f"cannot be read as HTML: {error}", "save the page again", file=file) from error
    text = "\n\n".join(line.strip() for line in (found.text or "").split("\n") if line.strip()) if found else ""
    if not text:
        raise DataError.of("holds no article that can be found", "save its text as .txt", file=file)
    told = {key: getattr(found, key) for key in TOLD}
    return Page(text, {key: value for key, value in told.items() if value is not None})


def _decoded(content: bytes, file: str) -> str:
    """Decode UTF-8, else the encoding that the page names."""
    named = _CHARSET.search(content[:_HEAD])
    try:
        return decoded(content, file)
    except DataError:
        if named is None:
            raise
    try:
        return content.decode(named[1].decode("ascii"))
    except (LookupError, UnicodeError):
        problem = f"is neither UTF-8 nor {named[1].decode('ascii')}, which it names"
        raise DataError.of(problem, "convert it to UTF-8", file=file) from None
