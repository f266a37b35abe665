"""Strict JSON: what is read can be written, and what is written can be read.

Python's parser accepts NaN, duplicate keys (keeping the last), half of a surrogate pair and any depth up to its stack
limit. Such values cannot be written again, or data is lost silently.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

from annotations.errors import DataError, Fault
from annotations.io.decoding import byte_lines, decoded, read_text

DEPTH = 100  # nesting of lists and objects; annotations have about ten levels
_DIGITS = 1000
_KINDS = (str, list, tuple, dict, Mapping)  # what strings are in; asking for dict first is faster
_TOO_DEEP = f"is nested deeper than {DEPTH} lists and objects"


def parse_json(content: str, file: str = "", line: int = 0) -> Any:
    """Parse JSON.

    Args:
        content: The text.
        file: File name for messages.
        line: Number of the line that is parsed; 0 if it is the whole file.

    Raises:
        DataError: It is not JSON (which has no NaN), an object has a key twice, it is nested too deeply, or a string
            has half of a surrogate pair, which UTF-8 cannot represent.

    Example:
        >>> parse_json('{"id": "d1"}')
        {'id': 'd1'}
    """
    try:
        value = json.loads(
            content, parse_constant=_no_number, parse_float=_finite, parse_int=_whole, object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        place = f"column {error.colno}" if line else f"line {error.lineno}, column {error.colno}"
        problem = f"is not JSON in UTF-8: {error.msg}"
        raise DataError.of(problem, "correct it", file=file, line=line, place=place) from None
    except ValueError as error:
        raise DataError.of(f"is not JSON in UTF-8: {error}", "correct it", file=file, line=line) from None
    except RecursionError:
        raise DataError.of(_TOO_DEEP, "make it flatter", file=file, line=line) from None
    faults = list(value_faults(value))
    if faults:
        name = value.get("id") if isinstance(value, dict) else None
        known = name if isinstance(name, str) and is_whole(name) else ""
        raise DataError([Fault(f.problem, f.remedy, file, line, known, f.place) for f in faults])
    return value


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"the number {digits:.40} is too large")
    return number


def _whole(digits: str) -> int:
    if len(digits) > _DIGITS:  # beyond what Python reads and writes
        raise ValueError(f"the number {digits:.40}… is too large")
    return int(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"an object has the key {twice!r} twice")
    return made


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        DataError: As `parse_json`, or the file is not UTF-8.
    """
    return parse_json(read_text(path), str(path))


@dataclass(frozen=True, slots=True)
class JsonLine:
    """A line of JSON Lines: its number, and an object or the faults of the line."""

    number: int
    record: dict[str, Any] | None
    faults: tuple[Fault, ...] = ()


def json_lines(path: Path) -> Iterator[JsonLine]:
    """Read JSON Lines and continue after faults.

    Args:
        path: The file, read lazily. Text may contain U+2028 or a form feed, so lines are split at line feeds only.

    Yields:
        Every line that is not blank. A line with number 0 means that the file cannot be read to its end.
    """
    try:
        for number, line in enumerate(byte_lines(path), start=1):
            if line.strip():
                yield _json_line(line, str(path), number)
    except DataError as error:
        yield JsonLine(0, None, error.faults)


def _json_line(line: bytes, file: str, number: int) -> JsonLine:
    try:
        record = parse_json(decoded(line, file, number), file, number)
    except DataError as error:
        return JsonLine(number, None, error.faults)
    if isinstance(record, dict):
        return JsonLine(number, record)
    problem = f"is {type(record).__name__}, not an object"
    return JsonLine(number, None, (Fault(problem, "write one JSON object per line", file=file, line=number),))


def to_json(value: Any, document: str = "", indent: int | None = None) -> str:
    """Return a value as JSON that `parse_json` reads.

    Args:
        value: Lists, mappings with string keys, strings, numbers, None.
        document: Document id for the message.
        indent: Spaces per level; everything on one line by default.

    Raises:
        DataError: JSON cannot represent it: a set, NaN, half of a surrogate pair, a list that contains itself.
    """
    faults = [Fault(f.problem, f.remedy, document=document, place=f.place) for f in value_faults(value)]
    DataError.check(faults)
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    except (TypeError, ValueError) as error:
        raise DataError.of(f"cannot be written as JSON: {error}", "correct the value", document=document) from None


def value_faults(value: Any) -> Iterator[Fault]:
    """Yield what in a value cannot be written and read again: half surrogate pairs and too deep nesting."""
    if not _sound(value):
        yield from _placed_faults(value)


def _placed_faults(value: Any) -> Iterator[Fault]:
    stack: list[tuple[str, Any, int]] = [("", value, 0)] if isinstance(value, _KINDS) else []
    while stack:
        place, item, depth = stack.pop()
        if isinstance(item, str):
            yield from half_pair_faults(item, place)
            continue
        if isinstance(item, Mapping):
            children = [(f"{place}.{key!r:.40}" if place else f"key {key!r:.40}", child) for key, child in item.items()]
            children += [(f"{place}: a key" if place else "a key", key) for key in item]
        else:
            children = [(f"{place}[{number}]", child) for number, child in enumerate(item)]
        if depth == DEPTH:  # this also stops at a list that contains itself
            yield Fault(_TOO_DEEP, "make it flatter", place=place[:80])
            return
        stack += [(name, child, depth + 1) for name, child in children if isinstance(child, _KINDS)]


def _sound(value: Any, depth: int = 0) -> bool:
    """Whether a value has no faults: the usual case, found faster than with the names of places."""
    if isinstance(value, str):
        return value.isascii() or is_whole(value)
    if isinstance(value, list | tuple):
        children: Iterable[Any] = value
    elif isinstance(value, Mapping):
        children = chain(value, value.values())
    else:
        return True
    if depth == DEPTH:
        return False
    for child in children:  # a loop, as most values are short strings and numbers, and calls would cost more than they
        if isinstance(child, str):
            if not child.isascii() and not is_whole(child):
                return False
        elif isinstance(child, _KINDS) and not _sound(child, depth + 1):
            return False
    return True


def half_pair_faults(text: str, place: str = "") -> Iterator[Fault]:
    """Yield the first half of a surrogate pair in a string."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        where = f"{place}, offset {error.start}" if place else f"offset {error.start}"
        remedy = "decode the text again from its source"
        yield Fault("has half of a surrogate pair, which is not a character", remedy, place=where)


def is_whole(text: str) -> bool:
    """Whether a string can be written as UTF-8."""
    return not list(half_pair_faults(text))
