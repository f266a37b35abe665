"""Leave-one-out: each document scored by a model that never saw it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from annotations.document import Document
from annotations.schema import load_schema
from inference.prediction import PredictedSpan
from training.calibrate import fit_outside_weight, fit_temperature
from training.config import TrainConfig
from training.examples import build
from training.fit import Fit
from training.prepare import load_tokenizer, new_model, read_splits
from training.scores import Scores, score_spans
from training.split import check_apart


def leave_one_out(
    config: TrainConfig, documents: Sequence[Document], report: Callable[[str, int], None] = lambda *_: None
) -> dict[str, Scores]:
    """Train once for each document, on the config's training data and all the other documents.

    Each fit stops on the config's dev data, as a run does, so that the held-out document decides nothing.

    Args:
        config: The config.
        documents: Documents that are held out in turn.
        report: Called with the id of each document scored and how many are done.

    Returns:
        Scores over all held-out documents together.

    Raises:
        DataError: A fault in the data, or one of the documents stands in the config's data too.
    """
    schema = load_schema(config.label_schema)
    splits = read_splits(config, schema)
    check_apart({**splits, "held out": documents})
    predictions: list[list[PredictedSpan]] = []
    for number, held_out in enumerate(documents):
        train = [*splits["train"], *(document for document in documents if document is not held_out)]
        predictions.append(_predict_one(config, train, splits["dev"], held_out))
        report(held_out.id, number + 1)
    return score_spans([document.spans for document in documents], predictions, list(schema.labels))


def _predict_one(
    config: TrainConfig, train: Sequence[Document], dev: Sequence[Document], held_out: Document
) -> list[PredictedSpan]:
    schema = load_schema(config.label_schema)
    tokenizer = load_tokenizer(config.encoder).backend_tokenizer
    with tempfile.TemporaryDirectory() as scratch:
        examples, _ = build(train, tokenizer, schema, config.data.window, config.data.overlap, Path(scratch) / "cache")
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
        fit.tagger.temperature = fit_temperature(fit.tagger, dev)
        fit.tagger.outside_weight = fit_outside_weight(fit.tagger, dev)
        ((pieces, logits),) = fit.tagger.logits([held_out.text])
        return fit.tagger.decode(held_out.text, pieces, logits)
