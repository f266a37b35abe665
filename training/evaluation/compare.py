"""Comparison of two versions of a model on the same documents: a candidate against a baseline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from annotations.errors import DataError
from training.evaluation.counts import Tally
from training.evaluation.errors import ERRORS, Change, changed
from training.evaluation.estimates import Difference, corrected, difference, differences
from training.evaluation.evaluate import Evaluation
from training.evaluation.scores import PRIMARY
from training.evaluation.slices import Mentions, slices

_OVERALL = (
    "strict_core", "partial_micro", "strict_micro", "untyped_micro", "overlap_micro", "partial_macro",
    "event_detection", "event_classification", "event_ceaf", "event_argument_identification",
    "event_argument_classification", "event_toll", "event_flag", "event_document", "event_type_macro",
)  # fmt: skip


@dataclass(frozen=True)
class VersionComparison:
    """Two versions on the same documents."""

    first: Evaluation  # the baseline
    second: Evaluation  # the candidate
    # Ids of documents that a version was trained on, by its name; empty where none was.
    contaminated: Mapping[str, Sequence[str]]
    seen: Mentions | None = None  # mentions of the training data, for the slice by whether a mention was seen there
    rivals: int = 1  # number of candidates compared with the baseline at once

    @cached_property
    def primary(self) -> Difference:
        """The difference that decides: F1 on core labels, partial match; its p-value is corrected only for the number
        of candidates (Bonferroni)."""
        found = difference(self.first.tally, self.second.tally, self.first.measures[PRIMARY])
        return replace(found, adjusted=None if found.p is None else min(1.0, self.rivals * found.p))

    @cached_property
    def overall(self) -> list[Difference]:
        """The primary difference, and those of the other main measures of spans and events."""
        return [self.primary, *self._table(_OVERALL)]

    @cached_property
    def labels(self) -> list[Difference]:
        """Differences by label, partial match."""
        return self._table([f"partial_{label}" for label in self.first.schema.labels])

    @cached_property
    def types(self) -> list[Difference]:
        """Differences by type, partial match among spans of that type."""
        classes = self.first.schema.classes
        return self._table([f"partial_{label}:{kind}" for label, kind in classes if kind is not None])

    @cached_property
    def slices(self) -> list[Difference]:
        """Differences by slice, corrected for their number."""
        cut = (slices(side, self.seen) for side in (self.first, self.second))
        sides = [{f"{part.kind}: {part.value}": part for part in side} for side in cut]
        found = []
        for name in dict.fromkeys([*sides[0], *sides[1]]):
            parts = [side.get(name) for side in sides]
            known = next(part for part in parts if part)
            # A slice of mentions without gold, predicted by one version only, is empty for the other.
            tallies = [part.tally if part else Tally(known.tally.rows, 0 * known.tally.counts) for part in parts]
            one = difference(tallies[0], tallies[1], known.measure, name)
            found.append(replace(one, documents=len(known.documents)))
        return corrected(found)

    def _table(self, names: Sequence[str]) -> list[Difference]:
        measures = {name: self.first.measures[name] for name in names}
        return corrected(differences(self.first.tally, self.second.tally, measures))

    @cached_property
    def changes(self) -> list[Change]:
        """Errors gained and lost by document, the largest loss first; documents with no change are left out."""
        # A document without gold or predicted spans is right.
        values = [np.nan_to_num(side.document_f1, nan=1.0) for side in (self.first, self.second)]
        found = []
        for number, sides in enumerate(zip(self.first.errors, self.second.errors, strict=True)):
            won, lost = changed(*sides)
            moved = float(values[1][number] - values[0][number])
            if won or lost or moved:
                found.append(Change(number, moved, won, lost))
        return sorted(found, key=lambda change: (change.difference, change.document))

    def kinds(self) -> dict[str, dict[str, int]]:
        """Return the number of errors won and lost by kind."""
        counts = {
            name: Counter(error.kind for change in self.changes for error in getattr(change, name))
            for name in ("won", "lost")
        }
        return {kind: {name: counter[kind] for name, counter in counts.items()} for kind in ERRORS}

    @property
    def verdict(self) -> str:
        """One sentence: which version is better, and by how much."""
        one = self.primary
        names = f"{self.second.model} and {self.first.model}"
        size = f"core F1 with partial match {one.first:.3f} -> {one.second:.3f} ({one.value:+.3f}"
        if np.isnan(one.value):
            return f"No evidence: {names} cannot be compared: no span of a core label is gold or predicted."
        if one.bounds is None or one.p is None:
            return f"No evidence: too few documents have a span of a core label to compare {names}; {size})."
        low, high = one.bounds
        figures = f"{size}, 95 % interval {low:+.3f} to {high:+.3f}, p = {one.p:.4f}, {one.documents} documents)"
        if one.verdict == "no evidence":
            return f"No evidence of a difference between {names}: {figures}."
        return f"{self.second.model} is {one.verdict} than {self.first.model}: {figures}."

    def to_dict(self) -> dict[str, Any]:
        """Return everything but texts as plain values."""
        tables = ("overall", "labels", "types", "slices")
        return {
            "first": self.first.model,
            "second": self.second.model,
            "documents": len(self.first.documents),
            "verdict": self.verdict,
            "contaminated": {name: list(ids) for name, ids in self.contaminated.items()},
            "primary": self.primary.to_dict(),
            **{name: [one.to_dict() for one in getattr(self, name)] for name in tables},
            "errors": self.kinds(),
            "changes": [
                {
                    "document": self.first.documents[change.document].id,
                    "difference": round(change.difference, 4),
                    "won": [error.to_dict() for error in change.won],
                    "lost": [error.to_dict() for error in change.lost],
                }
                for change in self.changes
            ],
        }


def compare_versions(
    first: Evaluation,
    second: Evaluation,
    *,
    contaminated: Mapping[str, Sequence[str]] | None = None,
    seen: Mentions | None = None,
    rivals: int = 1,
) -> VersionComparison:
    """Compare two evaluations.

    Args:
        first: The baseline.
        second: The candidate.
        contaminated: Ids of documents that a version was trained on, by its name.
        seen: Mentions of the training data.
        rivals: Number of versions compared with the first one at once.

    Raises:
        DataError: The two were not scored on the same documents with the same annotation, or have different labels.
    """
    if list(first.documents) != list(second.documents):
        raise DataError.of("the versions were scored on different documents", "evaluate both on the same data")
    schemas = first.schema, second.schema
    if len({(s.classes, s.core, tuple(map(s.role, s.labels))) for s in schemas}) > 1:
        problem = f"{first.model} and {second.model} have different labels or types"
        raise DataError.of(problem, "compare versions of one label set")
    return VersionComparison(first, second, contaminated or {}, seen, rivals)
