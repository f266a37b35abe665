"""What a model was trained on: which test documents it knows, and which mentions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.standoff import TextSource
from annotations.store import read_documents
from inference.manifest import Manifest
from inference.model import Model
from training.evaluation.slices import Mentions
from training.tracking import data_digest


def trained_on(manifest: Manifest, documents: Sequence[Document]) -> list[str]:
    """Return the ids of documents whose text a model was trained on or stopped and calibrated with, by SHA-256."""
    known = {digest for key in ("train_texts", "dev_texts") for digest in manifest.training.get(key, ())}
    return [document.id for document in documents if document.sha256 in known]


def training_documents(manifest: Manifest, texts: TextSource) -> list[Document] | None:
    """Read a model's training documents again, from where its config found them.

    Returns:
        The documents; None where they cannot be read any more, or not all of them are as they were.
    """
    names = manifest.training.get("config", {}).get("data", {}).get("train", ())
    known = set(manifest.training.get("train_texts", ()))
    try:
        found = [document for name in names for document in read_documents(name, texts)]
    except (DataError, OSError):
        return None
    kept = [document for document in found if document.sha256 in known]
    return kept if known and data_digest(kept) == manifest.training.get("data_digest", {}).get("train") else None


def mentions(documents: Iterable[Document]) -> Mentions:
    """Return the mentions of documents by label, case folded.

    Example:
        >>> from annotations import Span
        >>> mentions([Document("d1", "Gunmen fled.", [Span("S1", 0, 6, "PERPETRATOR")])])
        {'PERPETRATOR': frozenset({'gunmen'})}
    """
    found: dict[str, set[str]] = {}
    for document in documents:
        for span in document.spans:
            found.setdefault(span.label, set()).add(document.mention(span).casefold())
    return {label: frozenset(known) for label, known in found.items()}


def check_contaminated(
    models: Sequence[Model], documents: Sequence[Document], *, allowed: bool
) -> dict[str, list[str]]:
    """Look for test documents that models were trained on.

    Args:
        models: The models.
        documents: Test documents.
        allowed: Whether to go on where there are some.

    Returns:
        Ids of such documents by name of the model; models without any are left out.

    Raises:
        DataError: There are some and it is not allowed; with the first document of each model.
    """
    found: dict[str, list[str]] = {}
    for model in models:
        ids = trained_on(model.manifest, documents)
        if ids:
            found.setdefault(model.name, []).extend(ids)
    if found and not allowed:
        remedy = "compare on other documents, or ask with --contaminated for numbers that say little"
        raise DataError(
            [
                Fault(f"{name} was trained or tuned on {len(ids)} of these documents, such as {ids[0]}", remedy)
                for name, ids in found.items()
            ]
        )
    return found


def joined(first: Mentions | None, second: Mentions | None) -> Mentions | None:
    """Return the mentions that either of two models has seen; None where one of them is not known."""
    if first is None or second is None:
        return None
    return {label: first.get(label, frozenset()) | second.get(label, frozenset()) for label in {**first, **second}}
