"""Mentions: what the words of a doer or a victim say about who it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from annotations.text.reading import plain
from annotations.text.words import listed
from inference.entities.spelling import name_key
from inference.entities.words import BY_ACT, LEXICON, OF_GROUP, PARTS, VAGUE, class_of, number_of
from inference.places.nations import country_names, demonyms

_WORD = regex.compile(r"(?:\p{L}\.){2,}|[\p{L}\p{N}][\p{L}\p{M}\p{N}'’.-]*(?<![.'’-])")
# What follows the head: 'members [of …]', 'fighters [loyal to …]'.
_AFTER_HEAD = regex.compile(
    r" (?:of|from|in|who|(?:loyal|allied|linked|affiliated|attached)(?: to| with)|led by|backed by|under) (?:the )?"
)
_POSSESSIVE = regex.compile(r"(?:(?<=s)'|'s)(?= |$)")
_FORCES = listed("unit units column columns force forces")  # of a state, if it is named
_SHORT = 4
_SMALL = listed("of the and de del la las los el y e for in et du des al da do dos")


@dataclass(frozen=True, slots=True)
class Mention:
    """A mention of a doer or a victim."""

    id: str  # id of its span
    start: int  # offset of its first character in the reading
    end: int  # offset after its last character
    text: str  # its words on one line, without a possessive at the end
    key: str  # its spelling, normalised (`name_key`)
    name: tuple[str, ...]  # the words of its proper name, normalised; empty for a description
    nation: str | None  # code of the country that its words name, as in 'Syrian rebels'
    head: str  # its last noun, in lower case
    actor: str | None  # the class of actor that the noun means, or None
    number: str | None  # `one`, `many`, or None for a proper name that does not tell
    is_part: bool  # whether it is a part or a member of a group: 'faction of former rebels', 'Front commander'
    defined: bool  # whether words before it say that it was told before: 'the rebels', 'these men'
    # Whether a quotation starts with it: somebody's word for other doers, as in 'the army blamed "bandits"'.
    quoted: bool
    events: frozenset[str]  # ids of the events it belongs to

    @property
    def by_act(self) -> bool:
        """Whether it is named by the act alone: 'attackers', 'men'."""
        return not self.name and not self.nation and (self.head in BY_ACT or self.head in VAGUE)

    @property
    def letters(self) -> str | None:
        """The letters of a name that is an abbreviation: FMLN."""
        bare = self.text.replace(".", "")
        return bare.casefold() if len(self.name) == 1 and bare.isupper() and bare.isalpha() and len(bare) > 1 else None

    @property
    def initials(self) -> Sequence[str]:
        """What its name may be abbreviated to."""
        words = [word for part in self.name for word in part.split("-") if word]
        if len(words) < 2:  # noqa: PLR2004
            return ()
        found = ["".join(word[0] for word in words), "".join(word[0] for word in words if word not in _SMALL)]
        return list(dict.fromkeys(found))


class Reader:
    """Reads the mentions of a document, which tells which capitalised words are names."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._cased = any(c.islower() for c in text) and any(c.isupper() for c in text)
        self._lower = frozenset(regex.findall(r"(?<![\p{L}'’.-])\p{Ll}[\p{L}'’-]*", text))
        # Capitalised after a word in lower case: within a sentence.
        self._inside = frozenset(regex.findall(r"(?<=\p{Ll},? )\p{Lu}[\p{L}\p{M}'’-]*", text))

    def mention(self, span_id: str, start: int, end: int, events: frozenset[str]) -> Mention:
        """Return what the words of a span say."""
        text = _POSSESSIVE.sub("", plain(self._text[start:end])) if end > start else ""
        after = _AFTER_HEAD.search(text)
        core, rest = (text[: after.start()], text[after.end() :]) if after else (text, "")
        first = self._starts_sentence(start)
        words = _WORD.findall(core)
        name = self._name(words, first=first)
        head = _head(words)
        whole = f"{core} {rest}" if name else core
        nation = nation_of(core) or (nation_of(rest) if not name else None)
        if name and rest:
            name = self._name(_WORD.findall(text), first=first)  # 'Lord's Resistance Army of …'
        elif rest and head in OF_GROUP:
            name, whole = self._name(_WORD.findall(rest), first=False), rest
        forces = bool(nation) and not name and head in _FORCES
        is_part = head in PARTS and not _is_title_case(words) and not forces
        return Mention(
            span_id, start, end, text, name_key(text), name, nation, head,
            "army" if forces else _actor(head, whole, name), self._number(head, name), is_part,
            self._is_defined(start), self._is_quoted(start), events,
        )  # fmt: skip

    def _name(self, words: list[str], *, first: bool) -> tuple[str, ...]:
        """Return the words of the proper name in a phrase, without those of a nation or a common noun."""
        found = [word for place, word in enumerate(words) if self._is_name(word, words, place, first=first)]
        return tuple(_stem(name_key(word)) for word in found)

    def _is_name(self, word: str, words: list[str], place: int, *, first: bool) -> bool:
        low = word.casefold()
        if not self._cased:
            return not (low in LEXICON or low in demonyms() or low in country_names() or low.isdigit() or low in _SMALL)
        if not (word[0].isupper() or regex.search(r"^\p{L}{1,3}-\p{Lu}|^\p{Ll}\p{Lu}", word)):
            return False
        if (low in demonyms() or low in country_names()) and not self._beside_name(words, place):
            return False
        if place or not first:
            return low not in LEXICON or self._beside_name(words, place)
        if len(word) > 1 and word.isupper():
            return True
        alone = len(words) == 1 and not low.endswith(("s", "men"))  # 'Horsemen' is no name
        return low not in LEXICON and low not in self._lower and (word in self._inside or alone)

    def _beside_name(self, words: list[str], place: int) -> bool:
        """Whether a word of a common meaning stands in a name: 'Free Syrian Army', not 'Syrian army'."""
        last = words[-1]
        return len(words) > 1 and last[0].isupper() and (place > 0 or last.casefold() in LEXICON)

    def _starts_sentence(self, start: int) -> bool:
        before = self._text[max(0, start - 3) : start]
        return not before.strip(" \t\"'(“‘[") or bool(regex.search(r"[.!?:–—\n•*-]\s*[\"'(]?$", before))

    def _is_defined(self, start: int) -> bool:
        before = self._text[max(0, start - 40) : start]
        return bool(regex.search(r"\b(?:the|these|those|this|its|their) (?:same )?$", before, regex.I))

    def _is_quoted(self, start: int) -> bool:
        return self._text[max(0, start - 1) : start] in ('"', "“")

    def _number(self, head: str, name: tuple[str, ...]) -> str | None:
        if head in demonyms() or head in country_names() or (name and head not in LEXICON):
            return None
        return number_of(head)


def nation_of(words: str) -> str | None:
    """Return the code of the country that words name, or None if they name none or several.

    Example:
        >>> nation_of("Syrian army"), nation_of("U.S."), nation_of("Boko Haram")
        ('SY', 'US', None)
    """
    tokens = [token.casefold() for token in _WORD.findall(words) if token[0].isupper()]
    pairs = [f"{a} {b}" for a, b in pairwise(tokens)]
    tables = (demonyms(), country_names())
    found = {table[word] for word in pairs for table in tables if word in table}
    found = found or {table[word] for word in tokens for table in tables if word in table}
    return next(iter(found)) if len(found) == 1 else None


def _stem(word: str) -> str:
    """Return a word of a name without the end of a plural: 'Houthis', 'Houthi forces'."""
    return word[:-1] if len(word) > _SHORT and word.endswith("s") and not word.endswith("ss") else word


def _head(words: list[str]) -> str:
    return words[-1].casefold() if words else ""


def _actor(head: str, words: str, name: tuple[str, ...]) -> str | None:
    """Return the class of actor; a named army may be anybody's, so 'National Liberation Army' has none."""
    if name:
        return "militants" if head in ("rebels", "militants", "insurgents", "guerrillas") else None
    if head in ("force", "forces") and regex.search(
        r"\b(?:armed|air|security|government|special|defen[cs]e)\b", words, regex.I
    ):
        return "army"
    return class_of(head)


def _is_title_case(words: list[str]) -> bool:
    """Whether the last word belongs to a name, as in '112th Brigade'."""
    return bool(words) and words[-1][0].isupper()
