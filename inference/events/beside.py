"""People told beside a figure: 'four farmers and a soldier' are five, 'Captain Ayala and 9 agents' are ten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
_SOLE_ATTACKER = regex.compile(r"\b(?:attacker|bomber|assailant|perpetrator|shooter|gunman|hijacker)$", regex.I)


def is_single(before: str, words: str) -> bool:
    """Whether a mention is of one person: 'a soldier', 'the mayor', a name."""
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

    Example:
        >>> text = "Captain Ayala and 9 agents are killed."
        >>> singles_beside(text, 18, 19, (0, len(text)), "killed", [(8, 13), (20, 26)])
        {13}
    """
    first, last = sentence
    people = [p for at in victims if first <= at[0] and at[1] <= last and (p := _person(text, at, first, kind))]
    return _singles_before(text, start, first, kind, people) | _singles_after(text, end, people)


def _person(text: str, at: tuple[int, int], first: int, kind: str) -> tuple[int, int, bool] | None:
    """Return where the words for a single victim begin and end, and whether it is named; None if it may be several."""
    start, end = at
    before, words = text[first:start], text[start:end]
    if not is_single(before, words) or _COUNTED.search(before) or (kind == "killed" and _SOLE_ATTACKER.search(words)):
        return None
    determiner = _DETERMINER.search(before)
    if determiner:
        return first + determiner.start(), end, False
    return (start, end, True) if is_name(words) else None


def _singles_before(text: str, start: int, first: int, kind: str, people: Sequence[tuple[int, int, bool]]) -> set[int]:
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


def _singles_after(text: str, end: int, people: Sequence[tuple[int, int, bool]]) -> set[int]:
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


# Words for one person: family, and endings of trades, ranks and nationalities.
_PERSON = (
    r"(?:(?:man|woman|boy|girl|child|baby|infant|toddler|wife|husband|mother|father|son|daughter|brother|sister|uncle"
    r"|aunt|cousin|nephew|niece|youth|cook|guard|bodyguard|chief|colonel|general|captain|major|sergeant|corporal"
    r"|private"
    r"|judge|priest|nun|monk|imam|sheikh|elder|mayor|pilot|clerk|nurse|passer-?by|bystander|hydrologist|militant"
    r"|rebel"
    r"|insurgent|guerrilla|gunman|terrorist|civilian|refugee|deputy|minister|senator|candidate|journalist|pupil"
    r"|student"
    r"|tribal|aide|colleague|friend|relative|neighbou?r|national|citizen|jawan|constable|cadre|porter|marine|cleric"
    r"|\p{L}{2,}(?:man|woman|boy|girl)|\p{L}{3,}(?<!\bnumb|\bcorn|\bshelt|\bhelicopt|\briv|\bcent|\bwat|\btank"
    r"|\bord|\bbord|\bquart|\bcontain|\btrail"
    r"|\bbunk|\btow|\bclust|\bsumm|\bwint|\blett|\bpap|\boff|\bpow|\bmurd)er|\p{L}{2,}(?<!tract|mot|generat|flo"
    r"|do)or|\p{L}{2,}(?:ist|eer|ess)))"
)
_ONE = (
    rf"(?:an?|one other|another|his|her|its|their|the) (?:(?!(?:of|in|by|and|to|that|which|who|was|were"
    rf"|killed|killing|wounded|wounding|injured|injuring)\b)[\w.'’-]+ ){{0,4}}?(?>{_PERSON}\b)"
    r"(?!['’]s|-| (?:of the )?(?:dead|wounded)\b)"
)
_AND = r"(?:,? and|,? as well as|,? along with|,? together with|,? plus|,)"
_AFTER = regex.compile(
    rf"^(?: {NOT_LISTED}{WORD}){{1,6}}?(?P<list>(?:, {_ONE}){{0,4}}{JOIN} (?:also )?{_ONE})", regex.I
)
_EACH = regex.compile(rf"{_AND} (?:also )?{_ONE}", regex.I)
_BEFORE = regex.compile(
    rf"(?P<list>\b{_ONE}(?: of (?:[\w'’-]+ ?){{1,3}})?(?:, [^,;.]{{1,50}},)?"
    rf"(?:{_AND} {_ONE})*){JOIN} (?:also )?(?:his |her |their )?$",
    regex.I,
)
_HIM = regex.compile(
    r"\b(?:him|her|he|she)(?:,? and|,? as well as|,? along with|,? together with) (?:also )?(?:his |her )?$", regex.I
)
_NAMED = regex.compile(
    r"\p{Lu}[\p{L}\p{M}'’.-]+(?:,(?! (?:\w+ing|when|where|while|after|and|but|who)\b)[^,;]{1,70},)?"
    r"(?:,? and|,? as well as|,? along with|,? together with) (?P<his>his |her )?$"
)
_HIS = regex.compile(
    r"^ (?:[\w'’-]+ )?(?:others?|of (?:his|her|their)|companions?|colleagues|bodyguards|relatives|family"
    r"|associates|aides)\b",
    regex.I,
)
# People who do something are no victims.
_ATTACKER = regex.compile(r"\b(?:attacker|bomber|assailant|perpetrator|shooter|him|himself|herself)$", regex.I)
_DOES = regex.compile(
    r"^(?: among\b)|^(?: \w+ly)? (?:said|says?|told|fired|opened|claimed|confirmed|reported|fled|escaped"
    r"|who (?:was|were) not|survived)\b",
    regex.I,
)


def people_beside(text: str, start: int, end: int, sentence: tuple[int, int], kind: str) -> set[int]:
    """Return the offsets at which the words for each person beside a figure end.

    Only one person at a time counts, in a list with the figure: 'a driver, his wife and [two] guards', '[four] nurses
    and a boatman', 'the mayor and [two] of his aides'. A plural without a number does not count, nor does 'including a
    woman', which is a part. 'Him and two others' counts him unless somebody is killed: the attacker may be meant.

    Example:
        >>> text = "A driver and four nurses were shot."
        >>> len(people_beside(text, 13, 17, (0, len(text)), "killed"))
        1
    """
    before, after = text[sentence[0] : start], text[end : sentence[1]]
    found = {*_before(before, after, sentence[0], kind), *_after(after, end)}
    # Attackers who die in their own attack are not counted.
    return found if kind != "killed" else {at for at in found if not _ATTACKER.search(text[:at], at - 20)}


def _after(after: str, end: int) -> Iterator[int]:
    found = _AFTER.search(after)
    if found and not _DOES.search(after[found.end() :]) and not regex.search(r"\binclud", after[: found.end()]):
        yield from (end + found.start("list") + one.end() for one in _EACH.finditer(found["list"]))


def _before(before: str, after: str, offset: int, kind: str) -> Iterator[int]:
    found = _BEFORE.search(before)
    if found:
        if not PART.search(before[: found.start()]):
            yield from _listed(found["list"], offset + found.start("list"))
    elif (kind != "killed" and _HIM.search(before)) or _is_named(before, after):
        yield offset + len(before)


def _is_named(before: str, after: str) -> bool:
    """Whether a person's name is joined to a figure: 'Anil Sharma and [two] colleagues', not 'Gao and [two] towns'."""
    named = _NAMED.search(before)
    return bool(named and (named["his"] or _HIS.search(after)))


def _listed(words: str, offset: int) -> Iterator[int]:
    yield from (offset + one.end() for one in regex.finditer(_ONE, words, regex.I))
