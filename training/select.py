"""What to label next: articles that a model is unsure of and that are unlike each other and what is labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.words import words
from inference.decode import softmax
from inference.tagger import Tagger

_SHOWN = 3  # doubtful words named in a reason
_DOUBTFUL = 0.25  # chance to be wrong from which a word is named


@dataclass(frozen=True, slots=True)
class Doubt:
    """How unsure a model is of a document.

    Args:
        rate: Expected share of words with a wrong label, 0 to 1.
        words: The words that it is least sure of: (word, likeliest label, its probability).
    """

    rate: float
    words: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """One document that is worth labelling, and why.

    Args:
        document: The document.
        doubt: What the model is unsure of.
        novelty: One minus the cosine to the nearest document that is labelled or was chosen before; 0 to 1.
        nearest: Id of that document; empty where there is none.
    """

    document: Document
    doubt: Doubt
    novelty: float
    nearest: str

    @property
    def score(self) -> float:
        """Expected share of wrong words times novelty."""
        return self.doubt.rate * self.novelty

    @property
    def reason(self) -> str:
        """Why it was chosen, in a sentence."""
        unsure = ", ".join(f"{word!r} ({label} {share:.2f})" for word, label, share in self.doubt.words)
        near = f"{1 - self.novelty:.2f} like {self.nearest}" if self.nearest else "like nothing labelled"
        doubtful = f"; least sure of {unsure}" if unsure else ""
        return f"{100 * self.doubt.rate:.1f} of 100 words expected wrong{doubtful}; {near}"

    def to_dict(self) -> dict[str, Any]:
        """Return id, score and reason as plain values."""
        return {
            "id": self.document.id,
            "score": round(self.score, 5),
            "expected_wrong": round(self.doubt.rate, 5),
            "novelty": round(self.novelty, 4),
            "nearest": self.nearest,
            "reason": self.reason,
        }


def doubts(model: Tagger, documents: Sequence[Document]) -> list[Doubt]:
    """Return how unsure a model is of each document.

    A word is expected to be wrong with one minus the probability of its likeliest label, all tags of a label summed
    (least confidence; Settles 2009, 'Active Learning Literature Survey', section 3.1); the mean over words is free of a
    document's length.

    Args:
        model: The model.
        documents: Documents; their spans are not looked at.
    """
    labels, columns = _columns(model)
    found = []
    for document, (pieces, logits) in zip(documents, model.logits([d.text for d in documents]), strict=True):
        probabilities = softmax(logits[np.asarray(pieces.first, dtype=np.int64)], model.temperature) @ columns
        wrong = 1 - probabilities.max(axis=1) if len(probabilities) else np.zeros(0)
        order = [int(i) for i in np.argsort(-wrong, kind="stable")[:_SHOWN] if wrong[i] >= _DOUBTFUL]
        words = tuple(
            (
                document.text[slice(*pieces.words[i])],
                labels[int(probabilities[i].argmax())],
                float(probabilities[i].max()),
            )
            for i in order
        )
        found.append(Doubt(float(wrong.mean()) if len(wrong) else 0.0, words))
    return found


def _columns(model: Tagger) -> tuple[list[str], npt.NDArray[np.float64]]:
    """Return O and the labels, and the matrix that sums the tags of each."""
    labels = ["O", *model.schema.labels]
    columns = np.zeros((len(model.schema.tags), len(labels)))
    for number, tag in enumerate(model.schema.tags):
        columns[number, labels.index(tag.partition("-")[2].partition(":")[0] or "O")] = 1
    return labels, columns


def select(model: Tagger, pool: Sequence[Document], count: int, labelled: Sequence[Document] = ()) -> list[Selection]:
    """Choose documents to label: unsure ones first, unlike each other and unlike what is labelled.

    One after the other, the document is taken whose expected share of wrong words times its novelty is highest. Novelty
    is one minus the highest cosine (words weighted by tf-idf) to the labelled documents and to those taken before, so
    that a copy of an article is never taken twice.

    Args:
        model: The model that is to get better.
        pool: Documents without labels.
        count: How many to choose.
        labelled: Documents that are labelled already.

    Returns:
        At most `count` documents, the most wanted first. What stands in `labelled` is never among them.

    Raises:
        DataError: The pool is empty.

    Example:
        >>> select(model, pool, 20, labelled)[0].reason  # doctest: +SKIP
        "4.1 of 100 words expected wrong; least sure of 'militia' (PERPETRATOR 0.41); 0.22 like wire-17"
    """
    if not pool:
        raise DataError([Fault("there is no document to choose from", "name a folder with unlabelled articles")])
    known = {document.sha256 for document in labelled}
    pool = [document for document in pool if document.sha256 not in known]
    found = doubts(model, pool)
    nearness, near = _nearest(pool, labelled)
    similar = _similarities(pool)
    chosen: list[Selection] = []
    left = np.ones(len(pool), dtype=bool)
    rates = np.array([doubt.rate for doubt in found])
    while len(chosen) < min(count, len(pool)):
        best = int(np.where(left, rates * (1 - nearness), -1.0).argmax())
        chosen.append(Selection(pool[best], found[best], float(1 - nearness[best]), near[best]))
        left[best] = False
        closer = similar[best] > nearness
        nearness = np.where(closer, similar[best], nearness)
        near = [pool[best].id if now else before for now, before in zip(closer, near, strict=True)]
    return chosen


def _vectors(documents: Sequence[Document]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(sublinear_tf=True, analyzer=_words)
    return vectorizer.fit_transform([document.text for document in documents])


def _words(text: str) -> list[str]:
    return [text[start:end].lower() for start, end in words(text)]


def _similarities(pool: Sequence[Document]) -> npt.NDArray[np.float64]:
    vectors = _vectors(pool)
    similar = np.asarray((vectors @ vectors.T).todense(), dtype=np.float64).clip(0, 1)
    np.fill_diagonal(similar, 1.0)
    return similar


def _nearest(pool: Sequence[Document], labelled: Sequence[Document]) -> tuple[npt.NDArray[np.float64], list[str]]:
    """Return the highest cosine of each document of the pool to a labelled one, and the id of that one."""
    if not labelled or not pool:
        return np.zeros(len(pool)), [""] * len(pool)
    vectors = _vectors([*pool, *labelled])
    similar = np.asarray((vectors[: len(pool)] @ vectors[len(pool) :].T).todense(), dtype=np.float64).clip(0, 1)
    return similar.max(axis=1), [labelled[int(i)].id for i in similar.argmax(axis=1)]
