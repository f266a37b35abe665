"""The columns of an incident, looked for in its paragraph: triggers, perpetrators, places and tolls.

Every rule has a confidence: the share of its spans that were right, by the guidelines, in a sample of the lists of
1970–2018 read by one reader (up to 40 spans a rule), rounded down to .05 and never above .95. They are estimates: 40
spans leave ± .1 open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import regex

from annotations.importers.alignment import occurrences
from annotations.importers.drafts import Ledger, trimmed
from annotations.importers.figures import figures
from annotations.importers.people import with_doers
from annotations.importers.wiki_incidents.attack_types import ATTACK_TYPES, trigger_words
from annotations.importers.wiki_incidents.harm import AFTER, BEFORE, JOINED, NEAR, Counted, counted
from annotations.importers.wiki_incidents.names import known_as, stated_names


@dataclass(frozen=True, slots=True)
class Rule:
    """Why a span is there, and the estimated share of such spans that are right."""

    reason: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Find:
    """A stretch of text that a column's value was found in."""

    start: int
    end: int
    label: str
    type: str | None
    kind: str
    value: str
    rule: Rule


TRIGGERS = {
    "word of the type": Rule("a word for the type in the column", 0.95),  # 38 of 40
    "word for any attack": Rule("a word for any attack", 0.9),  # 37 of 40
    "verb of harm": Rule("a verb of harm, no other trigger being there", 0.65),  # 27 of 40
}
NAMES = {
    "name": Rule("the name in the column", 0.85),  # 34 of 40
    "other name": Rule("another name or abbreviation of the name in the column", 0.9),  # 36 of 40
    "part": Rule("part of the name in the column", 0.55),  # 23 of 40
}
PLACES = {
    "behind preposition": Rule("a part of the place in the column, behind a preposition or a comma", 0.9),  # 37 of 40
    "elsewhere": Rule("a part of the place in the column, without a preposition in front", 0.7),  # 28 of 40
}
EQUAL = {
    BEFORE: Rule("the column's number, a verb of the harm right in front", 0.95),  # 40 of 40
    AFTER: Rule("the column's number, a word of the harm behind", 0.95),  # 40 of 40
    NEAR: Rule("the column's number, a word of the harm in front", 0.95),  # 27 of all 28
    JOINED: Rule("the column's number, joined to a figure of the harm", 0.65),  # 2 of all 3
}
PARTS = Rule("figures of the harm whose sum is the column's number", 0.95)  # 39 of 40
UNCONFIRMED = Rule("a figure of the harm that is not the column's number", 0.85)  # 35 of 40
NOT_STATED = "0 may mean 'not stated': not looked for"


def triggers(text: str, kinds: Sequence[str], ledger: Ledger, raw: str) -> tuple[str | None, list[Find]]:
    """Find the triggers of the first type in the column that the text has a word for.

    Returns:
        The type, None if there is no trigger; and the triggers.
    """
    if not kinds:
        ledger.lose("type", raw, "the column does not tell a type of attack")
        return None, []
    found = [(kind, name, matches) for kind in kinds for name, matches in _matches(text, kind)]
    # Words of any of the types come before words for any attack, these before verbs of harm.
    order = list(TRIGGERS)
    first = min(found, key=lambda item: order.index(item[1]), default=None)
    if first is None:
        ledger.lose("type", raw, "no word for it stands in the text")
        return None, []
    kind = first[0]
    if first[1] == "verb of harm" and any(trigger_words(other)[0][1].search(text) for other in ATTACK_TYPES):
        ledger.lose("type", raw, "only words for another type stand in the text")
        return None, []
    ledger.aligned["type"] += 1
    if len(kinds) > 1:
        others = ", ".join(other for other in kinds if other != kind)
        ledger.lose("type", raw, "an event has one type: another of the column is its", others)
    own = [(name, match) for other, name, matches in found if other == kind for match in matches]
    strong: list[tuple[str, tuple[int, int]]] = []
    for name, match in own:  # 'suicide bombing attack' holds a word of the type and one for any attack
        if name != "verb of harm" and all(match[1] <= a or b <= match[0] for _, (a, b) in strong):
            strong.append((name, match))
    return kind, [
        Find(*match, "ATTACK", kind, "type", text[slice(*match)], TRIGGERS[name]) for name, match in strong or own[:1]
    ]


def _matches(text: str, kind: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    for name, words in trigger_words(kind):
        spans = [inner for match in words.finditer(text) if (inner := trimmed(text, *match.span()))]
        if spans:
            yield name, spans


def perpetrators(text: str, column: str, place: str, ledger: Ledger) -> Iterator[Find]:
    """Find the groups or persons of the column, under any name that can be told from it."""
    for name in stated_names(column):
        found: list[Find] = []
        standing = False
        for rule, names in known_as(name, text, place):
            places = [p for known in names for p in occurrences(text, known) if _same_case(text, p, known)]
            standing = standing or bool(places)
            wide = [
                trimmed(text, *with_doers(text, *p)) for p in places if not _NAME_GOES_ON_BY_HYPHEN.match(text, p[1])
            ]
            acting = [w for w in wide if w and not _is_harmed(text, *w)]
            found = [Find(*w, "PERPETRATOR", None, "perpetrator", name, NAMES[rule]) for w in acting]
            if found:
                break
        if found:
            ledger.aligned["perpetrator"] += 1
            yield from found
        elif standing:
            ledger.lose("perpetrator", name, "stands only where it is harmed or arrested, or in a longer word")
        else:
            ledger.lose("perpetrator", name, "neither its name, nor its abbreviation, nor a part stands in the text")


_NAME_GOES_ON_BY_HYPHEN = regex.compile(r"-\p{L}")
_HARM_IN_FRONT = regex.compile(
    r"\b(?:kill|wound|injur|arrest|captur)(?:ed|ing|s|es)?\s"
    r"(?:(?!by\b|in\b|as\b|when\b|after\b|for\b|during\b)[\p{L}\d-]+\s){0,3}$",
    regex.IGNORECASE,
)
_HARM_BEHIND = regex.compile(
    r"(?:\s\p{L}+){0,2}\s(?:were|was)\s(?:also\s|later\s)?(?:killed|wounded|injured|shot|arrested)", regex.IGNORECASE
)


def _is_harmed(text: str, start: int, end: int) -> bool:
    """Tell whether a group is told of as killed, wounded or arrested: there it is no PERPETRATOR."""
    return bool(_HARM_IN_FRONT.search(text, max(0, start - 60), start) or _HARM_BEHIND.match(text, end))


def _same_case(text: str, place: tuple[int, int], known: str) -> bool:
    """Tell whether an abbreviation stands in capitals: 'IS' is a group, 'is' is none."""
    return not known.isupper() or text[slice(*place)] == known


_KIND_OF_PLACE = (
    "(?:Province|District|Governorate|City|County|Department|State|Region|Municipality|Division|Prefecture|Territory|"
    "Village|Town)"
)
_NOUN_BEHIND = regex.compile(
    rf"\ (?:{_KIND_OF_PLACE}|{_KIND_OF_PLACE.lower()}|area|neighbou?rhood|airport|valley)\b", regex.VERBOSE
)
_DIRECTION = regex.compile(
    r"\b(?:(?:north|south)(?:ern|-?east(?:ern)?|-?west(?:ern)?)?|eastern|western|east|west|central)\ $",
    regex.IGNORECASE | regex.VERBOSE,
)
_PREPOSITION = regex.compile(
    r"(?:\b(?:in|at|near|of|outside|from|into|on|through|across|around|around|between|to)(?:\ the)?\ |,\ |\()$",
    regex.IGNORECASE | regex.VERBOSE,
)
_NAME_GOES_ON = regex.compile(r"\ \p{Lu}|['’]s\ \p{Lu}|-\p{L}")


def locations(text: str, column: str, ledger: Ledger) -> Iterator[Find]:
    """Find the first mention of each part of the column's place."""
    for part in regex.split(r"\s*(?:,|/|;|\band\b|\bnear\b|\()\s*", column.replace(")", "")):
        if not part or part.lower() == "unknown":
            continue
        find = _place(text, part) or _place(text, regex.sub(rf"\ {_KIND_OF_PLACE}$", "", part, flags=regex.IGNORECASE))
        if isinstance(find, Find):
            ledger.aligned["location"] += 1
            yield find
        else:
            inside = occurrences(text, part)
            reason = "stands only within a longer name" if inside else "does not stand in the text"
            ledger.lose("location", part, reason)


def _place(text: str, part: str) -> Find | None:
    """Find a place name that goes on to no longer name, if there is one behind a preposition or a comma."""
    best: Find | None = None
    for start, end in occurrences(text, part):
        noun = _NOUN_BEHIND.match(text, end)
        if not text[start].isupper() or (not noun and _NAME_GOES_ON.match(text, end)):
            continue
        direction = _DIRECTION.search(text, max(0, start - 20), start)
        begin = direction.start() if direction else start
        inner = trimmed(text, begin, noun.end() if noun else end)
        behind = _PREPOSITION.search(text, max(0, begin - 20), begin) is not None
        if inner and (best is None or behind):
            rule = PLACES["behind preposition" if behind else "elsewhere"]
            best = Find(*inner, "LOCATION", None, "location", part, rule)
        if behind:
            break
    return best


def tolls(text: str, kind: str, count: Mapping[str, int] | None, ledger: Ledger) -> Iterator[Find]:
    """Find the figures of the killed or of the injured."""
    if count is None:
        return
    low, high = count["min"], count["max"]
    if high == 0:
        ledger.lose(kind, "0", NOT_STATED)
        return
    value = str(low) if low == high else f"{low}-{high}"
    harmed = [c for c in counted(text) if c.kind == kind]
    equal = [c for c in harmed if (c.figure.low, c.figure.high) in {(low, high), (low, low), (high, high)}]
    parts = [] if equal else _summing_up(harmed, low)
    if equal or parts:
        ledger.aligned[kind] += 1
    else:
        ledger.lose(kind, value, _why_not(text, low, high, harmed))
    for figure in harmed:
        rule = EQUAL[figure.rule] if figure in equal else PARTS if figure in parts else UNCONFIRMED
        yield Find(figure.figure.start, figure.figure.end, "TOLL", kind, kind, value, rule)


def _summing_up(harmed: Sequence[Counted], total: int) -> Sequence[Counted]:
    """Return the figures whose sum is the total: all of them, or all but one."""
    exact = [c for c in harmed if c.figure.low is not None and c.figure.low == c.figure.high]
    for size in (len(exact), len(exact) - 1):
        for chosen in combinations(exact, size) if size > 1 else ():
            if sum(c.figure.low or 0 for c in chosen) == total:
                return chosen
    return ()


def _why_not(text: str, low: int, high: int, harmed: Sequence[Counted]) -> str:
    if any(figure.low in (low, high) for figure in figures(text)):
        return "the number stands in the text, but beside no word of this harm"
    if low == high == 1:
        return "one person, told without a number"
    return "other numbers of this harm stand in the text" if harmed else "the number does not stand in the text"
