"""Toll: a number of people with bounds, as stored in documents and predictions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from annotations.errors import Fault, nearest

KEYS = ("min", "max", "approximate")
MOST = 10**18 - 1  # upper limit of `from_text`
HOW_TO_WRITE = "write a number, '12..' for 12 or more, '..12' for 12 or fewer, '3..5', '~' in front for about"
_TEXT = re.compile(r"(?P<about>~)?(?P<low>[0-9]{1,18})?(?P<to>\.\.(?P<high>[0-9]{1,18})?)?")


@dataclass(frozen=True, slots=True)
class Toll:
    """A number of people, as far as a text gives it.

    Args:
        min: Smallest number the text allows; None if there is no lower bound.
        max: Largest number the text allows; None if there is no upper bound.
        approximate: The bounds are not exact ('about 40', 'dozens').
    """

    min: int | None
    max: int | None
    approximate: bool = False

    def to_dict(self) -> dict[str, int | bool | None]:
        """Return min, max and approximate."""
        return {"min": self.min, "max": self.max, "approximate": self.approximate}

    def to_text(self) -> str:
        """Return the toll as written in inline markup.

        Example:
            >>> [toll.to_text() for toll in (Toll(12, 12), Toll(12, None), Toll(None, 50, True), Toll(3, 5))]
            ['12', '12..', '~..50', '3..5']
        """
        exact = self.min is not None and self.min == self.max
        low, high = ("" if bound is None else str(bound) for bound in (self.min, self.max))
        return ("~" if self.approximate else "") + (low if exact else f"{low}..{high}")

    @classmethod
    def from_text(cls, text: str) -> Toll | None:
        """Parse what `to_text` writes; None for any other text."""
        match = _TEXT.fullmatch(text)
        if not match:
            return None
        low, high = (int(bound) if bound else None for bound in (match["low"], match["high"]))
        found = cls(low, low if match["to"] is None else high, bool(match["about"]))
        return None if found.min is not None and found.max is not None and found.min > found.max else found


def toll_faults(kind: str, record: Any, place: str) -> Iterator[Fault]:
    """Yield the faults of a stored toll."""
    place = f"{place} toll {kind!r}"
    if not isinstance(record, Mapping):
        yield Fault(f"is {type(record).__name__}, not an object", "write min, max and approximate", place=place)
        return
    for key in record:
        if key not in KEYS:
            yield Fault(f"unknown key {key!r}", nearest(str(key), KEYS), place=place)
    for key in KEYS:
        if key not in record:
            yield Fault(f"lacks the key {key!r}", "add it", place=place)
    bounds = [record.get("min"), record.get("max")]
    for key, value in zip(KEYS, bounds, strict=False):
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST):
            yield Fault(f"{key!r} is {value!r:.40}", f"write a whole number from 0 to {MOST}, or null", place=place)
            return
    if None not in bounds and bounds[0] > bounds[1]:  # type: ignore[operator]
        yield Fault(f"'min' {bounds[0]} is above 'max' {bounds[1]}", "swap them", place=place)
    if not isinstance(record.get("approximate", False), bool):
        yield Fault(f"'approximate' is {record['approximate']!r:.40}", "write true or false", place=place)
