"""How far each label is annotated in a document.

A source may mark every mention of a label, some of them, or none. Words without a mark say 'no mention' only of labels
that are marked exhaustively: training and scores must know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from annotations.document import Document
from annotations.errors import Fault, nearest
from annotations.schema import Schema

KEY = "coverage"  # of the document's meta: labels that are not annotated exhaustively, with their extent
ALL, SOME, NONE = "all", "some", "none"
EXTENTS = (ALL, SOME, NONE)


def coverage(document: Document, schema: Schema) -> dict[str, str]:
    """Return `all`, `some` or `none` for each label; `all` where the document says nothing.

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
    """Return the labels of which every mention is marked in a document."""
    return frozenset(label for label, extent in coverage(document, schema).items() if extent == ALL)


def declared(document: Document, extents: Mapping[str, str]) -> Document:
    """Return the document with a statement of how far each label is annotated; what is `all` need not be said."""
    stated: dict[str, Any] = {label: extent for label, extent in extents.items() if extent != ALL}
    rest = {key: value for key, value in document.meta.items() if key != KEY}
    return replace(document, meta={**rest, KEY: stated} if stated else rest)


def annotation_faults(document: Document, schema: Schema) -> list[Fault]:
    """Return what a document's annotation does that the schema does not allow, its statement of coverage among it."""
    return [*schema.faults(document), *coverage_faults(document, schema)]


def coverage_faults(document: Document, schema: Schema) -> Iterator[Fault]:
    """Yield what is wrong with a document's statement of its coverage."""
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
            yield Fault(problem, f"say {SOME!r}", document=document.id)
