"""The manifest of a model folder: what the model is, how it was trained, and the hash of every file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotations.errors import ExplainedError
from annotations.files import write_text

FILE = "manifest.json"
FORMAT = 1
NEEDED = frozenset({"config.json", "schema.yaml", "tokenizer.json"})


class ModelError(ExplainedError, ValueError):
    """A model that cannot be used: missing, damaged, foreign or of another format."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What stands in `manifest.json`.

    Args:
        name: Name of the model.
        window: Largest number of sub-words read at once, special tokens included.
        overlap: Sub-words shared by neighbouring windows.
        temperature: Logits are divided by it before softmax (Guo et al. 2017).
        outside_weight: Factor on the probability of O when spans are decoded.
        training: What it was trained on and how: config, digests, documents, versions.
        scores: Scores by data set.
        files: SHA-256 by file name.
        format: Counted up when the folder's form changes.
    """

    name: str
    window: int
    overlap: int
    temperature: float = 1.0
    outside_weight: float = 1.0
    training: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def to_json(self) -> str:
        """Return the manifest as JSON, keys in the documented order."""
        return json.dumps({key: getattr(self, key) for key in self.__dataclass_fields__}, indent=1, ensure_ascii=False)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> Manifest:
    """Write the manifest with the hash of every other file in the folder."""
    files = {path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.name != FILE}
    values = {key: getattr(manifest, key) for key in Manifest.__dataclass_fields__}
    complete = Manifest(**{**values, "files": files})
    write_text(folder / FILE, complete.to_json() + "\n")
    return complete


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a model folder and check every file against it.

    Raises:
        ModelError: The folder or its manifest is not there, the manifest cannot be read, or a file is missing, damaged
            or
            foreign: the message names it.
    """
    path = folder / FILE
    if not folder.is_dir():
        raise ModelError(f"there is no model folder {folder}; train one with 'conflict-events train default'")
    if not path.is_file():
        raise ModelError(f"{folder} holds no {FILE}, so it is no model folder of conflict-events")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        found = values.get("format", FORMAT)  # looked at first, because another format may have other keys
        if found == FORMAT:
            manifest = Manifest(**values)
    except (ValueError, TypeError, AttributeError) as error:
        raise ModelError(f"{path} cannot be read: {error}; train or copy the model again") from None
    if found != FORMAT:
        raise ModelError(f"{path} has format {found}, this release reads {FORMAT}; train the model again")
    _check_files(folder, manifest.files)
    return manifest


def _check_files(folder: Path, files: Mapping[str, str]) -> None:
    present = {file.name for file in folder.iterdir()} - {FILE}
    for name in sorted(NEEDED - set(files)):
        raise ModelError(f"{folder / FILE} does not list {name}, which every model has; train or copy the model again")
    for name in sorted(present - set(files)):
        raise ModelError(f"{folder / name} is not listed in {FILE}; move it out of the model folder")
    for name, digest in files.items():
        if name not in present:
            raise ModelError(f"{folder / name} is missing; copy the whole model folder")
        found = sha256_of(folder / name)
        if found != digest:
            raise ModelError(f"{folder / name} is damaged: SHA-256 {found}, the manifest says {digest}; copy it again")
