"""What every importer returns, and how a source is described."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from annotations.coverage import KEY, NONE, set_faults
from annotations.document import Document
from annotations.errors import DataError
from annotations.io.json_text import to_json
from annotations.io.writing import replacing
from annotations.schema import Schema, load_schema

LOSSES = ".losses.jsonl"  # suffix of a file of losses

shipped_schema = lru_cache(maxsize=1)(load_schema)  # `events`, the schema that the corpora are mapped to


@dataclass(frozen=True, slots=True)
class Loss:
    """A value of a source that was not imported, or only in part."""

    document: str  # document id
    kind: str  # the field it comes from: a slot, a role, a column
    value: str  # the value as the source has it
    reason: str  # why it was not imported, in the same words for every such case, so that they can be counted
    detail: str = ""  # more on this case


@dataclass(frozen=True, slots=True)
class Imported:
    """What an importer read."""

    documents: tuple[Document, ...]  # sound documents with their coverage in their meta
    losses: tuple[Loss, ...] = ()  # everything that was not imported
    # Number of values found in the texts, by kind. With the losses this gives the share found.
    aligned: Mapping[str, int] = field(default_factory=dict)

    @property
    def reasons(self) -> Counter[tuple[str, str]]:
        """Number of losses by kind and reason."""
        return Counter((loss.kind, loss.reason) for loss in self.losses)


@dataclass(frozen=True, slots=True)
class Source:
    """A corpus or format that can be imported."""

    summary: str  # what it is, in a line
    coverage: Mapping[str, str]  # how far it annotates each label: `all`, `some` or `none`; `all` by default
    read: Callable[..., Imported]  # reads a file or a folder; a format for labels of any schema also takes the schema
    any_schema: bool = False  # whether it is such a format

    def load(self, path: Path, schema: Schema) -> Imported:
        """Read a file or a folder for a label set.

        Corpora annotate labels of the shipped schema `events`. Labels that only another schema has are declared as not
        annotated.

        Raises:
            DataError: It cannot be read, or it has labels, types or roles that the schema lacks.
        """
        if self.any_schema:
            return self.read(path, schema)
        imported = self.read(path)
        unknown = {label: NONE for label in schema.labels if label not in shipped_schema().labels}
        documents = tuple(_declared(document, unknown) for document in imported.documents)
        DataError.check(set_faults(documents, schema))
        return replace(imported, documents=documents)


def _declared(document: Document, unknown: Mapping[str, str]) -> Document:
    """Add labels that the source does not know to the coverage of a document."""
    if not unknown:
        return document
    return replace(document, meta={**document.meta, KEY: {**document.meta.get(KEY, {}), **unknown}})


def write_losses(path: Path, losses: Iterable[Loss]) -> None:
    """Write losses as JSON Lines, sorted by document; the file is replaced in one step."""
    with replacing(path) as stream:
        for loss in sorted(losses, key=lambda loss: (loss.document, loss.kind, loss.value)):
            stream.write(to_json(asdict(loss), loss.document) + "\n")
