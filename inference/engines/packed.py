"""A loaded model as bytes, for machines that do not have its folder."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.model import Model


@dataclass(frozen=True, slots=True)
class Packed:
    """The files of a model folder, and how it was loaded."""

    files: Mapping[str, bytes]
    options: Mapping[str, Any]


def packed(model: Model) -> Packed:
    """Return the files of a model, which were checked when it was loaded, to be loaded on one thread."""
    files = {name: (model.folder / name).read_bytes() for name in ("manifest.json", *model.manifest.files)}
    options = {"name": model.name, "convention": model.convention, "threshold": dict(model.thresholds)}
    return Packed(files, {"backend": model.backend, **options})


def unpacked(given: Packed) -> Model:
    """Load a packed model; its files are checked again, and are gone when it is loaded."""
    with tempfile.TemporaryDirectory(prefix="conflict-events-") as name:
        for file, content in given.files.items():
            path = Path(name) / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return Model(name, threads=1, **given.options)
