"""Names: which mentions of a role are the same participant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import regex

from annotations.schema import Role
from annotations.text.reading import plain
from inference.entities.spelling import POSSESSIVE, name_key
from inference.prediction import Participant, PredictedSpan

__all__ = ["name_key", "participants"]


def participants(spans: Sequence[PredictedSpan], role: Role) -> tuple[Participant, ...]:
    """Group mentions by name; an abbreviation joins its full name, in either order."""
    groups: dict[str, list[PredictedSpan]] = {}
    named: dict[str, str] = {}  # group by abbreviation or initials
    for span in spans:
        key = name_key(span.text)
        short = _abbreviation(span.text)
        if key not in groups and short:
            key = named.setdefault(short, key)
        groups.setdefault(key, []).append(span)
    return tuple(
        Participant(
            POSSESSIVE.sub("", plain(group[0].text)),
            tuple(group),
            _category(group[0].text, role.categories),
            bool(role.categories),
        )
        for group in groups.values()
    )


def _abbreviation(name: str) -> str | None:
    """Return the initials of a name of several words, or the letters of a name that is an abbreviation."""
    bare = POSSESSIVE.sub("", name)
    letters = bare.replace(".", "")
    if letters.isupper() and letters.isalpha() and len(letters) > 1:
        return letters
    initials = "".join(word[0] for word in regex.findall(r"[\w']+", bare) if word[0].isupper())
    return initials if len(initials) > 1 else None


def _category(name: str, categories: Mapping[str, str]) -> str | None:
    found = {categories[word] for word in regex.findall(r"\w+", name.casefold()) if word in categories}
    return next((category for category in dict.fromkeys(categories.values()) if category in found), None)
