"""What every importer gives back, and what it must say of its source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from annotations.coverage import KEY, NONE, annotation_faults
from annotations.document import Document
from annotations.errors import DataError
from annotations.io.json_text import to_json
from annotations.io.writing import replacing
from annotations.schema import Schema, load_schema

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
        read: Reads a file or a folder; a format that holds labels of any schema is given the schema as well.
        any_schema: Whether it is such a format.
    """

    name: str
    summary: str
    coverage: Mapping[str, str]
    read: Callable[..., Imported]
    any_schema: bool = False

    def load(self, path: Path, schema: Schema) -> Imported:
        """Read a file or a folder for a label set.

        The labels that a corpus annotates are those of the shipped schema `events`. Of a label that another schema has
        besides, its documents say that they do not annotate it.

        Raises:
            DataError: It cannot be read, or it has labels, types or roles that the schema does not know.
        """
        if self.any_schema:
            return self.read(path, schema)
        imported = self.read(path)
        unknown = {label: NONE for label in schema.labels if label not in load_schema().labels}
        documents = tuple(_declared(document, unknown) for document in imported.documents)
        faults = [fault for document in documents for fault in annotation_faults(document, schema)]
        if faults:
            raise DataError(faults)
        return replace(imported, documents=documents)


def _declared(document: Document, unknown: Mapping[str, str]) -> Document:
    """Return the document with labels that its source does not know in its statement of coverage."""
    if not unknown:
        return document
    return replace(document, meta={**document.meta, KEY: {**document.meta.get(KEY, {}), **unknown}})


def write_losses(path: Path, losses: Iterable[Loss]) -> None:
    """Write losses as JSON Lines, sorted by document, replacing the file in one step."""
    with replacing(path) as stream:
        for loss in sorted(losses, key=lambda loss: (loss.document, loss.kind, loss.value)):
            stream.write(to_json(asdict(loss), loss.document) + "\n")
