"""Behaviour tests in the manner of CheckList (Ribeiro et al. 2020, https://aclanthology.org/2020.acl-main.442/): a
model on small cases, each of which tests one capability."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from annotations.errors import DataError
from inference.prediction import Prediction
from inference.tagger import Tagger
from training.behaviour.case_files import choose, read_cases
from training.behaviour.cases import Capability, Case, Reading
from training.behaviour.check import differences
from training.behaviour.schema import schema_faults
from training.behaviour.variants import Variant, first_difference

__all__ = ["Behaviour", "Capability", "CaseResult", "behave", "choose", "read_cases"]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """Result of one case.

    Args:
        capability: Name of its capability.
        kind: `minimum`, `invariance` or `direction`.
        case: Id of the case.
        failures: A sentence per difference: what was expected, what was predicted; empty if the case passed.

    Example:
        >>> CaseResult("hedged tolls", "direction", "at-least", ()).passed
        True
    """

    capability: str
    kind: str
    case: str
    failures: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the prediction met all expectations."""
        return not self.failures

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain values."""
        return {"capability": self.capability, "kind": self.kind, "case": self.case, "failures": list(self.failures)}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Results of all cases, in the order of the cases.

    Example:
        >>> found = Behaviour([CaseResult("tolls", "minimum", "a", ()), CaseResult("tolls", "minimum", "b", ("no",))])
        >>> found.pass_rate, found.capabilities()
        (0.5, {'tolls': (1, 2)})
    """

    outcomes: Sequence[CaseResult]

    @property
    def passed(self) -> int:
        """Number of cases passed."""
        return sum(outcome.passed for outcome in self.outcomes)

    @property
    def pass_rate(self) -> float:
        """Share of cases passed, 0 to 1; 0 if there are none."""
        return self.passed / len(self.outcomes) if self.outcomes else 0.0

    def capabilities(self) -> dict[str, tuple[int, int]]:
        """Return number of cases passed and number of cases, by capability."""
        counts: dict[str, tuple[int, int]] = {}
        for outcome in self.outcomes:
            passed, total = counts.get(outcome.capability, (0, 0))
            counts[outcome.capability] = (passed + outcome.passed, total + 1)
        return counts

    def kinds(self) -> dict[str, str]:
        """Return the kind of each capability."""
        return {outcome.capability: outcome.kind for outcome in self.outcomes}

    def to_dict(self) -> dict[str, Any]:
        """Return rate, counts by capability and the failed cases as plain values."""
        kinds = self.kinds()
        return {
            "pass_rate": round(self.pass_rate, 4),
            "passed": self.passed,
            "total": len(self.outcomes),
            "capabilities": {
                name: {"kind": kinds[name], "passed": passed, "total": total}
                for name, (passed, total) in self.capabilities().items()
            },
            "failed": [outcome.to_dict() for outcome in self.outcomes if not outcome.passed],
        }


def behave(model: Tagger, capabilities: Sequence[Capability], step: Callable[[], object] | None = None) -> Behaviour:
    """Run behaviour cases on a model; all texts are predicted in one call.

    Args:
        model: A loaded model.
        capabilities: Cases as `read_cases` returns them.
        step: Called after each case.

    Raises:
        DataError: There is no case, or cases name labels, types, attack types, kinds of toll or flags that the model's
            schema does not have; all of these are reported at once.
    """
    cases = [(capability, case, case.readings()) for capability in capabilities for case in capability.cases]
    if not cases:
        raise DataError.of("there are no behaviour cases", "name a file with cases")
    DataError.check(schema_faults(capabilities, model.schema))
    predictions = model.predict_stream(reading.filled.text for _, _, readings in cases for reading in readings)
    outcomes = []
    for capability, case, readings in cases:
        failures = tuple(_failures(case, readings, predictions))
        outcomes.append(CaseResult(capability.name, capability.kind, case.id, failures))
        if step:
            step()
    return Behaviour(outcomes)


def _failures(case: Case, readings: Sequence[Reading], predictions: Iterator[Prediction]) -> Iterator[str]:
    """Yield the failures of the next predictions, one for each text."""
    first: Variant | None = None
    for reading in readings:
        prediction = next(predictions)
        prefix = f"{reading.name}: " if reading.name else ""
        if reading.expected:
            yield from (prefix + sentence for sentence in differences(reading.expected, prediction))
        if case.fill:
            variant = Variant(reading.filled, prediction)
            difference = first_difference(first, variant) if first else None
            if difference:
                yield f"{prefix}compared {readings[0].name}, {difference}"
            first = first or variant
