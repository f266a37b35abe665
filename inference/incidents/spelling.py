"""Keys of names that are the same for the spellings of different agencies."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex

from inference.incidents.common_words import COMMON, COUNTRIES, WITHIN

_WORD = regex.compile(r"\p{L}[\p{L}\p{M}\p{N}'’]*(?:\.\p{L})*")
_POSSESSIVE = regex.compile(r"['’]s?$")
_SOUNDS = (("dzh", "j"), ("dj", "j"), ("ph", "f"), ("q", "k"), ("c", "k"), ("z", "s"), ("x", "ks"))
_SILENT = regex.compile(r"[aeiouywhı]")
_DOUBLE = regex.compile(r"(.)\1+")
_ARTICLES = frozenset({"al", "el", "an", "as", "ash", "ad"})
_SHORTEST = 3  # consonants by which a name is known; of a shorter one all letters count
_PEOPLE = regex.compile(r"(?:ish|ese|ian|ians|i|is|an|ans|n|ns)$")
_PLURAL = regex.compile(r"(?<![sui])s$")
_STEM = 4  # first letters that a country and its people share


@lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """Return a text in lower case without accents."""
    letters = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c))


@lru_cache(maxsize=65536)
def sound(word: str) -> str:
    """Return a key that is the same for common spellings of a name: its first vowel, if any, and its consonants.

    Example:
        >>> [sound(name) for name in ("Maryinka", "Marinka", "Kabassa", "Kabasa", "Arifwala", "Arif Wala", "Gao")]
        ['mrnk', 'mrnk', 'kbs', 'kbs', 'arfl', 'arfl', 'gao']
    """
    letters = "".join(c for c in folded(word) if c.isalnum())
    for spelled, meant in _SOUNDS:
        letters = letters.replace(spelled, meant)
    consonants = _DOUBLE.sub(r"\1", _SILENT.sub("", letters))
    if len(consonants) < _SHORTEST:
        return _DOUBLE.sub(r"\1", letters)
    return "a" + consonants if letters[0] in "aeiou" else consonants


def words(mention: str) -> list[str]:
    """Return the words of a mention, without possessives and dots, as written.

    Example:
        >>> words("al-Shabaab's U.S. base")
        ['al', 'Shabaab', 'US', 'base']
    """
    return [_POSSESSIVE.sub("", found).replace(".", "") for found in _WORD.findall(mention)]


@lru_cache(maxsize=65536)
def place_keys(mention: str) -> tuple[frozenset[str], bool]:
    """Return the keys of a place, and whether it is a province or the like. A country has none: it tells too little.

    Example:
        >>> [(sorted(keys), wide) for keys, wide in map(place_keys, ("al-Khalis", "northern Mali", "Zamfara state"))]
        [(['kls'], False), ([], True), (['smfr'], True)]
    """
    found = [word for word in words(mention) if folded(word) not in _ARTICLES]
    names = [word for word in found if folded(word) not in COMMON]
    if folded(" ".join(names)) in COUNTRIES:
        return frozenset(), True
    wide = any(folded(word) in WITHIN for word in found)
    keys = {sound(word) for word in names}
    return frozenset(keys | ({sound("".join(names))} if names else set())), wide


@lru_cache(maxsize=65536)
def name_keys(mention: str) -> frozenset[str]:
    """Return the keys of the proper names in a mention of people or things; common words and nationalities have none.

    Example:
        >>> sorted(name_keys("Fighters of the CODECO militia")), sorted(name_keys("Afghan policemen"))
        (['kdk'], [])
    """
    return frozenset(sound(word) for word in words(mention) if is_name(word))


def is_name(word: str) -> bool:
    """Whether a word as written is a proper name, and no nation."""
    plain = folded(word)
    if not word[0].isupper() or len(word) < 2 or plain in COMMON or plain in _ARTICLES:  # noqa: PLR2004
        return False
    return not _is_nation(plain)


@lru_cache(maxsize=65536)
def _is_nation(word: str) -> bool:
    """Whether a word names a country or its people."""
    if word in COUNTRIES:
        return True
    return bool(_PEOPLE.search(word)) and word[:_STEM] in _STEMS


_STEMS = frozenset(name[:_STEM] for name in COUNTRIES)


@lru_cache(maxsize=65536)
def head(mention: str) -> str | None:
    """Return the head noun of a mention in the singular; None for words such as 'people' that tell little.

    Example:
        >>> head("members of a vigilante group"), head("public school teachers"), head("47 civilians")
        (None, 'teacher', None)
    """
    before = regex.split(r"\s(?:of|in|from|at|who|on)\s", mention)[0]
    found = words(before)
    if not found:
        return None
    word = folded(found[-1])
    single = word[:-2] + "an" if word.endswith("men") else _PLURAL.sub("", word)
    return None if single in COMMON or word in COMMON or len(single) < _SHORTEST else single
