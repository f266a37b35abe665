"""Types of tasks and annotations, checked before they are used.

An export may have been edited, and tasks on a server may come from other programs. The items of a result depend on the
schema and are checked in `results.py`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import field_validator

from annotations.io.config_files import Shape

_NUMBER, _NAME = (int, type(None)), (str, type(None))  # checked with type(), as True is an instance of int


class Data(Shape):
    """The data of a task."""

    document: str | None = None
    text: str | None = None
    source: str | None = None
    sha256: str | None = None
    meta: dict[str, Any] | None = None


class Request(Shape):
    """The parts of a task that a prediction needs."""

    data: Data


class Task(Request):
    """A task, without its annotations."""

    id: int | None = None
    annotations: list[Any] | None = None


class Annotation(Shape):
    """An annotation, without the items of its result."""

    id: int | None = None
    completed_by: Any = None
    updated_at: Any = None
    was_cancelled: bool | None = None
    result: list[Any] | None = None

    @field_validator("completed_by")
    @classmethod
    def _is_an_account(cls, who: Any) -> Any:
        if who is None or type(who) in (int, str):
            return who
        if isinstance(who, dict) and type(who.get("id")) in _NUMBER and type(who.get("email")) in _NAME:
            return who
        raise ValueError("should be the number of an account, or an object with 'id' or 'email'")

    @field_validator("updated_at")
    @classmethod
    def _is_a_time(cls, when: Any) -> Any:
        if when is None or isinstance(when, str | datetime):
            return when
        raise ValueError("should be a time as a string")
