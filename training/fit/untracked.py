"""Fitting a tagger without tracking and without files."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from annotations.document import Document
from annotations.schema import load_schema
from inference.prediction import PredictedSpan
from inference.tagger import Tagger
from training.config import TrainConfig
from training.fit.calibrate import calibrate
from training.fit.examples import build
from training.fit.loop import Fit
from training.fit.prepare import check_encoder, check_losses
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
