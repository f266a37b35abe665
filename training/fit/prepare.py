"""Preparation: all that a run needs before the first step."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.formats.jsonl import stored_lines
from annotations.schema import Schema, load_schema
from inference.consistency import last_id, positions
from inference.manifest import FILE, sha256_of
from inference.model import Model
from training.config import TrainConfig
from training.fit.checks import Checked, checked_splits, files_digest, load_checked, save_checked
from training.fit.distil import SoftTags, kept, soft_tags, unannotated
from training.fit.encoders import EncoderError, check_at_hand
from training.fit.examples import Losses, build, examples_digest
from training.fit.loop import MASK, PAD, choose_device, special_id
from training.fit.reading import read_splits
from training.fit.starting import encoder_config, load_tokenizer

_MOST_LOST = 0.05  # share of gold spans lost from which a run is refused


@dataclass(frozen=True, slots=True)
class Prepared:
    """Data, encoder and examples of a run."""

    schema: Schema  # the label set
    splits: Mapping[str, Sequence[Document]]  # documents by use: `train`, `dev`, `test`
    auto_tokenizer: Any  # the transformers tokenizer
    tokenizer: Tokenizer  # the tokenizer inside it
    examples: Any  # windows of the training documents
    losses: Losses  # gold spans that no window teaches in full
    weights: Sequence[float]  # how often an epoch reads each window
    missing: int  # number of documents left out because their text is not available
    soft: SoftTags | None = None  # the teachers' tag probabilities of the examples; None without teachers
    others: Sequence[Document] = ()  # unannotated texts among the examples


def prepare(config: TrainConfig) -> Prepared:
    """Load the tokenizer, read and check data, and cut the training documents into windows.

    The outcome of the checks and the windows are kept in `cache` of the output folder, by SHA-256 of what they depend
    on. If no file has changed, documents are not checked again, and read only when they are needed.

    Raises:
        DataError: A fault in the data, or more than a twentieth of the gold spans would be lost.
        EncoderError: The encoder's tokenizer or config cannot be loaded, or does not fit the run's config.
    """
    schema = load_schema(config.label_schema)
    check_at_hand(config.encoder)  # before the data, which may take minutes
    auto = load_tokenizer(config.encoder)
    tokenizer = auto.backend_tokenizer
    check_encoder(config, tokenizer)
    cache = Path(config.output) / "cache"
    files = files_digest(config, schema)
    known = load_checked(cache, files)
    splits: Mapping[str, Sequence[Document]]
    if known and files:
        splits, checked = checked_splits(config, schema, known, files), known
    else:
        left_out: list[Fault] = []
        splits = read_splits(config, schema, left_out)
        aside = {name: [document.id for document in splits[name]] for name in config.data.shares}
        checked = Checked({name: len(documents) for name, documents in splits.items()}, aside, len(left_out))
    windows = (tokenizer, schema, config.data.window, config.data.overlap)
    apart = [*splits["dev"], *splits["test"]] if config.distil.texts else []
    others = unannotated(config.distil.texts, schema, splits["train"], apart)
    train = [*splits["train"], *others] if others else splits["train"]
    settings = examples_digest(others, *windows)
    digest = checked.examples.get(settings) or examples_digest(train, *windows)
    examples, losses = build(train, *windows, cache, digest)
    check_losses(losses)
    if settings not in checked.examples and files and files == files_digest(config, schema):
        checked.examples[settings] = digest
        save_checked(cache, files, checked)
    weights = _weights(config, examples["document"])
    soft = _soft_tags(config, schema, train, tokenizer, cache, digest)
    return Prepared(schema, splits, auto, tokenizer, examples, losses, weights, checked.missing, soft, others)


def _soft_tags(
    config: TrainConfig,
    schema: Schema,
    documents: Sequence[Document],
    tokenizer: Tokenizer,
    cache: Path,
    digest: str,
) -> SoftTags | None:
    """Return what the config's teachers say of the documents; computed once for the same teachers and examples.

    Raises:
        DataError: A teacher has other labels.
    """
    teachers = config.distil.teachers
    if not teachers:
        return None

    def make() -> SoftTags:
        backend = "cuda" if choose_device(config.fit.device).type == "cuda" else "onnx"
        loaded = [Model(Path(teacher), backend=backend) for teacher in teachers]
        for name, teacher in zip(teachers, loaded, strict=True):
            if teacher.schema.tags != schema.tags:
                problem = f"distil.teachers names {name}, a model with other labels"
                raise DataError.of(problem, f"name models of the schema {config.label_schema}")
        return soft_tags(loaded, documents, tokenizer, config.data.window, config.data.overlap)

    # The digest covers the schema; teachers are loaded only if their tags are not known yet.
    key = json.dumps([digest, *(sha256_of(Path(teacher) / FILE) for teacher in teachers)])
    return kept(cache / f"soft-{hashlib.sha256(key.encode()).hexdigest()[:16]}.safetensors", make)


def _weights(config: TrainConfig, documents: Sequence[str]) -> list[float]:
    """Return how often an epoch reads each window, by the set that its document is in."""
    given = {
        line.record["id"]: weight
        for name, weight in config.data.weights.items()
        if name in config.data.train
        for line in stored_lines(name)
        if line.record is not None
    }
    return [given.get(name, 1.0) for name in documents]


def check_losses(losses: Losses) -> None:
    """Refuse to train where windows or tokenisation lose too many gold spans.

    Raises:
        DataError: More than a twentieth is lost; it names each.
    """
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


def check_encoder(config: TrainConfig, tokenizer: Tokenizer) -> None:
    """Make sure that an encoder can do what a config asks of it.

    Raises:
        EncoderError: Its config cannot be loaded, its tokenizer cannot hide or pad or has more sub-words than it knows,
            the window is longer than its positions, or more layers are to be frozen than it has.
    """
    shape = encoder_config(config.encoder)
    for names in (PAD, MASK):
        special_id(tokenizer, *names)
    known, last = getattr(shape, "vocab_size", None), last_id(tokenizer)
    if known is not None and last >= known:
        raise EncoderError(
            f"the tokenizer of encoder {config.encoder!r} has sub-words up to number {last}, its config.json a "
            f"vocab_size of {known}; copy it again, or choose another one"
        )
    most = positions(shape.to_dict())
    if most is not None and config.data.window > most:
        raise EncoderError(
            f"data.window is {config.data.window}, encoder {config.encoder!r} reads at most {most} sub-words; "
            "make the window smaller"
        )
    layers = getattr(shape, "num_hidden_layers", None)
    if layers is not None and config.fit.frozen_layers > layers + 1:
        raise EncoderError(
            f"fit.frozen_layers is {config.fit.frozen_layers}, encoder {config.encoder!r} has {layers} layers, so "
            f"{layers + 1} with the embeddings; freeze fewer"
        )
