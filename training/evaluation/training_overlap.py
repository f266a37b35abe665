"""What a model was trained on: which test documents it knows, and which mentions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.formats.jsonl import read_documents
from annotations.formats.standoff import TextSource
from inference.manifest import Manifest
from inference.model import Model
from training.evaluation.slices import Mentions
from training.provenance import data_digest


def trained_on(manifest: Manifest, documents: Sequence[Document], texts: TextSource) -> list[str] | None:
    """Look for documents whose text a model was trained on, or stopped and calibrated with.

    Args:
        manifest: The model's manifest.
        documents: Documents to look for, by the SHA-256 of their texts.
        texts: Texts of stand-off documents.

    Returns:
        Ids of those documents; None where the manifest does not tell what the model was trained and tuned on.
    """
    told = manifest.training
    tuned = told.get("dev_texts")
    if tuned is None:  # as in the first releases' manifests
        again = _again(manifest, "dev", texts)
        tuned = None if again is None else [document.sha256 for document in again]
    if "train_texts" not in told or tuned is None:
        return None
    known = {*told["train_texts"], *tuned}
    return [document.id for document in documents if document.sha256 in known]


def training_documents(manifest: Manifest, texts: TextSource) -> list[Document] | None:
    """Read a model's training documents again, from where its config found them.

    Returns:
        The documents; None where they cannot be read any more, or are not all as they were.
    """
    return _again(manifest, "train", texts)


def _again(manifest: Manifest, use: str, texts: TextSource) -> list[Document] | None:
    """Read the documents of one use again: `train` or `dev`, which may be a share of train."""
    told = manifest.training
    data = told.get("config", {}).get("data", {})
    names = data.get(use) if isinstance(data.get(use), list | tuple) else data.get("train", ())
    known = set(told.get("train_texts", ()))
    try:
        found = [document for name in names for document in read_documents(name, texts)]
    except (DataError, OSError):
        return None
    kept = [document for document in found if (document.sha256 in known) == (use == "train")]
    return kept if kept and data_digest(kept) == told.get("data_digest", {}).get(use) else None


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
    models: Sequence[Model], documents: Sequence[Document], texts: TextSource, *, allowed: bool
) -> dict[str, list[str]]:
    """Look for test documents that models were trained on.

    Args:
        models: The models.
        documents: Test documents.
        texts: Texts of stand-off documents.
        allowed: Whether to go on where there are some, or a model does not tell.

    Returns:
        Ids of such documents by name of the model; none for a model that does not tell. Models without any are left
        out.

    Raises:
        DataError: There are some, or a model does not tell, and it is not allowed.
    """
    found: dict[str, list[str]] = {}
    problems = []
    for model in models:
        ids = trained_on(model.manifest, documents, texts)
        if ids is None or ids:
            found.setdefault(model.name, []).extend(ids or [])
            problems.append(f"{model.name} {told_of(ids, len(documents))}")
    if problems and not allowed:
        remedy = "compare on other documents, or ask with --contaminated for numbers that say little"
        raise DataError([Fault(problem, remedy) for problem in problems])
    return found


def told_of(ids: Sequence[str] | None, total: int) -> str:
    """Say what is known of a model's training on test documents.

    Args:
        ids: Ids of documents that it was trained on; None or none where it does not tell.
        total: Number of test documents.

    Example:
        >>> told_of(["d1", "d2"], 9)
        'was trained or tuned on 2 of 9 documents, such as d1'
    """
    if not ids:
        return "does not tell what it was trained and tuned on"
    return f"was trained or tuned on {len(ids)} of {total} documents, such as {ids[0]}"


def joined(first: Mentions | None, second: Mentions | None) -> Mentions | None:
    """Return the mentions that either of two models has seen; None where one of them is not known."""
    if first is None or second is None:
        return None
    return {label: first.get(label, frozenset()) | second.get(label, frozenset()) for label in {**first, **second}}
