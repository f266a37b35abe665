"""Krippendorff's alpha on words: chance-corrected agreement of any number of annotators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from annotations.document import Document
from annotations.installed import imported
from annotations.text.words import words

ANY = "all"  # the row over all labels at once


def alphas(annotators: Mapping[str, Mapping[str, Document]], labels: Sequence[str]) -> dict[str, float | None]:
    """Return Krippendorff's alpha for each label, and over all labels at once.

    Every word is a unit; its value is the label of the span that contains it, or none. For a single label the values
    are that label and anything else. All annotators have the same text of a document; one who did not annotate a
    document has no values there (Krippendorff 2011, 'Computing Krippendorff's Alpha-Reliability', nominal data).

    Returns:
        Alpha by label and under `all`: 1 is perfect agreement, 0 is chance; None if all values are equal, as alpha is
        undefined then.

    Raises:
        ImportError: The package `krippendorff` is not installed.

    Example:
        >>> from annotations import Span
        >>> one = Document("d1", "Gunmen struck.", [Span("S1", 0, 6, "PERPETRATOR")])
        >>> alphas({"a": {"d1": one}, "b": {"d1": one}}, ["PERPETRATOR"])["PERPETRATOR"]
        1.0
    """
    values = word_labels(annotators, labels)
    table = {label: _alpha(np.where(values < 0, np.nan, values == at)) for at, label in enumerate(labels, start=1)}
    return {**table, ANY: _alpha(np.where(values < 0, np.nan, values))}


def word_labels(annotators: Mapping[str, Mapping[str, Document]], labels: Sequence[str]) -> NDArray[np.int64]:
    """Return the label of each word by each annotator.

    Returns:
        Integers, one row per annotator, one column per word: 0 for none, 1 and up for labels in the order given, -1
        for documents that the annotator did not annotate.
    """
    number = {label: at for at, label in enumerate(labels, start=1)}
    documents = {document.id: document for made in annotators.values() for document in made.values()}
    edges = {name: words(document.text) for name, document in sorted(documents.items())}
    rows = [
        [
            value
            for name, found in edges.items()
            for value in (_document_labels(made[name], found, number) if name in made else [-1] * len(found))
        ]
        for made in annotators.values()
    ]
    return np.array(rows, dtype=np.int64).reshape(len(rows), -1)


def _document_labels(document: Document, edges: Sequence[tuple[int, int]], number: Mapping[str, int]) -> list[int]:
    found = [0] * len(edges)
    at = 0
    for span in document.spans:  # both are sorted
        while at < len(edges) and edges[at][1] <= span.start:
            at += 1
        for index in range(at, len(edges)):
            if edges[index][0] >= span.end:
                break
            found[index] = number.get(span.label, 0)
    return found


def _alpha(values: NDArray[np.float64]) -> float | None:
    krippendorff = imported("krippendorff", "agreement")
    known = values[~np.isnan(values)]
    if len(np.unique(known)) < 2:  # noqa: PLR2004 - agreement on a constant is no evidence
        return None
    paired = (~np.isnan(values)).sum(axis=0) > 1
    if not paired.any() or len(np.unique(values[:, paired][~np.isnan(values[:, paired])])) < 2:  # noqa: PLR2004
        return None
    return float(krippendorff.alpha(reliability_data=values, level_of_measurement="nominal"))
