r"""Text from outside, such as a document's words, a file's name or an error's message, made safe to print.

A terminal obeys control characters: they change its title, its clipboard, or what stands on the screen already. The
controls of writing direction make a line look like another one. Both are shown as characters.
"""

from __future__ import annotations

import json
import re
from typing import Any

# Controls but for tab and line feed (a carriage return ends a line only before a line feed), line and paragraph
# separators, controls of writing direction, and halves of surrogate pairs, which no encoding can write.
_UNSAFE = re.compile(
    "\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]|[\ud800-\udfff]"
)
_DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def printable(text: str) -> str:
    r"""Return a text in which nothing acts on a terminal: what would stands as its escape in Python.

    Example:
        >>> print(printable("Gao\x1b[2J \u202eiraM"))
        Gao\x1b[2J \u202eiraM
    """
    return _UNSAFE.sub(lambda match: ascii(match[0])[1:-1], text)


def json_text(content: Any, indent: int | None = None) -> str:
    r"""Return JSON that stands for the very same values, and that has escapes for what acts on a terminal.

    Example:
        >>> print(json_text({"text": "Gao – \x9b2J"}))
        {"text": "Gao – \u009b2J"}
    """
    # All such characters stand within strings: JSON itself is made of ASCII, and its line ends are line feeds.
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(content, ensure_ascii=False, indent=indent))


def markup_text(page: str) -> str:
    """Return HTML or XML that shows the same: directions as references, other controls, which it may not hold, as
    characters."""
    return _UNSAFE.sub(lambda match: f"&#x{ord(match[0]):x};" if match[0] in _DIRECTIONS else printable(match[0]), page)
