"""Joins: what makes two mentions one entity, each rule a function of two mentions and the words between them."""

from __future__ import annotations

import regex

from inference.entities.mention import Mention
from inference.entities.words import SERVICES

# 'rebels [and] soldiers', 'the Navy [or] the Tigers': two that are named side by side are two.
_SIDE_BY_SIDE = regex.compile(
    r"^,? (?:and|or|with|against|from|of|by|to|in|between) (?:the |a |an |two |three )?$|^, $|^/$", regex.I
)
_BRACKET = regex.compile(r"^,? [(\[]\"?(?:the )?$|^, or (?:the )?$")
_DESCRIBED = regex.compile(
    r"^, (?:(?:aged )?\d{1,3}, )?(?:(?:an?|the|its|their|his|her|who (?:is|was) an?) (?:[\p{L}'-]+ ){0,2})?$", regex.I
)
_NAMED_AFTER = regex.compile(r"^,? $")
_CALLED = regex.compile(
    r"^[^.;!?]{0,60}\b(?:call(?:ing|ed|s)?|styl(?:ing|ed|es)|known as|identified as|named as) "
    r"(?:(?:itself|themselves|himself|herself) )?(?:as )?(?:the |a |an )?[\"']?$",
    regex.I,
)
_ARE = regex.compile(
    r"^ (?:was|were|is|are|came|had been) (?:from |members of |part of |fighters of |men of )?(?:the |a |an )?$",
    regex.I,
)

_WHOLE = frozenset(("army", "military", "forces", "troops"))
_INSTITUTIONS = frozenset(("army", "military", "police", "navy", "forces", "government"))  # the same all over a text


def side_by_side(between: str) -> bool:
    """Whether the words between two mentions name them as two.

    Example:
        >>> side_by_side(" and "), side_by_side(" said the ")
        (True, False)
    """
    return bool(_SIDE_BY_SIDE.match(between))


def same_name(a: Mention, b: Mention) -> bool:
    """Whether both have the same proper name, or are the same description in one event."""
    if a.name or b.name:
        return a.name == b.name and (a.key == b.key or not (a.is_part or b.is_part))
    return a.key == b.key and (bool(a.events & b.events) or a.head in _INSTITUTIONS)


def same_description(a: Mention, b: Mention) -> bool:
    """Whether one description in an event has the words of the other and more: 'migrants', 'African migrants'."""
    if a.name or b.name or a.head != b.head or not a.events & b.events:
        return False
    one, other = set(a.key.split()), set(b.key.split())
    return a.number == "one" or one <= other or other <= one


def same_state(a: Mention, b: Mention) -> bool:
    """Whether both are forces of the same country, or the country itself: 'Armenia', 'U.S. jets'."""
    return bool(a.nation) and a.nation == b.nation and _is_state(a) and _is_state(b) and _same_service(a, b)


def _is_state(one: Mention) -> bool:
    return not one.name and not one.is_part and (one.actor == "army" or (one.actor is None and one.number is None))


def _same_service(a: Mention, b: Mention) -> bool:
    services = {SERVICES[word.head] for word in (a, b) if word.head in SERVICES}
    return len(services) < 2  # noqa: PLR2004


def same_forces(a: Mention, b: Mention) -> bool:
    """Whether both are a state's army, navy or air force, as far as the words tell: 'army', 'government jets'."""
    bare = not (a.name or b.name or a.is_part or b.is_part)
    return bare and a.actor == b.actor == "army" and bool({a.head, b.head} & _WHOLE) and _same_service(a, b)


def short_for(a: Mention, b: Mention, between: str) -> bool:
    """Whether one is the abbreviation of the other: by its letters, or because it follows in brackets."""
    if a.is_part != b.is_part:
        return False
    if a.letters in b.initials or b.letters in a.initials:
        return bool(a.letters or b.letters)
    return bool(b.name and _BRACKET.match(between) and (b.letters or a.letters))


def shorter_name(short: Mention, full: Mention) -> bool:
    """Whether one name is made of words of the other: 'Front' of 'Volta Defence Front', 'Tarba' of 'Astamur Tarba'."""
    if not short.name or short.is_part or full.is_part or short.letters:
        return False
    if len(short.name) >= len(full.name) or not set(short.name) <= set(full.name):
        return False
    # 'Agbong Command of the New People's Army' is not the New People's Army.
    return not regex.search(rf"\bof (?:the )?{regex.escape(short.text)}$", full.text)


def after_apposition(a: Mention, b: Mention, between: str) -> bool:
    """Whether the words between a name and a description say that both are one; 'A, a teacher', 'they are called B'."""
    if _CALLED.match(between):
        return not (a.name and b.name) or b.is_part
    if a.name and b.name:
        return False
    if not a.name and not b.name:  # 'the driver, a Malawian'
        return bool(b.nation and b.number is None and a.number == "one" and _DESCRIBED.match(between))
    described = bool(_DESCRIBED.match(between)) and (between != ", " or (b if a.name else a).number == "one")
    if a.name:
        return described
    return described or bool(_ARE.match(between) or (a.number == "one" and _NAMED_AFTER.match(between)))


def shorter_description(short: Mention, full: Mention) -> bool:
    """Whether a word stands for a longer mention that has it: 'the command', 'the faction'."""
    if short.name or short.actor == "army" or not short.defined or " " in short.key:
        return False
    if short.number != "many" and not short.is_part:
        return False
    return short.head in full.name or (full.is_part and not full.name and short.head == full.head)


def same_act(a: Mention, b: Mention) -> bool:
    """Whether two descriptions of doers of one event are the same: 'gunmen', 'the attackers'."""
    if a.name or b.name or a.quoted or b.quoted or not a.events & b.events or a.number != b.number:
        return False
    if a.is_part or b.is_part:
        return a.is_part and b.is_part and a.head == b.head and a.number == "one"
    known = {a.actor, b.actor} <= {"militants", "crowd", None}
    return a.head == b.head or (known and (_by_act(a, b) or _by_act(b, a) or a.actor == b.actor == "militants"))


def _by_act(a: Mention, b: Mention) -> bool:
    return a.by_act and (b.by_act or b.actor is not None)
