"""Examples: documents as windows of sub-words and tags."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from annotations.coverage import exhaustive
from annotations.document import Document
from annotations.io.writing import write_text
from annotations.schema import Schema
from inference.encoding.subwords import Subwords, split
from inference.encoding.windows import Window, windows
from inference.manifest import sha256_of
from inference.tagger import special_tokens

IGNORED = -100  # the tag id that torch's cross-entropy leaves out
HASHES = "hashes.json"  # of the files of a built data set
VERSION = 2  # counted up when examples of the same documents would come out otherwise


@dataclass(slots=True)
class Losses:
    """Gold spans that no example teaches in full.

    Args:
        total: Spans in the documents.
        unaligned: (document id, span id) of spans whose edges are not word edges for the tokenizer.
        cut: (document id, span id) of spans that fit in no single window.
        overlapping: (document id, span id) of spans that overlap one before them.
    """

    total: int = 0
    unaligned: list[tuple[str, str]] = field(default_factory=list)
    cut: list[tuple[str, str]] = field(default_factory=list)
    overlapping: list[tuple[str, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Spans lost for any reason."""
        return len(self.unaligned) + len(self.cut) + len(self.overlapping)

    def to_dict(self) -> dict[str, Any]:
        """Return counts, and the ids of what was lost."""
        return {"total": self.total, "lost": self.count} | {
            key: [list(pair) for pair in getattr(self, key)] for key in ("unaligned", "cut", "overlapping")
        }


def build(
    documents: Sequence[Document], tokenizer: Tokenizer, schema: Schema, window: int, overlap: int, cache: Path
) -> tuple[Any, Losses]:
    """Cut documents into windows, as a memory-mapped data set that is built once, and again where it was damaged.

    Args:
        documents: Annotated documents.
        tokenizer: The encoder's tokenizer.
        schema: The label set.
        window: Sub-words a window, special tokens included.
        overlap: Sub-words shared by neighbouring windows.
        cache: Folder of built data sets.

    Returns:
        A `datasets.Dataset` with columns `document` (id), `input_ids`, `labels` (tag ids, -100 at special tokens) and
        `possible` (ids of the tags that an unmarked sub-word of the document may have, O first), and the spans that
        were lost.
    """
    from datasets import Dataset, Features, List, Value

    losses = Losses()
    rows = list(_rows(documents, tokenizer, schema, window, overlap, losses))
    digest = _digest(rows)
    folder = cache / digest[:16]
    if folder.is_dir() and not _whole(folder, digest):
        shutil.rmtree(folder)
    if not folder.is_dir():
        features = Features(
            {"document": Value("string"), **dict.fromkeys(("input_ids", "labels", "possible"), List(Value("int32")))}
        )
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=f"{folder.name}.") as temporary:
            made = Path(temporary) / "made"
            Dataset.from_list(rows, features=features).save_to_disk(str(made))
            files = {path.name: sha256_of(path) for path in sorted(made.iterdir())}
            write_text(made / HASHES, json.dumps({"digest": digest, "files": files}))
            try:
                made.rename(folder)
            except OSError:
                if not folder.is_dir():  # else another run was faster, with the same content
                    raise
    return Dataset.load_from_disk(str(folder)), losses


def _digest(rows: Sequence[dict[str, Any]]) -> str:
    hasher = hashlib.sha256(str(VERSION).encode())
    for row in rows:
        hasher.update(json.dumps(row).encode())
    return hasher.hexdigest()


def _whole(folder: Path, digest: str) -> bool:
    """Tell whether a built data set is as it was written; Arrow maps its bytes into memory and trusts them."""
    try:
        content = json.loads((folder / HASHES).read_text(encoding="utf-8"))
        files = {path.name: sha256_of(path) for path in folder.iterdir() if path.name != HASHES}
    except (OSError, ValueError):
        return False
    return bool(content == {"digest": digest, "files": files})


def _rows(
    documents: Sequence[Document], tokenizer: Tokenizer, schema: Schema, window: int, overlap: int, losses: Losses
) -> Iterator[dict[str, Any]]:
    tokenizer.no_truncation()
    tokenizer.no_padding()
    before, after = special_tokens(tokenizer)
    size = window - len(before) - len(after)
    for document in documents:
        pieces = split(tokenizer, document.text)
        parts = windows(len(pieces.ids), size, overlap)
        tags = tag(document, pieces, schema, parts, losses)
        possible = possible_tags(document, schema)
        for part in parts:
            yield {
                "document": document.id,
                "input_ids": [*before, *pieces.ids[part.start : part.end].tolist(), *after],
                "labels": [IGNORED] * len(before) + tags[part.start : part.end] + [IGNORED] * len(after),
                "possible": possible,
            }


def lost_spans(
    documents: Sequence[Document], tokenizer: Tokenizer, schema: Schema, window: int, overlap: int
) -> Losses:
    """Return the gold spans that windows of a size would lose.

    Args:
        documents: Annotated documents.
        tokenizer: The encoder's tokenizer.
        schema: The label set.
        window: Sub-words a window, special tokens included.
        overlap: Sub-words shared by neighbouring windows.
    """
    losses = Losses()
    for _ in _rows(documents, tokenizer, schema, window, overlap, losses):
        pass
    return losses


def possible_tags(document: Document, schema: Schema) -> list[int]:
    """Return the ids of the tags that an unmarked sub-word may have: O, and tags of labels not marked exhaustively.

    Example:
        >>> from annotations import load_schema
        >>> possible_tags(Document("d1", "Quiet."), load_schema())
        [0]
    """
    sure = exhaustive(document, schema)
    return [number for number, label in enumerate(schema.tag_labels) if number == 0 or label not in sure]


def tag(document: Document, pieces: Subwords, schema: Schema, parts: Sequence[Window], losses: Losses) -> list[int]:
    """Give every sub-word its tag.

    The first sub-word of a span has B-, its others I-. Prediction reads the first sub-word of each word only; the
    others are taught too, so that the checkpoint also works in a plain token-classification pipeline.

    Args:
        document: The document.
        pieces: Its text in sub-words.
        schema: The label set.
        parts: The windows, to tell which spans fit in none.
        losses: Filled with what is lost.

    Returns:
        A tag id for each sub-word.
    """
    tags = [0] * len(pieces.ids)
    starts = {start: index for index, start in enumerate(pieces.words[:, 0].tolist())}
    ends = {end: index for index, end in enumerate(pieces.words[:, 1].tolist())}
    reached = 0
    for span in document.spans:
        losses.total += 1
        if span.start not in starts or span.end not in ends:
            losses.unaligned.append((document.id, span.id))
            continue
        first = int(pieces.first[starts[span.start]])
        following = ends[span.end] + 1
        last = int(pieces.first[following]) if following < len(pieces.first) else len(pieces.ids)
        if first < reached:
            losses.overlapping.append((document.id, span.id))
            continue
        if not any(part.start <= first and last <= part.end for part in parts):
            losses.cut.append((document.id, span.id))
        reached = last
        begin = schema.begin_tags[span.label, span.type]
        tags[first:last] = [begin] + [begin + 1] * (last - first - 1)
    return tags
