"""Invented reports of any length, with their spans and events."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import regex

from annotations import Document, Event, load_schema
from annotations.formats.inline import parse

# Sentences in inline markup; '#' stands for a name and '@' for one in capitals, a new one each time.
REPORTS = (
    "{Gunmen|PERPETRATOR} {opened fire|ATTACK:armed_assault} at a {market|TARGET} in {#|LOCATION} on {Friday|DATE}, "
    "killing {at least 12|TOLL:killed} {traders|VICTIM} and wounding {dozens|TOLL:injured}.",
    "A {bomb|WEAPON} {exploded|ATTACK:bombing} near a {school|TARGET} in {#|LOCATION}.",
    "The toll later rose to {14|TOLL:killed}, said a doctor, and nobody claimed {the blast|ATTACK:bombing}.",
    "{#|PERPETRATOR} {abducted|ATTACK:abduction} {seven|TOLL:abducted} {nurses|VICTIM} from a {clinic|TARGET}.",
)
PARAGRAPH = 10  # sentences
# What event assembly may find hard: how a text begins, and what is repeated up to its length.
HARD = {
    "capitals": (
        "",
        "{THE @ FRONT|PERPETRATOR} AND {@|PERPETRATOR} {SHELLED|ATTACK:shelling} {@|LOCATION}, {@|LOCATION} AND "
        "{@|LOCATION}; {U.N.|VICTIM} STAFF OF {@|TARGET} FLED. ",
    ),
    "no full stops": (
        "",
        "{gunmen|PERPETRATOR} {fired|ATTACK:armed_assault} at the {market|TARGET} in {#|LOCATION} killing "
        "{12|TOLL:killed} {traders|VICTIM} and ",
    ),
    "triggers": (
        "",
        "The {attack|ATTACK:armed_assault}, a {bombing|ATTACK:bombing}, the {raid|ATTACK:armed_assault} and another "
        "{kidnapping|ATTACK:abduction} followed. ",
    ),
    "one sentence": (
        "{Gunmen|PERPETRATOR} {killed|ATTACK:armed_assault} ",
        "{12|TOLL:killed} {farmers|VICTIM} of {#|PERPETRATOR} in {#|LOCATION} at a {market|TARGET}, ",
    ),
}
SCHEMA = load_schema()
_NAME = regex.compile("[#@]")
_MARK = regex.compile(r"\{([^|]*)\|[^}]*\}")


def report(sentences: int, number: int = 0) -> Document:
    """Return a document of so many sentences.

    Args:
        sentences: How many.
        number: Which document; the next ones have other names in them.
    """
    names = count(number * sentences * 2)
    pieces = [
        _named(REPORTS[at % len(REPORTS)], names) + (" " if (at + 1) % PARAGRAPH else "\n\n") for at in range(sentences)
    ]
    return _document(f"d{number:06}", pieces)


def hard(kind: str, length: int) -> Document:
    """Return a document of that many characters, or a few more, that is hard to put together to events.

    Args:
        kind: A key of `HARD`.
        length: Number of characters.
    """
    first, repeated = HARD[kind]
    pieces, names, size = [first], count(), 0
    while size < length:
        pieces.append(_named(repeated, names))
        size += len(_MARK.sub(r"\1", pieces[-1]))
    return _document("hard", pieces)


def _named(piece: str, names: Iterator[int]) -> str:
    return _NAME.sub(lambda match: _name(next(names)) if match[0] == "#" else _name(next(names)).upper(), piece)


def _name(number: int) -> str:
    letters = ""
    while number or not letters:
        number, digit = divmod(number, 26)
        letters = string.ascii_lowercase[digit] + letters
    return f"Ko{letters}"


def _document(name: str, pieces: list[str]) -> Document:
    """Read marked-up text; each trigger has an event of its own, with the spans behind it up to the next one."""
    document = parse(f"id: {name}\n---\n{''.join(pieces).strip()}\n---\n", SCHEMA)
    roles: list[dict[str, list[str]]] = []
    types: list[str] = []
    for span in document.spans:
        if span.label == SCHEMA.trigger:
            roles.append({})
            types.append(str(span.type))
        if roles:
            roles[-1].setdefault(SCHEMA.role(span.label), []).append(span.id)
    events = [
        Event(f"E{number}", kind, {role: tuple(ids) for role, ids in own.items()})
        for number, (kind, own) in enumerate(zip(types, roles, strict=True), start=1)
    ]
    return replace(document, events=events)
