"""What to label next: articles on which a model is uncertain, unlike each other and unlike labelled ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from annotations.document import Document
from annotations.errors import DataError
from annotations.schema import OUTSIDE
from annotations.text.words import words
from inference.decode import softmax
from inference.tagger import Tagger

_SHOWN = 3  # uncertain words in a reason
_DOUBTFUL = 0.25  # minimum probability of an error for a word in a reason
_COPY = 0.99  # minimum cosine of a copy


@dataclass(frozen=True, slots=True)
class Doubt:
    """How uncertain a model is on a document."""

    rate: float  # expected share of words with a wrong label, 0 to 1
    words: tuple[tuple[str, str, float], ...]  # the most uncertain words: (word, likeliest label, its probability)


@dataclass(frozen=True, slots=True)
class Selection:
    """A document chosen for labelling, and why."""

    document: Document  # the document
    doubt: Doubt  # how uncertain the model is
    novelty: float  # one minus the cosine to the nearest document that is labelled or was chosen before; 0 to 1
    nearest: str  # id of that document; empty if there is none

    @property
    def score(self) -> float:
        """Expected share of wrong words, times novelty."""
        return self.doubt.rate * self.novelty

    @property
    def reason(self) -> str:
        """Why it was chosen, in one sentence."""
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
    """Return how uncertain a model is on each document.

    The probability of an error on a word is one minus the probability of its likeliest label, summed over the tags of a
    label (least confidence; Settles 2009, 'Active Learning Literature Survey', section 3.1). The mean over words does
    not depend on the length of a document. The spans of the documents are ignored.
    """
    labels = [OUTSIDE, *model.schema.labels]
    # The matrix that sums the tags of each label.
    columns = np.array([[float(own == label) for label in labels] for own in model.schema.tag_labels])
    found = []
    for document, (pieces, logits) in zip(documents, model.logits(d.text for d in documents), strict=True):
        probabilities = softmax(logits, model.temperature) @ columns
        wrong = 1 - probabilities.max(axis=1) if len(probabilities) else np.zeros(0)
        order = [int(i) for i in np.argsort(-wrong, kind="stable")[:_SHOWN] if wrong[i] >= _DOUBTFUL]
        words = tuple(
            (
                document.text[slice(*pieces.words[i].tolist())],
                labels[int(probabilities[i].argmax())],
                float(probabilities[i].max()),
            )
            for i in order
        )
        found.append(Doubt(float(wrong.mean()) if len(wrong) else 0.0, words))
    return found


def select(model: Tagger, pool: Sequence[Document], count: int, labelled: Sequence[Document] = ()) -> list[Selection]:
    """Choose documents to label: uncertain ones, unlike each other and unlike labelled ones.

    Each step chooses the document with the highest expected share of wrong words times novelty. Novelty is one minus
    the highest cosine (words weighted by tf-idf) to labelled documents and to those chosen before. A copy of one of
    them is never chosen.

    Args:
        model: The model to improve.
        pool: Documents without labels.
        count: Number of documents to choose.
        labelled: Documents that are labelled already.

    Returns:
        At most `count` documents, best first.

    Raises:
        DataError: The pool is empty, or all of it is labelled.

    Example:
        >>> select(model, pool, 20, labelled)[0].reason  # doctest: +SKIP
        "4.1 of 100 words expected wrong; least sure of 'militia' (PERPETRATOR 0.41); 0.22 like wire-17"
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    known = {document.sha256 for document in labelled}
    left = [document for document in pool if document.sha256 not in known]
    if not left:
        problem = f"all {len(pool)} documents are labelled already" if pool else "there is no document to choose from"
        raise DataError.of(problem, "name a folder with unlabelled articles")
    found = doubts(model, left)
    rates = np.array([doubt.rate for doubt in found])
    texts = [document.text for document in (*left, *labelled)]
    vectors = TfidfVectorizer(sublinear_tf=True, analyzer=_words).fit_transform(texts)
    cosines: npt.NDArray[np.float64] = np.zeros(len(left))
    ids = [""] * len(left)
    for number, document in enumerate(labelled, start=len(left)):
        cosines, ids = _nearer(vectors, number, document.id, cosines, ids)
    chosen: list[Selection] = []
    taken: set[int] = set()
    while len(chosen) < count:
        wanted = rates * (1 - cosines)
        best = max((i for i in range(len(left)) if i not in taken and cosines[i] < _COPY), key=wanted.__getitem__,
                   default=None)  # fmt: skip
        if best is None:
            break
        chosen.append(Selection(left[best], found[best], float(1 - cosines[best]), ids[best]))
        taken.add(best)
        cosines, ids = _nearer(vectors, best, left[best].id, cosines, ids)
    return chosen


def _nearer(
    vectors: Any, number: int, name: str, cosines: npt.NDArray[np.float64], ids: list[str]
) -> tuple[npt.NDArray[np.float64], list[str]]:
    """Update the highest cosines, and the ids they belong to, with another document."""
    new = np.asarray((vectors[: len(ids)] @ vectors[number].T).todense(), dtype=np.float64).ravel().clip(0, 1)
    closer = new > cosines
    return np.where(closer, new, cosines), [name if now else id_ for now, id_ in zip(closer, ids, strict=True)]


def _words(text: str) -> list[str]:
    # A text without words gets an empty one, because a vocabulary must not be empty.
    return [text[start:end].lower() for start, end in words(text)] or [""]
