"""Sentence splitting, with all rules on abbreviations with full stops; and datelines, whose places are never marked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from annotations.text.reading import Reading, read
from annotations.text.words import listed

_LONGEST_DATELINE = 70  # characters
_AHEAD = 80  # characters after it in which a small letter shows that capitals mean something in this text
# A place in capitals, what follows a comma, an agency in brackets, a dash; then a sentence begins.
_DATELINE = regex.compile(
    r"^[ \t]*(\p{Lu}{2}[\p{Lu}'’.-]*(?:[ -]\p{Lu}[\p{Lu}'’.-]+){0,3}(?:, ?[\p{L}\d'’. ]{0,29}[\p{L}\d.])?"
    r"(?: ?\([^()\n]{2,40}\))?) ?(?:-|--|–|—) (?=[\p{Lu}\d\"“‘'])",
    regex.M,
)
_SMALL = regex.compile(r"\p{Ll}")
_LONGEST = 1000  # characters; limits the time of rules that search a sentence, on text without full stops


# After these a name or number follows, never a new sentence.
_TITLES = listed(
    "mr mrs ms messrs mx dr drs prof gen gens brig col cols maj capt lt sgt sgts cpl pvt pte adm cmdr cdr cmdt supt"
    " asst insp det const fr gov sen rep rev hon amb pres st ste mt ft dist vs v viz cf ca approx fig art sec vol ch pp"
    " para cllr atty nr av bp ret rtd e.g i.e u.s.s n.b op"
)
# These may end a sentence; they do if the next word is a sentence starter.
_SHORT = listed(
    "co ltd inc corp bros plc llc jr sr etc al dept univ govt assn est ave blvd rd bldg no nos incl excl max min avg"
    " tel ext jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun km kg hrs"
    " pop ph.d"
)
# After these a number continues the sentence: 'Jan. 5', 'No. 3', 'approx. 40'.
_NUMBERED = listed(
    "jan feb mar apr may jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun no nos approx ca"
    " incl excl fig art sec vol ch tel ext b c d p"
)
# Sentence starters: words that start a sentence more often than a name. After 'U.S.', 'Ltd.' or 'p.m.' they decide.
_STARTERS = listed(
    "the a an this that these those it its he she they we i you his her their our there here in on at by for from with"
    " after before during since while when where as if but and or so yet however meanwhile no not none nobody some many"
    " most several two three four five six seven eight nine ten more one another other others all both each police"
    " officials witnesses residents gunmen soldiers troops rebels militants insurgents attackers fighters authorities"
    " local earlier later last what who why how under according also"
)
# After 'a.m.' these continue the time.
_ZONES = listed("gmt utc est edt cet local time on monday tuesday wednesday thursday friday saturday sunday")
_STOP = regex.compile(r"[.!?…]+[\"')\]]*(?=\s)|(?<=\p{Ll}{2})\.(?=\p{Lu}\p{Ll})")
_BEFORE = regex.compile(r"[\p{L}\p{M}\p{N}.'’-]*$")
_NEXT = regex.compile(r"[\"'(\[¿¡-]*(\p{L}[\p{L}\p{M}'’-]*|\p{N})?")
_NAME_PREFIX = regex.compile(r"(?:al|an|ar|as|ash|at|el)-\p{Lu}")
_DOTTED = regex.compile(r"(?:\p{L}\.)+\p{L}")
_MARKER = regex.compile(r"\(?(?:\d{1,3}|\p{L}|[ivx]+)")
_LOOK = 40  # characters of context on either side of a full stop


@dataclass(frozen=True, slots=True)
class Sentences:
    """The sentences of a text, by their start offsets.

    Example:
        >>> sentences = split_sentences("A blast hit Ndoro. Gen. Sow spoke.")
        >>> sentences.index(3), sentences.index(22)
        (0, 1)
    """

    starts: tuple[int, ...]
    text: str

    def index(self, offset: int) -> int:
        """Return the index of the sentence that contains an offset."""
        return max(0, bisect_right(self.starts, offset) - 1)

    def bounds(self, index: int) -> tuple[int, int]:
        """Return the half-open offsets of a sentence."""
        end = self.starts[index + 1] if index + 1 < len(self.starts) else len(self.text)
        return self.starts[index], end

    def holding(self, offset: int) -> str:
        """Return the sentence that contains an offset."""
        return self.text[slice(*self.bounds(self.index(offset)))]

    def around(self, start: int, end: int) -> tuple[str, str]:
        """Return the words before and after a part of a sentence, in that sentence.

        Example:
            >>> split_sentences("Rain fell. A bomb hit Gao. It was late.").around(13, 17)
            ('A ', ' hit Gao. ')
        """
        first, last = self.bounds(self.index(start))
        return self.text[first:start], self.text[end:last]


def is_abbreviation(word: str) -> bool:
    """Whether a full stop after a word is usually part of it: an initial, a title or another short form.

    Example:
        >>> [is_abbreviation(word) for word in ("P", "Jr", "Gen", "raid")]
        [True, True, True, False]
    """
    name = word.casefold()
    return (len(name) == 1 and name.isalpha()) or name in _TITLES or name in _SHORT


def split_sentences(text: str) -> Sentences:
    """Split a text into sentences.

    A sentence ends at the end of a unit (paragraph, heading, list item, table row, timed entry), and after '.', '!' and
    '?', except after titles, initials and abbreviations, before a lower-case letter, and at the end of a wrapped line.
    A sentence of more than 1,000 characters is split between words.

    Returns:
        Sentences with offsets in the original text.
    """
    reading = read(text)
    starts = [int(reading.starts[start]) for start in sentences_of(reading).starts if start < len(reading.text)]
    return Sentences((0, *starts[1:]), text)


def sentences_of(reading: Reading) -> Sentences:
    """Return the sentences of a reading, with offsets in its text."""
    text = reading.text
    cased = bool(regex.search(r"\p{Lu}", text))
    starts = {0}
    for unit in reading.units:
        starts.add(unit.start)
        found = _starts(text, unit.start, unit.end, cased)
        starts.update(found)
    ordered = sorted(starts)
    return Sentences(tuple(sorted({*ordered, *_within_long_ones(ordered, text)})), text)


def _starts(text: str, start: int, end: int, cased: bool) -> Iterator[int]:
    for match in _STOP.finditer(text, start, end):
        following = match.end()
        while following < end and text[following].isspace():
            following += 1
        if following < end and _ends(text, start, match, following, cased):
            yield following


def _ends(text: str, start: int, match: regex.Match[str], following: int, cased: bool) -> bool:
    """Whether a mark ends a sentence, judging by the words before and after it."""
    after = _NEXT.match(text, following, following + _LOOK)
    word = (after[1] if after else None) or ""
    small = cased and word[:1].islower() and not _NAME_PREFIX.match(text, following)
    if small:
        return False
    if match[0][0] != ".":
        return text[following] not in "-–—"
    before = _BEFORE.search(text, max(start, match.start() - _LOOK), match.start())
    token = before[0] if before else ""
    if _MARKER.fullmatch(token) and match.start() - len(token) == start:  # '1. Gunmen' at the start of an item
        return False
    return _stop_ends(token, word, quoted=len(match[0]) > 1)


def _stop_ends(token: str, word: str, quoted: bool) -> bool:
    """Whether a full stop after a token ends a sentence if `word` follows."""
    name = token.casefold().lstrip(".'’-")
    if quoted:
        return True
    if name in _TITLES:
        return False
    if word[:1].isdigit():
        return name not in _NUMBERED
    starter = word.casefold() in _STARTERS
    if len(name) == 1 and name.isalpha():
        return starter and name not in "aeiou" and token.islower()
    if name in ("a.m", "p.m"):
        return name != word.casefold() and word.casefold() not in _ZONES
    return starter if name in _SHORT or _DOTTED.fullmatch(name) else True


def _within_long_ones(starts: list[int], text: str) -> Iterator[int]:
    """Yield the word starts at which too long sentences are split."""
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        at = start
        while end - at > _LONGEST:
            blank = text.rfind(" ", at + 1, at + _LONGEST)
            at = blank + 1 if blank > 0 else at + _LONGEST
            yield at


def datelines(text: str) -> list[tuple[int, int]]:
    """Return the offsets of the datelines of a text, in order; none of a text in capitals.

    Example:
        >>> datelines("GAO (Agency) – Gunmen killed six.")
        [(0, 12)]
        >>> datelines("IS - the group that held the town - fled."), datelines("GAO - GUNMEN KILLED SIX.")
        ([], [])
    """
    return [
        match.span(1)
        for match in _DATELINE.finditer(text)
        if match.end() - match.start() <= _LONGEST_DATELINE and _SMALL.search(text, match.end(), match.end() + _AHEAD)
    ]


def within(parts: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether offsets are inside one of these parts of a text.

    Example:
        >>> within([(0, 12)], 0, 3), within([(0, 12)], 10, 14)
        (True, False)
    """
    at = bisect_right(parts, start, key=lambda part: part[0]) - 1
    return at >= 0 and end <= parts[at][1]
