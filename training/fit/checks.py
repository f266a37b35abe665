"""Checks of a run's data: their outcome is kept, so that the next run on the same files need not repeat them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property, partial
from pathlib import Path
from typing import overload

from annotations.document import Document
from annotations.errors import DataError
from annotations.formats.jsonl import find_data, read_sets
from annotations.formats.parquet import is_parquet, parquet_files
from annotations.formats.texts import TextSource
from annotations.io.writing import write_text
from annotations.schema import Schema
from inference.manifest import sha256_of
from training.config import TrainConfig
from training.fit.reading import is_streamed, streamed_train
from training.provenance import json_digest

VERSION = 3  # raise it whenever a check changes, so that data is checked again
_SETS = ("train", "dev", "test")


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of all checks of a run's data."""

    sizes: dict[str, int]  # number of documents by split
    # Ids of the training documents set aside as dev or test data; none if the config names files.
    aside: dict[str, list[str]]
    missing: int  # number of documents left out because their text is not available
    # Digests of examples in the cache, by digest of tokenizer and windows.
    examples: dict[str, str] = field(default_factory=dict)


class LaterDocuments(Sequence[Document]):
    """Documents that are read when the first of them is needed; how many they are is known before."""

    def __init__(self, size: int, read: Callable[[], Sequence[Document]]) -> None:
        self._size, self._read = size, read

    @cached_property
    def _documents(self) -> Sequence[Document]:
        return self._read()

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Document]:
        return iter(self._documents)

    @overload
    def __getitem__(self, index: int) -> Document: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Document]: ...
    def __getitem__(self, index: int | slice) -> Document | Sequence[Document]:
        return self._documents[index]


def files_digest(config: TrainConfig, schema: Schema) -> str | None:
    """SHA-256 of all that the checks depend on: the bytes of data files and texts, the schema, and the split.

    Returns:
        None if a file cannot be read: reading the documents tells what is wrong.
    """
    data = config.data
    try:
        sets = {name: [digest for file in data.files(name) for digest in _file_digests(file)] for name in _SETS}
        texts = [(str(file), sha256_of(file)) for file in TextSource.from_setting(data.articles).files()]
    except (DataError, OSError):
        return None
    split = [data.shares, config.seed] if data.shares else None
    content = json.dumps([VERSION, schema.to_yaml(), sets, texts, split, sorted(data.optional)])
    return hashlib.sha256(content.encode()).hexdigest()


def _file_digests(name: str) -> list[str]:
    path = find_data(name)
    return [sha256_of(file) for file in (parquet_files(path) if is_parquet(path) else [path])]


def load_checked(folder: Path, digest: str | None) -> Checked | None:
    """Return the outcome stored for a digest of files; None if there is none, or it is damaged."""
    if digest is None:
        return None
    try:
        stored = json.loads(_file(folder, digest).read_text(encoding="utf-8"))
        content = stored["checked"]
        whole = stored["files"] == digest and stored["sha256"] == json_digest(content)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Checked(**content) if whole else None


def save_checked(folder: Path, digest: str, checked: Checked) -> None:
    """Store the outcome of the checks of files with a digest."""
    content = asdict(checked)
    stored = {"files": digest, "sha256": json_digest(content), "checked": content}
    write_text(_file(folder, digest), json.dumps(stored))


def _file(folder: Path, digest: str) -> Path:
    return folder / f"checks-{digest[:16]}.json"


def checked_splits(config: TrainConfig, schema: Schema, checked: Checked, digest: str) -> dict[str, Sequence[Document]]:
    """Return the documents of a config that were checked before; each file is read when it is needed, and if it is no
    longer what was checked, reading raises DataError."""
    streamed = is_streamed(config)

    @cache
    def read(name: str) -> Sequence[Document]:
        data = config.data
        documents: Sequence[Document]
        if streamed and name == "train":
            documents = streamed_train(config)
        else:
            documents = read_sets(data.files(name), TextSource.from_setting(data.articles), data.optional)
        if files_digest(config, schema) != digest:
            raise DataError.of("data files have changed since the run began", "start it again")
        return documents

    def part(name: str) -> Sequence[Document]:
        if streamed:  # nothing of it is set aside
            return read(name)
        if name in checked.aside:
            own = set(checked.aside[name])
            return [document for document in read("train") if document.id in own]
        aside = {member for ids in checked.aside.values() for member in ids} if name == "train" else ()
        return [document for document in read(name) if document.id not in aside]

    return {name: LaterDocuments(checked.sizes[name], partial(part, name)) for name in _SETS}
