"""Words that say which attack is meant: any, another, the one told before, or a sum over a longer time."""

from __future__ import annotations

import regex

# Words for an attack of any type: they join an event of any type.
GENERIC = regex.compile(
    r"(?:attacks?|violence|incidents?|assaults?|raids?|killings?|killed|massacre|bloodshed|operation|wounded|murdered|hit|struck|targeted)"
    r"|(?:\w+ )?(?:attack|assault)",
    regex.I,
)
OTHER = regex.compile(
    r"\b(?:another|separate(?:ly)?|second|third|elsewhere|meanwhile|similar|earlier|previous|also"
    r"|last (?:month|year)|years? ago|months? ago|in a different)\b",
    regex.I,
)
DEFINITE = regex.compile(r"\b(?:the|this|that|its|their|his)\s+(?:[\w-]+\s+){0,3}$", regex.I)
INDEFINITE = regex.compile(r"\b(?:an?|two|three|four|five|several|other)\s+(?:[\w-]+\s+){0,3}$", regex.I)
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
SUMMARY = regex.compile(
    rf"\bsince (?:the |last |early |late |mid-)?(?:\d{{4}}|{_MONTHS}|start|beginning|year)"
    r"|\b(?:this|so far this|last) year\b|\b(?:past|last|first|previous) (?:\w+ )?(?:months|years|decades|weeks)\b"
    r"|\b(?:war|conflict|insurgency|rebellion|uprising|unrest) (?:that )?(?:has|have|had)\b"
    r"|\bin \d+ years\b|\bmonths? of\b|\byears? of\b|\bdecades?\b",
    regex.I,
)
