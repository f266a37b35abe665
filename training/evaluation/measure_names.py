"""Names of measures in reports."""

from __future__ import annotations

_MATCHES = ("partial", "strict", "untyped", "overlap")
_PARTS = {"core": "core labels", "micro": "all labels", "macro": "all labels, mean of each"}
_EVENTS = {
    "event_detection": "attacks found",
    "event_classification": "attacks found, type right",
    "event_type_macro": "attack types, mean of each",
    "event_ceaf": "grouping into attacks (CEAF-E)",
    "event_argument_identification": "arguments of attacks found",
    "event_argument_classification": "arguments found, role right",
    "event_toll": "numbers of people, exactly right",
    "event_flag": "flags",
    "event_document": "documents with an attack",
}
MAIN = {
    "Spans": tuple(f"{match}_{part}" for part in _PARTS for match in _MATCHES),
    "Events": tuple(_EVENTS),
}


def title(name: str) -> str:
    """Return the name of a measure in words.

    Example:
        >>> title("partial_core"), title("event_toll"), title("strict_VICTIM"), title("event_role:victims")
        ('core labels, partial match', 'numbers of people, exactly right', 'VICTIM, strict match', 'role: victims')
    """
    if name in _EVENTS:
        return _EVENTS[name]
    match, _, part = name.partition("_")
    if match == "event":
        return part.replace(":", ": ")
    return f"{_PARTS.get(part, part)}, {match} match" if match in _MATCHES else name
