"""What every importer gives back, and what it must say of its source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from annotations.document import Document
from annotations.files import replacing
from annotations.json_text import to_json

LOSSES = ".losses.jsonl"  # ending of a file of losses


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing in a source that could not be brought over whole.

    Args:
        document: Document id.
        kind: What it was: a slot, a role, a column.
        value: The value as the source has it.
        reason: Why it could not be brought over, in words that stay the same from case to case, so that they can be
            counted.
        detail: More on this case.
    """

    document: str
    kind: str
    value: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an importer read.

    Args:
        documents: Sound documents, each with its coverage declared in its meta.
        losses: Everything that is not in them.
        aligned: How many values were found in the texts, by kind; with the losses this gives the share that was found.
    """

    documents: tuple[Document, ...]
    losses: tuple[Loss, ...] = ()
    aligned: Mapping[str, int] = field(default_factory=dict)

    @property
    def reasons(self) -> Counter[tuple[str, str]]:
        """Number of losses by kind and reason."""
        return Counter((loss.kind, loss.reason) for loss in self.losses)


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of data that can be imported.

    Args:
        name: As the command line calls it.
        summary: What it is, in a line.
        coverage: How far each label is annotated by it: `all`, `some` or `none`; `all` where nothing is said.
        read: Reads a file or a folder.
    """

    name: str
    summary: str
    coverage: Mapping[str, str]
    read: Callable[[Path], Imported]


def write_losses(path: Path, losses: Iterable[Loss]) -> None:
    """Write losses as JSON Lines, sorted by document, replacing the file in one step."""
    with replacing(path) as stream:
        for loss in sorted(losses, key=lambda loss: (loss.document, loss.kind, loss.value)):
            stream.write(to_json(asdict(loss), loss.document) + "\n")
