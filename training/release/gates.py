"""Gates: requirements on a version before it is promoted. Measurements in, one outcome per gate out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import isnan
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from annotations.errors import Fault, nearest
from annotations.io.config_files import find_config, read_yaml, validated
from training.evaluation.estimates import Difference
from training.evaluation.resampling import FEWEST

_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Minimum = Annotated[Mapping[str, _Share], Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Asking(_Strict):
    """A section in which at least one key is set."""

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if all(getattr(self, name) in (None, {}) for name in type(self).model_fields):
            known = " or ".join(type(self).model_fields)
            raise ValueError(f"asks nothing; give {known}, or remove the section")
        return self


class LabelGate(_Strict):
    """No label is worse than the holder's: fails if the 95 % interval of the difference in F1 (partial match) is
    entirely below minus `tolerance`.

    The gate is strict: unlike `Difference.verdict` it does not correct for the number of labels, and it fails on fewer
    than five documents. A label in fewer than five documents passes, since no interval can be estimated. A label that
    is neither in gold nor predicted by the holder fails if the version predicts it: all of these are false positives.
    """

    tolerance: _Share


class CalibrationGate(_Strict):
    """Expected calibration error at most `ece`."""

    ece: _Share


class SpeedGate(_Asking):
    """Upper bounds on the median time per document, absolute and as a multiple of the holder's in the same run."""

    milliseconds: _Positive | None = None
    times_holder: _Positive | None = None


class SizeGate(_Asking):
    """Upper bounds in megabytes (10⁶ bytes) on the model folder without torch weights, and on peak memory."""

    folder_mb: _Positive | None = None
    memory_mb: _Positive | None = None


class BehaviourGate(_Asking):
    """Lower bounds on the share of passed behaviour cases, in total and by capability."""

    pass_rate: _Share | None = None
    capabilities: Mapping[str, _Share] = {}


class Gates(_Strict):
    """The gates of a version; None is no gate.

    Args:
        data: Data files or named sets for all gates but `minimum`.
        labels: F1 by label, compared with the version that holds the alias.
        minimum: Smallest F1, by dataset and measure.
        calibration: Calibration error.
        speed: Prediction time.
        size: Disk space and memory.
        behaviour: Behaviour cases.
        uncontaminated: Neither version was trained, stopped or calibrated on a document of the gold data.
    """

    data: tuple[str, ...] = Field(min_length=1)
    labels: LabelGate | None = None
    minimum: Annotated[Mapping[str, _Minimum], Field(min_length=1)] = {}
    calibration: CalibrationGate | None = None
    speed: SpeedGate | None = None
    size: SizeGate | None = None
    behaviour: BehaviourGate | None = None
    uncontaminated: bool = True

    @field_validator("data")
    @classmethod
    def _each_once(cls, data: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({name for name in data if data.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} is listed twice; name each dataset once")
        return data

    @field_validator("labels", "minimum", "calibration", "speed", "size", "behaviour", mode="before")
    @classmethod
    def _filled(cls, section: Any) -> Any:
        if section is None:  # an empty 'speed:' would silently be no gate
            raise ValueError("is empty; give its keys, or remove the section")
        return section

    @model_validator(mode="after")
    def _asks(self) -> Self:
        sections = (self.labels, self.minimum, self.calibration, self.speed, self.size, self.behaviour)
        if not self.uncontaminated and not any(sections):
            raise ValueError("there is no gate; every version would be promoted unchecked")
        return self

    @property
    def sets(self) -> list[str]:
        """All gold data that is scored, without repetition."""
        return list(dict.fromkeys([*self.data, *self.minimum]))


def load_gates(name: str | Path, data: Sequence[str] = ()) -> Gates:
    """Load gates by path or by the name of a shipped file.

    Args:
        name: A path, or a name such as `gates`.
        data: Gold data to use instead of the file's `data`.

    Raises:
        DataError: The file is missing or not YAML, or a key or value is wrong.

    Example:
        >>> load_gates("gates").minimum["corpus/test"]["partial_core"]
        0.75
    """
    path = find_config(name, "evaluation")
    return validated(Gates, read_yaml(path) | ({"data": list(data)} if data else {}), str(path))


def unknown_names(gates: Gates, measures: Iterable[str], capabilities: Iterable[str], file: str) -> list[Fault]:
    """Return a fault for each unknown measure or capability that the gates name.

    Args:
        gates: The gates.
        measures: Names of the measures of the model.
        capabilities: Names of the capabilities of the behaviour cases.
        file: Name of the gates' file for the messages.
    """
    known, cases = set(measures), set(capabilities)
    named = [(f"key minimum.{data}", "measure", name, known) for data, row in gates.minimum.items() for name in row]
    asked = gates.behaviour.capabilities if gates.behaviour else {}
    named += [("key behaviour.capabilities", "capability", name, cases) for name in asked]
    return [
        Fault(f"{name!r} is not a known {kind}", nearest(name, there), file=file, place=place)
        for place, kind, name, there in named
        if name not in there
    ]


@dataclass(frozen=True)
class Facts:
    """Measurements of a version and of the holder of the alias; those that no gate needs may be missing.

    Args:
        version: The version, such as `conflict-events/3`.
        alias: The alias it is meant to get.
        holder: The version that holds the alias; None if there is none.
        incomparable: Why there is no comparison with the holder; empty if there is one.
        labels: Differences by label, version minus holder, by dataset.
        measures: F1 by dataset and measure.
        ece: Expected calibration error by dataset.
        milliseconds: Median time per document.
        holder_milliseconds: The holder's.
        folder_mb: Size of the model folder.
        memory_mb: Peak memory.
        behaviour: Passed cases and all cases, by capability.
        trained_on: Ids of gold documents in the training data, by dataset and version; None if not recorded.
    """

    version: str
    alias: str
    holder: str | None = None
    incomparable: str = ""
    labels: Mapping[str, Sequence[Difference]] = field(default_factory=dict)
    measures: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    ece: Mapping[str, float] = field(default_factory=dict)
    milliseconds: float = 0.0
    holder_milliseconds: float | None = None
    folder_mb: float = 0.0
    memory_mb: float = 0.0
    behaviour: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    trained_on: Mapping[str, Mapping[str, Sequence[str] | None]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one gate.

    Args:
        gate: What is measured.
        asked: The bound.
        found: The value.
        passed: Whether the value is within the bound.
        by: The margin; empty if it is not a number.

    Example:
        >>> str(Outcome("memory", "at most 500.0 MB", "612.0 MB", False, "112.0 MB too much"))
        'memory: asked at most 500.0 MB, found 612.0 MB, 112.0 MB too much'
    """

    gate: str
    asked: str
    found: str
    passed: bool
    by: str = ""

    def __str__(self) -> str:
        line = f"{self.gate}: asked {self.asked}, found {self.found}"
        return f"{line}, {self.by}" if self.by else line

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as plain values."""
        return asdict(self)


def check(gates: Gates, facts: Facts) -> list[Outcome]:
    """Check every gate, also after one has failed.

    Args:
        gates: The gates.
        facts: The measurements that the gates need.
    """
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
