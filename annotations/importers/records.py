"""Reading the records of JSON and JSON Lines files. Every fault is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from annotations.errors import DataError, Fault
from annotations.io.config_files import Shape, shape_faults
from annotations.io.json_text import JsonLine, json_lines

Record = Mapping[str, Any]
Id = Annotated[str, Field(min_length=1)]


def files_of(path: Path, pattern: str) -> list[Path]:
    """Return the file itself, or the files of a folder that match a pattern, sorted.

    Raises:
        DataError: The file or folder does not exist, or the folder has no such file.
    """
    if path.is_file():
        return [path]
    found = sorted(path.glob(pattern)) if path.is_dir() else []
    if not found:
        problem = f"has no file {pattern}" if path.is_dir() else "no such file or folder"
        raise DataError.of(problem, f"name a {pattern} file or a folder of such files", file=str(path))
    return found


def read_records(
    path: Path,
    pattern: str,
    key: str,
    shape: type[Shape],
    lines: Callable[[Path], Iterable[JsonLine]] = json_lines,
    unit: str = "",
) -> dict[str, Record]:
    """Read records by their ids.

    Args:
        path: A file, or a folder of files.
        pattern: Which files of a folder are read.
        key: The key of the id.
        shape: The keys of a record.
        lines: Reads the records of a file; by default one a line.
        unit: What the number of a record counts, if not lines.

    Raises:
        DataError: With every fault found.
    """
    faults: list[Fault] = []
    records: dict[str, Record] = {}
    places: dict[str, str] = {}
    for file in files_of(path, pattern):
        for line in lines(file):
            record, place = line.record, f"{unit} {line.number}" if unit else ""
            if record is None:
                faults += line.faults
                continue
            where = Fault("", "", str(file), 0 if unit else line.number, str(record.get(key, "")), place)
            found = [
                replace(where, problem=one.problem, remedy=one.remedy, place=f"{place}: {one.place}".removeprefix(": "))
                for one in shape_faults(shape, record)
            ]
            if not found and record[key] in records:
                found = [replace(where, problem=f"has the {key!r} of {places[record[key]]}", remedy="keep one of them")]
            if not found:
                records[record[key]] = record
                places[record[key]] = f"{file}, {place}" if unit else f"{file}:{line.number}"
            faults += found
    DataError.check(faults)
    return records
