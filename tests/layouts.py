"""Ways to lay out or encode a text that change nothing of what it says."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import regex

Change = Callable[[str], str]


def wrapped(text: str, width: int) -> str:
    """Break lines at blanks, as a program does that fills lines; offsets stay."""
    return "\n".join(_wrapped_line(line, width) for line in text.split("\n"))


def _wrapped_line(line: str, width: int) -> str:
    characters = list(line)
    start = 0
    for match in regex.finditer(" ", line):
        following = line.find(" ", match.end())
        if (len(line) if following < 0 else following) - start > width:
            characters[match.start()] = "\n"
            start = match.end()
    return "".join(characters)


def curly(text: str) -> str:
    """Make quotation marks curly."""
    return regex.sub(r'"([^"]*)"', "“\\1”", text).replace("'", "’")


def composed(form: str) -> Change:
    """Bring a text into a Unicode normal form."""
    return lambda text: unicodedata.normalize(form, text)


def wrapping(width: int) -> Change:
    """Wrap a text at a width."""
    return lambda text: wrapped(text, width)


CHANGES: dict[str, Change] = {
    **{f"wrapped at {width}": wrapping(width) for width in (50, 60, 72, 80, 100)},
    **{form: composed(form) for form in ("NFC", "NFD", "NFKC", "NFKD")},
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "doubled blanks": lambda text: text.replace(" ", "  "),
    "non-breaking blanks": lambda text: text.replace(" ", "\u00a0"),
    "curly quotes": curly,
    "empty line at the end": lambda text: text + "\n\n",
    "wrapped, doubled, CRLF": lambda text: wrapped(text, 72).replace(" ", "  ").replace("\n", "\r\n"),
    "wrapped, decomposed": lambda text: composed("NFD")(wrapped(text, 66)),
}

# What stands in front of a report and says nothing of its attacks. Rules must not mind it; a model may, see
# `python -m tests.invariance`.
FRONTS = {
    "dateline": "KESRA (Agency) – ",
    "dated dateline": "KESRA, 14 May (Agency) — ",
    "byline": "By Amina Sow and Jon Hale\n",
    "byline and dateline": "By Amina Sow\nKESRA, May 14 (Agency) - ",
}
