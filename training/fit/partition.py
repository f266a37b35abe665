"""Parts of a dataset: shares of its documents, alike in their event types, or in the order of their dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from annotations.document import Document
from annotations.errors import DataError, Fault
from inference.dates import as_date
from training.fit.split import duplicate_groups

DATE = "meta.date"
QUIET = "no event"  # what a document without events counts as, among the types
_SIZE = ""  # the number of documents, counted beside the types


@dataclass(frozen=True, slots=True)
class Parts:
    """A dataset in parts."""

    documents: Mapping[str, Sequence[Document]]  # the documents of each part, in the order given
    together: int  # number of units: documents that are nearly the same text, or of one group, are one

    def types(self) -> dict[str, Counter[str]]:
        """Return the events of each part by type, and the documents without one."""
        return {name: sum(map(_types, found), Counter()) for name, found in self.documents.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as plain values."""
        types = self.types()
        return {
            "units": self.together,
            "parts": {
                name: {"documents": len(found), "types": dict(sorted(types[name].items()))}
                for name, found in self.documents.items()
            },
        }


def split_by_type(
    documents: Sequence[Document], shares: Mapping[str, float], seed: int, group: str | None = None
) -> Parts:
    """Split documents so that each part has its share of the documents and of the events of each type.

    Units of documents that belong together go one after the other, large ones and rare types first, to the part where
    they add least to the squared distance from its shares (after Sechidis et al. 2011). None of the parts stays empty.

    Args:
        documents: Documents with different ids.
        shares: The share of each part; they add up to 1.
        seed: Seed of the order of equal units.
        group: The key of a value that documents which belong together share, such as `meta.source`.

    Raises:
        DataError: A document has no such key, or there are fewer units than parts.

    Example:
        >>> quiet = [Document(f"d{n}", f"{word} rain fell.") for n, word in enumerate(["Light", "Heavy", "No"])]
        >>> parts = split_by_type(quiet, {"train": 0.6, "test": 0.4}, seed=1)
        >>> [len(found) for found in parts.documents.values()]
        [2, 1]
    """
    units = _units(documents, group)
    _check_enough(units, shares)
    types = [_types(document) for document in documents]
    features = [sum((types[member] for member in unit), Counter({_SIZE: len(unit)})) for unit in units]
    total = sum(features, Counter())
    wanted = {
        name: {key: max(1.0, share * amount) if key == _SIZE else share * amount for key, amount in total.items()}
        for name, share in shares.items()
    }
    shuffled = np.random.default_rng(seed).permutation(len(units)).tolist()
    order = sorted(shuffled, key=lambda unit: (-len(units[unit]), min(total[key] for key in features[unit])))
    filled: dict[str, Counter[str]] = {name: Counter() for name in shares}
    home: dict[int, str] = {}
    for place, unit in enumerate(order):
        empty = [name for name in shares if not filled[name]]
        open_to = empty if len(empty) == len(order) - place else list(shares)
        home[unit] = min(open_to, key=lambda name: _added(features[unit], filled[name], wanted[name]))
        filled[home[unit]] += features[unit]
    return _parts(documents, units, [home[unit] for unit in range(len(units))], shares)


def split_by_date(documents: Sequence[Document], shares: Mapping[str, float], group: str | None = None) -> Parts:
    """Split documents by their dates: the oldest go to the first part, the newest to the last.

    Documents of one day go to one part, and those that belong together go where the newest of them goes. So no text of
    a part is newer than those of a later part, except for older copies there.

    Args:
        documents: Documents with different ids; each has the key `date` in its meta.
        shares: The share of each part; they add up to 1.
        group: As for `split_by_type`.

    Raises:
        DataError: A document has no date or group, or there are fewer days than parts.
    """
    dates = _dates(documents)
    units = _units(documents, group)
    newest = [max(dates[member] for member in unit) for unit in units]
    days = sorted(set(newest))
    _check_enough(days, shares, "days of the newest texts")
    sizes = Counter[date]()
    for unit, day in zip(units, newest, strict=True):
        sizes[day] += len(unit)
    ends = np.cumsum([sizes[day] for day in days])  # documents up to each day
    home: dict[date, str] = {}
    start, passed = 0, 0.0
    for number, (name, share) in enumerate(shares.items(), start=1):
        passed += share * len(documents)
        last = len(days) - (len(shares) - number)  # each later part keeps a day
        nearest = int(np.argmin(np.abs(ends - passed))) + 1
        stop = last if number == len(shares) else min(max(nearest, start + 1), last)
        home |= dict.fromkeys(days[start:stop], name)
        start = stop
    return _parts(documents, units, [home[day] for day in newest], shares)


def _units(documents: Sequence[Document], group: str | None) -> list[list[int]]:
    """Return the numbers of the documents that stay together, by text or by group, in the order of the first."""
    alike = duplicate_groups(documents)
    if group is not None:
        alike = _joined(alike, _groups(documents, group))
    units: dict[int, list[int]] = {}
    for number, member in enumerate(alike):
        units.setdefault(member, []).append(number)
    return list(units.values())


def _joined(numbers: Sequence[int], groups: Sequence[Hashable]) -> list[int]:
    """Return one number for all that share a number or a group, directly or over others."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    known = {group: at for at, group in enumerate(dict.fromkeys(groups))}
    pairs = (list(numbers), [len(numbers) + known[group] for group in groups])
    size = 2 * len(numbers)
    _, found = connected_components(coo_matrix((np.ones(len(numbers)), pairs), shape=(size, size)), directed=False)
    return [int(found[number]) for number in numbers]


def _groups(documents: Sequence[Document], key: str) -> list[Hashable]:
    faults, found = [], []
    for document in documents:
        value: Any = {"meta": document.meta, "id": document.id}
        for part in key.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if not isinstance(value, str | int | float):
            faults.append(Fault(f"has no {key!r} to group by", "add it, or name another key", document=document.id))
        found.append(value)
    DataError.check(faults)
    return found


def _dates(documents: Sequence[Document]) -> list[date]:
    found, faults = [], []
    for document in documents:
        given = document.meta.get("date")
        try:
            day = as_date(given)
        except (TypeError, ValueError):
            day = None
        if day is None:
            problem = (
                f"has no {DATE!r} to split by" if given is None else f"has {DATE!r} {given!r:.40}, which is no day"
            )
            faults.append(Fault(problem, "write it as 2021-03-04, or split without --by-date", document=document.id))
        else:
            found.append(day)
    DataError.check(faults)
    return found


def _check_enough(units: Sequence[Any], shares: Mapping[str, float], what: str = "texts or groups that differ") -> None:
    if len(units) < len(shares):
        problem = f"{len(units)} {what} cannot be split into {len(shares)} parts"
        raise DataError.of(problem, "add documents, or ask for fewer parts")


def _types(document: Document) -> Counter[str]:
    return Counter(event.attack_type for event in document.events) or Counter([QUIET])


def _added(unit: Mapping[str, int], filled: Mapping[str, int], wanted: Mapping[str, float]) -> float:
    """Return what a unit adds to the squared distance of a part from what it should have, relative to that."""
    return sum(amount * (2 * (filled.get(key, 0) - wanted[key]) + amount) / wanted[key] for key, amount in unit.items())


def _parts(
    documents: Sequence[Document], units: Sequence[Sequence[int]], homes: Sequence[str], names: Mapping[str, float]
) -> Parts:
    home = {member: name for unit, name in zip(units, homes, strict=True) for member in unit}
    found = {name: [d for number, d in enumerate(documents) if home[number] == name] for name in names}
    return Parts(found, len(units))
