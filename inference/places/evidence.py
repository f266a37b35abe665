"""Evidence: which countries a text is about, by their names and the words for their people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

import regex

from inference.places.nations import country_names, demonyms

_WORD = regex.compile(r"(?:\p{Lu}\.){2,}|[\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*")
_LONGEST = 4  # words of a name


class Evidence(NamedTuple):
    """A word for a country."""

    start: int  # offset of its first character
    end: int  # offset after its last character
    country: str  # ISO 3166-1 code of two letters
    weight: int  # how much it tells about where the text is: 2 for a name, 1 for a word for people


def evidence_of(text: str, capitals: Mapping[str, str]) -> Iterator[Evidence]:
    """Yield the words for countries in a text, in order.

    'Congo' is the Democratic Republic of the Congo, unless the text names Brazzaville.

    Example:
        >>> found = evidence_of("JUBA - South Sudanese troops crossed into Uganda's north.", {"juba": "SS"})
        >>> [(one.country, one.weight) for one in found]
        [('SS', 1), ('SS', 1), ('UG', 2)]
    """
    words = [(match.start(), match.end(), _plain(match[0])) for match in _WORD.finditer(text)]
    congo = "CG" if "Brazzaville" in text else "CD"
    table = {name: (code, 1) for name, code in capitals.items()} | _table()
    table |= {"congo": (congo, 2), "congolese": (congo, 1)}
    starts = {name.split()[0] for name in table}
    at = 0
    while at < len(words):
        start, _, word = words[at]
        count = 0
        if word in starts and text[start].isupper():
            for size in range(min(_LONGEST, len(words) - at), 0, -1):
                found = table.get(" ".join(word for _, _, word in words[at : at + size]))
                if found:
                    yield Evidence(start, words[at + size - 1][1], *found)
                    count = size
                    break
        at += count or 1


def _plain(word: str) -> str:
    return word.casefold().replace("’", "'").removesuffix("'s").removesuffix("'")


@cache
def _table() -> dict[str, tuple[str, int]]:
    return {word: (code, 1) for word, code in demonyms().items()} | {
        name: (code, 2) for name, code in country_names().items() if name != "us"
    }
