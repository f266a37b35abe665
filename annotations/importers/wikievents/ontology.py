"""Mapping events and roles of the KAIROS ontology to the schema: tables, and rules for ambiguous roles."""

from __future__ import annotations

from collections.abc import Collection

import regex

from annotations.importers.people import EMPTY_PEOPLE, PRONOUNS, is_people, is_thing
from annotations.text.words import listed

# Attack types by event; the longest matching prefix counts. None: the trigger decides.
ATTACKS: dict[str, str | None] = {
    "Conflict.Attack": None,
    "Conflict.Attack.DetonateExplode": "bombing",
    "Conflict.Demonstrate.DemonstrateWithViolence": "unarmed_assault",
    "GenericCrime.GenericCrime": None,
}
# Harm to people, and the kind of toll.
HARM = {"Life.Die": "killed", "Life.Injure": "injured"}

# Attack types by the words of a trigger; the first match counts.
_TYPES = [
    (kind, regex.compile(words, regex.IGNORECASE))
    for kind, words in (
        ("air_strike", r"air ?- ?strikes?|airstrikes?|air raids?|drone strikes?"),
        ("shelling", r"shell(ed|ing)|mortar|rocket|missile|artillery"),
        ("hijacking", r"hijack|carjack"),
        ("abduction", r"kidnap|abduct|hostage"),
        ("assassination", r"assassinat"),
        ("armed_clash", r"shoot ?- ?outs?|shootouts?|fire ?fights?|gun ?- ?(fight|battle)s?|clash|battles?|standoff?"),
        (
            "bombing",
            r"bomb|explo|blast|detonat|\b(blew|blown?|blowing|blows)\b|\b(went|gone|going|set|setting|touched) off?$",
        ),
        ("arson_sabotage", r"arson|torch|ablaze|set fire"),
        (
            "armed_assault",
            r"\bshot|\bshoot|gun|opened fire|\bfired\b|stab|ambush|storm|\braid|massacre|slaughter|rampage",
        ),
        ("unarmed_assault", r"lynch|beat|rape|stoned|poison"),
    )
]
_MURDER = regex.compile(r"(attempted )?(murder(s|ed)?|homicide)", regex.IGNORECASE)
# By the row test of the guidelines, violence in general is no particular attack; nor are light verbs and settings.
NO_ATTACK_WORDS = listed(
    """
    war conflict violence terrorism act went came used caused involved placed planted plant incident occurred
    happened took launched targets confrontation predations bullied repelled light drives ran
    """
) | {"took place", "carried out", "bloody conflict", "violent events", "act of terrorism"}
# Verbs of killing and wounding that may be triggers, unlike 'died', 'dead', 'deaths' and 'casualties'.
_HARM_VERB = regex.compile(
    r"kill(ed|s|ing)?|murder(ed|s|ing)?|shot( dead)?|wound(ed|ing|s)|injur(ed|ing|es)|slain|slaughtered|massacred|"
    r"assassinated|beheaded|executed|stabbed|gunned down|maim(ed|ing)|hit",
    regex.IGNORECASE,
)
_ROLES = {
    "Attacker": "PERPETRATOR",
    "Killer": "PERPETRATOR",
    "Injurer": "PERPETRATOR",
    "Perpetrator": "PERPETRATOR",
    "Demonstrator": "PERPETRATOR",
    "Victim": "VICTIM",
    "ExplosiveDevice": "WEAPON",
    "Instrument": "WEAPON",
}
_NO_WEAPON = frozenset(["bombing", "shrapnel", "compound", "concoction", "device"])


def attack_type(event: str, trigger: str, roles: Collection[str]) -> str | None:
    """Return the attack type of an event, or None if it is no attack.

    Example:
        >>> attack_type("Conflict.Attack", "shot", []), attack_type("Conflict.Attack", "attack", ["ExplosiveDevice"])
        ('armed_assault', 'bombing')
        >>> attack_type("Conflict.Attack", "attack", []), attack_type("GenericCrime.GenericCrime", "theft", [])
        ('unspecified_attack', None)
    """
    known = [name for name in ATTACKS if event == name or event.startswith(name + ".")]
    if not known:
        return None
    kind = ATTACKS[max(known, key=len)] or _type_by_words(trigger)
    if kind or event.startswith("GenericCrime"):
        return kind or ("unspecified_attack" if _MURDER.fullmatch(trigger) else None)
    return "bombing" if "ExplosiveDevice" in roles else "unspecified_attack"


def harm_of(event: str) -> str | None:
    """Return the kind of toll of an event, or None if it is no harm to people.

    Example:
        >>> harm_of("Life.Die.Unspecified"), harm_of("Life.Consume")
        ('killed', None)
    """
    return next((toll for name, toll in HARM.items() if event == name or event.startswith(name + ".")), None)


def harm_verb_type(trigger: str) -> str | None:
    """Return the attack type of a harm verb, or None if the word is no trigger.

    Example:
        >>> harm_verb_type("killed"), harm_verb_type("stabbed"), harm_verb_type("died")
        ('unspecified_attack', 'armed_assault', None)
    """
    if not _HARM_VERB.fullmatch(trigger):
        return None
    return _type_by_words(trigger) or "unspecified_attack"


def _type_by_words(trigger: str) -> str | None:
    return next((kind for kind, words in _TYPES if words.search(trigger)), None)


def label_of(role: str, words: str, elsewhere: Collection[str]) -> tuple[str | None, str]:
    """Return the label of an argument, or None and the reason.

    A place is TARGET if its last word is a building, vehicle or the like, LOCATION if it is a name, else unlabelled.
    A target is TARGET by the same rule, VICTIM if its last word is people or the same words are victims elsewhere in
    the article, LOCATION if they are a place elsewhere, else unlabelled.

    Example:
        >>> label_of("Target", "market", []), label_of("Target", "clerks", ["Victim"]), label_of("Place", "Gao", [])
        (('TARGET', ''), ('VICTIM', ''), ('LOCATION', ''))
    """
    label = _ROLES.get(role)
    if words.lower() in PRONOUNS or (words.lower() in EMPTY_PEOPLE and label != "PERPETRATOR"):
        return None, "a pronoun or a word without content"
    if label:
        no_weapon = label == "WEAPON" and words.lower() in _NO_WEAPON
        return (None, "a word that names no weapon") if no_weapon else (label, "")
    if role not in ("Place", "Target"):
        return None, "a role without a label"
    if is_thing(words):
        return "TARGET", ""
    name = any(letter.isupper() for letter in words)
    if role == "Place":
        return ("LOCATION", "") if name else (None, "a place without a name")
    if is_people(words) or "Victim" in elsewhere:
        return "VICTIM", ""
    if "Place" in elsewhere and name:
        return "LOCATION", ""
    return None, "may be people or a thing: its words do not decide"
