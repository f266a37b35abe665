"""Types of tasks and annotations, checked before they are used.

An export may have been edited, and tasks on a server may come from other programs. The items of a result depend on the
schema and are checked in `results.py`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

from annotations.errors import DataError, Fault
from annotations.io.config_files import validated

_NUMBER, _NAME = (int, type(None)), (str, type(None))  # checked with type(), as True is an instance of int


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True)  # other keys are those of Label Studio


class _Data(_Shape):
    document: str | None = None
    text: str | None = None
    source: str | None = None
    sha256: str | None = None
    meta: dict[str, Any] | None = None


class _Text(_Shape):
    data: _Data


class _Task(_Text):
    id: int | None = None
    annotations: list[Any] | None = None


class _Annotation(_Shape):
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


def data_faults(data: Any) -> list[Fault]:
    """Return the wrong types in the data of a task.

    Example:
        >>> [str(fault) for fault in data_faults({"document": "d1", "text": "Gunmen struck.", "meta": 5})]
        ['key meta: input should be a valid dictionary; got 5']
    """
    return _faults(_Data, data)


def request_faults(task: Any) -> list[Fault]:
    """Return the wrong types in the parts of a task that a prediction needs."""
    return _faults(_Text, task)


def task_faults(task: Any) -> list[Fault]:
    """Return the wrong types in a task, without its annotations."""
    return _faults(_Task, task)


def annotation_faults(annotation: Any) -> list[Fault]:
    """Return the wrong types in an annotation, without the items of its result."""
    return _faults(_Annotation, annotation)


def _faults(shape: type[_Shape], content: Any) -> list[Fault]:
    try:
        validated(shape, content, "")
    except DataError as error:
        return list(error.faults)
    return []
