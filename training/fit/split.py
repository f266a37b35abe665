"""Splits: by document, near-duplicates on one side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from annotations.document import Document
from annotations.errors import DataError, Fault

NEAR_DUPLICATE = 0.6  # cosine of two documents' character n-grams from which they count as one text twice
_NGRAMS = (4, 5)


def near_duplicates(documents: Sequence[Document]) -> list[tuple[int, int, float]]:
    """Find pairs of documents with nearly the same text.

    Args:
        documents: Any documents.

    Returns:
        (index, index, cosine) of each pair at or above `NEAR_DUPLICATE`, by character 4- and 5-grams weighted by
        tf-idf.
    """
    if len(documents) < 2:  # noqa: PLR2004
        return []
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=_NGRAMS, sublinear_tf=True, dtype=np.float32)
    try:
        matrix = vectorizer.fit_transform([document.text for document in documents])
    except ValueError:  # no document has a word
        return []
    found = []
    for start in range(0, len(documents), 256):
        block = (matrix[start : start + 256] @ matrix.T).tocoo()
        for row, column, value in zip(block.row, block.col, block.data, strict=True):
            if start + row < column and value >= NEAR_DUPLICATE:
                found.append((int(start + row), int(column), float(value)))
    return sorted(found)


def duplicate_groups(documents: Sequence[Document]) -> list[int]:
    """Return a group number for each document; near-duplicates, directly or over others, share one."""
    group = list(range(len(documents)))
    for first, second, _ in near_duplicates(documents):
        old, new = group[second], group[first]
        group = [new if member == old else member for member in group]
    return group


def set_aside(documents: Sequence[Document], share: float, seed: int) -> tuple[list[Document], list[Document]]:
    """Split documents in two, near-duplicates staying together.

    Args:
        documents: All documents.
        share: Share to set aside, by number of documents.
        seed: Seed of the choice.

    Returns:
        The documents kept and the ones set aside, each in the order given. Neither is empty.

    Raises:
        DataError: There are too few documents that differ.
    """
    group = duplicate_groups(documents)
    order = np.random.default_rng(seed).permutation(sorted(set(group))).tolist()
    wanted = max(1, round(share * len(documents)))
    chosen: set[int] = set()
    while order and sum(member in chosen for member in group) < wanted:
        chosen.add(order.pop())
    kept = [d for d, member in zip(documents, group, strict=True) if member not in chosen]
    aside = [d for d, member in zip(documents, group, strict=True) if member in chosen]
    if not kept or not aside:
        raise DataError(
            [Fault(f"{len(documents)} documents cannot be split", "add documents that differ, or name dev files")]
        )
    return kept, aside


def check_apart(splits: Mapping[str, Sequence[Document]]) -> None:
    """Refuse splits that share a document or nearly the same text.

    Args:
        splits: Documents by name of the split.

    Raises:
        DataError: With every pair that stands on two sides.
    """
    documents = [document for split in splits.values() for document in split]
    sides = [name for name, split in splits.items() for _ in split]
    faults = []
    homes: dict[str, str] = {}
    for document, side in zip(documents, sides, strict=True):
        if homes.setdefault(document.id, side) != side:
            faults.append(Fault(f"stands in {homes[document.id]} and {side}", "keep it in one", document=document.id))
    for first, second, value in near_duplicates(documents):
        if sides[first] != sides[second]:
            other = f"{documents[second].id!r} in {sides[second]}"
            problem = f"in {sides[first]} is nearly the text of {other} (cosine {value:.2f})"
            faults.append(Fault(problem, "put both on one side", document=documents[first].id))
    if faults:
        raise DataError(faults)
