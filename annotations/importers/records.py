"""Reading the records of a JSON or JSON Lines file, with every fault in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from annotations.errors import DataError, Fault
from annotations.io.json_text import json_lines

Record = Mapping[str, Any]
Check = Callable[[Record], Iterable[tuple[str, str]]]  # (place, problem) of what is wrong within a record


def files_of(path: Path, pattern: str) -> list[Path]:
    """Return the file itself, or the files of a folder that match a pattern, sorted.

    Raises:
        DataError: There is no such file or folder, or no such file in the folder.
    """
    if path.is_file():
        return [path]
    found = sorted(path.glob(pattern)) if path.is_dir() else []
    if not found:
        problem = f"holds no file {pattern}" if path.is_dir() else "no such file or folder"
        raise DataError([Fault(problem, f"name a {pattern} file or a folder with some", file=str(path))])
    return found


def read_json_lines(path: Path, key: str, types: Mapping[str, type], check: Check) -> list[Record]:
    """Read records, one a line.

    Args:
        path: A file, or a folder of `.jsonl` files.
        key: The key that tells records apart.
        types: Keys that each record has, with the type of their values.
        check: Yields what else is wrong with a record that has these.

    Raises:
        DataError: With every fault found.
    """
    faults: list[Fault] = []
    records: list[Record] = []
    seen: dict[str, str] = {}
    for file in files_of(path, "*.jsonl"):
        for line in json_lines(file):
            if line.record is None:
                faults += line.faults
                continue
            record, number = line.record, line.number
            found = list(record_problems(record, types, check))
            name = str(record.get(key, ""))
            if not found and name in seen:
                found = [("", f"has the {key!r} of {seen[name]}")]
            seen.setdefault(name, f"{file}:{number}")
            faults += [
                Fault(problem, "mend the line or take it out", file=str(file), line=number, document=name, place=place)
                for place, problem in found
            ]
            if not found:
                records.append(record)
    if faults:
        raise DataError(faults)
    return records


def record_problems(record: Record, types: Mapping[str, type], check: Check) -> Iterator[tuple[str, str]]:
    """Yield (place, problem): keys that are missing or of a wrong type; if there are none, what the check finds."""
    wrong = False
    for name, wanted in types.items():
        value = record.get(name)
        if not isinstance(value, wanted) or isinstance(value, bool):
            wrong = True
            yield name, "is missing" if name not in record else f"is {type(value).__name__}, not {wanted.__name__}"
    if not wrong:
        yield from check(record)
