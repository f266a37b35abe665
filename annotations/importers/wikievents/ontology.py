"""From the events and roles of the KAIROS ontology to ours: tables, and rules where a role is mixed."""

from __future__ import annotations

from collections.abc import Collection

import regex

from annotations.importers.people import EMPTY_PEOPLE, PRONOUNS, listed, names_a_thing, names_people

# Attack types of events whose name tells one; the longest beginning counts. None: the words must tell.
ATTACKS: dict[str, str | None] = {
    "Conflict.Attack": None,
    "Conflict.Attack.DetonateExplode": "bombing",
    "Conflict.Demonstrate.DemonstrateWithViolence": "unarmed_assault",
    "GenericCrime.GenericCrime": None,
}
# Harm to people, and the kind of toll that its victims make.
HARM = {"Life.Die": "killed", "Life.Injure": "injured"}

# What a trigger's words tell of the type; the first that is found counts.
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
# Row test of the guidelines: violence in general sets no attack apart; light verbs and settings tell of none.
NO_ATTACK_WORDS = listed(
    """
    war conflict violence terrorism act went came used caused involved placed planted plant incident occurred
    happened took launched targets confrontation predations bullied repelled light drives ran
    """
) | {"took place", "carried out", "bloody conflict", "violent events", "act of terrorism"}
# Verbs of killing and wounding that may be triggers; 'died', 'dead', 'deaths', 'casualties' and the like never are.
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

    Args:
        event: Its type in the ontology.
        trigger: The words of its trigger.
        roles: Roles that it has arguments for.

    Example:
        >>> attack_type("Conflict.Attack", "shot", []), attack_type("Conflict.Attack", "attack", ["ExplosiveDevice"])
        ('armed_assault', 'bombing')
        >>> attack_type("Conflict.Attack", "attack", []), attack_type("GenericCrime.GenericCrime", "theft", [])
        ('unspecified_attack', None)
    """
    known = [name for name in ATTACKS if event == name or event.startswith(name + ".")]
    if not known:
        return None
    told = ATTACKS[max(known, key=len)] or next((kind for kind, words in _TYPES if words.search(trigger)), None)
    if told or event.startswith("GenericCrime"):
        return told or ("unspecified_attack" if _MURDER.fullmatch(trigger) else None)
    return "bombing" if "ExplosiveDevice" in roles else "unspecified_attack"


def harm_of(event: str) -> str | None:
    """Return the kind of toll that the victims of an event make, or None if it is no harm to people.

    Example:
        >>> harm_of("Life.Die.Unspecified"), harm_of("Life.Consume")
        ('killed', None)
    """
    return next((toll for name, toll in HARM.items() if event == name or event.startswith(name + ".")), None)


def harm_verb_type(trigger: str) -> str | None:
    """Return the attack type of a harm verb that is a trigger, or None if the word can be none.

    Example:
        >>> harm_verb_type("killed"), harm_verb_type("stabbed"), harm_verb_type("died")
        ('unspecified_attack', 'armed_assault', None)
    """
    if not _HARM_VERB.fullmatch(trigger):
        return None
    return next((kind for kind, words in _TYPES if words.search(trigger)), "unspecified_attack")


def label_of(role: str, words: str, elsewhere: Collection[str]) -> tuple[str | None, str]:
    """Return the label of an argument, or None and the reason why it has none.

    A place is TARGET if its last word names a building, a vehicle or the like, LOCATION if it is a name, else nothing.
    A target is TARGET if its last word names such a thing, VICTIM if it names people or the same words are harmed
    elsewhere in the article, LOCATION if they are a place elsewhere; else the words do not tell.

    Args:
        role: The argument's role.
        words: Its words.
        elsewhere: Other roles of the same words in the article.

    Example:
        >>> label_of("Target", "market", []), label_of("Target", "clerks", ["Victim"]), label_of("Place", "Gao", [])
        (('TARGET', ''), ('VICTIM', ''), ('LOCATION', ''))
    """
    label = _ROLES.get(role)
    if words.lower() in PRONOUNS or (words.lower() in EMPTY_PEOPLE and label != "PERPETRATOR"):
        return None, "a pronoun or an empty word"
    if label:
        no_weapon = label == "WEAPON" and words.lower() in _NO_WEAPON
        return (None, "a word that tells no weapon") if no_weapon else (label, "")
    if role not in ("Place", "Target"):
        return None, "a role that no label answers to"
    if names_a_thing(words):
        return "TARGET", ""
    name = any(letter.isupper() for letter in words)
    if role == "Place":
        return ("LOCATION", "") if name else (None, "a place without a name")
    if names_people(words) or "Victim" in elsewhere:
        return "VICTIM", ""
    if "Place" in elsewhere and name:
        return "LOCATION", ""
    return None, "may be people or a thing: its words do not tell"
