"""Preparation: all that a run needs before the first step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.schema import Schema, load_schema
from annotations.standoff import TextSource
from annotations.store import read_documents
from training.config import TrainConfig
from training.encoders import EncoderError, encoder_path
from training.examples import Losses, build
from training.split import check_apart, set_aside

_MOST_LOST = 0.05  # share of gold spans lost from which a run is refused


@dataclass(frozen=True, slots=True)
class Prepared:
    """Data, encoder and examples of a run.

    Args:
        schema: The label set.
        splits: Documents by use: `train`, `dev`, `test`.
        auto_tokenizer: The transformers tokenizer.
        tokenizer: The tokenizer inside it.
        examples: Windows of the training documents.
        losses: Gold spans that no window teaches in full.
    """

    schema: Schema
    splits: dict[str, list[Document]]
    auto_tokenizer: Any
    tokenizer: Tokenizer
    examples: Any
    losses: Losses


def read_splits(config: TrainConfig, schema: Schema) -> dict[str, list[Document]]:
    """Read the documents of a config and make sure that no split knows another.

    Raises:
        MissingText: Stand-off documents are named and their texts are not on this machine.
        DataError: A fault in the data, an annotation that the schema does not allow, or a document on two sides.
    """
    texts = TextSource.from_setting(config.data.articles)

    def read(names: Sequence[str]) -> list[Document]:
        return [document for name in names for document in read_documents(name, texts)]

    train, test = read(config.data.train), read(config.data.test)
    if isinstance(config.data.dev, tuple):
        dev = read(config.data.dev)
    else:
        train, dev = set_aside(train, config.data.dev, config.seed)
    splits = {"train": train, "dev": dev, "test": test}
    faults = [fault for documents in splits.values() for document in documents for fault in schema.faults(document)]
    if faults:
        raise DataError(faults)
    check_apart(splits)
    return splits


def prepare(config: TrainConfig) -> Prepared:
    """Read and check data, load the tokenizer, and cut the training documents into windows.

    Raises:
        DataError: A fault in the data, or more than a twentieth of the gold spans would be lost.
        EncoderError: The encoder's tokenizer cannot be loaded.
    """
    schema = load_schema(config.label_schema)
    splits = read_splits(config, schema)
    auto = load_tokenizer(config.encoder)
    tokenizer = auto.backend_tokenizer
    cache = Path(config.output) / "cache"
    data = config.data
    examples, losses = build(splits["train"], tokenizer, schema, data.window, data.overlap, cache)
    if losses.count > _MOST_LOST * losses.total:
        faults = [
            Fault("begins or ends within a word", "mark whole words", document=d, place=s) for d, s in losses.unaligned
        ]
        faults += [
            Fault("is longer than the overlap of windows", "raise data.overlap", document=d, place=s)
            for d, s in losses.cut
        ]
        faults += [Fault("overlaps another span", "keep one", document=d, place=s) for d, s in losses.overlapping]
        raise DataError([Fault(f"{losses.count} of {losses.total} gold spans would be lost", "see below"), *faults])
    return Prepared(schema, splits, auto, tokenizer, examples, losses)


def load_tokenizer(encoder: str) -> Any:
    """Load an encoder's tokenizer.

    Raises:
        EncoderError: It cannot be loaded, or is not of the fast kind, which alone knows character offsets.
    """
    from transformers import AutoTokenizer

    try:
        auto = AutoTokenizer.from_pretrained(encoder_path(encoder), use_fast=True)
    except (OSError, ValueError) as error:
        raise EncoderError(_unreachable(encoder, error)) from error
    if not getattr(auto, "is_fast", False):
        raise EncoderError(f"encoder {encoder!r} has no fast tokenizer; choose one with a tokenizer.json")
    return auto


def new_model(config: TrainConfig, schema: Schema) -> Any:
    """Load the encoder under a fresh head with the schema's tags; the head's weights follow from the seed.

    Dropout is off: on a CPU it costs as much as the forward pass. Hidden sub-words and early stopping take its place.

    Raises:
        EncoderError: The weights cannot be loaded.
    """
    from transformers import AutoModelForTokenClassification, logging

    torch.manual_seed(config.seed)
    ids = dict(enumerate(schema.tags))
    level = logging.get_verbosity()
    logging.set_verbosity_error()  # it warns that the head is new, which is the point
    try:
        return AutoModelForTokenClassification.from_pretrained(
            encoder_path(config.encoder),
            num_labels=len(schema.tags),
            id2label=ids,
            label2id={tag: number for number, tag in ids.items()},
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            dtype=torch.float32,
            use_safetensors=True,
        )
    except (OSError, ValueError) as error:
        raise EncoderError(_unreachable(config.encoder, error)) from error
    finally:
        logging.set_verbosity(level)


def _unreachable(encoder: str, error: Exception) -> str:
    first = str(error).strip().split("\n")[0]
    remedy = "name 'minilm' (bundled), a folder, or a hub id that this machine can reach"
    return f"encoder {encoder!r} cannot be loaded: {first}; {remedy}"
