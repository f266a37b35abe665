"""Who gives a figure ('the army said', 'according to a doctor'), and which side of a fight it counts."""

from __future__ import annotations

import regex

# An earlier count of the same source is no contradiction.
_EARLIER = regex.compile(
    r"\b(?:earlier|at first|first|initially|had (?:said|given|spoken|put)"
    r"|up to then)\b",
    regex.I,
)
_SAYS = (
    r"(?:said|says|put|puts|reported|reports|claimed|claims|counted|counts|gave|gives|spoke of|speaks of"
    r"|admitted(?: to)?|admits"
    r"|confirmed|estimated|told \w+|announced|stated|acknowledged|owns up to|insisted|insists)"
)
_WHO = (
    r"(?P<who>(?:(?!(?:that|and|but|while|when|where|which|who|as)\b)[\p{L}\d'’./-]+ ){0,6}?(?!(?:he|she|it|they"
    r"|who|that)\b)[\p{L}'’./-]+)"
)
_LEADS = regex.compile(
    rf"(?:^|[,;:.—–-] |\b(?:and|but|while|though|whereas) )\W{{0,2}}(?:\w+day,? |however,? "
    rf"|later,? )?{_WHO}(?:,[^,]{{1,60}},)? (?:has |have |had |later |also |\w+day )*{_SAYS}\b[^;]*$",
    regex.I,
)
_FOLLOWS = regex.compile(rf"^[^;.]*?,[\"'”’]? {_WHO} (?:has |have |had |also |later )*{_SAYS}\b", regex.I)
_ACCORDING = regex.compile(
    r"\b(?:according to|by the (?:account|estimate) of) (?P<who>(?:(?!and\b|but\b"
    r"|that\b)[\p{L}'’.-]+ ?){1,6})",
    regex.I,
)
_ARTICLE = regex.compile(r"^(?:(?:though|although|but|and) )?(?:the |an? )?", regex.I)


def source_of(sentence: str, start: int, end: int) -> str | None:
    """Return who gives the figure at these offsets of a sentence, or None if nobody is named or the figure is outdated.

    Example:
        >>> source_of("The army said 12 rebels died.", 14, 16)
        'army'
        >>> source_of("Three beekeepers died, a mayor said.", 0, 5), source_of("Six died.", 0, 3)
        ('mayor', None)
    """
    if _EARLIER.search(sentence[:start]):
        return None
    found = _LEADS.search(sentence[:start]) or _FOLLOWS.search(sentence[end:]) or _ACCORDING.search(sentence)
    return _ARTICLE.sub("", found["who"].strip(" .,")) if found else None


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

    Returns:
        The side, or '' if none is told.

    Example:
        >>> side_of(" young rebels died")
        'fighters'
    """
    words = _CLAUSE.match(after)
    found = [(match.start(), side) for side, these in _SIDES.items() if words and (match := these.search(words[0]))]
    return min(found)[1] if found else ""
