"""The names of groups and persons in a column, and their other names in a text."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from annotations.importers.alignment.places import occurrences
from annotations.text.words import listed

_REMARK = regex.compile(
    r"\s*\((?:[^()]*\b(?:suspect|claim|alleg|denied|blame|accus|possib|presum|believed|unconfirmed|per |"
    r"accord)[^()]*)\)?|\?|\s+suspected\b|\s*[–-]\s*lone wol(?:f|ves)\b",
    regex.IGNORECASE,
)
_SHORTEST_ABBREVIATION = 3
_SHORTEST_WORD = 3
_ABBREVIATION = regex.compile(r"\(([\p{Lu}\d][\p{L}\d-]*)\)")
_NOBODY = regex.compile(
    r"|unknown.*|unidentified.*|n/?a|none|lone wolf|various|disputed|individuals?", regex.IGNORECASE
)
# Other names of groups that cannot be derived from their names.
_OTHER_NAMES = (
    ("Islamic State", "ISIL", "ISIS", "IS", "Daesh", "Islamic State of Iraq and the Levant"),
    ("PIRA", "IRA", "Provisional IRA", "Provisional Irish Republican Army"),
    ("PKK", "Kurdistan Workers' Party", "Kurdish militants"),
    ("CPI", "Maoists", "Maoist", "Naxalites", "Naxals", "CPI-Maoist"),
    ("New People's Army", "NPA"),
    ("Al-Shabaab", "al Shabaab", "al-Shabab", "al Shabab"),
    ("Al-Qaeda", "al Qaeda", "al-Qaida"),
    ("ELN", "National Liberation Army"),
    ("FARC", "Revolutionary Armed Forces of Colombia"),
    ("LTTE", "Tamil Tigers", "Liberation Tigers of Tamil Eelam"),
    ("Tehrik-i-Taliban Pakistan", "Tehreek-e-Taliban Pakistan", "Pakistani Taliban", "TTP"),
    ("Al-Qaeda in the Islamic Maghreb", "AQIM"),
    ("Al-Qaeda in the Arabian Peninsula", "AQAP"),
)
_OF_A_COUNTRY = regex.compile(r"\p{Lu}\p{L}+(?:ian|ean|ish|ese|stan|French|Ulster|Papua)s?")
# Words that do not identify a group on their own.
_COMMON = listed(
    """
    al and army arab armed brigade brigades christian communist defence defense democratic east el extremists
    fighters force forces former free freedom front for government group independence insurgents iraq iraqi
    islam islamic islamist islamists israeli jewish jihad left liberation local members militants militia
    movement muslim national new northern of organization organisation pakistan pakistani palestine palestinian
    party people people's peoples popular radical radicals rebels red republic republican resistance
    revolutionary right self separatists southern state students the tribesmen union united unit wing world
    young in soldier soldiers police american russian indian afghan turkish supporters supporter sympathizer
    sympathizers lone wolf gunmen attackers terrorists
    """
)


def stated_names(column: str) -> list[str]:
    """Return the names in a column, without remarks such as '(suspected)'.

    Example:
        >>> stated_names("Volta Front (suspected), Kesra Guard (KG)")
        ['Volta Front', 'Kesra Guard (KG)']
        >>> stated_names("Unknown")
        []
    """
    parts = regex.split(r"\s*(?:[,;/\\\n]|\bor\b|\band\s(?!the\s)|\s{2,})\s*", _REMARK.sub("", column))
    return [part.strip() for part in parts if len(part.strip()) > 1 and not _NOBODY.fullmatch(part.strip())]


def known_as(name: str, text: str, place: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield forms of a name by rule, the most reliable first.

    The text is searched for parts of the name and for words that an abbreviation stands for; names of the place where
    it happened do not identify a group.

    Example:
        >>> list(known_as("Volta Defence Front", "The VDF and Volta Defence men"))
        [('name', ['Volta Defence Front']), ('other name', ['VDF']), ('part', ['Volta Defence'])]
    """
    bare = regex.sub(r"\s*\([^()]*\)?", "", name).strip()
    yield "name", [bare, *_ABBREVIATION.findall(name)]
    others = [
        other for names in _OTHER_NAMES if bare.lower() in map(str.lower, names) for other in names if other != bare
    ]
    yield "other name", [*others, *_initials(bare), *_spelled_out(bare, text)]
    yield "part", _longest_part(regex.split(r"\s(?:of|in)\s", bare)[0], text, place)


def _initials(name: str) -> list[str]:
    """Return the abbreviation of a name of at least three words."""
    capitals = "".join(word[0] for word in regex.split(r"[\s-]+", name) if word and word[0].isupper())
    return [capitals] if len(capitals) >= _SHORTEST_ABBREVIATION else []


def _spelled_out(name: str, text: str) -> list[str]:
    """Return the words of a text that an abbreviation stands for."""
    if not regex.fullmatch(r"\p{Lu}{3,6}", name):
        return []
    small = r"(?:\ (?:of|the|and|for|in|de|del|la)){0,2}\ "
    words = small.join(rf"{letter}[\p{{L}}'’-]+" for letter in name)
    return regex.findall(rf"\b{words}\b", text, flags=regex.VERBOSE)[:1]


def _longest_part(name: str, text: str, place: str) -> list[str]:
    """Return the longest part of a name in the text that begins or ends with an identifying word."""
    words = name.split()
    identifying = [
        word[0].isupper() and word.lower() not in _COMMON and not _is_of_a_place(word, place) for word in words
    ]
    for size in range(len(words) - 1, 0, -1):
        for at in range(len(words) - size + 1):
            part = " ".join(words[at : at + size])
            if (identifying[at] or identifying[at + size - 1]) and occurrences(text, part):
                return [part]
    return []


def _is_of_a_place(word: str, place: str) -> bool:
    return len(word) < _SHORTEST_WORD or word in place or _OF_A_COUNTRY.fullmatch(word) is not None
