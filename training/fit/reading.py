"""Reading the documents of a run, and making sure that they can be learned from and scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from annotations.coverage import exhaustive, set_faults
from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.formats.jsonl import read_sets
from annotations.formats.texts import TextSource
from annotations.schema import Schema
from annotations.validate import event_faults
from training.config import TrainConfig
from training.fit.split import check_apart, set_aside
from training.fit.streaming import check_streamed, is_streamed, streamed_train


def read_splits(
    config: TrainConfig, schema: Schema, left_out: list[Fault] | None = None
) -> dict[str, Sequence[Document]]:
    """Read the documents of a config and make sure that no split knows another.

    Args:
        config: The config.
        schema: The label set.
        left_out: Receives a message for each document of an optional set whose text is not available.

    Raises:
        MissingText: Stand-off documents are named and their texts are not on this machine.
        DataError: A fault in the data, an annotation that the schema does not allow, or a document on two sides, or
            no documents to train or to stop on.
    """
    texts = TextSource.from_setting(config.data.articles)

    def read(names: Sequence[str]) -> list[Document]:
        return read_sets(names, texts, config.data.optional, left_out)

    if is_streamed(config):
        return _read_streamed(
            config, schema, {name: read(config.data.files(name)) for name in ("dev", "test")}, left_out
        )
    splits = {name: read(config.data.files(name)) for name in ("train", "dev", "test")}
    _check_filled("train", splits["train"])
    left = 1.0  # share of the training documents
    for name, share in config.data.shares.items():
        splits["train"], splits[name] = set_aside(splits["train"], share / left, config.seed)
        left -= share
    _check_annotation(splits, schema)
    check_apart(splits)
    return {**splits}


def _read_streamed(
    config: TrainConfig, schema: Schema, others: dict[str, list[Document]], left_out: list[Fault] | None
) -> dict[str, Sequence[Document]]:
    train = streamed_train(config)
    _check_annotation(others, schema)
    if not check_streamed(train, others, schema):
        _check_filled("train", ())
    if left_out is not None:
        left_out += train.left_out.values()
    return {"train": train, **others}


def _check_annotation(splits: Mapping[str, Sequence[Document]], schema: Schema) -> None:
    _check_filled("dev", splits["dev"])
    faults = set_faults((document for documents in splits.values() for document in documents), schema)
    if not faults:  # these need a valid coverage
        faults = [f for found in splits.values() for document in found for f in event_faults(document, schema)]
    DataError.check(faults or _dev_faults(splits["dev"], schema))


def _dev_faults(dev: Sequence[Document], schema: Schema) -> list[Fault]:
    """Return dev documents that leave mentions unmarked: they can neither tell when to stop nor how sure to be."""
    return [
        Fault("is dev data and is not annotated exhaustively", "name exhaustive data in data.dev", document=document.id)
        for document in dev
        if len(exhaustive(document, schema)) < len(schema.labels)
    ]


def _check_filled(name: str, documents: Sequence[Document]) -> None:
    if not documents:
        raise DataError.of(f"the {name} split has no documents", f"name other files in data.{name}")
