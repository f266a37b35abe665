"""What differs between two registered versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from training.release.lineage import Lineage, Split

Change = tuple[Any, Any]


@dataclass(frozen=True)
class Changes:
    """What differs between two versions."""

    first: str  # name of the first version
    second: str  # name of the second version
    config: Mapping[str, Change]  # values by key; None if a version does not have the key
    schema: Mapping[str, Change]  # name, version and digest
    packages: Mapping[str, Change]  # versions by package
    scores: Mapping[str, Change]  # F1 by name
    classes: Mapping[str, Sequence[str]]  # labels and types added and removed
    # By use: changes of files, digest and number of documents, and texts added and removed.
    data: Mapping[str, Mapping[str, Any]]
    commit: Change | None  # the commits, or None
    problems: Sequence[str]  # parts of either that could not be read

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        return not any((self.config, self.data, self.schema, self.classes, self.packages, self.commit, self.scores))

    def to_dict(self) -> dict[str, Any]:
        """Return the changes as plain values, each as (first, second)."""
        return asdict(self)


def diff(first: Lineage, second: Lineage) -> Changes:
    """Return what differs between two versions, usually an older one and a newer one."""
    uses = dict.fromkeys([*first.data, *second.data])
    data = {use: _data_changes(first.data.get(use), second.data.get(use)) for use in uses}
    before, after = (set(side.schema.get("classes", ())) for side in (first, second))
    classes = {"added": sorted(after - before), "removed": sorted(before - after)}
    plain = [{key: value for key, value in side.schema.items() if key != "classes"} for side in (first, second)]
    return Changes(
        first.version.address,
        second.version.address,
        config=changed(first.config, second.config),
        data={use: changes for use, changes in data.items() if changes},
        schema=changed(*plain),
        classes={key: names for key, names in classes.items() if names},
        packages=changed(first.packages, second.packages),
        commit=(first.commit, second.commit) if first.commit != second.commit else None,
        scores=changed(first.scores, second.scores),
        problems=[f"{side.version.address}: {problem}" for side in (first, second) for problem in side.problems],
    )


def changed(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Change]:
    """Return the pairs of values that differ; None means that the key is missing.

    Example:
        >>> changed({"seed": 13, "a": 1}, {"seed": 29, "a": 1, "b": 2})
        {'seed': (13, 29), 'b': (None, 2)}
    """
    keys = dict.fromkeys([*first, *second])
    return {key: (first.get(key), second.get(key)) for key in keys if first.get(key) != second.get(key)}


def _data_changes(first: Split | None, second: Split | None) -> dict[str, Any]:
    sides = [side.to_dict() if side else {} for side in (first, second)]
    found: dict[str, Any] = {key: list(pair) for key, pair in changed(*sides).items()}
    if "digest" in found and first and second and first.texts is not None and second.texts is not None:
        kept = first.texts & second.texts
        found["texts"] = {
            "added": len(second.texts - kept),
            "removed": len(first.texts - kept),
            "kept": len(kept),
        }
    return found
