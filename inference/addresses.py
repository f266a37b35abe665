"""Addresses of models: which version in a store a word such as `champion`, `2` or `conflict-events@champion` names.

| word | version |
|---|---|
| `champion`, `@champion` | the one with this alias |
| `2` | the one with this number |
| `conflict-events/2`, `conflict-events@champion` | the same, of the registered model named |
| `models:/conflict-events/2`, `models:/conflict-events@champion` | the same, as MLflow writes it |

A folder may have the name of a version. A word without a slash is the version if there is one, a word with a slash is
the folder if there is one: `./champion` is always a folder, and `@champion` never is.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import regex

REGISTERED_NAME = "conflict-events"
MODELS, RUNS = "models:/", "runs:/"
# A version's number follows a slash, an alias an @. MLflow's own words, such as models:/NAME/latest, are left to it.
_NAMED = r"(?P<name>[^/:@~]+)(?:/(?=\d+$)|@)(?P<wanted>[\w-]+)"
_FULL = regex.compile(rf"{MODELS}{_NAMED}")
_SHORT = regex.compile(rf"{_NAMED}|@?(?P<wanted>[\w-]+)")
_MANY = 10  # numbers of versions that a message lists


@dataclass(frozen=True, slots=True)
class Asked:
    """A version that a word asks for: the name of the registered model, and a number or an alias."""

    name: str
    wanted: str


def asked(word: str, name: str = REGISTERED_NAME) -> Asked | None:
    """Return the version that a word asks for; None if it has none of the forms.

    Args:
        word: An address.
        name: The registered model of words that name none.

    Example:
        >>> asked("champion"), asked("models:/other/2")
        (Asked(name='conflict-events', wanted='champion'), Asked(name='other', wanted='2'))
        >>> asked("./champion"), asked("runs/1f0c/model"), asked("runs:/1f0c/model")
        (None, None, None)
    """
    found = (_FULL if word.startswith(MODELS) else _SHORT).fullmatch(word.rstrip("/") if MODELS in word else word)
    return Asked(found["name"] or name, found["wanted"]) if found else None


def has_folder(word: str) -> bool:
    """Whether a word that may name a version is also the name of a folder here."""
    return not word.startswith((MODELS, RUNS, "@")) and Path(word).is_dir()


def number_of(found: Asked, numbers: Collection[int], aliases: dict[str, int]) -> int | None:
    """Return the number of the version asked for; None if there is none.

    Example:
        >>> number_of(Asked("m", "champion"), [1, 2], {"champion": 2}), number_of(Asked("m", "3"), [1, 2], {})
        (2, None)
    """
    if found.wanted.isdecimal():
        return int(found.wanted) if int(found.wanted) in numbers else None
    return aliases.get(found.wanted)


def no_version(found: Asked, numbers: Collection[int], aliases: Collection[str]) -> str:
    """Return a message that there is no such version: what there is, and the alias most like the one asked for.

    Example:
        >>> no_version(Asked("m", "champoin"), [1, 2], ["champion"])
        "m has no alias 'champoin'; did you mean 'champion'? There are: versions 2, 1; aliases champion"
        >>> no_version(Asked("m", "7"), [1, 2], [])
        'm has no version 7; there are: 2, 1; aliases none'
    """
    newest = sorted(numbers, reverse=True)
    listed = ", ".join(map(str, newest[:_MANY])) + (f" and {len(newest) - _MANY} more" if newest[_MANY:] else "")
    known = f"aliases {', '.join(sorted(aliases)) or 'none'}"
    if found.wanted.isdecimal():
        return f"{found.name} has no version {found.wanted}; there are: {listed}; {known}"
    close = difflib.get_close_matches(found.wanted, aliases, n=1, cutoff=0.6)
    start = f"did you mean {close[0]!r}? There" if close else "there"
    return f"{found.name} has no alias {found.wanted!r}; {start} are: versions {listed}; {known}"
