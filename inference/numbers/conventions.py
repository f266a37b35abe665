"""Conventions: which number a vague quantity means.

Coders of conflict data read 'dozens' differently. A convention is a small table with its source. The words are always
kept with the number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_FEW = {
    **dict.fromkeys(("several", "a few", "few", "a handful", "handful", "a small number", "multiple"), 3),
    **dict.fromkeys(("a number", "number"), 3),
    **dict.fromkeys(("a couple", "couple", "a pair", "pair"), 2),
}


@dataclass(frozen=True, slots=True)
class Convention:
    """How a vague quantity is read."""

    name: str  # its name
    source: str  # where it is defined
    plural: int = 2  # multiplier of a bare plural: 'hundreds' is this number times 100
    tens: int = 20  # the number for 'tens'
    words: Mapping[str, int] = field(default_factory=lambda: _FEW)  # the numbers for other words
    # Whether a lower bound or a range becomes one number, its smallest. An upper bound alone ('up to 50') is kept.
    single: bool = False


CONVENTIONS: Mapping[str, Convention] = {
    convention.name: convention
    for convention in (
        Convention("range", "this project: bounds that the words allow, a plural being at least two of its unit"),
        Convention(
            "acled",
            "ACLED, FAQ on fatalities (May 2024): tens 10, dozens 12, hundreds 100, the most conservative estimate",
            plural=1,
            tens=10,
            single=True,
        ),
        Convention(
            "isaf",
            "coding rules of a data set of ISAF press releases (2009-2011): a couple 2, several or some 3, a handful 4,"
            " a large number 5, 'more than 10' 11",
            words={
                **_FEW,
                **dict.fromkeys(("some", "a group", "group", "multiple"), 3),
                **dict.fromkeys(("a handful", "handful", "numerous"), 4),
                **dict.fromkeys(("a large number", "large number", "large numbers"), 5),
            },
            single=True,
        ),
    )
}


def find_convention(name: str) -> Convention:
    """Return a convention by name.

    Raises:
        ValueError: There is no such convention; the message lists the known ones.
    """
    if name not in CONVENTIONS:
        raise ValueError(f"unknown convention {name!r} for vague numbers; known are: {', '.join(CONVENTIONS)}")
    return CONVENTIONS[name]
