"""People told without a figure beside one: 'four farmers and a soldier' are five."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from inference.events.singles import JOIN, NOT_LISTED, PART, WORD

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
    woman', which is a part.

    Args:
        text: The text as read.
        start: Offset of the figure.
        end: Offset after it.
        sentence: Offsets of its sentence.
        kind: Kind of toll. 'Him and two others' counts him unless somebody is killed: the attacker may be meant.

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
