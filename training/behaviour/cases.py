"""Behaviour cases: expectations of predictions on short texts, read from YAML files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import regex
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, model_validator

from annotations.errors import DataError, Fault, nearest
from annotations.io.config_files import read_yaml, validated
from training.behaviour.slots import SLOT, Fill, Filled, exact_number, fill, occurrences

Kind = Literal["minimum", "invariance", "direction"]
# Required and optional keys of a case, by kind.
_NEEDED = {"minimum": ("expect",), "direction": ("changed", "expect"), "invariance": ("fill",)}
_ALLOWED = {"minimum": (), "direction": ("given",), "invariance": ("expect",)}
_ARTICLE = regex.compile(r"^(?:the|an?)\s+")


def _number(value: Any) -> Any:
    """Leave a slot until it is filled; read digits and number words that filled one."""
    if isinstance(value, str):
        value = value if SLOT.fullmatch(value) else exact_number(value)
    if value is not None and type(value) not in (int, str):
        value = None
    if value is None:
        raise ValueError("a number is a whole number or a slot")
    return value


def _value(value: Any) -> Any:
    if type(value) not in (str, int) or value == "":
        raise ValueError("a slot is filled with words or a whole number; quote words that YAML reads as something else")
    return value


Words = Annotated[str, Field(min_length=1)]
Number = Annotated[int | str, BeforeValidator(_number)]
Value = Annotated[str | int, BeforeValidator(_value)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ExpectedSpan(_Strict):
    """A span to predict: label, optional type, words, and which occurrence of these (from 1); if omitted, any."""

    label: Words
    type: str | None = None
    text: Words
    nth: int | None = Field(default=None, ge=1)


class AbsentSpan(_Strict):
    """A span not to predict: one with the given label and type that overlaps the given words."""

    label: str | None = None
    type: str | None = None
    text: Words | None = None

    @model_validator(mode="after")
    def _names_something(self) -> AbsentSpan:
        if self.label is None and self.type is None and self.text is None:
            raise ValueError("absent needs a label, a type or a text")
        return self


class Bounds(_Strict):
    """A toll to predict: a number `n` means min n, max n, exact. If omitted, `approximate` is not checked."""

    min: Number | None
    max: Number | None
    approximate: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, content: Any) -> Any:
        number = isinstance(content, int | str) and not isinstance(content, bool)
        return {"min": content, "max": content, "approximate": False} if number else content


class ExpectedEvent(_Strict):
    """What is checked of an event; omitted keys are not checked. All other keys are roles of the schema with expected
    names or mentions; an empty list means none."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, tuple[Words, ...]]

    attack_type: Words | None = None
    toll: Mapping[str, Bounds | None] = {}
    flags: Mapping[str, StrictBool | str | None] = {}

    @property
    def roles(self) -> Mapping[str, tuple[str, ...]]:
        """Expected names or mentions by role."""
        return self.__pydantic_extra__


class Expectation(_Strict):
    """What a prediction must contain; omitted keys are not checked."""

    spans: tuple[ExpectedSpan, ...] = ()
    absent: tuple[AbsentSpan, ...] = ()
    events: tuple[ExpectedEvent, ...] = ()
    attack_types: tuple[Words, ...] = ()

    @model_validator(mode="after")
    def _expects_something(self) -> Expectation:
        if not (self.spans or self.absent or self.model_fields_set & {"events", "attack_types"}):
            raise ValueError("expects nothing: name spans, absent, events or attack_types")
        return self

    def filled(self, values: Fill) -> Expectation:
        """Return the expectation with its slots filled.

        Raises:
            DataError: The slot of a toll is filled with words that are not an exact number.
        """
        return validated(Expectation, _filled(self.model_dump(exclude_unset=True), values), "")


def _filled(content: Any, values: Fill) -> Any:
    if isinstance(content, dict):
        return {key: _filled(value, values) for key, value in content.items()}
    if isinstance(content, tuple):
        return tuple(_filled(value, values) for value in content)
    return fill(content, values).text if isinstance(content, str) else content


@dataclass(frozen=True, slots=True)
class Reading:
    """One text of a case to predict: its name in messages, the text, and the expectation, if any."""

    name: str
    filled: Filled
    expected: Expectation | None


class Case(_Strict):
    """One case; which keys it has depends on the kind of its capability."""

    id: Words
    text: Words
    given: Expectation | None = None
    changed: Words | None = None
    fill: tuple[Mapping[str, Value], ...] | None = None
    expect: Expectation | None = None

    def readings(self) -> list[Reading]:
        """Return the texts to predict: one, two for a direction, or one for each variant."""
        if self.fill:
            return [
                Reading(
                    "with " + ", ".join(f"{slot}={value}" for slot, value in values.items()),
                    fill(self.text, values),
                    self.expect and self.expect.filled(values),
                )
                for values in self.fill
            ]
        if self.changed:
            changed = Reading("in the changed text", Filled(self.changed), self.expect)
            return [Reading("in the text given", Filled(self.text), self.given), changed]
        return [Reading("", Filled(self.text), self.expect)]


@dataclass(frozen=True, slots=True)
class Capability:
    """Cases of one capability."""

    name: str  # its name in reports
    about: str  # a description in one sentence
    # `minimum`: the prediction of a text meets an expectation. `direction`: a change of the text changes the prediction
    # as expected. `invariance`: other words in the slots do not change the prediction.
    kind: Kind
    cases: tuple[Case, ...]  # at least one
    file: str = ""  # the file they were read from


class _Content(_Strict):
    """The content of a file; its cases are checked one by one, so that all faults are reported."""

    capability: Words
    about: Words
    kind: Kind
    cases: Annotated[list[Any], Field(min_length=1)]


def cases_folder() -> Path:
    """Return the folder of the shipped cases, in a checkout as in an installed package."""
    installed = Path(__file__).parent / "shipped"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "tests" / "behaviour"


def read_cases(folder_or_file: Path | None = None) -> list[Capability]:
    """Read behaviour cases.

    Args:
        folder_or_file: A YAML file, or a folder of them, one a capability; by default the shipped ones.

    Returns:
        The capabilities in order of file name.

    Raises:
        DataError: Every fault of all files, with file and case.
    """
    path = cases_folder() if folder_or_file is None else Path(folder_or_file)
    files = [path] if path.is_file() else sorted(path.glob("*.yaml"))
    if not files:
        problem = "has no .yaml file" if path.is_dir() else "no such file or folder"
        raise DataError([Fault(problem, "name a file of behaviour cases, or a folder of them", file=str(path))])
    capabilities: list[Capability] = []
    faults: list[Fault] = []
    for file in files:
        try:
            capability = _read(file)
        except DataError as error:
            faults += error.faults
            continue
        first = next((other for other in capabilities if other.name == capability.name), None)
        if first:
            problem = f"has the capability {capability.name!r} of {first.file}"
            faults.append(Fault(problem, "merge the two, or rename one", file=str(file)))
        capabilities.append(capability)
    if faults:
        raise DataError(faults)
    return capabilities


def choose(capabilities: Sequence[Capability], names: Sequence[str]) -> list[Capability]:
    """Return the capabilities of these names, or all of them if no name is given.

    Raises:
        DataError: A name is not that of a capability.
    """
    known = [capability.name for capability in capabilities]
    faults = [Fault(f"no capability {name!r}", nearest(name, known)) for name in names if name not in known]
    if faults:
        raise DataError(faults)
    return [capability for capability in capabilities if not names or capability.name in names]


def _read(file: Path) -> Capability:
    content = read_yaml(file)
    cases: list[Case] = []
    faults: list[Fault] = []
    raw = content.get("cases")
    for number, item in enumerate(raw if isinstance(raw, list) else [], start=1):
        named = item.get("id") if isinstance(item, dict) else None
        place = f"case {named or number}"
        try:
            case = validated(Case, item, str(file))
        except DataError as error:
            faults += [replace(fault, place=": ".join(filter(None, [place, fault.place]))) for fault in error.faults]
            continue
        if any(case.id == other.id for other in cases):
            faults.append(Fault("the id is repeated", "give each case its own id", file=str(file), place=place))
        faults += [replace(fault, file=str(file), place=place) for fault in _case_faults(case, content.get("kind"))]
        cases.append(case)
    try:
        header = validated(_Content, content, str(file))
    except DataError as error:
        faults = [*error.faults, *faults]
    if faults:
        raise DataError(faults)
    return Capability(header.capability, header.about, header.kind, tuple(cases), str(file))


def _case_faults(case: Case, kind: object) -> Iterator[Fault]:
    if isinstance(kind, str) and kind in _NEEDED:
        present = {key for key in ("given", "changed", "fill", "expect") if getattr(case, key) is not None}
        needed, allowed = _NEEDED[kind], _ALLOWED[kind]
        for key in (key for key in needed if key not in present):
            yield Fault(f"has no {key!r}", f"a case of kind {kind} needs it")
        for key in sorted(present.difference(needed, allowed)):
            yield Fault(
                f"has {key!r}", f"a case of kind {kind} may have {', '.join(('id', 'text', *needed, *allowed))}"
            )
    if case.changed == case.text:
        yield Fault("'changed' is the same as 'text'", "change it")
    slot_faults = list(_slot_faults(case))
    yield from slot_faults
    if not slot_faults:
        yield from _word_faults(case)


def _slot_faults(case: Case) -> Iterator[Fault]:
    slots = dict.fromkeys(SLOT.findall(case.text))
    if case.fill is not None and len(case.fill) < 2:  # noqa: PLR2004
        yield Fault("'fill' has fewer than two variants", "name two or more, to compare them")
    if case.fill and not slots:
        yield Fault("has no slot to fill", "write {name} in the text")
    for slot in [] if case.fill else SLOT.findall(f"{case.text} {case.changed or ''}"):
        yield Fault(f"slot {slot!r} is not filled", "fill it, or replace it with words")
    for number, values in enumerate(case.fill or (), start=1):
        for slot in slots:
            if slot not in values:
                yield Fault(f"slot {slot!r} is not filled by variant {number}", "fill it in each variant")
        for name in values:
            if slots and name not in slots:
                yield Fault(f"variant {number} fills {name!r}, which is not a slot of the text", nearest(name, slots))


def _word_faults(case: Case) -> Iterator[Fault]:
    """Yield words of expectations that do not occur in their text, and unfilled slots."""
    try:
        readings = case.readings()
    except DataError as error:
        for fault in error.faults:
            yield replace(fault, problem=f"{fault.place}: {fault.problem}, where its slot is filled")
        return
    for reading in readings:
        if reading.expected:
            where = f" {reading.name}" if reading.name else ""
            for problem, remedy in _expectation_faults(reading.expected, reading.filled.text):
                yield Fault(problem + where, remedy)


def _expectation_faults(expected: Expectation, text: str) -> Iterator[tuple[str, str]]:
    missing = "do not occur in the text as whole words"
    copy = "copy them from the text"
    for span in expected.spans:
        found = len(occurrences(text, span.text))
        if not found:
            yield f"the words {span.text!r} {missing}", copy
        elif span.nth and span.nth > found:
            yield f"the words {span.text!r} have no occurrence {span.nth} in the text", f"the last is {found}"
    mentions = [span.text for span in expected.absent if span.text]
    for words in (words for words in mentions if not occurrences(text, words)):
        yield f"the words {words!r} {missing}", copy
    for event in expected.events:
        for name in (name for names in event.roles.values() for name in names):
            if not occurrences(text.casefold(), plain_name(name)):
                yield f"the words {name!r} {missing}", copy
        for kind, toll in event.toll.items():
            for bound in (toll.min, toll.max) if toll else ():
                if isinstance(bound, str):
                    yield f"the slot {bound} of the toll {kind!r} is not filled", "write a number, or fill the slot"


def plain_name(name: str) -> str:
    """Return a name as it is compared: without case and leading article.

    Example:
        >>> plain_name("The Lake Front")
        'lake front'
    """
    return _ARTICLE.sub("", name.casefold())
