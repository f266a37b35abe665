"""Overlap of test documents and mentions with the training data of a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.formats.jsonl import read_sets
from annotations.formats.texts import TextSource
from inference.manifest import Manifest
from training.evaluation.slices import Mentions
from training.provenance import data_digest


def trained_on(manifest: Manifest, documents: Sequence[Document], texts: TextSource) -> list[str] | None:
    """Find documents whose text, by its SHA-256, a model was trained, stopped or calibrated on.

    Returns:
        Ids of those documents; None if the manifest does not record the training and development texts.
    """
    training = manifest.training
    tuned = training.get("dev_texts")
    if tuned is None:  # manifests of the first releases
        again = _read_again(manifest, "dev", texts)
        tuned = None if again is None else [document.sha256 for document in again]
    if "train_texts" not in training or tuned is None:
        return None
    known = {*training["train_texts"], *tuned}
    return [document.id for document in documents if document.sha256 in known]


def training_documents(manifest: Manifest, texts: TextSource) -> list[Document] | None:
    """Read a model's training documents again, from the data that its config names.

    Returns:
        The documents; None if they cannot be read any more or have changed.
    """
    return _read_again(manifest, "train", texts)


def _read_again(manifest: Manifest, use: str, texts: TextSource) -> list[Document] | None:
    """Read the documents of the split `train` or `dev` again; dev may be a share of train."""
    training = manifest.training
    data = training.get("config", {}).get("data", {})
    names = data.get(use) if isinstance(data.get(use), list | tuple) else data.get("train", ())
    known = set(training.get("train_texts", ()))
    try:
        found = read_sets(names, texts, data.get("optional", ()))
    except (DataError, OSError):
        return None
    kept = [document for document in found if (document.sha256 in known) == (use == "train")]
    return kept if kept and data_digest(kept) == training.get("data_digest", {}).get(use) else None


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
    known: Sequence[tuple[str, Sequence[str] | None]], total: int, *, allowed: bool
) -> dict[str, list[str]]:
    """Refuse a comparison of models that were trained on test documents.

    Args:
        known: Name of each model, and ids of test documents that it was trained on, as `trained_on` returns them.
        total: Number of test documents.
        allowed: Whether to accept such documents, and models of which they are not known.

    Returns:
        Ids of such documents by name of the model, empty if not known. Models trained on none are left out.

    Raises:
        DataError: There are some, or a model does not record them, and that is not allowed.
    """
    found: dict[str, list[str]] = {}
    problems = []
    for name, ids in known:
        if ids is None or ids:
            found.setdefault(name, []).extend(ids or [])
            problems.append(f"{name} {describe_overlap(ids, total)}")
    if problems and not allowed:
        remedy = "compare on other documents, or pass --contaminated to compare anyway; the scores are then too high"
        raise DataError([Fault(problem, remedy) for problem in problems])
    return found


def describe_overlap(ids: Sequence[str] | None, total: int) -> str:
    """Describe in words on which test documents a model was trained; without ids, that is not known.

    Example:
        >>> describe_overlap(["d1", "d2"], 9)
        'was trained or tuned on 2 of 9 documents, such as d1'
    """
    if not ids:
        return "does not record what it was trained and tuned on"
    return f"was trained or tuned on {len(ids)} of {total} documents, such as {ids[0]}"


def joined(first: Mentions | None, second: Mentions | None) -> Mentions | None:
    """Return the mentions in the training data of either of two models; None if those of one are not known."""
    if first is None or second is None:
        return None
    return {label: first.get(label, frozenset()) | second.get(label, frozenset()) for label in {**first, **second}}
