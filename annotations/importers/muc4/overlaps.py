"""Resolving overlaps of MUC-4, where a value is marked at each of its occurrences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from annotations.importers.alignment.candidates import Candidate, Key, Ledger, without_overlaps

OVERLAP = "overlaps a longer span"
TAKEN = "another label or type marks the same words"
WITHIN = "only found within longer mentions of the same role"
SWALLOWED = "only found where something else is marked"
OCCURRENCE = "occurrence"

# If two labels mark the same words, the first of this list is kept.
ORDER = ("TOLL", "DATE", "VICTIM", "PERPETRATOR", "TARGET", "WEAPON", "LOCATION")
_Source = tuple[str, str, frozenset[int]]  # kind, value and event


def settle(text: str, candidates: Iterable[Candidate], ledger: Ledger) -> list[Candidate]:
    """Keep candidates that do not overlap; of two that do, the longer one.

    A rejected occurrence is a loss of the kind 'occurrence'. A value with no occurrence left is a loss of its own kind.

    Returns:
        What is kept, in order of offset.

    Example:
        >>> ledger = Ledger("d1")
        >>> candidates = [Candidate(0, 9, "TARGET", value="Quell inn"), Candidate(0, 5, "LOCATION", value="Quell")]
        >>> [candidate.value for candidate in settle("Quell inn", candidates, ledger)]
        ['Quell inn']
        >>> [loss.value for loss in ledger.losses]
        ['Quell', 'Quell']
    """
    ordered = sorted(candidates, key=lambda c: (c.start, ORDER.index(c.label), c.type or ""))
    sources: dict[Key, set[_Source]] = defaultdict(set)
    for candidate in ordered:
        sources[candidate.key].add((candidate.kind, candidate.value, candidate.events))
    kept, rejected = without_overlaps(ordered)
    for candidate, other in rejected:
        if not sources[candidate.key] <= sources[other.key]:
            reason = TAKEN if other.place == candidate.place else OVERLAP
            words, longer = text[slice(*candidate.place)], text[slice(*other.place)]
            detail = f"{_name(candidate)} at {candidate.start}; {_name(other)} {longer!r:.80} is kept"
            ledger.lose(OCCURRENCE, words, reason, detail)
    aligned = {source for candidate in kept for source in sources[candidate.key]}
    ledger.aligned.update([OCCURRENCE] * len(kept))
    ledger.aligned.update(kind for kind, _, _ in aligned)
    same_role: dict[_Source, bool] = {}
    for candidate, other in rejected:
        for source in sources[candidate.key] - aligned:
            same = _name(other) == _name(candidate) and source[2] <= other.events
            same_role[source] = same_role.get(source, True) and same
    for source in sorted(same_role, key=str):
        ledger.lose(*source[:2], WITHIN if same_role[source] else SWALLOWED)
    return kept


def _name(candidate: Candidate) -> str:
    return ":".join(filter(None, (candidate.label, candidate.type)))
