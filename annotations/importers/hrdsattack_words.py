"""Mapping the violations of HRDsAttack to attack types, and words of attacks in keywords and sentences."""

from __future__ import annotations

from collections.abc import Collection

import regex

# By the guidelines, the killing of a chosen person is an assassination; human-rights defenders are chosen.
_TYPES = {
    "killing": "assassination",
    "kidnapping": "abduction",
    "enforced disappearance": "abduction",
    "torture": "unarmed_assault",
}
_WORDS = {
    "assassination": r"kill(ed|ing|ings|s)?|murder(ed|s)?|mudered|assassinat(ed|ion)|shot|dead|death|died|execut(ed|"
    r"ion)|"
    r"behead(ed|ing)|slain|stabbed|gunned|bomb(ed|ing)?|massacred?",
    "abduction": r"abduct(ed|ion|ions)?|kidnap(ped|ping|pings)?|disappear(ed|ance|ances)|missing|hostages?|ransom|"
    r"captured|seized",
    "unarmed_assault": r"tortur(ed|e)|tourture|beat(en|ing)?|assault(ed)?|rap(ed?|ing)|abus(ed?|es)|attack(ed|s)?|"
    r"acid|lynch(ed)?",
}
_HARM = {kind: regex.compile(rf"\b(?:{words})\b", regex.IGNORECASE) for kind, words in _WORDS.items()}
_NO_ATTACK = regex.compile(
    r"\b(?:arrest(ed|s)?|detain(ed|ee)?|detention|jail(ed)?|imprison(ed|ment)?|prison(er)?|sentenced?|charged?|"
    r"trial|threat(s|ened)?|"
    r"harass(ed|ment)|fired|sued|sanction(ed|s)?)\b",
    regex.IGNORECASE,
)


def attack_types(violations: Collection[str]) -> list[str]:
    """Return the attack types of violations. By the guidelines, arrests and the like are no attacks.

    Example:
        >>> attack_types(["arbitrary detention", "kidnapping", "enforced disappearance", "killing"])
        ['assassination', 'abduction']
    """
    return [kind for kind in _WORDS if kind in {_TYPES.get(violation) for violation in violations}]


def attacks_on(keywords: str, kinds: Collection[str]) -> list[str] | None:
    """Return the attacks on a victim, by its keywords.

    Returns:
        The types that the keywords name, or all types of the article if they name none. None if the keywords name an
        arrest, a threat or the like and no attack.

    Example:
        >>> attacks_on("editor, shot at home", ["assassination", "abduction"]), attacks_on("arrested", ["abduction"])
        (['assassination'], None)
    """
    named = [kind for kind in kinds if _HARM[kind].search(keywords)]
    if named:
        return named
    return None if _NO_ATTACK.search(keywords) else list(kinds)


def has_harm(sentence: str) -> bool:
    """Whether a sentence has a word for an attack on people.

    Example:
        >>> has_harm("She was abducted."), has_harm("She writes.")
        (True, False)
    """
    return any(words.search(sentence) for words in _HARM.values())
