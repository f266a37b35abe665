"""Pulled annotations in a folder: one data file for each annotator, and no local work lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import regex

from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.files import write_text
from annotations.store import read_documents, write_documents

_STATE = ".pulled.json"  # digest of each document as it was pulled last, by annotator and id


@dataclass(slots=True)
class Saved:
    """What became of pulled documents, as (annotator, document id).

    Args:
        new: Were not in the folder.
        updated: Changed on the server since the last pull.
        unchanged: Are the same in both places.
        kept: Changed in the folder only; the folder's stays.
        conflicts: Changed in both; the folder's stays, unless it was to be overwritten.
    """

    new: list[tuple[str, str]] = field(default_factory=list)
    updated: list[tuple[str, str]] = field(default_factory=list)
    unchanged: list[tuple[str, str]] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)
    conflicts: list[tuple[str, str]] = field(default_factory=list)


def save(by_annotator: Mapping[str, Sequence[Document]], folder: Path, *, overwrite: bool = False) -> Saved:
    """Write pulled documents to `<annotator>.jsonl` files, leaving newer local work alone.

    Args:
        by_annotator: Documents by annotator.
        folder: Where the files are; made where it is not there.
        overwrite: Let the server's version win where a document was changed in the folder.

    Returns:
        What was written and what was left.

    Raises:
        DataError: A file in the folder cannot be read; nothing is written then.
    """
    state = _read_state(folder / _STATE)
    saved = Saved()
    files: dict[Path, list[Document]] = {}
    for annotator, documents in by_annotator.items():
        path = folder / f"{file_name(annotator)}.jsonl"
        local = {document.id: document for document in (read_documents(path) if path.is_file() else ())}
        known = state.setdefault(annotator, {})
        for document in documents:
            if _decide(annotator, document, local.get(document.id), known.get(document.id), overwrite, saved):
                local[document.id] = document
                known[document.id] = digest(document)
        files[path] = list(local.values())
    for path, documents in files.items():
        write_documents(path, documents)
    write_text(folder / _STATE, json.dumps(state, indent=1, sort_keys=True) + "\n")
    return saved


def _decide(
    annotator: str, remote: Document, local: Document | None, base: str | None, overwrite: bool, saved: Saved
) -> bool:
    """Sort one document; tell whether the server's version is to be written."""
    name = (annotator, remote.id)
    if local is None:
        saved.new.append(name)
        return True
    if digest(local) == digest(remote):
        saved.unchanged.append(name)
        return True
    if digest(local) == base:
        saved.updated.append(name)
        return True
    (saved.kept if digest(remote) == base else saved.conflicts).append(name)
    return overwrite


def digest(document: Document) -> str:
    """Return the SHA-256 of everything a document holds."""
    plain = json.dumps(document.to_dict(), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode("utf-8")).hexdigest()


def file_name(annotator: str) -> str:
    """Return the annotator's name as a file may be called.

    Example:
        >>> file_name("a.b@example.org/x")
        'a.b@example.org_x'
    """
    return str(regex.sub(r"[^\w.@+-]|^\.", "_", annotator))


def _read_state(path: Path) -> dict[str, dict[str, str]]:
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        fault = Fault(f"cannot be read: {error}", "delete it; local changes then count as newer", file=str(path))
        raise DataError([fault]) from None
