"""Documents, labels, and where gold data comes from.

This package does not depend on models; the other two packages build on it.
"""

from annotations.document import Document, Event, Span
from annotations.errors import DataError, Fault
from annotations.formats.jsonl import read_documents, write_documents
from annotations.schema import Schema, load_schema

__all__ = [
    "DataError",
    "Document",
    "Event",
    "Fault",
    "Schema",
    "Span",
    "load_schema",
    "read_documents",
    "write_documents",
]
