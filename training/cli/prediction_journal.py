"""Results of long work, kept while they are made: files beside the final ones, and a journal of what is in them.

Results are written to `FILE.part`. After each group of texts, `FILE.journal` says how many texts are done, how long the
files are, and what the results depend on. To go on, the files are cut to these lengths, and the texts that are done are
read again, but not predicted. Groups always hold the same texts, so that the model sees them together as it would have
without a stop: scores, and so the files, are the same to the last byte.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from annotations.errors import ExplainedError
from annotations.io.json_text import read_json
from annotations.io.writing import naming, write_text
from inference.inputs import Input


class ResumeError(ExplainedError):
    """Work cannot go on where it stopped."""


@dataclass(frozen=True, slots=True)
class _State:
    """What a journal says: settings, number of texts, their digest, and the size of each file."""

    settings: Mapping[str, Any]
    texts: int = 0
    digest: str = ""
    sizes: Sequence[int] = field(default_factory=list)


def part_of(path: Path) -> Path:
    """Return the file that results are written to before all is done."""
    return path.with_name(f"{path.name}.part")


def journal_of(path: Path) -> Path:
    """Return the journal of a file of results."""
    return path.with_name(f"{path.name}.journal")


class Parts:
    """Files of results that are being written.

    Args:
        paths: The final files. The journal is beside the first one.
        settings: What the results depend on beside the texts, as values of JSON.
        resume: Whether to go on with what an earlier run has left.

    Raises:
        ResumeError: An earlier run has left something, and the work is not to go on with it, or cannot.
    """

    def __init__(self, paths: Sequence[Path], settings: Mapping[str, Any], *, resume: bool) -> None:
        self.paths = [Path(os.path.realpath(path)) for path in paths]  # write to the target of a link
        self._settings = json.loads(json.dumps(settings))
        self._before = self._left(resume)
        self._texts, self._digest = 0, ""
        self._streams: list[BinaryIO] = []
        self._sizes = list(self._before.sizes) or [0] * len(paths)
        self.written = self._before.texts

    @property
    def fresh(self) -> bool:
        """Whether nothing is written yet, not even a head."""
        return not self._before.sizes

    def _left(self, resume: bool) -> _State:
        part, journal = part_of(self.paths[0]), journal_of(self.paths[0])
        if not part.exists():
            return _State(self._settings)
        if not resume:
            raise ResumeError(f"{part} is left from a run that stopped; go on with --resume, or delete it")
        again = f"delete {part} to start again"
        if not journal.exists():
            raise ResumeError(f"{part} has no journal {journal.name}, so nobody knows what is in it; {again}")
        state = _State(**read_json(journal))
        for name, value in self._settings.items():
            if (before := state.settings.get(name)) != value:
                raise ResumeError(
                    f"{part} was made with {name} {json.dumps(before):.200}, not {json.dumps(value):.200}; call the "
                    f"command as before, or {again}"
                )
        for path, size in zip(map(part_of, self.paths), state.sizes, strict=True):
            if not path.exists() or path.stat().st_size < size:
                raise ResumeError(f"{path} is shorter than the journal {journal.name} says; {again}")
        return state

    def skip(self, group: Sequence[Input]) -> bool:
        """Take the next group of texts; return whether their results are in the files already.

        Raises:
            ResumeError: The texts are not those of the earlier run.
        """
        for one in group:
            told = [self._digest, one.name, one.text, one.date.isoformat() if one.date else None, dict(one.source)]
            self._digest = hashlib.sha256(json.dumps(told).encode("utf-8")).hexdigest()
        self._texts += len(group)
        done = self._before.texts
        if self._texts > done:
            if self._texts - len(group) < done:
                self._refuse()
            return False
        if self._texts == done and self._digest != self._before.digest:
            self._refuse()
        return True

    def _refuse(self) -> None:
        part = part_of(self.paths[0])
        raise ResumeError(f"the inputs are not those that {part} was made from; delete it to start again")

    def put(self, contents: Sequence[str]) -> None:
        """Write the results of one text: what goes to each file."""
        for stream, content in zip(self._streams, contents, strict=True):
            stream.write(content.encode("utf-8"))
        self._sizes = [stream.tell() for stream in self._streams]

    def count(self) -> None:
        """Count a text whose results are written."""
        self.written += 1

    def mark(self) -> None:
        """Note in the journal that the texts taken so far are done."""
        for stream in self._streams:
            stream.flush()
        state = _State(self._settings, self._texts, self._digest, self._sizes)
        write_text(journal_of(self.paths[0]), json.dumps(asdict(state)) + "\n")

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Open the files, and rename them at the end; if the work stops before, they end after a whole text.

        Raises:
            ResumeError: The inputs have fewer texts than the earlier run.
        """
        try:
            for path, size in zip(map(part_of, self.paths), self._sizes, strict=True):
                stream = path.open("r+b" if path.exists() and not self.fresh else "wb")
                self._streams.append(stream)
                stream.seek(size)
                stream.truncate()
            with naming(part_of(self.paths[0])):
                yield
            if self._texts < self._before.texts:
                self._refuse()
        except BaseException:
            self._close()
            if not self.written:
                for path in (*map(part_of, self.paths), journal_of(self.paths[0])):
                    path.unlink(missing_ok=True)
            raise
        self._close()
        for path in reversed(self.paths):  # the first one last: it says that all is done
            part_of(path).replace(path)
        journal_of(self.paths[0]).unlink(missing_ok=True)

    def _close(self) -> None:
        """Cut what is written of a text that is not whole."""
        for stream, size in zip(self._streams, self._sizes, strict=False):
            stream.flush()
            stream.truncate(size)
            os.fsync(stream.fileno())
            stream.close()
