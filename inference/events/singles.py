"""Single victims beside a figure: 'Captain Ayala and 9 agents' are ten, 'four civilians and a cop' are five."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import regex

HARM: Mapping[str, str] = {
    "killed": (
        r"killed|shot dead|murdered|slain|assassinated|executed|beheaded|lynched|beaten to death"
        r"|hacked to death|stabbed to death"
        r"|gunned down|burn(?:ed|t) to death"
    ),
    "injured": (r"wounded|injured|hurt"),
    "abducted": (r"kidnapped|abducted|taken hostage|seized|taken captive|carried off"),
}
_ONE_BEFORE = regex.compile(r"(?:\b(?:an?|the|his|her|its|their|one)|[\p{L}.]+['’]s) (?:[\w'’-]+ ){0,2}$", regex.I)
_MANY = regex.compile(
    r"\b(?:people|police|troops|children|men|women|personnel|cattle|clergy|staff|family|crew|forces|military|army|couple|crowd|squad|patrol|team|unit|group|clan|elderly|wounded|dead|twins|pair|trio|gang|band"
    r"|wom[ae]n and|\p{L}+men)$|(?<!s|u|i)s$",
    regex.I,
)
_AGE = regex.compile(r"\b[\w-]+-year-old ", regex.I)
_NAME = regex.compile(r"^\p{Lu}")
_SHARED = regex.compile(r"\b(?:and|or|including|with)\b|\d", regex.I)
_COUNTED = regex.compile(
    r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|several|some|many|all)) $", regex.I
)
_ACRONYM = regex.compile(r"^[\p{Lu}\d -]+$")
# The words for one person before its mention: 'a', 'his young', 'another'.
_DETERMINER = regex.compile(r"\b(?:an?|one other|another|his|her|its|their) (?:[\w.'’-]+ ){0,3}$", regex.I)
JOIN = r"(?:,? and|,? as well as|,? along with|,? together with|,? plus)"
_OF_HIS = r"(?: also)?(?: his| her| their| at least| about| some)* $"
_JOINED_BEFORE = regex.compile(rf"^(?:, [^,;.]{{1,50}},)?{JOIN}{_OF_HIS}", regex.I)
WORD = r"(?:\p{Lu}\.(?:\p{Lu}\.)+|[^\s,;:.()]+)"  # 'U.S.' is one
# No word of a list of people.
NOT_LISTED = (
    r"(?!(?:dead|are|is|killed|killing|died|wounded|wounding|injured|injuring|said|says|were|was|have|has|when|while"
    r"|after|in|at|who)\b|includ)"
)
_JOINED_AFTER = regex.compile(rf"^(?: {NOT_LISTED}{WORD}){{1,6}}?{JOIN}(?: also)? $", regex.I)
_LISTED = regex.compile(rf"^(?:{JOIN}|,) $", regex.I)
# Lists of people after these are parts of a figure.
PART = regex.compile(r"\b(?:includ\w+|among|namely|both|except|not)\b[^,;]{0,20}$", regex.I)
_ATTACKER = regex.compile(r"\b(?:attacker|bomber|assailant|perpetrator|shooter|gunman|hijacker)$", regex.I)


def is_single(before: str, words: str) -> bool:
    """Whether a mention is of one person: 'a soldier', 'the mayor', a name.

    Args:
        before: The text of its sentence before it.
        words: Its words.
    """
    words = _AGE.sub("", words)  # '15-year-old student'
    one = _ONE_BEFORE.search(before) or _NAME.search(words)
    return bool(one) and not (_MANY.search(words) or _SHARED.search(words))


def is_name(words: str) -> bool:
    """Whether a mention is a person's name: 'Ayala', not 'cop' or 'ARMY'."""
    return bool(_NAME.search(words) and not _ACRONYM.search(words))


def singles_beside(
    text: str, start: int, end: int, sentence: tuple[int, int], kind: str, victims: Sequence[tuple[int, int]]
) -> set[int]:
    """Return the offsets at which the mentions of single victims end that are told beside a figure.

    Args:
        text: The text as read.
        start: Offset of the figure.
        end: Offset after it.
        sentence: Offsets of its sentence.
        kind: Kind of toll.
        victims: Offsets of the victims of the event, in order.

    Example:
        >>> text = "Captain Ayala and 9 agents are killed."
        >>> singles_beside(text, 18, 19, (0, len(text)), "killed", [(8, 13), (20, 26)])
        {13}
    """
    first, last = sentence
    people = [p for at in victims if first <= at[0] and at[1] <= last and (p := _person(text, at, first, kind))]
    return _before(text, start, first, kind, people) | _after(text, end, people)


def _person(text: str, at: tuple[int, int], first: int, kind: str) -> tuple[int, int, bool] | None:
    """Return where the words for a single victim begin and end, and whether it is named; None if it may be several."""
    start, end = at
    before, words = text[first:start], text[start:end]
    if not is_single(before, words) or _COUNTED.search(before) or (kind == "killed" and _ATTACKER.search(words)):
        return None
    determiner = _DETERMINER.search(before)
    if determiner:
        return first + determiner.start(), end, False
    return (start, end, True) if is_name(words) else None


def _before(text: str, start: int, first: int, kind: str, people: Sequence[tuple[int, int, bool]]) -> set[int]:
    """Return the ends of those told before a figure: 'a cop and [four] men', 'was shot along with [two] guards'."""
    harm = HARM.get(kind, "harmed")
    harmed = rf"^(?: (?:was|were|is|are|had been|has been))?(?: also)? (?:{harm}),? (?:along|together) with{_OF_HIS}"
    found: set[int] = set()
    at = start
    for begin, end, named in reversed([one for one in people if one[1] <= start]):
        between = text[end:at]
        if found:  # two names in a row may be of one person
            joined = not named and bool(_LISTED.match(between))
        else:
            joined = bool(_JOINED_BEFORE.search(between) or regex.search(harmed, between, regex.I))
        if not joined:
            break
        if PART.search(text[first:begin]):
            return set()
        found.add(end)
        at = begin
    return found


def _after(text: str, end: int, people: Sequence[tuple[int, int, bool]]) -> set[int]:
    """Return the ends of those told after a figure: '[four] civilians and a cop'."""
    found: set[int] = set()
    at = end
    for begin, stop, named in (one for one in people if one[0] >= end):
        between = text[at:begin]
        if found:  # a name after a comma may be of the one before it
            joined = bool(_LISTED.match(between)) and not (named and between.startswith(", "))
        else:
            joined = bool(_JOINED_AFTER.search(between))
        if not joined:
            break
        found.add(stop)
        at = stop
    return found
