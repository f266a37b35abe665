"""What an event adds up to: its tolls, its flags, and who is said to have done it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import regex

from annotations.schema import TOLLS, TRIGGERS, Schema
from annotations.text.sentences import Sentences
from inference.events.figures import Figure, parts
from inference.events.flags import Mentions, find_flags
from inference.events.implied import implied_tolls
from inference.events.tolls import event_tolls
from inference.numbers.toll import normalise
from inference.prediction import ATTACKERS, Attribution, EventToll, PredictedSpan

_KILLED = "killed"
_CLASH = ("armed_clash", "territorial_seizure")
_VICTIMS = "victims"
_ATTACKERS = regex.compile(
    r"(?:suicide )?(?:attackers|assailants|bombers?|hijackers|perpetrators|kidnappers|raiders)", regex.I
)
_FIGHTERS = regex.compile(
    r"\b(?:militants?|insurgents?|terrorists?|jihadists?|rebels?|gunm[ae]n|extremists?|fighters?|guerrillas?|naxals?"
    r"|naxalites?|maoists?|taliban)\b",
    regex.I,
)
_FORCES = regex.compile(
    r"\b(?:police\w*|army|troops?|soldiers?|forces?|military|coalition|officers?|guards?|commandos?|government|navy"
    r"|jets?|warplanes?|aircraft|drones?|helicopters?|marines|commandos?|rangers|vigilantes?|u\.?s\.?|american|nato|isaf"
    r"|israeli?|turk\w+|russian?|french|france|british|ethiopian?|saudi|pakistani?|indian?|syrian?|iraqi?|afghan)\b",
    regex.I,
)
# '[Gunmen] ambushed a convoy, killing [six] rebels': what the doers did.
_OBJECT = regex.compile(r"\bkilling (?:at least |about )?$", regex.I)
# The words right after a figure that may name whom it counts: 'two', 'two of the', 'two suspected' …
_NOUN = regex.compile(
    r"^(?: of(?: the)?)?(?P<words>"
    r"(?: (?!(?:dead|died|killed|wounded|people|persons|others|lives|besides|as|in|on|at|by|when|while"
    r"|after|before|and|or|from|were|was)\b)[\p{L}-]+){1,5})",
    regex.I,
)


@dataclass(frozen=True, slots=True)
class Account:
    """Tolls by kind, flags, and attribution of one event."""

    toll: Mapping[str, EventToll]
    flags: Mapping[str, Any]
    attribution: Attribution


def account_of(
    sentences: Sentences,
    schema: Schema,
    attack_type: str,
    roles: Mapping[str, Sequence[PredictedSpan]],
    convention: str,
) -> Account:
    """Return what one event adds up to.

    The attackers' own dead are kept apart under `killed_attackers`, except where two sides fight each other: there both
    count. Where one figure counts all the dead, they are in it too, and marked as `included`. A kind of
    which people are told one by one, without a figure, is `implied`, unless the attack was attempted or threatened.
    """
    triggers, figures = roles.get(TRIGGERS, ()), roles.get(TOLLS, ())
    doers = roles.get(schema.role(schema.actor), ()) if schema.actor else ()
    own = set() if attack_type in (*_CLASH, "air_strike") else _attackers_figures(sentences.text, figures, doers)
    victims = roles.get(_VICTIMS, ())
    tolls = event_tolls(sentences, [span for span in figures if span.id not in own], schema, convention, victims)
    flags, attribution = find_flags(sentences, schema, Mentions(attack_type, triggers, doers), tolls)
    if "stage" not in flags and _KILLED in schema.toll_kinds:
        tolls |= implied_tolls(sentences, victims, tolls)
    attackers = event_tolls(sentences, [span for span in figures if span.id in own], schema, convention)
    if _KILLED in attackers:
        included = _are_included(sentences, figures, own)
        tolls[ATTACKERS] = replace(attackers[_KILLED], included=included)
    return Account(tolls, flags, attribution)


def _attackers_figures(text: str, figures: Sequence[PredictedSpan], doers: Sequence[PredictedSpan]) -> set[str]:
    """Return the ids of figures that count the attackers' own dead.

    Fighters ('Rebels raided a post. Six soldiers and eight insurgents died') are taken for the attackers if others were
    killed too and the doers are told, and are not a state's forces, whose victims they may be.
    """
    killed = [(span, noun) for span in figures if span.type == _KILLED and (noun := _noun_after(text, span))]
    own = {span.id for span, noun in killed if _names_doers(span, noun, doers)}
    if not doers or any(_FORCES.search(doer.text) for doer in doers):
        return own
    fighters = {
        span.id
        for span, noun in killed
        if _FIGHTERS.search(noun["words"]) and not _OBJECT.search(text[: span.start], span.start - 60)
    }
    return own | fighters if len(fighters) < len(killed) else own


def _are_included(sentences: Sentences, figures: Sequence[PredictedSpan], own: set[str]) -> bool:
    """Whether a figure for all the dead holds the attackers: 'six dead, two of them attackers'."""
    by_sentence: dict[int, list[Figure]] = {}
    for span in sorted(figures, key=lambda span: span.start):
        toll = normalise(span.text)
        if span.type == _KILLED and toll:
            number = sentences.index(span.start)
            figure = Figure(span.id, span.start, span.end, toll, sentences.bounds(number))
            by_sentence.setdefault(number, []).append(figure)
    return any(own & parts(sentences.text, told) for told in by_sentence.values())


def _noun_after(text: str, figure: PredictedSpan) -> regex.Match[str] | None:
    return _NOUN.match(text[figure.end : figure.end + 60])


def _names_doers(figure: PredictedSpan, noun: regex.Match[str], doers: Sequence[PredictedSpan]) -> bool:
    """Whether the words after a figure of dead people name the doers of the event."""
    if _ATTACKERS.search(noun["words"]):
        return True
    # A doer's mention among these words: 'two suspected [gunmen] died'.
    return any(figure.end < doer.start < figure.end + noun.end() for doer in doers)
