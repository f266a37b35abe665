"""Gates: requirements on a version before it is promoted, as a file asks them (`gate_checks` checks them)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from annotations.errors import Fault, nearest
from annotations.io.config_files import find_config, read_yaml, validated
from training.config import Strict

_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Minimum = Annotated[Mapping[str, _Share], Field(min_length=1)]


class _Asking(Strict):
    """A section in which at least one key is set."""

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if all(getattr(self, name) in (None, {}) for name in type(self).model_fields):
            known = " or ".join(type(self).model_fields)
            raise ValueError(f"asks nothing; give {known}, or remove the section")
        return self


class LabelGate(Strict):
    """No label is worse than the holder's: fails if the 95 % interval of the difference in F1 (partial match) is
    entirely below minus `tolerance`.

    The gate is strict: unlike `Difference.verdict` it does not correct for the number of labels, and it fails on fewer
    than five documents. A label in fewer than five documents passes, since no interval can be estimated. A label that
    is neither in gold nor predicted by the holder fails if the version predicts it: all of these are false positives.
    """

    tolerance: _Share


class CalibrationGate(Strict):
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


class Gates(Strict):
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
    """Load gates by path or by the name of a shipped file; gold data that is given is used instead of the file's
    `data`.

    Raises:
        DataError: The file is missing or not YAML, or a key or value is wrong.

    Example:
        >>> load_gates("gates").minimum["corpus/test"]["partial_core"]
        0.75
    """
    path = find_config(name, "evaluation")
    return validated(Gates, read_yaml(path) | ({"data": list(data)} if data else {}), str(path))


def unknown_names(gates: Gates, measures: Iterable[str], capabilities: Iterable[str], file: str) -> list[Fault]:
    """Return a fault, in the gates' file, for each measure or capability that the gates name and that is not known."""
    known, cases = set(measures), set(capabilities)
    named = [(f"key minimum.{data}", "measure", name, known) for data, row in gates.minimum.items() for name in row]
    asked = gates.behaviour.capabilities if gates.behaviour else {}
    named += [("key behaviour.capabilities", "capability", name, cases) for name in asked]
    return [
        Fault(f"{name!r} is not a known {kind}", nearest(name, there), file=file, place=place)
        for place, kind, name, there in named
        if name not in there
    ]
