"""Examples: documents as windows of sub-words and tags."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from annotations.coverage import KEY, exhaustive
from annotations.document import Document
from annotations.io.writing import write_text
from annotations.schema import Schema
from inference.encoding.subwords import Subwords, split
from inference.encoding.windows import Window, windows
from inference.manifest import sha256_of
from inference.windowed import special_tokens

IGNORED = -100  # the tag id that torch's cross-entropy leaves out
HASHES = "hashes.json"  # of the files of a built dataset
LOSSES = "losses.json"  # beside its rows
VERSION = 3  # raise it whenever the same documents would give other examples
_MANY = 5000  # documents from which several processes are faster than one
_BATCH = 250  # documents cut at once by a process
_REASONS = ("unaligned", "cut", "overlapping")


@dataclass(slots=True)
class Losses:
    """Gold spans that no example teaches in full."""

    total: int = 0  # spans in the documents
    # (document id, span id) of spans whose edges are not word edges for the tokenizer.
    unaligned: list[tuple[str, str]] = field(default_factory=list)
    # (document id, span id) of spans that fit in no single window.
    cut: list[tuple[str, str]] = field(default_factory=list)
    # (document id, span id) of spans that overlap one before them.
    overlapping: list[tuple[str, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Spans lost for any reason."""
        return len(self.unaligned) + len(self.cut) + len(self.overlapping)

    def to_dict(self) -> dict[str, Any]:
        """Return counts, and the ids of what was lost."""
        return {"total": self.total, "lost": self.count} | {
            key: [list(pair) for pair in getattr(self, key)] for key in _REASONS
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Losses:
        """Return what `to_dict` wrote down."""
        return cls(content["total"], *([(d, s) for d, s in content[reason]] for reason in _REASONS))

    def add(self, other: Losses) -> None:
        """Add the losses of further documents."""
        self.total += other.total
        for reason in _REASONS:
            getattr(self, reason).extend(getattr(other, reason))


def build(
    documents: Sequence[Document],
    tokenizer: Tokenizer,
    schema: Schema,
    window: int,
    overlap: int,
    cache: Path,
    digest: str | None = None,
) -> tuple[Any, Losses]:
    """Cut documents into windows, as a memory-mapped dataset that is built once, and again if it is damaged.

    Args:
        documents: Annotated documents.
        tokenizer: The encoder's tokenizer.
        schema: The label set.
        window: Sub-words a window, special tokens included.
        overlap: Sub-words shared by neighbouring windows.
        cache: Folder of built datasets.
        digest: What `examples_digest` returns, if it is known: then the documents are read only if rows are to be made.

    Returns:
        A `datasets.Dataset` with columns `document` (id), `input_ids`, `labels` (tag ids, -100 at special tokens) and
        `possible` (ids of the tags that an unmarked sub-word of the document may have, O first), and the spans that
        were lost.
    """
    from datasets import Dataset

    digest = digest or examples_digest(documents, tokenizer, schema, window, overlap)
    folder = cache / digest[:16]
    if folder.is_dir() and not _whole(folder, digest):
        shutil.rmtree(folder)
    if not folder.is_dir():
        settings = {"tokenizer": tokenizer, "schema": schema, "window": window, "overlap": overlap}
        _build(folder, digest, documents, settings)
    losses = Losses.from_dict(json.loads((folder / LOSSES).read_text(encoding="utf-8")))
    return Dataset.load_from_disk(str(folder)), losses


def lengths(examples: Any) -> list[int]:
    """Return the number of sub-words of each window; no window is read for it."""
    from pyarrow.compute import list_value_length

    return [int(length) for length in list_value_length(examples.data.column("input_ids")).to_pylist()]


def examples_digest(
    documents: Iterable[Document], tokenizer: Tokenizer, schema: Schema, window: int, overlap: int
) -> str:
    """SHA-256 of all that decides the rows: what the documents say, tokenizer, schema and windows."""
    _unbound(tokenizer)
    settings = [VERSION, tokenizer.to_str(), schema.to_yaml(), window, overlap]
    hasher = hashlib.sha256(json.dumps(settings).encode())
    for document in documents:
        hasher.update(_record(document).encode() + b"\n")
    return hasher.hexdigest()


def _build(folder: Path, digest: str, documents: Sequence[Document], settings: Mapping[str, Any]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}.") as temporary:
        made, scratch = Path(temporary) / "made", Path(temporary) / "scratch"
        rows, losses = _cut(documents, digest, settings, scratch)
        rows.save_to_disk(str(made))
        write_text(made / LOSSES, json.dumps(losses.to_dict()))
        files = {path.name: sha256_of(path) for path in sorted(made.iterdir())}
        write_text(made / HASHES, json.dumps({"digest": digest, "files": files}))
        try:
            made.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another run was faster, with the same content
                raise


def _cut(documents: Sequence[Document], digest: str, settings: Mapping[str, Any], scratch: Path) -> tuple[Any, Losses]:
    """Cut documents into windows, in parallel if there are many; documents and rows are kept on disk."""
    from datasets import Dataset, Features, List, Value

    columns: dict[str, Any] = dict.fromkeys(("input_ids", "labels", "possible"), List(Value("int32")))
    features = Features({"document": Value("string"), **columns})
    records = Dataset.from_generator(
        lambda: ({"record": _record(document)} for document in documents),
        features=Features({"record": Value("string")}),
        cache_dir=str(scratch / "records"),
        fingerprint=digest[:16],  # by default all documents are pickled and hashed once more
    )
    folder = scratch / "losses"
    folder.mkdir()
    rows = records.map(
        _batch,
        batched=True,
        batch_size=_BATCH,
        with_indices=True,
        remove_columns=["record"],
        features=features,
        fn_kwargs={**settings, "folder": folder},
        num_proc=(os.cpu_count() or 1) if len(documents) >= _MANY else None,
        cache_file_name=str(scratch / "rows.arrow"),
        new_fingerprint=f"{digest[:16]}-rows",
    )
    losses = Losses()
    for path in sorted(folder.iterdir()):  # named so that they sort by document
        losses.add(Losses.from_dict(json.loads(path.read_text(encoding="utf-8"))))
    return rows, losses


def _batch(batch: Mapping[str, list[str]], indices: Sequence[int], folder: Path, **settings: Any) -> dict[str, Any]:
    """Return the rows of some records, and write down their losses: a document without sub-words has no row."""
    losses = Losses()
    documents = [Document.from_dict(json.loads(record)) for record in batch["record"]]
    rows = list(_rows(documents, losses=losses, **settings))
    (folder / f"{indices[0]:012}.json").write_text(json.dumps(losses.to_dict()), encoding="utf-8")
    return {key: [row[key] for row in rows] for key in ("document", "input_ids", "labels", "possible")}


def _record(document: Document) -> str:
    """Return what of a document decides its rows."""
    meta = {KEY: document.meta[KEY]} if KEY in document.meta else {}
    spans = [span.to_dict() for span in document.spans]
    return json.dumps({"id": document.id, "text": document.text, "spans": spans, "meta": meta})


def _whole(folder: Path, digest: str) -> bool:
    """Whether a built dataset is as it was written; Arrow maps its bytes into memory and trusts them."""
    try:
        content = json.loads((folder / HASHES).read_text(encoding="utf-8"))
        files = {path.name: sha256_of(path) for path in folder.iterdir() if path.name != HASHES}
    except (OSError, ValueError):
        return False
    return bool(content == {"digest": digest, "files": files})


def _unbound(tokenizer: Tokenizer) -> None:
    tokenizer.no_truncation()
    tokenizer.no_padding()


def _rows(
    documents: Sequence[Document], tokenizer: Tokenizer, schema: Schema, window: int, overlap: int, losses: Losses
) -> Iterator[dict[str, Any]]:
    _unbound(tokenizer)
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
    """Return the gold spans that windows of a size would lose; arguments as for `build`."""
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
