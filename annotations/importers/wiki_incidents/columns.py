"""Finding the columns of an incident in its paragraph: triggers, perpetrators, places and tolls.

Every rule has a confidence: its precision by the guidelines in a sample of the lists of 1970–2018 checked by one reader
(up to 40 spans a rule), rounded down to .05 and at most .95. With 40 spans it is exact to about ± .1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import regex

from annotations.importers.alignment.candidates import Candidate, Ledger
from annotations.importers.alignment.figures import figures
from annotations.importers.alignment.places import Place, occurrences, overlap, trimmed, trimmed_all
from annotations.importers.people import with_members
from annotations.importers.wiki_incidents.attack_types import ATTACK_TYPES, trigger_words
from annotations.importers.wiki_incidents.harm import AFTER, BEFORE, JOINED, NEAR, Counted, counted
from annotations.importers.wiki_incidents.names import known_as, stated_names


@dataclass(frozen=True, slots=True)
class Rule:
    """Why a span is proposed, and the estimated share of such spans that are right."""

    reason: str
    confidence: float

    def propose(self, place: Place, label: str, kind: str, value: str, type_: str | None = None) -> Candidate:
        """Return a span for the value of a column."""
        return Candidate(*place, label, type_, kind, value, confidence=self.confidence, reason=self.reason)


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
NOT_STATED = "0 may mean 'not stated': not searched"


def triggers(text: str, kinds: Sequence[str], ledger: Ledger, raw: str) -> tuple[str | None, list[Candidate]]:
    """Find the triggers of the first type in the column that the text has a word for.

    Returns:
        The type, or None if there is no trigger; and the triggers.
    """
    if not kinds:
        ledger.lose("type", raw, "the column names no attack type")
        return None, []
    found = [(kind, name, matches) for kind in kinds for name, matches in _matches(text, kind)]
    # Words of the types come first, then words for any attack, then verbs of harm.
    order = list(TRIGGERS)
    first = min(found, key=lambda item: order.index(item[1]), default=None)
    if first is None:
        ledger.lose("type", raw, "the text has no word for it")
        return None, []
    kind = first[0]
    if first[1] == "verb of harm" and any(trigger_words(other)[0][1].search(text) for other in ATTACK_TYPES):
        ledger.lose("type", raw, "the text has words for another type only")
        return None, []
    ledger.aligned["type"] += 1
    if len(kinds) > 1:
        others = ", ".join(other for other in kinds if other != kind)
        ledger.lose("type", raw, "one type per event; another one was used", others)
    own = [(name, match) for other, name, matches in found if other == kind for match in matches]
    strong: list[tuple[str, Place]] = []
    for name, match in own:  # 'suicide bombing attack' has a word of the type and one for any attack
        if name != "verb of harm" and not any(overlap(match, other) for _, other in strong):
            strong.append((name, match))
    return kind, [
        TRIGGERS[name].propose(match, "ATTACK", "type", text[slice(*match)], kind) for name, match in strong or own[:1]
    ]


def _matches(text: str, kind: str) -> Iterator[tuple[str, list[Place]]]:
    for name, words in trigger_words(kind):
        places = trimmed_all(text, (match.span() for match in words.finditer(text)))
        if places:
            yield name, places


def perpetrators(text: str, column: str, place: str, ledger: Ledger) -> Iterator[Candidate]:
    """Find the groups or persons of the column, under any of their names."""
    for name in stated_names(column):
        found: list[Candidate] = []
        mentioned = False
        for rule, names in known_as(name, text, place):
            places = [p for known in names for p in occurrences(text, known) if _same_case(text, p, known)]
            mentioned = mentioned or bool(places)
            whole = [with_members(text, *p) for p in places if not _HYPHEN_BEHIND.match(text, p[1])]
            acting = [place for place in trimmed_all(text, whole) if not _is_harmed(text, *place)]
            found = [NAMES[rule].propose(place, "PERPETRATOR", "perpetrator", name) for place in acting]
            if found:
                break
        if found:
            ledger.aligned["perpetrator"] += 1
            yield from found
        elif mentioned:
            ledger.lose("perpetrator", name, "only found as harmed or arrested, or within a longer word")
        else:
            ledger.lose("perpetrator", name, "neither the name nor an abbreviation or part of it is in the text")


_HYPHEN_BEHIND = regex.compile(r"-\p{L}")
_HARM_IN_FRONT = regex.compile(
    r"\b(?:kill|wound|injur|arrest|captur)(?:ed|ing|s|es)?\s"
    r"(?:(?!by\b|in\b|as\b|when\b|after\b|for\b|during\b)[\p{L}\d-]+\s){0,3}$",
    regex.IGNORECASE,
)
_HARM_BEHIND = regex.compile(
    r"(?:\s\p{L}+){0,2}\s(?:were|was)\s(?:also\s|later\s)?(?:killed|wounded|injured|shot|arrested)", regex.IGNORECASE
)


def _is_harmed(text: str, start: int, end: int) -> bool:
    """Whether a group is killed, wounded or arrested: such a mention is no PERPETRATOR."""
    return bool(_HARM_IN_FRONT.search(text, max(0, start - 60), start) or _HARM_BEHIND.match(text, end))


def _same_case(text: str, place: Place, known: str) -> bool:
    """Whether an abbreviation is in capitals: 'IS' is a group, 'is' is not."""
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
_LONGER_NAME = regex.compile(r"\ \p{Lu}|['’]s\ \p{Lu}|-\p{L}")


def locations(text: str, column: str, ledger: Ledger) -> Iterator[Candidate]:
    """Find the first mention of each part of the place in the column."""
    for part in regex.split(r"\s*(?:,|/|;|\band\b|\bnear\b|\()\s*", column.replace(")", "")):
        if not part or part.lower() == "unknown":
            continue
        find = _place(text, part) or _place(text, regex.sub(rf"\ {_KIND_OF_PLACE}$", "", part, flags=regex.IGNORECASE))
        if find:
            ledger.aligned["location"] += 1
            yield find
        else:
            inside = occurrences(text, part)
            reason = "only found within a longer name" if inside else "not found in the text"
            ledger.lose("location", part, reason)


def _place(text: str, part: str) -> Candidate | None:
    """Find a place name that is not part of a longer name, preferably after a preposition or a comma."""
    best: Candidate | None = None
    for start, end in occurrences(text, part):
        noun = _NOUN_BEHIND.match(text, end)
        if not text[start].isupper() or (not noun and _LONGER_NAME.match(text, end)):
            continue
        direction = _DIRECTION.search(text, max(0, start - 20), start)
        begin = direction.start() if direction else start
        inner = trimmed(text, begin, noun.end() if noun else end)
        behind = _PREPOSITION.search(text, max(0, begin - 20), begin) is not None
        if inner and (best is None or behind):
            rule = PLACES["behind preposition" if behind else "elsewhere"]
            best = rule.propose(inner, "LOCATION", "location", part)
        if behind:
            break
    return best


def tolls(text: str, kind: str, count: Mapping[str, int] | None, ledger: Ledger) -> Iterator[Candidate]:
    """Find the numbers of killed or injured people."""
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
        yield rule.propose(figure.figure.place, "TOLL", kind, value, kind)


def _summing_up(harmed: Sequence[Counted], total: int) -> Sequence[Counted]:
    """Return the figures that add up to the total: all of them, or all but one."""
    exact = [c for c in harmed if c.figure.low is not None and c.figure.low == c.figure.high]
    for size in (len(exact), len(exact) - 1):
        for chosen in combinations(exact, size) if size > 1 else ():
            if sum(c.figure.low or 0 for c in chosen) == total:
                return chosen
    return ()


def _why_not(text: str, low: int, high: int, harmed: Sequence[Counted]) -> str:
    if any(figure.low in (low, high) for figure in figures(text)):
        return "the number is in the text, but not next to a word of this harm"
    if low == high == 1:
        return "one person, and the text has no number"
    return "the text has other numbers of this harm" if harmed else "the number is not in the text"
