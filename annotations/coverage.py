"""Coverage: how completely each label is annotated in a document.

A source may mark every mention of a label, some of them, or none. An unmarked word is a negative example only for
labels that are marked exhaustively, so training and scoring need to know the coverage.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from annotations.document import Document
from annotations.errors import Fault, nearest
from annotations.schema import Schema

KEY = "coverage"  # key in a document's meta; maps labels that are not annotated exhaustively to their extent
ALL, SOME, NONE = "all", "some", "none"
EXTENTS = (ALL, SOME, NONE)
_NAMED = 8  # labels that a message names
_SCHEMA_HINT = "name the schema of the data (--schema, or the key schema of a config), or a model that has these labels"


def coverage(document: Document, schema: Schema) -> dict[str, str]:
    """Return `all`, `some` or `none` for each label; `all` if the document does not say.

    Example:
        >>> from annotations import load_schema
        >>> document = Document("d1", "Quiet.", meta={"coverage": {"VICTIM": "some"}})
        >>> found = coverage(document, load_schema())
        >>> found["VICTIM"], found["TOLL"]
        ('some', 'all')
    """
    stated = document.meta.get(KEY)
    stated = stated if isinstance(stated, dict) else {}
    return {label: stated.get(label, ALL) for label in schema.labels}


def exhaustive(document: Document, schema: Schema) -> frozenset[str]:
    """Return the labels whose mentions are all marked in a document."""
    return frozenset(label for label, extent in coverage(document, schema).items() if extent == ALL)


def declared(document: Document, extents: Mapping[str, str]) -> Document:
    """Return the document with its coverage set in `meta`; labels with extent `all` are omitted."""
    stated: dict[str, Any] = {label: extent for label, extent in extents.items() if extent != ALL}
    rest = {key: value for key, value in document.meta.items() if key != KEY}
    return replace(document, meta={**rest, KEY: stated} if stated else rest)


def annotation_faults(document: Document, schema: Schema) -> list[Fault]:
    """Return the faults of a document against a schema, including those of its coverage."""
    return [*schema.faults(document), *coverage_faults(document, schema)]


def set_faults(documents: Iterable[Document], schema: Schema) -> list[Fault]:
    """Return the faults of documents against a schema; a single one if it has none of their labels."""
    given = list(documents)
    foreign = foreign_labels({span.label for document in given for span in document.spans}, schema)
    return foreign or [fault for document in given for fault in annotation_faults(document, schema)]


def foreign_labels(labels: Collection[str], schema: Schema) -> list[Fault]:
    """Return a fault if a schema has none of the labels of a dataset: then it is the wrong schema.

    Example:
        >>> from annotations import load_schema
        >>> [str(fault) for fault in foreign_labels({"FIRM", "TOLL"}, load_schema())]
        []
    """
    if not labels or any(label in schema.labels for label in labels):
        return []
    named, known = (", ".join(sorted(names)[:_NAMED]) for names in (labels, schema.labels))
    problem = f"none of the labels ({named}) is in the schema {schema.name!r} ({known})"
    return [Fault(problem, _SCHEMA_HINT)]


def coverage_faults(document: Document, schema: Schema) -> Iterator[Fault]:
    """Yield the faults of the coverage in a document's meta."""
    stated = document.meta.get(KEY, {})
    if not isinstance(stated, dict):
        yield Fault(f"meta {KEY!r} is {type(stated).__name__}", "map labels to extents", document=document.id)
        return
    for label, extent in stated.items():
        if label not in schema.labels:
            hint = nearest(str(label), schema.labels)
            yield Fault(f"meta {KEY!r} names unknown label {label!r}", hint, document=document.id)
        elif extent not in EXTENTS:
            hint = nearest(str(extent), EXTENTS)
            yield Fault(f"meta {KEY!r} of {label} is {extent!r}", hint, document=document.id)
        elif extent == NONE and any(span.label == label for span in document.spans):
            problem = f"meta {KEY!r} says that no {label} is marked, but some are"
            yield Fault(problem, f"use {SOME!r}", document=document.id)
