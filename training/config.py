"""The training config: what a run does, checked before it starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import regex
import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from annotations.errors import DataError, nearest
from annotations.formats.jsonl import NAMED
from annotations.io.config_files import find_config, read_yaml, validated
from annotations.io.yaml_text import MAX_DEPTH, parse_yaml
from annotations.schema import load_schema
from inference.addresses import REGISTERED_NAME
from inference.mlflow_stores import choose

SHIPPED_SCHEMA = "events"
_AUTO = "auto"
Share = Annotated[float, Field(gt=0, lt=1)]


class Strict(BaseModel):
    """Values that are read from a file: other keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DataConfig(Strict):
    """What is learned from.

    Args:
        train: Data files or named sets.
        dev: Data files or named sets to stop on, or a share of the training documents to set aside.
        test: Data files or named sets to score once, at the end, or a share of the training documents to set aside.
        optional: Those of these sets whose documents are left out where their texts are not on this machine.
        weights: How often an epoch reads a training set; 1 if not named. 0.5 is half of its windows, drawn anew every
            epoch, 2 all of them twice.
        articles: Folders or files of the texts of stand-off documents, as in `PATH`; else `CONFLICT_EVENTS_ARTICLES`.
        window: Sub-words read at once, special tokens included.
        overlap: Sub-words that neighbouring windows share.
    """

    train: tuple[str, ...] = Field(min_length=1)
    dev: Annotated[tuple[str, ...], Field(min_length=1)] | Share = 0.15
    test: tuple[str, ...] | Share = ()
    optional: tuple[str, ...] = ()
    weights: dict[str, Annotated[float, Field(gt=0, le=100)]] = {}
    articles: str | None = None
    window: int = Field(default=256, ge=16)
    overlap: int = Field(default=32, ge=0)

    @model_validator(mode="after")
    def _window_moves(self) -> DataConfig:
        if 2 * self.overlap > self.window - 2:
            raise ValueError(f"overlap {self.overlap} is more than half of window {self.window}; make it smaller")
        return self

    @model_validator(mode="after")
    def _some_are_left_to_train_on(self) -> DataConfig:
        if sum(self.shares.values()) >= 1:
            raise ValueError(f"the shares dev {self.dev} and test {self.test} leave nothing to train on; lower them")
        return self

    @property
    def shares(self) -> dict[str, float]:
        """The shares of the training documents that are set aside, by their use; empty if files are named."""
        given = {"test": self.test, "dev": self.dev}
        return {name: share for name, share in given.items() if isinstance(share, float)}

    def files(self, name: str) -> tuple[str, ...]:
        """Return the files or named sets of `train`, `dev` or `test`; none if it is a share."""
        given = getattr(self, name)
        return given if isinstance(given, tuple) else ()

    @model_validator(mode="after")
    def _sets_are_known(self) -> DataConfig:
        # Shipped sets may be named without being read, so that a shipped config can be used with other data.
        known = (*self.train, *self.files("dev"), *self.files("test"), *NAMED)
        for key, given in (("optional", self.optional), ("weights", tuple(self.weights))):
            if unknown := [name for name in given if name not in known]:
                raise ValueError(f"{key} names {unknown[0]!r}, which is none of the sets; {nearest(unknown[0], known)}")
        return self


class FitConfig(Strict):
    """How it is learned.

    Args:
        epochs: Passes over the data at most.
        patience: Stop after so many epochs without a better dev F1.
        tokens_per_batch: Sub-words in a batch at most, padding included.
        learning_rate: Peak rate of the encoder.
        head_learning_rate: Peak rate of the classification head.
        warmup: Share of all steps in which the rate rises.
        weight_decay: AdamW's.
        mask_rate: Share of sub-words hidden from the encoder in training, in place of dropout.
        frozen_layers: How much of the encoder stays as it is, from the bottom: 0 nothing, 1 the embeddings, 2 the
            first layer too, and so on. The more is frozen, the faster an epoch.
        precision: `auto` is bf16 where the processor computes in it, else fp32.
        device: `auto` is CUDA where there is one, else the CPU.
        checkpoint_steps: Write a checkpoint every so many steps, and after each epoch.
    """

    epochs: int = Field(default=12, ge=1)
    patience: int = Field(default=4, ge=1)
    tokens_per_batch: int = Field(default=2048, ge=16)
    learning_rate: float = Field(default=3e-4, gt=0, lt=1)
    head_learning_rate: float = Field(default=1e-3, gt=0, lt=1)
    warmup: float = Field(default=0.1, ge=0, lt=1)
    weight_decay: float = Field(default=0.01, ge=0)
    mask_rate: float = Field(default=0.1, ge=0, lt=1)
    frozen_layers: int = Field(default=1, ge=0)
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    checkpoint_steps: int = Field(default=100, ge=1)


class DistilConfig(Strict):
    """What else is learned from: the tags that larger models give, on the training documents and on unannotated texts.

    Args:
        teachers: Model folders with the same label set; the mean of their probabilities is learned from.
        texts: JSON Lines files with a key `text`. What is, or nearly is, a document of dev or test is left out.
        share: Share of the teachers in the loss of an annotated window; the rest is the annotation's.
    """

    teachers: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    share: float = Field(default=0.5, gt=0, le=1)

    @model_validator(mode="after")
    def _texts_have_teachers(self) -> DistilConfig:
        if self.texts and not self.teachers:
            raise ValueError("distil.texts have no annotation: name the models that give their tags in distil.teachers")
        return self


class LinksConfig(Strict):
    """How it is learned which spans belong to one event, after the tagger.

    Args:
        epochs: Passes over the pairs of spans; 0 learns nothing, and rules link.
        learning_rate: Peak rate.
        documents: How many documents with events to learn from at most, drawn by the seed; null is all. Reading them
            takes most of the time.
    """

    epochs: int = Field(default=8, ge=0, le=100)
    learning_rate: float = Field(default=2e-3, gt=0, lt=1)
    documents: int | None = Field(default=None, ge=1)


class TrackingConfig(Strict):
    """Where the run is recorded.

    Args:
        uri: An MLflow tracking address, used where neither `--tracking-uri` nor `MLFLOW_TRACKING_URI` names another.
        experiment: Name of the MLflow experiment.
        register_as: Name under which the model becomes a new version, without / and :; null registers none, `auto` is
            `conflict-events` for the shipped label set, and the name of any other label set.
    """

    uri: str = "sqlite:///mlflow.db"
    experiment: str = "conflict-events"
    register_as: Annotated[str, Field(pattern=r"^[^/:]+$")] | None = _AUTO


class TrainConfig(Strict):
    """A training run.

    Args:
        encoder: `minilm` (bundled weights), `released` (the model in the package), a hub id, or a folder.
        average_with: Model folders; training starts from the mean of the encoder's weights and theirs.
        label_schema: Name or path of the label set; written `schema` in the file.
        data: What is learned from.
        fit: How it is learned.
        distil: Models and texts that are learned from besides.
        links: How it is learned which spans belong to one event.
        tracking: Where the run is recorded.
        seed: Seed of everything random.
        convention: How the model reads vague numbers unless another is asked for (`inference.numbers.conventions`).
        output: Folder of checkpoints and models, one sub-folder a run.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    encoder: str = "minilm"
    average_with: tuple[str, ...] = ()
    label_schema: str = Field(default="events", alias="schema")
    data: DataConfig
    fit: FitConfig = FitConfig()
    distil: DistilConfig = DistilConfig()
    links: LinksConfig = LinksConfig()
    tracking: TrackingConfig = TrackingConfig()
    seed: int = Field(default=13, ge=0)
    convention: Literal["range", "acled", "isaf"] = "range"
    output: str = "runs"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, keys as in the file."""
        return self.model_dump(mode="json", by_alias=True)

    def to_yaml(self) -> str:
        """Return the resolved config as YAML that `load_config` reads."""
        return yaml.safe_dump(self.to_dict(), sort_keys=False, allow_unicode=True)

    def registered_name(self) -> str | None:
        """Return the name under which the model is registered; None if it is not.

        Raises:
            DataError: Models of another label set would be registered as those that find attacks by default.

        Example:
            >>> TrainConfig(data={"train": ["a.jsonl"]}).registered_name()
            'conflict-events'
        """
        given = self.tracking.register_as
        if given is None:
            return None
        own = load_schema(self.label_schema).name
        if given == _AUTO:
            return REGISTERED_NAME if own == SHIPPED_SCHEMA else regex.sub("[/:@]", "-", own)
        if given == REGISTERED_NAME and own != SHIPPED_SCHEMA:
            problem = f"{REGISTERED_NAME} is the name of models that find attacks, this one has the labels of {own}"
            remedy = "name another, or leave it out to register as the label set is called"
            raise DataError.of(problem, remedy, place="tracking.register_as")
        return given

    def flat(self) -> dict[str, str]:
        """Return dotted keys and values as text, as MLflow parameters.

        Example:
            >>> TrainConfig(data={"train": ["a.jsonl"]}).flat()["fit.epochs"]
            '12'
        """
        return {key: str(value) for key, value in flatten(self.to_dict())}


def flatten(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Return nested values as pairs of dotted key and value."""
    pairs: list[tuple[str, Any]] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            pairs += flatten(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", value))
    return pairs


def load_config(name: str | Path, changes: Sequence[str] = ()) -> TrainConfig:
    """Load a config by path or by the name of a shipped file.

    Args:
        name: A path, or a name such as `default`.
        changes: `key=value` texts with dotted keys; values are read as YAML.

    Returns:
        The config, its store chosen as by every command (`inference.mlflow_stores.choose`).

    Raises:
        DataError: The file is missing or not YAML, or a key or value in it or in the changes is wrong.

    Example:
        >>> load_config("default", ["fit.epochs=3"]).fit.epochs
        3
    """
    path = find_config(name)
    content = read_yaml(path)
    for change in changes:
        _apply(content, change)
    where = f"{path} with --set {' '.join(changes)}" if changes else str(path)
    config = validated(TrainConfig, content, where)
    changed = {change.partition("=")[0] for change in changes} & {"tracking", "tracking.uri"}
    uri = choose(config.tracking.uri if changed else None, config.tracking.uri).address
    return config.model_copy(update={"tracking": config.tracking.model_copy(update={"uri": uri})})


def _apply(content: dict[str, Any], change: str) -> None:
    key, equals, value = change.partition("=")
    if not equals or not key:
        raise DataError.of(f"--set {change!r} is not key=value", "write for example --set fit.epochs=3")
    at = content
    *outer, last = key.split(".")
    if len(outer) >= MAX_DEPTH:
        raise DataError.of(f"--set {change!r:.80} has a key of {len(outer) + 1} parts", "shorten the key")
    for part in outer:
        at = at.setdefault(part, {})
        if not isinstance(at, dict):
            raise DataError.of(f"--set {change!r} goes below {part!r}, which holds a value", "shorten the key")
    try:
        at[last] = parse_yaml(value)
    except DataError as error:
        raise DataError([replace(fault, place=f"--set {change!r:.80}", line=0) for fault in error.faults]) from None
