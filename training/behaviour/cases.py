"""Behaviour cases: expectations of predictions on short texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import regex
from pydantic import BeforeValidator, ConfigDict, Field, StrictBool, model_validator

from annotations.io.config_files import validated
from training.behaviour.slots import SLOT, Fill, Filled, exact_number, fill
from training.config import Strict

Kind = Literal["minimum", "invariance", "direction"]
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


class ExpectedSpan(Strict):
    """A span to predict: label, optional type, words, and which occurrence of these (from 1); if omitted, any."""

    label: Words
    type: str | None = None
    text: Words
    nth: int | None = Field(default=None, ge=1)


class AbsentSpan(Strict):
    """A span not to predict: one with the given label and type that overlaps the given words."""

    label: str | None = None
    type: str | None = None
    text: Words | None = None

    @model_validator(mode="after")
    def _names_something(self) -> AbsentSpan:
        if self.label is None and self.type is None and self.text is None:
            raise ValueError("absent needs a label, a type or a text")
        return self


class Bounds(Strict):
    """A toll to predict: a number `n` means min n, max n, exact. If omitted, `approximate` is not checked."""

    min: Number | None
    max: Number | None
    approximate: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, content: Any) -> Any:
        number = isinstance(content, int | str) and not isinstance(content, bool)
        return {"min": content, "max": content, "approximate": False} if number else content


class ExpectedEvent(Strict):
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


class Expectation(Strict):
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


class Case(Strict):
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


def plain_name(name: str) -> str:
    """Return a name as it is compared: without case and leading article.

    Example:
        >>> plain_name("The Lake Front")
        'lake front'
    """
    return _ARTICLE.sub("", name.casefold())
