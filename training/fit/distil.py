"""Distillation: the tags that larger models give, learned by a smaller one (Hinton et al. 2015, "Distilling the
Knowledge in a Neural Network").

Teachers and student may cut words into other sub-words: what is learned from is the probability of each tag of a word,
at its first sub-word, which is also where prediction reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer

from annotations.coverage import NONE, declared
from annotations.document import Document
from annotations.errors import DataError
from annotations.io.json_text import json_lines
from annotations.schema import Schema
from inference.backends import Logits
from inference.decode import softmax
from inference.encoding.subwords import Subwords, split
from inference.encoding.windows import windows
from inference.tagger import Tagger
from inference.windowed import special_tokens
from training.fit.split import near_duplicates

_TOGETHER = 200  # documents that a teacher reads at once
_LENGTH = 16  # hexadecimal digits of the hash in the id of an unannotated text

Probabilities = npt.NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class SoftTags:
    """Tag probabilities of the windows of a dataset, in its order."""

    starts: npt.NDArray[np.int64]  # for each window, the index of its first word; at the end, the number of all words
    # For each word, the index of its first sub-word in the window, special tokens included.
    places: npt.NDArray[np.int16]
    probabilities: Probabilities  # for each word, the probability of each tag, (words, tags)

    def words(self, rows: Sequence[int]) -> int:
        """Return the number of words of some windows."""
        return sum(int(self.starts[row + 1] - self.starts[row]) for row in rows)

    def batch(self, rows: Sequence[int], width: int) -> dict[str, torch.Tensor]:
        """Return `soft`, (words, tags), and `soft_at`, (words), their places in the flattened batch of some windows.

        Args:
            rows: Indices of the windows, in the order of the batch.
            width: Sub-words of a row of the batch, with padding.
        """
        parts = [slice(int(self.starts[row]), int(self.starts[row + 1])) for row in rows]
        places = [self.places[part].astype(np.int64) + number * width for number, part in enumerate(parts)]
        soft = np.concatenate([self.probabilities[part] for part in parts])
        return {"soft": torch.from_numpy(soft), "soft_at": torch.from_numpy(np.concatenate(places))}


def soft_loss(logits: torch.Tensor, soft: torch.Tensor, at: torch.Tensor, among: int | None = None) -> torch.Tensor:
    """Return the mean cross-entropy between the teachers' and the model's tag probabilities; 0 without words.

    Args:
        logits: (batch, sub-words, tags).
        soft: The teachers' probabilities, (words, tags).
        at: The words' places in the flattened batch, (words).
        among: Number of words in the whole batch, if this is a part of it.
    """
    scores = torch.log_softmax(logits.flatten(0, 1)[at], dim=-1)
    return -(soft.to(scores.dtype) * scores).sum() / max(1, len(at) if among is None else among)


def unannotated(
    paths: Sequence[str], schema: Schema, train: Sequence[Document], apart: Sequence[Document]
) -> list[Document]:
    """Read texts as documents in which no label is marked.

    Args:
        paths: JSON Lines files with a key `text`.
        schema: The label set.
        train: Annotated training documents; their texts are left out, since they are learned from anyway.
        apart: Documents of dev and test; a text that is, or nearly is, one of theirs is left out.

    Returns:
        The documents, each text once, with ids such as `text:1f0c…`.

    Raises:
        DataError: A file is missing, a line is not JSON, or has no text.
    """
    extents = dict.fromkeys(schema.labels, NONE)
    found: dict[str, Document] = {}
    for path in paths:
        for text in _texts(Path(path)):
            document = Document("text", text)
            name = f"text:{document.sha256[:_LENGTH]}"
            found.setdefault(document.sha256, declared(replace(document, id=name), extents))
    known = {document.text.rstrip() for document in train} if found else set()
    documents = [document for document in found.values() if document.text.rstrip() not in known]
    close = _close(documents, apart)
    return [document for number, document in enumerate(documents) if number not in close]


def _texts(path: Path) -> Iterator[str]:
    for line in json_lines(path):
        if line.record is None:
            raise DataError(line.faults)
        text = line.record.get("text")
        if not isinstance(text, str):
            raise DataError.of("has no text", "give each line a key 'text'", str(path), line.number)
        if text.strip():
            yield text


def _close(documents: Sequence[Document], apart: Sequence[Document]) -> set[int]:
    """Return the indices of the documents that are, or nearly are, one of those kept apart."""
    if not documents:
        return set()
    first = len(documents)
    pairs = near_duplicates([*documents, *apart])
    return {one for one, other, _ in pairs if one < first <= other}


def soft_tags(
    teachers: Sequence[Tagger], documents: Sequence[Document], tokenizer: Tokenizer, window: int, overlap: int
) -> SoftTags:
    """Compute the mean tag probabilities of teachers for the windows of documents.

    Args:
        teachers: Taggers with the same label set.
        documents: The documents of a dataset, in its order (`training.fit.examples.build`).
        tokenizer: The student's tokenizer.
        window: Sub-words a window of the student, special tokens included.
        overlap: Sub-words shared by neighbouring windows.

    Raises:
        ValueError: A teacher has other tags.
    """
    if len({teacher.schema.tags for teacher in teachers}) != 1:
        raise ValueError("the teachers have different label sets; name models that were trained with one schema")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    before, after = special_tokens(tokenizer)
    counts, places, probabilities = [0], [], []
    remaining = iter(documents)
    while group := list(islice(remaining, _TOGETHER)):
        read = [teacher.logits(document.text for document in group) for teacher in teachers]
        for number, document in enumerate(group):
            pieces = split(tokenizer, document.text)
            words, mean = _mean(
                pieces, [(found[number], t.temperature) for found, t in zip(read, teachers, strict=True)]
            )
            first = pieces.first[words]
            for part in windows(len(pieces.ids), window - len(before) - len(after), overlap):
                inside = (first >= part.start) & (first < part.end)
                counts.append(int(inside.sum()))
                places.append((first[inside] - part.start + len(before)).astype(np.int16))
                probabilities.append(mean[inside])
    tags = len(teachers[0].schema.tags)
    return SoftTags(
        np.cumsum(counts),
        np.concatenate([np.empty(0, np.int16), *places]),
        np.concatenate([np.empty((0, tags), np.float16), *probabilities]),
    )


def _mean(
    pieces: Subwords, found: Sequence[tuple[tuple[Subwords, Logits], float]]
) -> tuple[npt.NDArray[np.int64], Probabilities]:
    """Return the words that student and teachers all read, and the mean of the teachers' probabilities for them."""
    shared = {start: number for number, start in enumerate(pieces.words[:, 0].tolist())}
    for (theirs, _), _ in found:
        known = set(theirs.words[:, 0].tolist())
        shared = {start: number for start, number in shared.items() if start in known}
    starts = np.asarray(list(shared), dtype=np.int64)
    theirs_at = [
        softmax(logits, temperature)[np.searchsorted(theirs.words[:, 0], starts)]
        for (theirs, logits), temperature in found
    ]
    return np.asarray(list(shared.values()), dtype=np.int64), np.mean(theirs_at, axis=0).astype(np.float16)


def kept(path: Path, make: Callable[[], SoftTags]) -> SoftTags:
    """Return soft tags from a safetensors file, named by what they depend on; make and store them if it is missing or
    damaged."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file, save_file

    try:
        return SoftTags(**load_file(path))
    except (OSError, SafetensorError, TypeError):
        made = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".partial")
    save_file({name: getattr(made, name) for name in made.__slots__}, temporary)
    temporary.replace(path)
    return made
