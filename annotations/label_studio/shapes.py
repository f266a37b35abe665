"""What of a task and its annotations must be of which type, checked before any of it is used.

An export may have been edited, and a server's tasks may come from anywhere. The items of a result are checked where
they are read (`results.py`), as their types are tied to the schema.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

from annotations.errors import DataError, Fault
from annotations.io.config_files import validated

_NUMBER, _NAME = (int, type(None)), (str, type(None))  # True is no number


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True)  # further keys are Label Studio's own


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
        raise ValueError("should be the number of an account, or an object with its 'id' or 'email'")

    @field_validator("updated_at")
    @classmethod
    def _is_a_time(cls, when: Any) -> Any:
        if when is None or isinstance(when, str | datetime):
            return when
        raise ValueError("should be a time as text")


def data_faults(data: Any) -> list[Fault]:
    """Return what is of a wrong type in the data of a task.

    Example:
        >>> [str(fault) for fault in data_faults({"document": "d1", "text": "Gunmen struck.", "meta": 5})]
        ['key meta: input should be a valid dictionary; got 5']
    """
    return _faults(_Data, data)


def request_faults(task: Any) -> list[Fault]:
    """Return what is of a wrong type in what a prediction needs of a task."""
    return _faults(_Text, task)


def task_faults(task: Any) -> list[Fault]:
    """Return what is of a wrong type in a task, its annotations aside."""
    return _faults(_Task, task)


def annotation_faults(annotation: Any) -> list[Fault]:
    """Return what is of a wrong type in an annotation, the items of its result aside."""
    return _faults(_Annotation, annotation)


def _faults(shape: type[_Shape], content: Any) -> list[Fault]:
    try:
        validated(shape, content, "")
    except DataError as error:
        return list(error.faults)
    return []
