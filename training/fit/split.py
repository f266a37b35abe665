"""Splits: by document, near-duplicates on one side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from annotations.document import Document
from annotations.errors import DataError, Fault

NEAR_DUPLICATE = 0.6  # cosine of two documents' character n-grams from which they count as one text twice
_NGRAMS = (4, 5)
_SHINGLE = 3  # words in a row
_WORD = r"\w+"
_ALL_PAIRS = 2000  # documents up to which every pair is compared
_RARE_NGRAM = 200  # documents up to which an n-gram makes them candidates; without a limit, time would be quadratic
_RARE_SHINGLE = 2000  # the same of words in a row, of which few are so common
_CANDIDATE = 0.1  # cosine of rare n-grams and shingles from which a pair is compared; near-duplicates have far more
_BLOCK = 256  # documents compared with all others at once
_CHUNK = 10_000  # pairs compared at once


def near_duplicates(documents: Sequence[Document]) -> list[tuple[int, int, float]]:
    """Find pairs of documents with nearly the same text.

    Up to `_ALL_PAIRS` documents, every pair is compared. Of more, those pairs are compared that share rare n-grams or
    rare runs of words, so that time grows with the number of documents. A pair may then be missed whose common words
    all stand in more than `_RARE_SHINGLE` documents in the same order.

    Returns:
        (index, index, cosine) of each pair at or above `NEAR_DUPLICATE`, by character 4- and 5-grams weighted by
        tf-idf.
    """
    if len(documents) < 2:  # noqa: PLR2004
        return []
    texts = [document.text for document in documents]
    matrix = _weights(texts, analyzer="char_wb", ngram_range=_NGRAMS)
    if matrix is None:
        return []
    if len(texts) <= _ALL_PAIRS:
        return sorted(pair for block in _close(matrix, NEAR_DUPLICATE) for pair in zip(*block, strict=True))
    found = []
    for rows, columns, _ in _close(_rare(texts, matrix), _CANDIDATE):
        for start in range(0, len(rows), _CHUNK):
            first, second = rows[start : start + _CHUNK], columns[start : start + _CHUNK]
            cosines = np.asarray(matrix[first].multiply(matrix[second]).sum(axis=1)).ravel().tolist()
            pairs = zip(first, second, cosines, strict=True)
            found += [pair for pair in pairs if pair[2] >= NEAR_DUPLICATE]
    return sorted(found)


def _weights(texts: Sequence[str], **settings: Any) -> Any:
    """Return a matrix of texts and tf-idf weights, rows of length 1; None if no text has a word."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    try:
        return TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **settings).fit_transform(texts)
    except ValueError:
        return None


def _rare(texts: Sequence[str], matrix: Any) -> Any:
    """Return weights of what two texts or more share, and not too many: n-grams, and runs of words."""
    from scipy.sparse import hstack
    from sklearn.preprocessing import normalize

    frequency = np.bincount(matrix.indices, minlength=matrix.shape[1])
    ngrams = matrix[:, np.flatnonzero((frequency >= 2) & (frequency <= _RARE_NGRAM))]  # noqa: PLR2004
    most = min(_RARE_SHINGLE, len(texts))
    runs = _weights(texts, ngram_range=(_SHINGLE, _SHINGLE), token_pattern=_WORD, min_df=2, max_df=most)
    parts = [normalize(part) for part in (ngrams, runs) if part is not None and part.shape[1]]
    return normalize(hstack(parts, format="csr")) if parts else matrix[:, :0]


def _close(matrix: Any, least: float) -> Iterator[tuple[list[int], list[int], list[float]]]:
    """Yield the pairs of rows with at least a cosine, as lists of the first, of the second, and of cosines."""
    turned = matrix.T.tocsr()
    for start in range(0, matrix.shape[0], _BLOCK):
        block = (matrix[start : start + _BLOCK] @ turned).tocoo()
        rows = block.row + start
        kept = (rows < block.col) & (block.data >= least)
        yield rows[kept].tolist(), block.col[kept].tolist(), block.data[kept].tolist()


def duplicate_groups(documents: Sequence[Document]) -> list[int]:
    """Return a group number for each document; near-duplicates, directly or over others, share one."""
    group = list(range(len(documents)))
    members = [[number] for number in group]
    for first, second, _ in near_duplicates(documents):
        old, new = group[second], group[first]
        if old != new:
            for member in members[old]:
                group[member] = new
            members[new] += members[old]
            members[old] = []
    return group


def set_aside(documents: Sequence[Document], share: float, seed: int) -> tuple[list[Document], list[Document]]:
    """Split documents in two, near-duplicates staying together; the share to set aside is that of their number.

    Returns:
        The documents kept and the ones set aside, each in the order given. Neither is empty.

    Raises:
        DataError: There are too few documents that differ.
    """
    group = duplicate_groups(documents)
    order = np.random.default_rng(seed).permutation(sorted(set(group))).tolist()
    wanted = max(1, round(share * len(documents)))
    sizes = Counter(group)
    chosen: set[int] = set()
    count = 0
    while order and count < wanted:
        member = order.pop()
        chosen.add(member)
        count += sizes[member]
    kept = [d for d, member in zip(documents, group, strict=True) if member not in chosen]
    aside = [d for d, member in zip(documents, group, strict=True) if member in chosen]
    if not kept or not aside:
        raise DataError.of(
            f"{len(documents)} documents cannot be split", "add documents that differ, or name dev files"
        )
    return kept, aside


def check_apart(splits: Mapping[str, Sequence[Document]]) -> None:
    """Refuse splits, documents by name, that share a document or nearly the same text.

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
    DataError.check(faults)
