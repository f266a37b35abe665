"""Spellings of a name."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex

from annotations.text.reading import plain

_FILLER = regex.compile(r"^(?:(?:the|a|an|suspected|alleged|unidentified)\s+)+")
POSSESSIVE = regex.compile(r"(?:(?<=s)'|['’]s)$", regex.I)
_DOTTED = regex.compile(r"\b(?:\p{L}\.){2,}")


@lru_cache(maxsize=8192)
def name_key(name: str) -> str:
    """Return a key that is the same for different spellings of a name.

    Example:
        >>> [name_key(name) for name in ("suspected Boko Haram's", "al-Shabaab", "Al Shabaab", "V.D.F.", "the FMLN")]
        ['boko haram', 'al shabaab', 'al shabaab', 'vdf', 'fmln']
    """
    key = _FILLER.sub("", POSSESSIVE.sub("", plain(name)).casefold())
    letters = "".join(c for c in unicodedata.normalize("NFD", key) if not unicodedata.combining(c))
    return " ".join(_DOTTED.sub(lambda match: match[0].replace(".", ""), letters).replace("-", " ").split())
