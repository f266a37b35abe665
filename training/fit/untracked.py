"""Fitting taggers without tracking and without files: one, or one for each document that is left out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from annotations.coverage import set_faults
from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.schema import load_schema
from inference.manifest import read_manifest
from inference.prediction import PredictedSpan
from inference.tagger import Tagger
from training.config import TrainConfig
from training.evaluation.scores import Scores, score_documents
from training.fit.calibrate import calibrate
from training.fit.examples import build, lost_spans
from training.fit.loop import Fit
from training.fit.prepare import check_encoder, check_losses
from training.fit.reading import read_splits
from training.fit.split import check_apart
from training.fit.starting import load_tokenizer, new_model
from training.library_output import quiet_libraries


def fitted_tagger(config: TrainConfig, train: Sequence[Document], dev: Sequence[Document]) -> Tagger:
    """Fit and calibrate a tagger as a run of the config would.

    Args:
        config: The config; its data is not read.
        train: Training documents.
        dev: Documents for early stopping and calibration.

    Raises:
        EncoderError: The encoder cannot be loaded, or does not fit the config.
        DataError: More than a twentieth of the gold spans would be skipped.
    """
    schema = load_schema(config.label_schema)
    tokenizer = load_tokenizer(config.encoder).backend_tokenizer
    check_encoder(config, tokenizer)
    with quiet_libraries(), tempfile.TemporaryDirectory() as scratch:
        data = config.data
        examples, losses = build(train, tokenizer, schema, data.window, data.overlap, Path(scratch) / "cache")
        check_losses(losses)
        fit = Fit(
            config,
            model=new_model(config, schema),
            tokenizer=tokenizer,
            schema=schema,
            examples=examples,
            dev=dev,
            folder=Path(scratch),
        )
        fit.run()
    calibrate(fit.tagger, dev)
    return fit.tagger


def predicted_spans(tagger: Tagger, documents: Sequence[Document]) -> list[list[PredictedSpan]]:
    """Return the spans that a tagger finds in each document, without events."""
    return tagger.find_spans(document.text for document in documents)


def leave_one_out(
    config: TrainConfig,
    documents: Sequence[Document],
    *,
    start: Path | None = None,
    report: Callable[[str, int], None] = lambda *_: None,
) -> dict[str, Scores]:
    """Train once per document, on all others.

    Each fit uses the config's dev data for early stopping, as a run does, so the held-out document has no influence.

    Args:
        config: The config.
        documents: Documents to hold out, one at a time.
        start: A model folder from which each fit continues, on the other documents only. Without one, each fit starts
            from the encoder, on the config's training data and the other documents: a full run per document.
        report: Called with the id of each scored document and the number of documents done.

    Returns:
        Scores over all held-out documents.

    Raises:
        DataError: A fault in the data, too few documents, too many skipped gold spans, a document that is in the
            config's data too, or that the model to start from was trained on.
        EncoderError: The encoder cannot be loaded, or does not fit the config.
    """
    schema = load_schema(config.label_schema)
    splits = read_splits(config, schema)
    faults = set_faults(documents, schema)
    least = 1 if start is None else 2
    if len(documents) < least:
        faults.append(Fault(f"{len(documents)} documents to hold out, at least {least} are needed", "add documents"))
    DataError.check(faults)
    check_apart({**splits, "held out": documents})
    base = list(splits["train"])
    if start is not None:
        _check_unseen(start, documents)
        config, base = config.model_copy(update={"encoder": str(start)}), []
    tokenizer = load_tokenizer(config.encoder).backend_tokenizer
    check_encoder(config, tokenizer)
    check_losses(lost_spans([*base, *documents], tokenizer, schema, config.data.window, config.data.overlap))
    predictions: list[list[PredictedSpan]] = []
    for number, held_out in enumerate(documents):
        train = [*base, *(document for document in documents if document is not held_out)]
        predictions += predicted_spans(fitted_tagger(config, train, splits["dev"]), [held_out])
        report(held_out.id, number + 1)
    return score_documents(documents, predictions, schema)


def _check_unseen(start: Path, documents: Sequence[Document]) -> None:
    seen = set(read_manifest(start).training.get("train_texts", []))
    problem, remedy = f"is training data of {start}", "start from another model"
    DataError.check(Fault(problem, remedy, document=one.id) for one in documents if one.sha256 in seen)
