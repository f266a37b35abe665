"""Pulled annotations in a folder: one data file per annotator; local changes are kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import regex

from annotations.document import Document
from annotations.errors import DataError
from annotations.formats.jsonl import read_documents, write_documents
from annotations.io.json_text import read_json
from annotations.io.writing import write_text

STATE = ".pulled.json"  # origin, and digest of each document at the last pull, by annotator and id


@dataclass(slots=True)
class Saved:
    """The result of a pull, as lists of (annotator, document id)."""

    new: list[tuple[str, str]] = field(default_factory=list)  # not in the folder before
    updated: list[tuple[str, str]] = field(default_factory=list)  # changed on the server since the last pull
    unchanged: list[tuple[str, str]] = field(default_factory=list)  # the same in both places
    # Changed in the folder only; the local version is kept unless `overwrite` is set.
    kept: list[tuple[str, str]] = field(default_factory=list)
    # Changed in both places; the local version is kept unless `overwrite` is set.
    conflicts: list[tuple[str, str]] = field(default_factory=list)
    # Pulled before, but no longer on the server; they stay in the folder.
    gone: list[tuple[str, str]] = field(default_factory=list)


def save(
    by_annotator: Mapping[str, Sequence[Document]], folder: Path, origin: str, *, overwrite: bool = False
) -> Saved:
    """Write pulled documents to `<annotator>.jsonl` files, keeping local changes.

    Args:
        by_annotator: Documents by annotator.
        folder: Folder of the files; created if it does not exist.
        origin: Server and project; a folder belongs to one project.
        overwrite: Use the server's version of documents that were changed in the folder.

    Returns:
        What was written and what was kept.

    Raises:
        DataError: A file in the folder cannot be read, the folder belongs to another project, or two annotators would
            have the same file name; nothing is written then.
    """
    state = _read_state(folder / STATE, origin)
    _check_names([*state, *by_annotator])
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
    pulled = {(annotator, document.id) for annotator, documents in by_annotator.items() for document in documents}
    saved.gone = sorted({(annotator, name) for annotator, known in state.items() for name in known} - pulled)
    for path, documents in files.items():
        write_documents(path, documents)
    kept = {"origin": origin, "annotators": state}
    write_text(folder / STATE, json.dumps(kept, indent=1, sort_keys=True) + "\n")
    return saved


def _check_names(annotators: Sequence[str]) -> None:
    names: dict[str, str] = {}
    for annotator in annotators:
        other = names.setdefault(file_name(annotator), annotator)
        if other != annotator:
            problem = f"annotators {other!r} and {annotator!r} would share a file"
            raise DataError.of(problem, "rename one on the server", file=file_name(annotator))


def pulled_files(folder: Path) -> list[Path] | None:
    """Return the annotators' files in a folder written by `annotate pull`; None for other folders."""
    state = folder / STATE
    if not state.is_file():
        return None
    _, annotators = _parse(state)
    return [path for name in sorted(annotators) if (path := folder / f"{file_name(name)}.jsonl").is_file()]


def _decide(
    annotator: str, remote: Document, local: Document | None, base: str | None, overwrite: bool, saved: Saved
) -> bool:
    """Classify one document; return whether to write the server's version."""
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
    """Return the SHA-256 of a document with its text, spans, events and meta."""
    plain = json.dumps(document.to_dict(), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode("utf-8")).hexdigest()


def file_name(annotator: str) -> str:
    """Return an annotator's name as a valid file name.

    Example:
        >>> file_name("a.b@example.org/x")
        'a.b@example.org_x'
    """
    return str(regex.sub(r"[^\w.@+-]|^\.", "_", annotator))


def _read_state(path: Path, origin: str) -> dict[str, dict[str, str]]:
    if not path.is_file():
        return {}
    kept, state = _parse(path)
    if kept != origin:
        problem = f"was pulled from {kept}, not from {origin}"
        raise DataError.of(problem, "pull into another folder", file=str(path.parent))
    return state


def _parse(path: Path) -> tuple[str, dict[str, dict[str, str]]]:
    remedy = "delete it; local changes then count as newer"
    try:
        kept = read_json(path)
        return str(kept["origin"]), {str(name): dict(known) for name, known in kept["annotators"].items()}
    except DataError as error:
        raise DataError([replace(fault, remedy=remedy) for fault in error.faults]) from None
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DataError.of(f"cannot be read: {error}", remedy, file=str(path)) from None
