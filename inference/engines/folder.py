"""The folder that a run over many articles writes: its record, and the files of its partitions.

A file appears under its name when it is whole. The articles of a partition appear last, so a partition whose articles
are there is done.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from annotations.errors import ExplainedError
from annotations.io.json_text import read_json
from annotations.io.writing import replacing_bytes, write_text
from inference.engines.made import NOT_READ, Made

RECORD = "run.json"
ERRORS = "errors.jsonl"


class FolderError(ExplainedError):
    """A folder cannot take the results of a run."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a run does, as its folder keeps it."""

    settings: Mapping[str, Any]  # all that results depend on, by the words for it in messages
    partitions: int  # how many partitions there are
    kinds: Mapping[str, str]  # the kinds of the columns that inputs have beside text and id


class Folder:
    """A folder of results.

    Args:
        path: The folder; it is made if it is not there.

    Raises:
        FolderError: It has other files, and no record of a run.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.exists() and not path.is_dir():
            raise FolderError(f"{path} is a file; name a folder for the results")
        if path.is_dir() and not self._record.exists() and any(path.iterdir()):
            raise FolderError(f"{path} has other files, and no {RECORD} of a run; name a new folder for the results")

    @property
    def _record(self) -> Path:
        return self.path / RECORD

    def record(self, settings: Mapping[str, Any]) -> Record | None:
        """Return the record of an earlier run; None if there was none.

        Args:
            settings: What the run that is to go on depends on.

        Raises:
            FolderError: The earlier run had other settings.
        """
        if not self._record.exists():
            return None
        found = Record(**read_json(self._record))
        for name, value in json.loads(json.dumps(settings)).items():
            if (before := found.settings.get(name)) != value:
                raise FolderError(
                    f"{self.path} was made with {name} {json.dumps(before):.200}, not {json.dumps(value):.200}; call "
                    "the command as before, or name another folder"
                )
        return found

    def begin(self, record: Record) -> None:
        """Write the record of a run that starts."""
        write_text(self._record, json.dumps(asdict(record), indent=1) + "\n")

    def done(self, count: int) -> list[int]:
        """Return the numbers of the partitions that are done, of so many."""
        return [number for number in range(count) if self._file("articles", number).exists()]

    def put(self, made: Made) -> None:
        """Write the files of a partition."""
        contents = {"errors": made.errors, "events": made.events, "articles": made.articles}
        for table, content in contents.items():
            if content:
                with replacing_bytes(self._file(table, made.number)) as stream:
                    stream.write(content)

    def _file(self, table: str, number: int) -> Path:
        return self.path / table / f"part-{number:05}.{'jsonl' if table == 'errors' else 'parquet'}"

    def gather_errors(self, count: int) -> None:
        """Write the errors of all partitions to one file; none if there are none."""
        files = [file for number in range(count) if (file := self._file("errors", number)).exists()]
        if not files:
            return
        with replacing_bytes(self.path / ERRORS) as stream:
            for file in files:
                stream.write(file.read_bytes())

    def errors(self) -> Iterator[str]:
        """Yield a message for each fault of a run that is done."""
        path = self.path / ERRORS
        if path.exists():
            with path.open(encoding="utf-8") as stream:
                for line in stream:
                    told = json.loads(line)
                    if told["reason"] != NOT_READ:
                        yield str(told["message"])

    def rows(self, table: str, count: int) -> int:
        """Return the number of rows of a table, `articles` or `events`."""
        from pyarrow import parquet

        return sum(parquet.read_metadata(self._file(table, number)).num_rows for number in range(count))
