"""Reading the documents of a run, and making sure that they can be learned from and scored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import overload

from annotations.coverage import exhaustive, set_faults
from annotations.document import Document
from annotations.errors import DataError, Fault
from annotations.formats.jsonl import find_data, read_sets, scan
from annotations.formats.parquet import is_parquet
from annotations.formats.texts import TextSource
from annotations.schema import Schema
from annotations.validate import event_faults
from training.config import TrainConfig
from training.fit.split import check_apart, set_aside

_BLOCK = 1000  # documents checked at once


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


class StreamedDocuments(Sequence[Document]):
    """The documents of data files, read anew each time that they are gone through.

    `left_out` has a fault for each document that was left out in doing so.

    Args:
        names: Files, folders of Parquet files, or named datasets.
        texts: Where the texts of stand-off documents are.
        optional: Those of the names whose documents are left out if their text is not available.
    """

    def __init__(self, names: Sequence[str], texts: TextSource, optional: Collection[str] = ()) -> None:
        self._names, self._texts, self._optional = names, texts, optional
        self.left_out: dict[str, Fault] = {}

    def __iter__(self) -> Iterator[Document]:
        """Yield the documents.

        Raises:
            DataError: A document is faulty.
        """
        for name in self._names:
            for line in scan(name, self._texts):
                if line.missing_text and name in self._optional:
                    self.left_out |= {f"{name}:{line.number}": fault for fault in line.faults}
                elif line.faults:
                    raise DataError(line.faults)
                if line.document is not None:
                    yield line.document

    @cached_property
    def _size(self) -> int:
        return sum(1 for _ in self)

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> Document: ...
    @overload
    def __getitem__(self, index: slice) -> list[Document]: ...
    def __getitem__(self, index: int | slice) -> Document | list[Document]:
        if isinstance(index, slice):
            return list(islice(self, *index.indices(len(self))))
        try:
            return next(islice(self, index, None))
        except StopIteration:
            raise IndexError(index) from None


def is_streamed(config: TrainConfig) -> bool:
    """Whether a config trains on Parquet, so that its training documents are not held."""
    return any(is_parquet(find_data(name)) for name in config.data.train)


def streamed_train(config: TrainConfig) -> StreamedDocuments:
    """Return the training documents of a config.

    Raises:
        DataError: The config asks for what needs all documents at once.
    """
    remedy = "convert it to JSON Lines ('conflict-events data convert')"
    if config.data.shares:
        name = next(iter(config.data.shares))
        problem = f"data.{name} is a share of documents that are read from Parquet"
        raise DataError.of(problem, f"name files in data.{name} ('data split' makes them), or {remedy}")
    if config.distil.texts:
        raise DataError.of("distil.texts do not go with training data in Parquet", f"leave them out, or {remedy}")
    return StreamedDocuments(config.data.train, TextSource.from_setting(config.data.articles), config.data.optional)


def check_streamed(train: StreamedDocuments, others: dict[str, list[Document]], schema: Schema) -> int:
    """Check training documents block by block, with those of dev and test, as `read_splits` checks them all at once.

    Returns:
        Their number.

    Raises:
        DataError: A fault in a document, one that is there twice, or one that is or nearly is a dev or test document.
            The faults are those of the first block that has one.
    """
    seen: set[str] = set()
    left = iter(train)
    while block := list(islice(left, _BLOCK)):
        own = [document.id for document in block]
        twice = [name for name, count in Counter(own).items() if count > 1 or name in seen]
        faults = [Fault("stands in the training data twice", "keep one of them", document=name) for name in twice]
        faults = faults or set_faults(block, schema)
        DataError.check(faults or [fault for document in block for fault in event_faults(document, schema)])
        check_apart({"train": block, **others})
        seen.update(own)
    return len(seen)
