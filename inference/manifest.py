"""The manifest of a model folder: settings, training, scores, and the hash of every file."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from annotations.errors import DataError, ExplainedError
from annotations.io.config_files import validated
from annotations.io.writing import write_text
from inference.contents import KINDS, foreign_parts, is_plain, links_out, outer_tensors
from inference.numbers.conventions import CONVENTIONS

FILE = "manifest.json"
FORMAT = 1
NEEDED = frozenset({"config.json", "schema.yaml", "tokenizer.json"})
LONGEST_WINDOW = 8192  # sub-words; no encoder in use reads more


class ModelError(ExplainedError, ValueError):
    """A model that cannot be used: missing, damaged, unsafe or of another format."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content of `manifest.json`.

    Args:
        name: Name of the model.
        window: Maximum number of sub-words in a window, special tokens included.
        overlap: Number of sub-words that neighbouring windows share.
        temperature: Divisor of the logits before softmax (Guo et al. 2017).
        outside_weight: Factor on the probability of O when spans are decoded.
        thresholds: By label, the least score of a span.
        convention: How vague numbers are read by default (`inference.numbers.conventions`).
        relevance: Weights of the probability that a text reports an attack (`inference.relevance`).
        links: Thresholds and weights of the linker, if there is one (`inference.events.linker.LinkSettings`).
        training: How and on what it was trained: config, digests, documents, versions.
        scores: Scores by dataset.
        files: SHA-256 by file name.
        format: Version of the folder's format.
    """

    name: str
    window: int
    overlap: int
    temperature: float = 1.0
    outside_weight: float = 1.0
    thresholds: Mapping[str, float] = field(default_factory=dict)
    convention: str = "range"
    relevance: Sequence[float] = field(default_factory=list)
    links: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def to_json(self) -> str:
        """Return the manifest as JSON, keys in the documented order."""
        return json.dumps(self.values(), indent=1, ensure_ascii=False, allow_nan=False)

    def values(self) -> dict[str, Any]:
        """Return the fields by name."""
        return {key: getattr(self, key) for key in self.__dataclass_fields__}


_Calibrated = Annotated[float, Field(ge=0.01, le=100)]  # far wider than what training can choose
_Share = Annotated[float, Field(ge=0, le=1)]


class _Links(BaseModel):
    """How a linker's probabilities become events (`inference.events.linker.LinkSettings`)."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    join: _Share = 0.5
    several: _Share = 0.5
    least: _Share = 0.3
    event: list[float] = []
    kept: _Share = 0.0


class _Values(BaseModel):
    """The allowed values of a manifest; `Manifest` documents them."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    name: Annotated[str, Field(min_length=1)]
    window: Annotated[int, Field(ge=16, le=LONGEST_WINDOW)]
    overlap: Annotated[int, Field(ge=0)]
    temperature: _Calibrated = 1.0
    outside_weight: _Calibrated = 1.0
    thresholds: dict[str, Annotated[float, Field(ge=0, le=1)]] = {}
    convention: Literal[tuple(CONVENTIONS)] = "range"  # type: ignore[valid-type]
    relevance: list[float] = []
    links: _Links = _Links()
    training: dict[str, Any] = {}
    scores: dict[str, Any] = {}
    files: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = {}
    format: int = FORMAT


def check_values(values: Mapping[str, Any], where: str) -> None:
    """Refuse values that a manifest must not have.

    Raises:
        ModelError: A key is unknown, or a value has the wrong type, is out of range or not finite; it names all.
    """
    try:
        checked = validated(_Values, values, where)
    except DataError as error:
        faults = "; ".join(f"{fault.place} {fault.problem}, {fault.remedy}" for fault in error.faults)
        raise ModelError(f"{where} cannot be read: {faults}; train or copy the model again") from None
    if 2 * checked.overlap > checked.window - 2:  # two special tokens
        raise ModelError(
            f"{where}: overlap {checked.overlap} is more than half of window {checked.window}; train the model again"
        )
    for key in ("training", "scores"):
        for place, number in _not_finite(values.get(key), key):
            raise ModelError(f"{where}: key {place} is {number}, which is not finite; train the model again")


def _not_finite(value: Any, place: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _not_finite(inner, f"{place}.{key}")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, inner in enumerate(value):
            yield from _not_finite(inner, f"{place}.{number}")
    elif isinstance(value, float) and not math.isfinite(value):
        yield place, value


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> Manifest:
    """Write the manifest with the hash of every other file in the folder.

    Raises:
        ModelError: A value of the manifest is not allowed, or the folder has a file that is not allowed.
    """
    files = {path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.name != FILE}
    complete = replace(manifest, files=files)
    check_values(complete.values(), str(folder / FILE))
    _check_files(folder, files)
    write_text(folder / FILE, complete.to_json() + "\n")
    return complete


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a model folder and check every file against it.

    Raises:
        ModelError: The folder or its manifest is not there, the manifest cannot be read or has a value that it may not
            have, or a file is missing, damaged, foreign, or leads to code or out of the folder: the message names it.
    """
    path = folder / FILE
    if folder.is_file():
        raise ModelError(f"{folder} is a file; name the model folder that it is in")
    if not folder.is_dir():
        raise ModelError(f"there is no model folder {folder}; train one with 'conflict-events train default'")
    if not path.is_file():
        hint = "name the folder 'model' of a training run, or copy all of it"
        raise ModelError(f"{folder} has no {FILE}, so it is no model folder of conflict-events; {hint}")
    manifest = parse_manifest(path.read_bytes(), str(path))
    _check_files(folder, manifest.files)
    return manifest


def parse_manifest(content: bytes, where: str) -> Manifest:
    """Read a manifest from the bytes of its file.

    Raises:
        ModelError: They are not a manifest, its format is another one, or a value is not allowed.
    """
    try:
        values = json.loads(content.decode("utf-8"))
        found = values.get("format", FORMAT)  # checked first, because another format may have other keys
    except (ValueError, AttributeError, RecursionError) as error:
        raise ModelError(f"{where} cannot be read: {error}; train or copy the model again") from None
    if found != FORMAT:
        newer = isinstance(found, int) and found > FORMAT
        hint = "install a newer conflict-events, or train the model again" if newer else "train the model again"
        raise ModelError(f"{where} has format {found}, this release reads {FORMAT}; {hint}")
    check_values(values, where)
    return Manifest(**values)


def _check_files(folder: Path, files: Mapping[str, str]) -> None:
    """Check the files of a folder: first names, then content, before anything is loaded."""
    present = {file.name for file in folder.iterdir()} - {FILE}
    for name in sorted(NEEDED - set(files)):
        raise ModelError(f"{folder / FILE} does not list {name}, which every model has; train or copy the model again")
    for name in sorted(present - set(files)):
        raise ModelError(f"{folder / name} is not listed in {FILE}; move it out of the model folder")
    for name in sorted(files):
        _check_kind(folder, name, present)
    for problem in links_out(folder):
        raise ModelError(problem)
    for name, digest in files.items():
        found = sha256_of(folder / name)
        if found != digest:
            raise ModelError(f"{folder / name} is damaged: SHA-256 {found}, the manifest says {digest}; copy it again")
    onnx = (folder / name for name in files if name.endswith(".onnx"))
    for problem in chain(foreign_parts(folder), chain.from_iterable(map(outer_tensors, onnx))):
        raise ModelError(problem)


def _check_kind(folder: Path, name: str, present: set[str]) -> None:
    path = folder / name
    if not is_plain(name):
        raise ModelError(f"{folder / FILE} lists {name!r}, which is not a file name; copy the model again")
    if not name.endswith(KINDS):
        raise ModelError(f"{path} has a suffix that no model needs (known are {', '.join(KINDS)}); use another model")
    if name not in present:
        raise ModelError(f"{path} is missing; copy the whole model folder")
    if not path.is_file():
        raise ModelError(f"{path} is not a file; copy the model again")
