"""Names of places: spellings, and what the words around a name say about its kind."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import regex

_REGION = (
    "province|state|region|governorate|department|oblast|prefecture|canton|territory|emirate|autonomous region|krai"
)
_DISTRICT = "district|county|municipality|sub-district|subdistrict|tehsil|taluka|division|raion|woreda|wilaya|commune"
_TOWN = "city|town|village|township|suburb|port|settlement|hamlet|locality"
_NOUN = f"{_REGION}|{_DISTRICT}|{_TOWN}"
_SIDE = r"(?:north|south|east|west)(?:-?(?:north|south|east|west))?"
_LEAD = regex.compile(
    rf"^(?:(?:the|in|near|far|outside|central|downtown|rural|outer|{_SIDE} of|{_SIDE}(?:ern)?|outskirts of) )+"
)
_OF = regex.compile(rf"^(?P<noun>{_NOUN}|island|capital) of (?:the )?(?P<name>.+)$")
_AFTER = regex.compile(rf"^(?P<name>.+?)(?:'s)? (?P<noun>{_NOUN})$")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a mention asks for."""

    keys: tuple[str, ...]  # spellings to look up, the fullest first
    kind: str | None  # `region`, `district`, `city` if a noun says so, else None


_FOLD = str.maketrans(
    dict.fromkeys("'’‘ʿʾ`", "") | dict.fromkeys("-–_/.,", " ") | {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae"}
)
_ARTICLES = frozenset(("al ", "el ", "ar ", "as ", "an ", "ad "))
_SHORTEST = 3  # letters of a name after an article


def place_key(name: str) -> str:
    """Return a key that is the same for different spellings of a name.

    Example:
        >>> place_key("Lashkar Gāh"), place_key("Al-Anbar"), place_key("Côte d'Ivoire")
        ('lashkar gah', 'anbar', 'cote divoire')
    """
    key = name.casefold()
    if not key.isascii():
        key = "".join(c for c in unicodedata.normalize("NFD", key) if not unicodedata.combining(c))
    key = " ".join(key.translate(_FOLD).split())
    return key[3:] if key[:3] in _ARTICLES and len(key) >= 3 + _SHORTEST else key


def asked(words: str) -> Asked:
    """Return what the words of a mention ask for.

    Example:
        >>> asked("eastern Helmand province").keys, asked("city of Gao").kind
        (('eastern helmand province', 'eastern helmand', 'helmand'), 'city')
    """
    text = " ".join(words.split())
    low = text.casefold().replace("’", "'")
    bare = _LEAD.sub("", low)
    match = _OF.match(bare) or _AFTER.match(low)
    name, noun = (match["name"], match["noun"]) if match else (low, None)
    keys = dict.fromkeys(place_key(one) for one in (low, name, _LEAD.sub("", name)) if one)
    return Asked(tuple(key for key in keys if key), _kind(noun))


def _kind(noun: str | None) -> str | None:
    kinds = {"region": _REGION, "district": _DISTRICT, "city": _TOWN}
    return next((kind for kind, nouns in kinds.items() if noun in nouns.split("|")), None)
