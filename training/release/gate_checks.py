"""Checks of gates: measurements in, one outcome for each gate out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import isnan
from typing import Any

from training.evaluation.estimates import Difference
from training.evaluation.resampling import FEWEST
from training.release.gates import Gates


@dataclass(frozen=True)
class Facts:
    """Measurements of a version and of the holder of the alias; those that no gate needs may be missing."""

    version: str  # the version, such as `conflict-events/3`
    alias: str  # the alias it is meant to get
    holder: str | None = None  # the version that holds the alias; None if there is none
    incomparable: str = ""  # why there is no comparison with the holder; empty if there is one
    # Differences by label, version minus holder, by dataset.
    labels: Mapping[str, Sequence[Difference]] = field(default_factory=dict)
    measures: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # F1 by dataset and measure
    ece: Mapping[str, float] = field(default_factory=dict)  # expected calibration error by dataset
    milliseconds: float = 0.0  # median time per document
    holder_milliseconds: float | None = None  # the holder's
    folder_mb: float = 0.0  # size of the model folder
    memory_mb: float = 0.0  # peak memory
    behaviour: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # passed cases and all cases, by capability
    # Ids of gold documents in the training data, by dataset and version; None if not recorded.
    trained_on: Mapping[str, Mapping[str, Sequence[str] | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one gate.

    Example:
        >>> str(Outcome("memory", "at most 500.0 MB", "612.0 MB", False, "112.0 MB too much"))
        'memory: asked at most 500.0 MB, found 612.0 MB, 112.0 MB too much'
    """

    gate: str  # what is measured
    asked: str  # the bound
    found: str  # the value
    passed: bool  # whether the value is within the bound
    by: str = ""  # the margin; empty if it is not a number

    def __str__(self) -> str:
        line = f"{self.gate}: asked {self.asked}, found {self.found}"
        return f"{line}, {self.by}" if self.by else line

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as plain values."""
        return asdict(self)


def check(gates: Gates, facts: Facts) -> list[Outcome]:
    """Check every gate, also after one has failed; the facts have what the gates need."""
    gates_of = (_contaminated, _labels, _minimum, _calibration, _speed, _size, _behaviour)
    return [outcome for section in gates_of for outcome in section(gates, facts)]


def _contaminated(gates: Gates, facts: Facts) -> Iterator[Outcome]:
    for data in gates.sets if gates.uncontaminated else ():
        number, problems = 0, []
        for version, ids in facts.trained_on[data].items():
            if ids is None:
                problems.append(f"{version} has no record of its training and tuning data")
            elif ids:
                number += len(ids)
                problems.append(f"{version} was trained on {len(ids)}, such as {ids[0]}")
        by = f"{number} too many" if number else ""
        yield Outcome(
            f"contamination of {data}", "no document trained on", "; ".join(problems) or "none", not problems, by
        )


def _labels(gates: Gates, facts: Facts) -> Iterator[Outcome]:
    if gates.labels is None:
        return
    tolerance = gates.labels.tolerance
    asked = f"interval not below {-tolerance if tolerance else 0.0:.4f}"
    for data in gates.data:
        if facts.holder is None or facts.incomparable:
            yield _without_holder(f"labels on {data}", asked, facts)
            continue
        for one in facts.labels[data]:
            yield _label(f"{one.name.removeprefix('partial_')} on {data}", asked, tolerance, one)


def _label(gate: str, asked: str, tolerance: float, one: Difference) -> Outcome:
    if isnan(one.second):
        return Outcome(gate, asked, "none in gold and none predicted", passed=True)
    if isnan(one.first):
        found = "none in gold, none predicted by the holder, and some by this version"
        return Outcome(gate, asked, found, passed=False)
    moved = f"{one.first:.3f} -> {one.second:.3f}"
    if one.documents < FEWEST:
        return Outcome(gate, asked, f"{moved}, no interval", False, f"{one.documents} documents, {FEWEST} are needed")
    if one.bounds is None:
        found = f"{moved}, fewer than {FEWEST} documents with such a span: too few to tell"
        return Outcome(gate, asked, found, passed=True)
    low, high = one.bounds
    return _compared(gate, asked, f"{moved} ({low:+.4f} to {high:+.4f})", high + tolerance, "too low", "")


def _minimum(gates: Gates, facts: Facts) -> Iterator[Outcome]:
    for data, row in gates.minimum.items():
        for name, least in row.items():
            yield _at_least(f"{name} on {data}", least, facts.measures[data][name], "nothing in gold, none predicted")


def _calibration(gates: Gates, facts: Facts) -> Iterator[Outcome]:
    if gates.calibration:
        for data in gates.data:
            yield _at_most(f"calibration error on {data}", gates.calibration.ece, facts.ece[data], "")


def _speed(gates: Gates, facts: Facts) -> Iterator[Outcome]:
    if gates.speed and gates.speed.milliseconds is not None:
        yield _at_most("time for a document", gates.speed.milliseconds, facts.milliseconds, "ms")
    if gates.speed and gates.speed.times_holder is not None:
        most, gate = gates.speed.times_holder, "time against the holder"
        if facts.holder_milliseconds is None:
            yield _without_holder(gate, f"at most {_figure(most, 'times')}", facts)
        else:
            yield _at_most(gate, most, facts.milliseconds / facts.holder_milliseconds, "times")


def _size(gates: Gates, facts: Facts) -> Iterator[Outcome]:
    if gates.size and gates.size.folder_mb is not None:
        yield _at_most("size of the model folder", gates.size.folder_mb, facts.folder_mb, "MB")
    if gates.size and gates.size.memory_mb is not None:
        yield _at_most("memory", gates.size.memory_mb, facts.memory_mb, "MB")


def _behaviour(gates: Gates, facts: Facts) -> Iterator[Outcome]:
    if gates.behaviour and gates.behaviour.pass_rate is not None:
        passed, total = (sum(column) for column in zip(*facts.behaviour.values(), strict=True))
        yield _at_least("behaviour", gates.behaviour.pass_rate, passed / total)
    for name, least in gates.behaviour.capabilities.items() if gates.behaviour else ():
        passed, total = facts.behaviour[name]
        yield _at_least(f"behaviour: {name}", least, passed / total)


def _without_holder(gate: str, asked: str, facts: Facts) -> Outcome:
    """A comparison that cannot be made passes only if no version has the alias."""
    return Outcome(gate, asked, facts.incomparable or f"no {facts.alias} yet", facts.holder is None)


def _at_least(gate: str, least: float, value: float, undefined: str = "") -> Outcome:
    asked = f"at least {_figure(least, '')}"
    if isnan(value):
        return Outcome(gate, asked, f"not defined: {undefined}", passed=False)
    return _compared(gate, asked, _figure(value, ""), value - least, "too low", "")


def _at_most(gate: str, most: float, value: float, unit: str) -> Outcome:
    asked = f"at most {_figure(most, unit)}"
    if isnan(value):
        return Outcome(gate, asked, "not defined: no span predicted", passed=False)
    return _compared(gate, asked, _figure(value, unit), most - value, "too much", unit)


def _compared(gate: str, asked: str, found: str, spare: float, missed: str, unit: str) -> Outcome:
    """Return the outcome of a gate that passes if `spare` is not negative."""
    distance = _figure(abs(spare), unit)
    if spare and float(distance.split()[0]) == 0:  # rounded to 0, but it decides
        distance = f"{abs(spare):.1g} {unit}".rstrip()
    return Outcome(gate, asked, found, spare >= 0, f"{distance} {'to spare' if spare >= 0 else missed}")


def _figure(value: float, unit: str) -> str:
    """Format F1 and shares with four digits, ratios of times with two, others with one.

    Example:
        >>> _figure(0.75, ""), _figure(1.5, "times"), _figure(91.95, "MB")
        ('0.7500', '1.50 times', '92.0 MB')
    """
    digits = {"": 4, "times": 2}.get(unit, 1)
    return f"{value:.{digits}f} {unit}".rstrip()
