"""Which side of a fight a figure counts."""

from __future__ import annotations

import regex

# The side that a figure counts, by the first of these words after it.
_SIDES = {
    "forces": regex.compile(
        r"\b(?:soldiers?|troops?|police\w*|officers?|commandos?|marines?|peacekeepers?|conscripts?|servicem[ae]n"
        r"|paramilitar\w+"
        r"|gendarmes?|personnel|jawans?|rangers|army|security|government)\b",
        regex.I,
    ),
    "fighters": regex.compile(
        r"\b(?:militants?|rebels?|insurgents?|guerrillas?|fighters?|gunm[ae]n|terrorists?|bandits?|extremists?"
        r"|taleban|taliban"
        r"|maoists?|jihadists?|separatists?|subversives?|militiam[ae]n|cadres?|dissidents?|combatants?|intruders?"
        r"|gangsters?"
        r"|assailants|attackers|insurgency)\b",
        regex.I,
    ),
    "civilians": regex.compile(
        r"\b(?:civilians?|villagers?|bystanders?|residents?|children|women|farmers?|traders?|beekeepers?"
        r"|shepherds?|pupils"
        r"|students|passengers|worshippers|patients|charcoal burners)\b",
        regex.I,
    ),
}
_CLAUSE = regex.compile(r"(?: [^\s,;:.()]+){0,4}")


def side_of(after: str) -> str:
    """Return `forces`, `fighters` or `civilians` by the first word for people within a few words of a figure's clause.

    Args:
        after: The text of its sentence after the figure.

    Returns:
        The side, or '' if none is told.

    Example:
        >>> side_of(" young rebels died")
        'fighters'
    """
    words = _CLAUSE.match(after)
    found = [(match.start(), side) for side, these in _SIDES.items() if words and (match := these.search(words[0]))]
    return min(found)[1] if found else ""
